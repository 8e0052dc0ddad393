"""The calculators in a real browser: axe, pictures, widths, and an address that can be shared."""

import pytest

pytestmark = pytest.mark.browser

RETENTION = "/value/what-if/?customers=1000&profit=100&retention=80&more=5&discount=10&acquisition=150"
PAGES = [
    RETENTION,
    "/value/what-if/?customers=10&profit=-5&retention=300&more=5&discount=10",
    "/value/what-if/attrition/?example",
    "/value/what-if/referral/",
    "/value/what-if/lifetime/",
    "/value/what-if/rules/",
]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-hans", "dark")])
def test_axe_finds_nothing(open_page, axe, language, theme):
    page = open_page(PAGES[0], language=language, theme=theme)
    for path in PAGES:
        page.goto(path)
        assert axe(page) == []
    assert page.complaints == []


@pytest.mark.parametrize("width", [390, 2560])
def test_no_page_is_wider_than_the_screen(open_page, width):
    page = open_page(PAGES[0], width=width)
    for path in PAGES:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_form_is_worked_out_and_its_address_can_be_shared(open_page):
    page = open_page("/value/what-if/referral/")
    page.fill("[name=introductions]", "3")
    page.fill("[name=conversion]", "50")
    page.click("main form button.btn-primary")
    page.wait_for_url("**introductions=3**")

    assert "1.5 times" in page.inner_text(".calculator-meaning")
    page.goto(page.url)
    assert page.input_value("[name=introductions]") == "3"
    page.locator("[data-chart] canvas, [data-chart] svg").first.wait_for()
