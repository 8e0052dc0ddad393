"""Orders paid from a household's pool, alone or beside the customer's own points, and what comes back of them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from troth.activity.models import Order
from troth.customers import services as customers
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.operations import Earn, HoldPoints, Owner, Reason, Transfer
from troth.ledger.proofs import prove
from troth.sales.answers import PaidFromPool
from troth.sales.paying import MAX_TAG, Payment, payment_tags, payments_of

from .conftest import ACTOR, FRIDAY, NOW, a_return, bring_back, buy

pytestmark = pytest.mark.django_db


def post(*operations):
    done = ledger.post(operations, actor=ACTOR, now=NOW)
    assert [one.error for one in done] == [None] * len(done)


def said(kind, owner, key):
    at = FRIDAY - timedelta(days=2)
    return {"key": key, "owner": Owner(kind, owner), "currency": "points", "occurred_at": at, "reason": Reason("test")}


@pytest.fixture
def family(currency, publish, person):
    """Ann and Bob; 600 points in the pool, of which Bob may spend 250 a month, and 100 of Bob's own."""
    currency(transfer_rule="pools")
    publish()
    ann, bob = person(), person()
    home = customers.make_household(actor=ACTOR, now=NOW, head_id=ann).id
    customers.join_household(actor=ACTOR, now=NOW, customer_id=bob, household_id=home)
    rule = {"actor": ACTOR, "now": NOW, "household_id": home, "currency": "points"}
    ledger.set_pool_member(member_id=ann, **rule)
    ledger.set_pool_member(member_id=bob, limit=250, **rule)
    post(
        Earn(**said("customer", ann, "gift"), amount=600),
        Earn(**said("customer", bob, "gift"), amount=100),
        Transfer(**said("customer", ann, "give"), to=Owner("household", home), amount=600),
    )
    return ann, bob, home


def paid(order, money, *payments):
    order.tags.clear()
    order.tags.update(payment_tags(payments) | ({"points_amount": money} if payments else {}))
    return order


def from_pool(home, points, hold=""):
    return Payment("points", points, hold, home)


def available(owner):
    return queries.balances([owner], "points", now=FRIDAY)[owner].available


@pytest.mark.slow
def test_a_pool_and_own_points_pay_for_one_order_and_get_their_shares_back(family, an_order):
    _ann, bob, home = family
    order = paid(an_order("60", "40", customer=bob, tags={}), "30", Payment("points", 100), from_pool(home, 200))
    (sold,) = buy(order)
    assert sold.error is None
    assert sold.points_paid == {"points": 300}
    assert sold.pools == (PaidFromPool(home, "points", 200, 400),)
    assert (sold.balances["points"].balance, available(home)) == (70, 400)
    (undone,) = bring_back(a_return(order, sold.order_id, (2, "1", "40")))
    assert undone.pools == (PaidFromPool(home, "points", -80, 480),)
    assert (undone.points_paid, available(bob), available(home)) == ({"points": -120}, 42 + 40, 480)
    (rest,) = bring_back(a_return(order, sold.order_id, (1, "1", "60"), external_id="R-2"))
    assert (rest.points_paid, available(bob), available(home)) == ({"points": -180}, 100, 600)
    assert queries.pool_share(home, bob, "points", now=FRIDAY) == 250
    assert all(one.holds for one in prove(NOW))


def test_the_pools_rules_refuse_the_whole_order(family, person, an_order):
    _ann, bob, home = family
    stranger = person()
    too_much = paid(an_order(customer=bob, tags={}), "25.1", from_pool(home, 251))
    not_his = paid(an_order(customer=stranger, tags={}), "1", from_pool(home, 10))
    nobodys = paid(an_order(customer=bob, tags={}), "1", from_pool(uuid4(), 10))
    codes = [one.error.code for one in buy(too_much, not_his, nobodys)]
    assert codes == ["pool_refused", "pool_refused", "insufficient_points"]
    assert (Order.objects.count(), available(home), available(bob)) == (0, 600, 100)


def test_two_orders_of_a_batch_share_what_the_rules_leave(family, an_order):
    _ann, bob, home = family
    wanted = [paid(an_order(customer=bob, tags={}), "15", from_pool(home, 150)) for _ in range(2)]
    assert [one.error and one.error.code for one in buy(*wanted)] == [None, "pool_refused"]
    assert available(home) == 450


@pytest.mark.slow
def test_a_changed_order_moves_from_one_purse_to_the_other(family, an_order):
    _ann, bob, home = family
    order = an_order("100", customer=bob, tags={})
    buy(paid(order, "10", from_pool(home, 100)))
    (own,) = buy(paid(order, "5", Payment("points", 50)))
    assert (own.points_paid, own.pools) == ({"points": -50}, (PaidFromPool(home, "points", -100, 600),))
    assert available(home) == 600
    (none,) = buy(paid(order, ""))
    assert (none.points_paid, available(bob), available(home)) == ({"points": -50}, 200, 600)
    for _ in range(3):  # each time under keys of their own
        buy(paid(order, "10", from_pool(home, 100)))
        assert available(home) == 500
        buy(paid(order, "1", Payment("points", 10)))
        assert available(home) == 600
    assert all(one.holds for one in prove(NOW))


@pytest.mark.slow
def test_what_left_the_household_still_gives_back_to_it(family, an_order):
    _ann, bob, home = family
    order = paid(an_order("100", customer=bob, tags={}), "10", from_pool(home, 100))
    (sold,) = buy(order)
    customers.leave_household(actor=ACTOR, now=NOW, customer_id=bob)
    (undone,) = bring_back(a_return(order, sold.order_id, (1, "1", "100")))
    assert (undone.error, available(home)) == (None, 600)
    (again,) = buy(paid(an_order("100", customer=bob, tags={}), "10", from_pool(home, 100)))
    assert again.error.code == "pool_refused"


def test_points_of_the_pool_set_aside_before_are_captured(family, an_order):
    _ann, bob, home = family
    aside = said("household", home, "till-7:8816")
    post(HoldPoints(**aside, amount=200, expires_at=NOW + timedelta(days=1), spender_id=bob))
    (sold,) = buy(paid(an_order("100", customer=bob, tags={}), "18", from_pool(home, 180, "till-7:8816")))
    assert (sold.error, sold.points_paid, available(home)) == (None, {"points": 180}, 420)


def test_tags_hold_any_number_of_long_payments(an_order):
    payments = [Payment("points" * 6, 10**14, "h" * 100, uuid4()) for _ in range(5)]
    order = paid(an_order(tags={}), "1", *payments)
    assert max(len(text) for text in order.tags.values()) <= MAX_TAG
    assert payments_of(order) == payments


@pytest.mark.parametrize("text", ["points@:5", "points@home:5", "@:5"])
def test_a_household_that_cannot_be_read_is_refused(family, an_order, text):
    _ann, bob, _home = family
    (refused,) = buy(an_order(customer=bob, tags={"points_paid": text, "points_amount": "1"}))
    assert refused.error.code == "payment_refused"
    assert "currency@household:points" in str(refused.error)
