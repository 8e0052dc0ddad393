"""Loyalty, value to come and the models in a real browser: axe, widths, pictures, a number followed to its people."""

import pytest
from playwright.sync_api import expect

from troth.console.value.tests.test_outlook_screens import store
from troth.insights.models import CustomerOutlook, ReportFrame
from troth.insights.tests.making import make_customer, make_outlook
from troth.insights.tests.test_conditions import score_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHARTS = {
    "/value/loyalty/": ("loyalty-types", "loyalty-index", "loyalty-value", "loyalty-holds"),
    "/value/expected/": ("next-actions", "value-layers", "potential-concentration", "potential-spread"),
    "/value/models/": ("model-tracking", "model-tenths", "model-trials"),
}


@pytest.fixture
def measured(open_page):
    """Stored reports, and one customer to win back."""
    run = store()
    ann = make_customer(name="Ann Stone")
    score_of(ann, status="lost")
    make_outlook(ann, action="win_back", action_reason="lost_and_worth_it", stake=99, stake_kind="at_risk")
    columns = ["customer_id", "loyalty", "value", "quarter"]
    ReportFrame.objects.create(
        run=run, name="quadrant_sample", columns=columns, rows=[[str(ann), 81.5, 300.0, "best"]], facts={}
    )
    return ann


def test_every_picture_is_drawn_and_has_a_table(open_page, measured):
    page = open_page("/value/models/")
    for path, cards in CHARTS.items():
        page.goto(path)
        for card in cards:
            page.locator(f"#{card}").scroll_into_view_if_needed()
            expect(page.locator(f"#{card} canvas").first).to_be_visible()
            page.locator(f"#{card} [data-chart-show=table]").click()
            expect(page.locator(f"#{card} table").first).to_be_visible()
    assert page.complaints == []


def test_an_action_leads_to_its_people_and_on_to_the_reasons(open_page, measured):
    page = open_page("/value/expected/")
    page.get_by_role("region", name="What to do next").get_by_role("link", name="Win back").click()

    expect(page.locator(".narrowed")).to_contain_text("next: Win back")
    page.locator("tbody a").first.click()
    expect(page.locator("#outlook")).to_contain_text("¥99.00 a year is at risk.")


def test_a_bar_is_followed_to_its_people_by_keyboard_alone(open_page, measured):
    CustomerOutlook.objects.update(loyalty_index=12)
    page = open_page("/value/loyalty/")
    page.locator("#loyalty-index [data-chart-show=table]").focus()
    page.keyboard.press("Enter")
    for _step in range(4):  # the file of numbers, the table that scrolls, its first figure
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#loyalty-index td a')"):
            break
    page.keyboard.press("Enter")

    expect(page.locator(".narrowed")).to_contain_text("loyalty index below 50")
    expect(page.locator(".narrowed")).to_contain_text("1 customer")
    expect(page.locator("tbody a").first).to_have_text("Ann Stone")
