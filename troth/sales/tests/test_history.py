"""The past awarded: the same as if every order had earned when it was made."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from troth.activity.models import Order
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.ledger.models import Account, Allocation, Entry, Lot, Transaction
from troth.programs.models import BudgetSlice, EarnedBadge, Membership, Progress, TierMove
from troth.sales import history, queries
from troth.sales import services as sales
from troth.sales.errors import HistoryAwardRefusedError, OwnRequestError
from troth.sales.models import HistoryAward, OrderEvaluation
from troth.sales.repeating import KEPT

from .conftest import ACTOR, NOW, START, a_return, bring_back, buy, line, publish_next

pytestmark = pytest.mark.django_db
BOSS = replace(ACTOR, kind="user", id="boss")
REQUEST = {"actor": ACTOR, "now": NOW, "from_date": date(2026, 1, 1), "to_date": date(2026, 12, 31)}
RULES = """
programme: club
name: Club
currency: CNY
unit_costs: {points: 0.01}
badges: [{code: regular, name: Regular}]
groups: [{code: bonus, take: best}]
rules:
  - code: base
    name: Base
    effect: {type: points_per_amount, points: 1}
    caps: [{per: member, period: month, points: 400}]
  - {code: tea, name: Tea, lines: {field: line.category, operator: is, value: tea}, effect: {type: per_item, points: 5}}
  - code: gold
    name: Gold
    when: {field: member.tier, operator: any_of, value: [gold]}
    effect: {type: multiplier, factor: 2}
    group: bonus
  - {code: big, name: Big, when: {field: order.net_amount, operator: at_least, value: 80}, group: bonus,
     effect: {type: fixed, points: 30}, budget: pot}
  - {code: third, name: Third, nth: {every: 3}, effect: {type: fixed, points: 7}, pending: {days: 10}}
  - {code: regular, name: Regular, when: {field: member.order_number, operator: at_least, value: 4},
     effect: {type: badge, badge: regular}}
budgets: [{code: pot, points: 60, period: month}]
streaks: [{code: row, name: Row, every: week, length: 2, repeats: true, reward: {type: fixed, points: 4}}]
tiers:
  window: {type: rolling, months: 1}
  ladder:
    - {code: basic, name: Basic}
    - {code: silver, name: Silver, reach: {spend: 150}, keep: {spend: 100}}
    - {code: gold, name: Gold, reach: {spend: 300, visits: 2}, keep: {spend: 250}}
"""


def a_past(an_order: Any, person: Any) -> list[Any]:
    """Return three people's orders over seven months, some on one day, in the order of time."""
    people = [person() for _ in range(3)]
    made = []
    for number in range(70):
        at = START + timedelta(days=3 * number, hours=number % 5)
        lines = [
            line(1, str(20 + 17 * number % 90), quantity=str(1 + number % 3), category="tea" if number % 4 else "cake"),
            line(2, "3.33", quantity="0" if number % 7 == 0 else "2", category="tea") if number % 7 else line(2, "9"),
        ]
        made.append(an_order(lines=lines, customer=people[number * number % 3], occurred_at=at))
        if number % 6 == 0:
            made.append(an_order("12.40", customer=people[number % 3], occurred_at=at + timedelta(hours=1)))
    return sorted(made, key=lambda order: order.occurred_at)


