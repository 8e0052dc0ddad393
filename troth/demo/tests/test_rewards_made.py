"""The demo's made-up redemptions: only what members could pay for, the same every time, never twice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from troth.access.actors import system_actor
from troth.activity import services as activity
from troth.activity.models import Order
from troth.activity.orders import NewLine, NewOrder
from troth.demo import catalogue, club, rewards_made
from troth.insights.tests.making import make_company, make_customer
from troth.ledger import proofs
from troth.ledger import services as ledger
from troth.ledger.models import Account, Transaction
from troth.ledger.operations import Earn, Owner, Reason
from troth.rewards.models import Redemption

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ACTOR = system_actor("demo")
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SINCE = datetime(2017, 1, 1, tzinfo=UTC)
TODAY = datetime(2018, 1, 1, 17, tzinfo=UTC)


@pytest.fixture
def owners():
    make_company(currency="USD")
    club.set_up(actor=ACTOR, now=NOW, since=SINCE)
    catalogue.set_up(actor=ACTOR, now=NOW, points=club.POINTS)
    return {number: make_customer() for number in range(120)}


def told(rows):
    return [
        (row.owner_id, row.reward.code, row.state, row.points, row.occurred_at, row.cancelled_at, row.fulfilled_at)
        for row in rows
    ]


def test_members_take_what_they_can_pay_for(owners, monkeypatch):
    monkeypatch.setattr(rewards_made, "CANCELLED_SHARE", 0.5)  # of so few
    gifts = [
        Earn(key="gift", owner=Owner("customer", owner), currency=club.POINTS, occurred_at=SINCE + timedelta(days=50),
             reason=Reason("test"), amount=3_000 if place % 2 else 200)
        for place, owner in enumerate(owners.values())
    ]  # fmt: skip
    ledger.post(gifts, actor=ACTOR, now=NOW)
    asked = {"points": club.POINTS, "today": TODAY, "actor": ACTOR, "now": NOW}
    found = rewards_made.take(owners, **asked)
    rows = Redemption.objects.select_related("reward").order_by("id")
    first = told(rows)
    assert found["taken"] == len(first) > 10
    assert all(SINCE < at < TODAY for _owner, _code, _state, _points, at, *_rest in first)
    poor = {owner for place, owner in enumerate(owners.values()) if place % 2 == 0}
    assert not poor & {owner for owner, *_rest in first}
    assert {state for _owner, _code, state, *_rest in first} >= {"fulfilled", "cancelled"}
    assert all(
        at <= (cancelled or fulfilled) <= TODAY for *_some, at, cancelled, fulfilled in first if cancelled or fulfilled
    )
    assert min(Account.objects.values_list("balance", flat=True)) >= 0
    assert rewards_made.take(owners, **asked) == found
    assert told(rows.all()) == first
    assert [(one.proof.code, one.first) for one in proofs.prove(NOW) if not one.holds] == []


def test_orders_are_paid_with_points_that_were_there(owners):
    orders = [
        NewOrder("demo", f"{place}-{week}", owner, SINCE + timedelta(weeks=week, minutes=place), "USD",
                 (NewLine(1, Decimal(1), Decimal(90), Decimal(90), category="Produce"),), is_history=True)
        for place, owner in enumerate(list(owners.values())[:24])
        for week in range(1, 40)
    ]  # fmt: skip
    activity.record_orders(orders, actor=ACTOR, now=NOW)
    asked = {"points": club.POINTS, "actor": ACTOR, "now": NOW}
    count = rewards_made.name_payments(owners, **asked)
    marked = Order.objects.filter(revision=2)
    assert marked.count() == count > 1
    assert all(one.tags[rewards_made.MARK] == "points_paid" and one.is_history for one in marked)
    assert rewards_made.name_payments(owners, **asked) == count
    assert (Order.objects.filter(revision=3).count(), Transaction.objects.count()) == (0, 0)
