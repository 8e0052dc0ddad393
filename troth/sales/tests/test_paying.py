"""Orders paid with points: spent with the order, and given back for exactly what comes back of it."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from troth.activity.models import Order
from troth.activity.orders import NewOrder
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.models import Account, Lot, Transaction
from troth.ledger.operations import Earn, HoldPoints, Owner, Reason, Reverse
from troth.sales import services as sales
from troth.sales.paying import share_back

from .conftest import ACTOR, FRIDAY, NOW, a_return, bring_back, buy, line

pytestmark = pytest.mark.django_db


def post(*operations):
    done = ledger.post(operations, actor=ACTOR, now=NOW)
    assert [one.error for one in done] == [None] * len(done)
    return done


def said(customer, key, days=2, code="points"):
    at = FRIDAY - timedelta(days=days)
    return {"key": key, "owner": Owner("customer", customer), "currency": code, "occurred_at": at,
            "reason": Reason("test")}  # fmt: skip


@pytest.fixture
def rich(currency, publish, person):
    """Return somebody with two lots: 400 that end in May, 600 that end in June."""
    currency()
    publish()
    found = person()
    for amount, days in ((600, 100), (400, 70)):
        post(Earn(**said(found, f"gift {amount}"), amount=amount, expires_at=FRIDAY + timedelta(days=days)))
    return found


def paid(order, points, money, hold=""):
    mark = f"points:{points}{':' + hold if hold else ''}"
    order.tags.update({"points_paid": mark, "points_amount": money})
    return order


def lots():
    """Return what is left of the two lots, the sooner one first, and of what orders earned."""
    left = {row.amount: row.remaining for row in Lot.objects.filter(source="")}
    earned = sum(row.remaining for row in Lot.objects.exclude(source=""))
    return left[400], left[600], earned


def balance():
    return Account.objects.get().balance


def test_an_order_takes_the_points_it_is_paid_with_and_earns_on_the_rest(rich, an_order):
    # lesson: earned on one document type, redeemed on another, never deducted
    (sold,) = buy(paid(an_order("100", customer=rich, tags={}), 500, "50.00"))
    assert sold.error is None
    assert sold.points_paid == {"points": 500}
    assert [one.amount for one in sold.brought[0].awards] == [50]
    assert (sold.balances["points"].balance, lots()) == (550, (0, 500, 50))


def test_the_same_order_again_takes_nothing(rich, an_order):
    order = paid(an_order("100", customer=rich, tags={}), 500, "50.00")
    buy(order)
    (again,) = buy(order)
    assert (again.error, again.points_paid, balance()) == (None, {"points": 500}, 550)  # as it was said first


@pytest.mark.slow
def test_what_comes_back_gives_back_its_share_and_the_last_of_it_the_rest(rich, an_order):
    # lesson: refund rounding: a third of 500 is 166, another third makes 333, the last one 500
    order = paid(an_order(lines=[line(1, "99.99", quantity="3")], customer=rich, tags={}), 500, "50.00")
    (sold,) = buy(order)
    assert lots() == (0, 500, 49)
    stands = []
    for number in range(3):
        (undone,) = bring_back(a_return(order, sold.order_id, (1, "1", "33.33"), external_id=f"R-{number}"))
        stands.append((undone.points_paid, lots()[:2]))
    # the last taken go back first: 100 of June, then May
    assert stands == [({"points": -166}, (66, 600)), ({"points": -167}, (233, 600)), ({"points": -167}, (400, 600))]
    assert balance() == 1_000


def test_two_returns_in_one_batch_give_back_as_two_would(rich, an_order):
    order = paid(an_order("60", "40", customer=rich, tags={}), 333, "33.30")
    (sold,) = buy(order)
    first, second = bring_back(
        a_return(order, sold.order_id, (1, "1", "60"), external_id="R-1"),
        a_return(order, sold.order_id, (2, "1", "40"), external_id="R-2"),
    )
    assert (first.points_paid, second.points_paid) == ({"points": -199}, {"points": -134})
    assert (balance(), lots()) == (1_000, (400, 600, 0))


def test_a_till_that_pays_back_only_the_money_gets_all_points_back_too(rich, an_order):
    order = paid(an_order("100", customer=rich, tags={}), 500, "50.00")
    (sold,) = buy(order)
    (undone,) = bring_back(a_return(order, sold.order_id, (1, "1", "50.00")))
    assert (undone.points_paid, balance(), lots()) == ({"points": -500}, 1_000, (400, 600, 0))


def test_more_points_than_there_are_refuse_the_order_as_a_whole(rich, an_order):
    order = paid(an_order("200", customer=rich, tags={}), 1_001, "100.00")
    other = an_order("10", customer=rich, tags={})
    refused, sold = buy(order, other)
    assert refused.error.code == "insufficient_points"  # nor do the points that it would earn pay for it
    assert (sold.error, balance(), Order.objects.count()) == (None, 1_010, 1)


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"points_paid": "points:0", "points_amount": "1"}, "write currency:points"),
        ({"points_paid": "points", "points_amount": "1"}, "write currency:points"),
        ({"points_paid": "points:5 points:6", "points_amount": "1"}, "may stand once"),
        ({"points_paid": "points:5"}, "how much money"),
    ],
)
def test_a_payment_that_cannot_be_read_says_how_to_write_it(rich, an_order, tags, why):
    (refused,) = buy(an_order("100", customer=rich, tags=tags))
    assert refused.error.code == "payment_refused"
    assert why in str(refused.error)
    assert (balance(), Order.objects.count()) == (1_000, 0)


@pytest.mark.slow
def test_points_set_aside_before_are_captured(rich, an_order):
    post(HoldPoints(**said(rich, "till-7", days=1), amount=300, expires_at=NOW + timedelta(days=1)))
    (sold,) = buy(paid(an_order("100", customer=rich, tags={}), 250, "25.00", hold="till-7"))
    assert sold.points_paid == {"points": 250}
    has = queries.balances([rich], "points", now=FRIDAY)[rich]
    assert (has.balance, has.held, has.available) == (825, 0, 825)
    order = Order.objects.get()
    (undone,) = bring_back(a_return(an_order(customer=rich), order.id, (1, "1", "100"), external_id="R"))
    assert (undone.points_paid, lots()) == ({"points": -250}, (400, 600, 0))


@pytest.mark.slow
def test_a_changed_order_pays_the_difference(rich, an_order):
    order = paid(an_order("100", customer=rich, tags={}), 500, "50.00")
    buy(order)
    paid(order, 700, "70.00")
    (more,) = buy(order)
    assert (more.points_paid, lots()[:2], balance()) == ({"points": 200}, (0, 300), 330)
    paid(order, 100, "10.00")
    (less,) = buy(order)
    assert (less.points_paid, lots()[:2], balance()) == ({"points": -600}, (300, 600), 990)
    order.tags.clear()
    (none,) = buy(order)
    assert (none.points_paid, lots(), balance()) == ({"points": -100}, (400, 600, 100), 1_100)


@pytest.mark.slow
def test_what_was_given_back_by_hand_is_not_taken_again(rich, an_order):
    order = paid(an_order("60", "40", customer=rich, tags={}), 500, "50.00")
    (sold,) = buy(order)
    spent = Transaction.objects.get(transaction_kind="spend")
    post(Reverse(**said(rich, "by hand", days=-1), of=spent.id, amount=450))
    (undone,) = bring_back(a_return(order, sold.order_id, (2, "1", "40")))
    assert undone.points_paid == {}
    (rest,) = bring_back(a_return(order, sold.order_id, (1, "1", "60"), external_id="R-2"))
    assert (rest.points_paid, lots()) == ({"points": -50}, (400, 600, 0))


def test_points_of_lots_that_ended_meanwhile_live_on_for_the_days_of_grace(currency, publish, person, an_order):
    currency(grace_days=10)
    publish()
    buyer = person()
    post(Earn(**said(buyer, "gift"), amount=100, expires_at=FRIDAY + timedelta(days=1)))
    order = paid(an_order("50", customer=buyer, tags={}), 100, "10.00")
    (sold,) = buy(order)
    back_at = FRIDAY + timedelta(days=5)
    bring_back(a_return(order, sold.order_id, (1, "1", "50"), occurred_at=back_at))
    lot = Lot.objects.get(source="")
    assert (lot.remaining, lot.expires_at) == (100, back_at + timedelta(days=10))


def test_history_pays_nothing(rich, an_order):
    buy(paid(an_order("100", customer=rich, tags={}, is_history=True), 500, "50.00"))
    assert balance() == 1_000


@pytest.mark.slow
def test_an_order_that_repays_what_it_earned_is_paid_back_first(rich, an_order):
    """The points that paid come back before what the order earned is taken: nothing is owed."""
    order = paid(an_order("100", customer=rich, tags={}), 100, "10.00")
    (sold,) = buy(order)
    (all_spent,) = buy(paid(an_order("99", customer=rich, tags={}, occurred_at=FRIDAY + timedelta(hours=1)), 990, "99"))
    assert (all_spent.error, balance()) == (None, 0)
    (undone,) = bring_back(a_return(order, sold.order_id, (1, "1", "100")))
    assert (undone.points_paid, balance(), Account.objects.get().arrears) == ({"points": -100}, 10, 0)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    prices=st.lists(st.integers(1, 99_999), min_size=1, max_size=4),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 99)), max_size=6),
)
def test_shares_grow_with_what_comes_back_and_end_at_all_of_it(prices, cuts):
    lines = [line(number, str(Decimal(price) / 100)) for number, price in enumerate(prices, start=1)]
    order = _bare(lines)
    back, before = [], 0
    for place, percent in cuts:
        one = lines[place % len(lines)]
        left = one.quantity - sum(gone.quantity for gone in back if gone.order_line_no == one.line_no)
        part = (left * percent / 100).quantize(Decimal("0.0001"))
        if part:
            back += a_return(order, order.customer_id, (one.line_no, str(part), "0")).lines
        share = share_back(order, back)
        assert before <= share <= 1
        before = share
    for one in lines:
        back += a_return(order, order.customer_id, (one.line_no, str(one.quantity), "0")).lines
    assert share_back(order, back) == 1


def _bare(lines):
    return NewOrder("web", "1", uuid4(), FRIDAY, "CNY", tuple(lines))


def test_nobody_takes_what_another_order_of_the_batch_has_spent(rich, an_order):
    first = paid(an_order("100", customer=rich, tags={}), 600, "60.00")
    second = paid(an_order("100", customer=rich, tags={}), 600, "60.00")
    done = sales.record_orders([first, second], actor=ACTOR, now=NOW)
    assert [one.error.code if one.error else None for one in done] == [None, "insufficient_points"]
    assert balance() == 440
