"""The calculators in a real browser: worked out, drawn, and an address that can be shared."""

import pytest

pytestmark = pytest.mark.browser


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
