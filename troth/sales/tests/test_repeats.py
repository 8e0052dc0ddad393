"""Orders and returns sent again, under whatever request: each answers its first result, whatever happened since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from troth.activity.models import Order
from troth.activity.orders import Outcome
from troth.customers import services as customers
from troth.ledger import services as ledger
from troth.ledger.models import Transaction
from troth.ledger.operations import Earn, Owner, Reason, Spend
from troth.sales.models import OrderEvaluation

from .conftest import ACTOR, BASE, NOW, START, a_return, bring_back, buy, line

pytestmark = pytest.mark.django_db

LADDER = """tiers:
  ladder:
    - {code: basic, name: Basic}
    - {code: gold, name: Gold, reach: {points: 100}, keep: {points: 50}}
    - {code: top, name: Top, reach: {any: [{points: 900, visits: 9}, {spend: 5000}]}}
"""
SECOND = BASE.replace("programme: club", "programme: alpha").replace("points: 1}", "points: 2}")


def said(sold):
    """Return all of an answer but whether the document was new."""
    return sold.order_id, sold.brought, sold.balances, sold.points_paid, sold.pools


def spend(customer, amount):
    operation = Spend(key=f"spend {amount}", owner=Owner("customer", customer), currency="points", occurred_at=NOW,
                      reason=Reason("test"), amount=amount)  # fmt: skip
    assert ledger.post([operation], actor=ACTOR, now=NOW)[0].error is None


def counts():
    return [model.objects.count() for model in (Order, OrderEvaluation, Transaction)]


@pytest.mark.slow
def test_an_order_sent_again_answers_its_first_result_in_full(currency, publish, an_order):
    currency()
    publish(BASE + LADDER)
    publish(SECOND)
    order, more = an_order("120.50"), an_order("30")
    (first,) = buy(order)
    (second,) = buy(more)
    spend(order.customer_id, 200)
    before = counts()
    again = buy(more, order, now=NOW + timedelta(days=3))
    assert [one.recorded.outcome for one in again] == [Outcome.UNCHANGED] * 2
    assert [said(one) for one in again] == [said(second), said(first)]
    assert [one.programme for one in first.brought] == [one.programme for one in again[1].brought]
    assert {one.standing.tier for one in first.brought} == {"gold", ""}
    assert (again[1].balances["points"].balance, counts()) == (361, before)


def test_a_twin_in_the_same_batch_answers_like_the_first(currency, publish, an_order):
    currency()
    publish(BASE + LADDER)
    order = an_order("100")
    first, twin = buy(order, order)
    assert (twin.recorded.outcome, said(twin)) == (Outcome.UNCHANGED, said(first))


@pytest.mark.slow
def test_what_came_back_since_changes_no_first_result(currency, publish, an_order):
    currency()
    publish(BASE + LADDER)
    order = an_order("120")
    (first,) = buy(order)
    back = a_return(order, first.order_id, (1, "1", "120"))
    (undone,) = bring_back(back)
    buy(an_order("500"))
    assert said(buy(order)[0]) == said(first)
    assert said(bring_back(back)[0]) == said(undone)
    assert (undone.balances["points"].balance, undone.brought[0].standing.tier) == (0, "basic")


@pytest.mark.slow
def test_a_corrected_order_answers_what_its_last_correction_said(currency, publish, an_order):
    currency()
    publish(BASE + LADDER)
    order = an_order("100")
    buy(order)
    changed = replace(order, lines=(line(1, "130"),))
    (grown,) = buy(changed)
    (undone,) = bring_back(a_return(changed, grown.order_id, (1, "1", "130")))
    assert [one.amount for one in undone.brought[0].postings] == [-30, -100]
    assert said(buy(changed)[0]) == said(grown)
    assert [one.amount for one in grown.brought[0].postings] == [30]


@pytest.fixture
def rich(currency, person):
    """Return somebody with 500 points of their own, who may spend 500 of a pool."""
    currency(transfer_rule="pools")
    found = person()
    home = customers.make_household(actor=ACTOR, now=NOW, head_id=found).id
    ledger.set_pool_member(actor=ACTOR, now=NOW, household_id=home, currency="points", member_id=found)
    heads = {"currency": "points", "occurred_at": START, "reason": Reason("test"), "amount": 500}
    gifts = [
        Earn(key="gift", owner=Owner(kind, one), **heads) for kind, one in (("customer", found), ("household", home))
    ]
    assert [one.error for one in ledger.post(gifts, actor=ACTOR, now=NOW)] == [None, None]
    return found, home


@pytest.mark.slow
@pytest.mark.parametrize("is_judged", [True, False])
def test_points_that_paid_are_told_again_too(rich, publish, an_order, is_judged):
    if is_judged:
        publish()
    customer, home = rich
    tags = {"points_paid": f"points:40 points@{home}:60", "points_amount": "10"}
    order = an_order("100", customer=customer, tags=tags)
    (first,) = buy(order)
    changed = replace(order, tags={"points_paid": f"points:50 points@{home}:20", "points_amount": "7"})
    (corrected,) = buy(changed, now=NOW + timedelta(hours=1))
    back = a_return(order, first.order_id, (1, "1", "100"))
    (undone,) = bring_back(back, now=NOW + timedelta(hours=2))
    assert [one.points_paid for one in (first, corrected, undone)] == [
        {"points": 100},
        {"points": -30},
        {"points": -70},
    ]
    later = NOW + timedelta(days=1)
    assert said(buy(changed, now=later)[0]) == said(corrected)
    assert said(bring_back(back, now=later)[0]) == said(undone)
    other = an_order("100", customer=customer, tags=tags)
    (once,) = buy(other)
    assert said(buy(other, now=later)[0]) == said(once)
    assert (bool(once.brought), once.pools[0].points) == (is_judged, 60)


def test_an_order_that_brought_nothing_says_so_again(currency, publish, an_order):
    currency()
    publish()
    order = an_order("100", is_history=True)
    (first,) = buy(order)
    assert said(buy(order)[0]) == said(first) == (first.order_id, (), {}, {}, ())
