"""A programme written in the browser: an error at its line, the live example, a rule by its form; axe in between."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from troth.access.actors import system_actor
from troth.console.programmes.starters import starter
from troth.programs import services
from troth.programs.models import Programme

pytestmark = [pytest.mark.browser, pytest.mark.slow]

START = datetime(2026, 1, 1, tzinfo=UTC)


def established() -> Programme:
    """Return a published programme."""
    text = starter("club").text(programme="club", name="Club", name_zh="会员", currency="CNY", points="points")
    actor = system_actor("test")
    row = services.establish(actor=actor, now=START, text=text, effective_at=START, reviewed_by="system:other")
    return row.programme


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390)])
def test_the_draft_follows_the_keyboard(
    open_page: OpenPage, axe: Callable[[Any], list[str]], language: str, theme: str, width: int
):
    page = open_page("/programmes/", language=language, theme=theme, width=width)
    assert axe(page) == []  # empty
    programme = established()
    page.goto(f"/programmes/{programme.id}/edit/")
    assert axe(page) == []  # the parts in words
    page.locator("[data-show=text]").click()
    area = page.locator("#text")
    text = area.input_value()
    area.fill(text.replace("factor: 2}", "factor: much}"))
    wrong = page.locator("#checked .line-link")
    expect(wrong).to_have_count(1)
    line = text.split("\n").index("    effect: {type: multiplier, factor: 2}") + 1
    expect(page.locator(".code-gutter .is-wrong")).to_have_text(str(line))
    wrong.click()
    expect(area).to_be_focused()
    area.fill(text)
    expect(page.locator("#checked .tone-good")).to_be_visible()
    page.locator("[name=at]").fill("2026-11-21T12:00")  # a Saturday
    page.locator("[name=line_amount]").first.fill("50")
    expect(page.locator(".example-headline b")).to_have_text("100")
    page.locator("[data-add-line]").click()
    page.locator("[name=line_amount]").nth(1).fill("10")
    expect(page.locator(".example-headline b")).to_have_text("120")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("[data-show=forms]").click()
    page.locator("#part-rule-1 .outline-name").click()
    page.wait_for_url(f"**/programmes/{programme.id}/edit/rule/1/")
    page.locator("[name=at]").fill("2026-11-21T12:00")
    factor = page.locator("[name=effect-factor]")
    factor.fill("many")
    expect(page.locator("[data-name=effect-factor] .field-error")).to_be_visible()
    assert axe(page) == []
    factor.fill("4")
    expect(page.locator("#part-told")).to_contain_text("4")
    expect(page.locator(".example-headline b")).to_have_text("504")  # before anything is saved
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".part-form .btn-primary").click()
    page.wait_for_url(f"**/programmes/{programme.id}/edit/#part-rule-1")
    programme.refresh_from_db()
    assert "factor: 4" in programme.draft_text
    assert page.complaints == []