def told() -> dict[str, Any]:
    """Return all that orders leave behind, without ids that are new each time."""
    numbers = dict(Order.objects.values_list("id", "external_id"))
    plain = {str(order_id): number for order_id, number in numbers.items()}

    def rows(model: Any, *columns: str) -> list[Any]:
        return sorted(map(repr, model.objects.values_list(*columns)))

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(one) for key, one in value.items()}
        if isinstance(value, list):
            return [renamed(one) for one in value]
        for order_id, number in plain.items() if isinstance(value, str) else ():
            value = value.replace(order_id, number)
        return value

    evaluations = OrderEvaluation.objects.order_by("occurred_at", "order_id", "step")
    return {
        "accounts": rows(Account, "owner_id", "balance", "usable", "earned", "arrears", "held", "last_activity_at"),
        "entries": rows(Entry, "owner_id", "purpose", "amount", "occurred_at"),
        "lots": rows(Lot, "owner_id", "amount", "remaining", "activates_at", "expires_at", "rule", "thousand_cost"),
        "allocations": rows(Allocation, "owner_id", "amount", "occurred_at"),
        "transactions": rows(Transaction, "owner_id", "transaction_kind", "amount", "reason", "balance", "occurred_at"),
        "memberships": rows(
            Membership, "owner_id", "joined_at", "tier", "tier_moved_at", "earned_tier", "earned_since_date",
            "review_date", "counters", "counters_from_date", "order_count", "last_order_at",
        ),
        "progress": sorted(
            (plain[str(one.source_id)], one.points, one.spend, one.visits, one.orders, str(counts))
            for one in Progress.objects.all()
            for counts in ([one.counters, one.budgets],)
        ),
        "moves": rows(TierMove, "owner_id", "from_tier", "to_tier", "reason", "before", "data", "occurred_at"),
        "badges": rows(EarnedBadge, "owner_id", "badge", "earned_at"),
        "budgets": _budgets(),
        "steps": [
            [numbers[one.order_id], one.programme, one.step, one.cause, renamed(one.state), renamed(one.awards),
             renamed(one.outcomes), renamed(without_answer(one.figures)), renamed(one.postings)]
            for one in evaluations
        ],
        "history": list(Order.objects.order_by("external_id").values_list("external_id", "is_history")),
    }  # fmt: skip


def without_answer(figures: Any) -> Any:
    """Leave out what was answered beside a step: nobody asked while the past was awarded."""
    return {name: value for name, value in figures.items() if name != KEPT}


def _budgets() -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, used in BudgetSlice.objects.values_list("key", "used"):
        found[key] += used
    return found


