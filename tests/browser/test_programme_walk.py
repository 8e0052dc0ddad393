"""A programme on its way into force in the browser: written by one, rehearsed, reviewed by another, published."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.activity import services as activity
from troth.activity.orders import NewLine, NewOrder
from troth.customers import services as customers
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.kit.clock import utc_now
from troth.ledger import services as ledger
from troth.programs.models import DraftState, Programme

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ACTOR = system_actor("test")
WORDS = {
    "en": {"reviewed": "Another person reviews", "draft": "Draft", "force": "Version 1, in force since"},
    "zh-hans": {"reviewed": "他人审核", "draft": "草稿", "force": "第 1 版"},
}


def a_past() -> None:
    """Make a currency, a member, and an order of 100.00 of ten days ago that was recorded as history."""
    now = utc_now()
    ledger.create_currency(actor=ACTOR, now=now, code="points", rules=ledger.CurrencyRules(name="Points"))
    lin = customers.create_customer(actor=ACTOR, now=now, name="Lin Yating", identities=[])
    line = NewLine(1, Decimal(1), Decimal(100), Decimal(100), sku="TEA")
    order = NewOrder("till", "1", lin.id, now - timedelta(days=10), "CNY", (line,), is_history=True)
    (done,) = activity.record_orders([order], actor=ACTOR, now=now)
    assert done.error is None, done.error


def work() -> None:
    """Do what waits in the background."""
    for job_id in Job.objects.filter(status="queued").values_list("id", flat=True):
        run(job_id)


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("zh-hans", "dark", 390)])
def test_from_a_draft_to_a_version_in_force(
    open_page: OpenPage, axe: Callable[[Any], list[str]], language: str, theme: str, width: int
):
    writer = open_page("/programmes/", role=Role.ANALYST, language=language, theme=theme, width=width)
    a_past()

    def looked_at(page: Any) -> None:
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    # one writes it
    writer.goto("/programmes/new/")
    writer.locator("#name").fill("Tea club")
    writer.locator("#code").fill("tea")
    writer.locator("main form .btn-primary").click()
    writer.wait_for_url("**/edit/")
    programme = Programme.objects.get(code="tea")

    # rehearses it over the past, which needs nobody's leave
    writer.goto(f"/programmes/{programme.id}/rehearsals/")
    looked_at(writer)
    writer.locator("#from_date").fill((utc_now() - timedelta(days=30)).date().isoformat())
    writer.locator("#to_date").fill(utc_now().date().isoformat())
    writer.locator(".rehearsal-form .btn-primary").click()
    writer.wait_for_url("**/rehearsals/*-*/")
    work()
    writer.reload()
    expect(writer.locator("main")).to_contain_text("100")  # points for 100.00
    looked_at(writer)

    # submits it, and cannot review it
    writer.goto(f"/programmes/{programme.id}/review/")
    looked_at(writer)
    expect(writer.locator(".programme-steps .is-here")).to_have_count(1)
    writer.locator(f"form[action='/programmes/{programme.id}/submit/'] button").click()
    writer.wait_for_load_state("networkidle")
    expect(writer.locator("[aria-current=step]", has_text=WORDS[language]["reviewed"])).to_be_visible()
    expect(writer.locator(f"form[action='/programmes/{programme.id}/decide/']")).to_have_count(0)
    looked_at(writer)

    # another sends it back, sees it again, approves and publishes it
    reviewer = open_page(
        f"/programmes/{programme.id}/review/", role=Role.CONTROLLER, language=language, theme=theme, width=width
    )
    looked_at(reviewer)
    reviewer.locator("#note").fill("Name it in Chinese, too")
    reviewer.locator("[name=decision][value=reject]").click()
    reviewer.wait_for_load_state("networkidle")
    writer.goto(f"/programmes/{programme.id}/review/")
    expect(writer.locator(".programme-note")).to_contain_text("Name it in Chinese, too")
    expect(writer.locator(".programme-note")).to_contain_text(WORDS[language]["draft"])
    writer.locator(f"form[action='/programmes/{programme.id}/submit/'] button").click()
    writer.wait_for_load_state("networkidle")
    reviewer.goto(f"/programmes/{programme.id}/review/")
    reviewer.locator("[name=decision][value=approve]").click()
    reviewer.wait_for_load_state("networkidle")
    programme.refresh_from_db()
    assert (programme.draft_state, programme.version_number) == (DraftState.APPROVED, 0)
    reviewer.goto(f"/programmes/{programme.id}/review/")
    looked_at(reviewer)
    reviewer.locator(f"form[action='/programmes/{programme.id}/publish/'] .btn-primary").click()
    reviewer.wait_for_url(f"**/programmes/{programme.id}/**")
    reviewer.goto(f"/programmes/{programme.id}/")
    expect(reviewer.locator("main")).to_contain_text(WORDS[language]["force"])
    looked_at(reviewer)
    version = programme.versions.get()
    assert version.number == 1
    assert version.written_by != version.reviewed_by
    assert (writer.complaints, reviewer.complaints) == ([], [])
