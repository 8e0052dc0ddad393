"""From a ready-made journey to a published one in the browser, in both languages; the care calendar; axe in between."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from troth.access.actors import system_actor
from troth.care.journeys import services
from troth.care.journeys.document.reading import draft_values
from troth.care.models import Journey, JourneyRehearsal
from troth.customers import services as customers
from troth.kit.clock import utc_now
from troth.messaging import starters as texts

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ACTOR = system_actor("test")


def born(name: str, day: date) -> Any:
    """Make somebody whose birthday is on a day of the year."""
    birth_date = date(1990, day.month, min(day.day, 28))
    return customers.create_customer(actor=ACTOR, now=utc_now(), name=name, identities=[], birth_date=birth_date)


def narrow_enough(page: Any, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390)])
def test_from_ready_made_to_published(
    open_page: OpenPage, axe: Callable[[Any], list[str]], language: str, theme: str, width: int
):
    page = open_page("/journeys/", language=language, theme=theme, width=width)
    texts.install(actor=ACTOR, now=utc_now())
    born("Lin Yating", utc_now().date() - timedelta(days=8))
    assert axe(page) == []
    page.locator(".gallery-card[href$='start=birthday']").click()
    assert axe(page) == []
    page.locator("#code").fill("greeting")
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/edit/")
    journey = Journey.objects.get(code="greeting")
    assert axe(page) == []
    narrow_enough(page, width)

    # a wait before the message: chosen, filled in wrong, mended, all by keyboard
    page.locator("#add-steps-0").focus()
    page.keyboard.press("Enter")
    kind = page.locator(".kinds a").first
    expect(kind).to_be_visible()
    assert axe(page) == []
    kind.focus()
    page.keyboard.press("Enter")
    days = page.locator("[name='p.days']")
    expect(days).to_be_focused()
    days.fill("soon")
    days.press("Enter")
    expect(page.locator(".step-field.is-wrong .field-error").first).to_be_visible()
    assert axe(page) == []
    page.locator("[name='p.days']").fill("2")
    page.locator("[name='p.days']").press("Enter")
    expect(page.locator("#at-steps-0 .flow-title")).to_be_focused()
    expect(page.locator("#step")).not_to_be_visible()
    page.locator("#at-steps-0 [name=to][value=down]").click()
    expect(page.locator("#at-steps-1 .flow-title")).to_be_focused()
    journey.refresh_from_db()
    assert draft_values(journey.draft_text)["steps"][1] == {"id": "wait-1", "type": "wait", "days": 2}

    # a condition of the customer's, by the one editor
    page.locator("#at-entry .flow-title").click()
    editor = page.locator(".conditions .group-head select").first
    expect(editor).to_be_visible()
    page.locator(".conditions .btn-sm").first.click()
    expect(page.locator(".conditions .condition-off").first).to_be_visible()
    assert axe(page) == []
    page.locator(".conditions .condition-off").first.click()
    page.locator(".step-actions .btn-primary").click()
    expect(page.locator("#at-entry .flow-title")).to_be_focused()

    # rehearsed, reviewed, published
    page.goto(f"/journeys/{journey.id}/review/")
    assert axe(page) == []
    narrow_enough(page, width)
    page.locator(f"form[action='/journeys/{journey.id}/rehearsals/'] button").click()
    page.wait_for_url("**/rehearsals/*/")
    services.play_rehearsal(actor=ACTOR, now=utc_now(), rehearsal_id=JourneyRehearsal.objects.get().id)
    page.reload()
    expect(page.locator("#acts")).to_contain_text("Lin Yating")
    assert axe(page) == []
    narrow_enough(page, width)
    page.goto(f"/journeys/{journey.id}/review/")
    expect(page.locator(".kpis")).to_be_visible()
    page.locator("#note").fill("The first")
    page.locator("main form:has(#note) .btn-primary").click()
    page.wait_for_url(f"**/journeys/{journey.id}/")
    journey.refresh_from_db()
    assert (journey.state, journey.version_number) == ("running", 1)
    assert axe(page) == []
    assert [one for one in page.complaints if "422" not in one] == []  # the browser's word on the refused form


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390)])
def test_the_month_turns_and_a_day_opens(
    open_page: OpenPage, axe: Callable[[Any], list[str]], language: str, theme: str, width: int
):
    page = open_page("/calendar/?month=2026-09", language=language, theme=theme, width=width)
    born("Lin Yating", date(2026, 9, 25))
    page.reload()
    assert axe(page) == []
    narrow_enough(page, width)
    expect(page.locator("td.is-off .day-mark").first).to_be_visible()
    number = page.locator("[data-day]:visible").filter(has_text="25").first
    number.click()
    expect(page.locator("#day .day-list")).to_be_visible()
    assert axe(page) == []
    page.locator("#day .day-list a").click()
    expect(page.locator("tbody th")).to_contain_text("Lin Yating")
    assert axe(page) == []
    page.go_back()
    page.goto("/calendar/?month=2026-09")
    page.locator("#month-after").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**month=2026-10")
    expect(page.locator("#month-after")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**month=2026-11")
    assert axe(page) == []
    assert page.complaints == []