@contextmanager
def undone() -> Any:
    """Roll back what is done within."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def one_by_one(orders: Any) -> dict[str, Any]:
    """Return what the orders leave behind when each earns when it is made."""
    with undone():
        for order in orders:
            assert buy(order)[0].error is None
        return told()


def award(start: Any = START, end: Any = NOW) -> history.Awarded:
    found = history.Awarded()
    for batch in history.award_between(start, end, actor=ACTOR, tell_time=lambda: NOW):
        found.add(batch)
    return found


def remember(orders: Any) -> None:
    """Record the orders as history."""
    buy(*(replace(order, is_history=True) for order in orders))


@pytest.mark.slow
@pytest.mark.parametrize("batch", [7, 2_000])
def test_a_past_awarded_is_a_past_earned(currency, publish, an_order, person, monkeypatch, batch):
    monkeypatch.setattr(history, "BATCH", batch)
    currency()
    publish(RULES)
    orders = a_past(an_order, person)
    wanted = one_by_one(orders)
    remember(orders)
    done = award()
    assert told() == wanted
    assert (done.orders, done.points["points"]) == (82, sum(account.balance for account in Account.objects.all()))
    # The past is one that says something: tiers rose and fell, the budget ran out, the badge was earned.
    reasons = set(TierMove.objects.values_list("reason", flat=True))
    assert reasons == {"reached", "reviewed"}
    assert max(_budgets().values()) == 60
    assert EarnedBadge.objects.count() == 2


@pytest.mark.slow
def test_a_past_awarded_after_members_joined_is_a_past_that_came_late(currency, publish, an_order, person):
    currency()
    publish(RULES)
    orders = a_past(an_order, person)
    late, live = orders[:30], orders[30:50]
    buy(*live)
    wanted = one_by_one(late)
    remember(late)
    award()
    assert told() == wanted


@pytest.mark.slow
def test_each_order_is_awarded_under_the_version_of_its_moment(currency, publish, an_order, person):
    currency()
    version = publish(RULES)
    orders = a_past(an_order, person)
    changed = RULES.replace("points: 1}", "points: 3}").replace("points: 60, period", "points: 90, period")
    publish_next(version, changed, orders[35].occurred_at, now=orders[30].occurred_at)
    early = an_order("50", customer=orders[0].customer_id, occurred_at=START - timedelta(days=3))
    wanted = one_by_one([early, *orders])
    remember([early, *orders])
    done = award(START - timedelta(days=9))
    found = told()
    assert (done.orders, done.unjudged) == (82, 1)
    assert found.pop("history") == [(number, number == early.external_id) for number, _is in wanted.pop("history")]
    assert found == wanted


def test_done_again_nothing_is_given_twice(currency, publish, an_order):
    currency()
    publish()
    remember([an_order("100"), an_order("50")])
    assert (award().orders, award().orders) == (2, 0)
    assert [one.balance for one in Account.objects.all()] == [150]


@pytest.mark.slow
def test_what_came_back_before_is_unwound_afterwards(currency, publish, an_order):
    currency()
    publish()
    order, other = an_order("100", "50"), an_order("10")
    sold, _other = buy(replace(order, is_history=True), replace(other, is_history=True))
    bring_back(a_return(order, sold.order_id, (2, "1", "50")))
    done = finished(sales.award_history(**REQUEST, approved_by="user:boss"))
    assert (done.orders, done.points, done.returns) == (2, {"points": 160}, 1)
    assert [one.balance for one in Account.objects.all()] == [110]
    # and afterwards it is an order like any other
    bring_back(a_return(order, sold.order_id, (1, "1", "100"), external_id="R-late"))
    assert [one.balance for one in Account.objects.all()] == [10]


def test_an_order_that_cannot_be_awarded_stays_history_and_says_why(currency, publish, an_order):
    currency()
    publish()
    good, bad = an_order("100"), an_order("30", tags={"coupons": "NOSUCH"})
    remember([good, bad])
    done = finished(sales.award_history(**REQUEST, approved_by="user:boss"))
    assert (done.orders, done.refused, done.refusals[0]["code"]) == (1, 1, "coupon_unknown")
    assert dict(Order.objects.values_list("external_id", "is_history")) == {
        good.external_id: False,
        bad.external_id: True,
    }
    assert [one.balance for one in Account.objects.all()] == [100]


def test_another_person_approves_and_a_worker_awards(currency, publish, an_order, django_capture_on_commit_callbacks):
    currency()
    publish()
    remember([an_order("100")])
    asked = sales.request_history_award(**REQUEST)
    with pytest.raises(OwnRequestError):
        sales.decide_history_award(actor=ACTOR, now=NOW, award_id=asked.id, is_approved=True)
    with pytest.raises(HistoryAwardRefusedError, match="already"):
        sales.request_history_award(**REQUEST)
    assert Entry.objects.count() == 0
    approved = sales.decide_history_award(actor=BOSS, now=NOW, award_id=asked.id, is_approved=True)
    run(Job.objects.get(id=approved.job_id).id)
    done = queries.history_award(asked.id)
    assert (done.state, done.orders, done.points) == ("done", 1, {"points": 100})
    assert (done.asked_by, done.decided_by) == (ACTOR.code, BOSS.code)
    with pytest.raises(HistoryAwardRefusedError, match="nothing to award"):
        sales.request_history_award(**REQUEST)


def test_an_award_of_the_past_can_be_declined_or_stopped(currency, publish, an_order):
    currency()
    publish()
    remember([an_order("100")])
    asked = sales.request_history_award(**REQUEST)
    assert sales.decide_history_award(actor=BOSS, now=NOW, award_id=asked.id, is_approved=False).state == "declined"
    again = sales.request_history_award(**REQUEST)
    approved = sales.decide_history_award(actor=BOSS, now=NOW, award_id=again.id, is_approved=True)
    assert sales.cancel_history_award(actor=BOSS, now=NOW, award_id=approved.id).state == "cancelled"
    with pytest.raises(HistoryAwardRefusedError, match="over"):
        sales.cancel_history_award(actor=BOSS, now=NOW, award_id=approved.id)
    assert (Entry.objects.count(), Job.objects.get(id=approved.job_id).status) == (0, "cancelled")


def test_stopped_in_the_middle_it_goes_on_where_it_was(currency, publish, an_order, monkeypatch):
    currency()
    publish()
    monkeypatch.setattr(history, "BATCH", 1)
    remember([an_order("100"), an_order("50")])

    def stop(done: int, _total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sales.award_history(**REQUEST, approved_by="user:boss", report=stop)
    assert [one.balance for one in Account.objects.all()] == [100]
    assert sales.award_history(**REQUEST, approved_by="user:boss").orders == 1
    assert [one.balance for one in Account.objects.all()] == [150]


def finished(award: HistoryAward) -> HistoryAward:
    """Return the award as it was stored."""
    assert award.state == "done"
    return queries.history_award(award.id)
