"""The API's documentation page: found without signing in, readable in both themes, on a phone, without a script."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import RULES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""A theme changes colours, nothing else: so large a page is held once against the rules that look at no colour."""


@pytest.mark.parametrize(("theme", "rules"), [("light", RULES), ("dark", OF_COLOURS)])
def test_the_page_is_readable_in_both_themes(open_page, axe, theme, rules):
    page = open_page("/api/v1/docs", role=None, theme=theme)
    expect(page.get_by_role("heading", level=1)).to_have_text("Troth API")
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    for summary in page.locator("details").all()[:6]:
        summary.locator("summary").click()
    assert axe(page, rules) == []
    assert page.complaints == []


@pytest.mark.parametrize("width", [390, 2560])
def test_nothing_hangs_over_the_edge(open_page, width):
    page = open_page("/api/v1/docs", role=None, width=width)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0


def test_a_problem_s_address_leads_to_its_explanation(open_page):
    page = open_page("/api/v1/docs#problem-idempotency_conflict", role=None)
    row = page.locator("#problem-idempotency_conflict")
    expect(row).to_be_in_viewport()
    expect(row).to_contain_text("The same idempotency key came with another payload.")
