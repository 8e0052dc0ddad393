"""The overview and the reports in a real browser: axe, pictures drawn, a number followed to its people."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from troth.access.actors import system_actor
from troth.insights import services as insights
from troth.insights.tests.making import NOW, make_customer, make_order
from troth.staff.models import Company

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TODAY = date(2026, 3, 1)


@pytest.fixture
def analysed(open_page, tmp_path, settings):
    """Forty customers of different pace, measured."""
    settings.LAKE_DIR = tmp_path
    Company.objects.update(as_of_date=TODAY)
    for number in range(40):
        customer = make_customer(name=f"Person {number}")
        for purchase in range(1 + number % 7):
            make_order(customer, TODAY - timedelta(days=3 + number * 4 + purchase * (5 + number)), str(20 + number * 9))
    insights.analyse(actor=system_actor("test"), now=NOW)


def test_pictures_are_drawn_and_have_a_table(open_page, analysed):
    page = open_page("/overview/")
    for card in ("pyramid", "waterfall", "cohorts-retention", "recency-value"):
        page.locator(f"#{card}").scroll_into_view_if_needed()
        expect(page.locator(f"#{card} canvas").first).to_be_visible()
        page.locator(f"#{card} [data-chart-show=table]").click()
        expect(page.locator(f"#{card} table").first).to_be_visible()
    assert page.complaints == []


def test_a_number_leads_to_its_people_and_on_to_a_person(open_page, analysed):
    page = open_page("/overview/")
    card = page.locator(".kpi").first
    number = card.locator(".kpi-value").inner_text()
    card.locator(".kpi-value a").click()

    expect(page.locator("h1")).to_have_text("The people behind the number")
    expect(page.locator(".narrowed b")).to_have_text(f"{number} customers")
    page.locator("tbody a").first.click()
    expect(page.locator("h1")).to_contain_text("Person")


def test_an_empty_company_is_told_how_to_begin(open_page, axe):
    page = open_page("/overview/")

    expect(page.locator(".empty-state h2")).to_have_text("No orders yet")
    assert axe(page) == []
