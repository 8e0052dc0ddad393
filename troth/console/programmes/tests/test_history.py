"""Awarding past orders on the desk: asked for, approved by another, seen to the end."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from troth.access.permissions import Role
from troth.activity import services as activity
from troth.activity.orders import NewLine, NewOrder
from troth.console.conftest import SignIn
from troth.console.programmes import history_views
from troth.console.programmes.tests.test_screens import ACTOR, programme
from troth.customers.models import Customer
from troth.ledger.models import Entry
from troth.programs.models import Programme
from troth.sales import history_awards
from troth.sales import queries as sales
from troth.sales.models import HistoryAward, Rehearsal

__all__ = ["programme"]  # the fixture

DAYS = {"from_date": "2026-03-01", "to_date": "2026-03-31"}
PAGE = reverse("programmes:history")


@pytest.fixture
def past(programme: Programme) -> Programme:
    """The programme, with one order of March that came in as history."""
    then = datetime(2026, 3, 6, 4, tzinfo=UTC)
    buyer = Customer.objects.create(created_at=then, updated_at=then)
    line = NewLine(1, Decimal(1), Decimal(80), Decimal(80))
    order = NewOrder("web", "old-1", buyer.id, then, "CNY", (line,), is_history=True)
    activity.record_orders([order], actor=ACTOR, now=then)
    return programme


@pytest.mark.slow
def test_one_asks_another_approves(sign_in: SignIn, past: Programme) -> None:
    asking = sign_in(Role.MANAGER)
    assert asking.post(PAGE, DAYS).status_code == 302
    award = HistoryAward.objects.get()
    decide = reverse("programmes:history_decide", args=[award.id])
    assert "Approve" not in page(asking)
    asking.post(decide, {"decision": "approve"})
    assert "Somebody else must approve" in page(asking)
    assert Entry.objects.count() == 0
    other = sign_in(Role.ADMIN)
    assert "1 order of these days is history." in page(other)
    other.post(decide, {"decision": "approve"})
    award.refresh_from_db()
    assert award.state == "queued"
    history_awards.run_history_award(award, actor=ACTOR, report=lambda _done, _total: None)
    assert award.orders == 1
    assert "Orders awarded" in page(other)
    refused = other.post(PAGE, DAYS)
    assert (refused.status_code, "nothing to award" in refused.content.decode()) == (422, True)


@pytest.mark.slow
def test_it_is_rehearsed_declined_and_stopped(sign_in: SignIn, past: Programme) -> None:
    asking, other = sign_in(Role.MANAGER), sign_in(Role.ADMIN)
    asking.post(PAGE, {**DAYS, "rehearse": "1"})
    run = Rehearsal.objects.get()
    assert (run.programme, run.from_date.isoformat(), HistoryAward.objects.count()) == (past.code, "2026-03-01", 0)
    assert (run.name, run.occasion) == ("", "awarding")
    reading = sign_in(Role.CONTROLLER, language="zh-hans")
    for browser, said in ((asking, "Before awarding past orders"), (reading, "过往订单补积分之前")):
        for name, ids in (("rehearsals", [past.id]), ("rehearsal", [past.id, run.id])):
            assert said in browser.get(reverse(f"programmes:{name}", args=ids)).content.decode()
    asking.post(PAGE, DAYS)
    first = HistoryAward.objects.get()
    other.post(reverse("programmes:history_decide", args=[first.id]), {"decision": "decline"})
    asking.post(PAGE, DAYS)
    second = HistoryAward.objects.latest("asked_at")
    asking.post(reverse("programmes:history_cancel", args=[second.id]))
    assert {one.state for one in HistoryAward.objects.all()} == {"declined", "cancelled"}


def test_a_clerk_sees_and_may_not_ask(sign_in: SignIn, past: Programme) -> None:
    clerk = sign_in(Role.CLERK)
    assert "Ask for approval" not in page(clerk)
    clerk.post(PAGE, DAYS)
    assert HistoryAward.objects.count() == 0


def test_it_says_from_which_day_on_orders_can_earn(
    sign_in: SignIn, past: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first version is of 1 January 2026; less than a year later the form offers days from there on."""
    monkeypatch.setattr(history_views, "utc_now", lambda: datetime(2026, 6, 1, tzinfo=UTC))
    shown = page(sign_in(Role.MANAGER))
    assert "The first programme is in force from 1 Jan 2026 on: what was bought before earns nothing." in shown
    assert 'name="from_date" value="2026-01-01"' in shown
    assert "首个计划自 2026年1月1日 起生效" in page(sign_in(Role.MANAGER, language="zh-hans"))


def test_without_a_programme_there_is_no_such_day(company: object) -> None:
    assert sales.first_programme_day() is None


def page(browser: Any) -> str:
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    return str(answer.content.decode())
