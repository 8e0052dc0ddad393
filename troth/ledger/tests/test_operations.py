"""Holds, expiry, reversals by policy, transfers, pools: what each does and refuses."""

from datetime import timedelta

import pytest

from troth.kit.ids import new_id
from troth.ledger import groups, queries
from troth.ledger import services as ledger
from troth.ledger.models import Account, Hold, Lot
from troth.ledger.operations import Expiry, Owner
from troth.ledger.proofs import prove
from troth.ledger.sweeping import expire_next, release_next
from troth.ledger.tests.conftest import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound(db):
    """Whatever a test did, the ledger can be proved afterwards."""
    yield
    assert [verdict.first for verdict in prove(NOW + 400 * DAY) if not verdict.holds] == []


def balance(owner, at=NOW, currency="points"):
    return queries.balances([owner], currency, now=at)[owner]


# --- pending


def test_pending_points_wait_for_their_day(make_currency, desk, member):
    make_currency(expiry_kind="days", expiry_count=30)
    desk.done("Earn", member, amount=50, activates_at=NOW + 14 * DAY)
    assert (balance(member).pending, balance(member).available) == (50, 0)
    assert desk.refused("Spend", member, amount=1) == "insufficient_points"
    later = NOW + 14 * DAY
    assert balance(member, later).available == 50
    assert desk.done("Spend", member, amount=50, at=later).available == 0
    assert Lot.objects.get().expires_at == NOW + 44 * DAY


def test_pending_points_wait_for_their_event(make_currency, desk, member):
    make_currency(expiry_kind="month_end", expiry_count=1, time_zone="Asia/Shanghai")
    desk.done("Earn", member, amount=50, awaits_event="delivered", key="order")
    assert Lot.objects.get().expires_at is None
    assert desk.refused("Activate", member, event="other") == "nothing_to_do"
    answer = desk.done("Activate", member, event="delivered", at=NOW + 3 * DAY)
    assert (answer.amount, answer.available) == (50, 50)
    assert Lot.objects.get().expires_at.isoformat() == "2026-04-30T16:00:00+00:00"
    assert desk.refused("Activate", member, of="order") == "nothing_to_do"


# --- holds


@pytest.mark.slow
def test_a_hold_sets_aside_and_a_capture_spends_a_part(make_currency, desk, member):
    make_currency()
    desk.done("Earn", member, amount=100, expires_at=NOW + 2 * DAY)
    desk.done("HoldPoints", member, amount=80, expires_at=NOW + 9 * DAY, key="hold")
    assert (balance(member).held, balance(member).available) == (80, 20)
    assert desk.refused("Spend", member, amount=21) == "insufficient_points"
    late = NOW + 5 * DAY  # what is held does not expire
    assert desk.done("Expire", member, at=late).amount == 20
    answer = desk.done("Capture", member, of="hold", amount=50, at=late)
    assert (answer.amount, answer.balance) == (50, 30)
    assert balance(member, late).overdue == 30
    assert desk.refused("Capture", member, of="hold", at=late) == "hold_refused"
    assert desk.refused("Release", member, of="hold", at=late) == "hold_refused"


def test_a_forgotten_hold_is_released(make_currency, desk, member, actor):
    make_currency()
    desk.done("Earn", member, amount=10)
    desk.done("HoldPoints", member, amount=10, expires_at=NOW + DAY)
    assert release_next(actor=actor, now=NOW + DAY - timedelta(seconds=1)) == 0
    assert release_next(actor=actor, now=NOW + DAY) == 1
    assert Hold.objects.get().state == "timed_out"
    assert balance(member).available == 10


# --- reversals


@pytest.mark.slow
def test_a_reversed_spend_goes_back_into_the_very_lots(make_currency, desk, member):
    make_currency()
    soon = desk.done("Earn", member, amount=30, expires_at=NOW + 5 * DAY).lots[0].lot_id
    late = desk.done("Earn", member, amount=30, expires_at=NOW + 50 * DAY).lots[0].lot_id
    desk.done("Spend", member, amount=40, key="gift")
    half = desk.done("Reverse", member, of="gift", amount=15)
    assert [(move.lot_id, move.amount) for move in half.lots] == [(late, 10), (soon, 5)]
    assert desk.refused("Reverse", member, of="gift", amount=26) == "already_reversed"
    desk.done("Reverse", member, of="gift")
    assert dict(Lot.objects.values_list("id", "remaining")) == {soon: 30, late: 30}
    assert desk.refused("Reverse", member, of="gift") == "already_reversed"


def test_points_given_back_after_they_ended_have_days_of_grace(make_currency, desk, member):
    make_currency(grace_days=7)
    desk.done("Earn", member, amount=30, expires_at=NOW + 5 * DAY)
    desk.done("Spend", member, amount=30, key="gift")
    back = NOW + 20 * DAY
    assert desk.done("Reverse", member, of="gift", at=back).available == 30
    lot = Lot.objects.get()
    assert (lot.expires_at, lot.first_expires_at) == (back + 7 * DAY, NOW + 5 * DAY)


def test_buy_earn_return_keep_the_points(make_currency, desk, member):
    """lesson: buy, earn, return, keep the points."""
    make_currency(shortfall="arrears")
    desk.done("Earn", member, amount=100, key="order")
    desk.done("Spend", member, amount=70)
    answer = desk.done("Reverse", member, of="order")
    assert (answer.from_own_lot, answer.arrears_made, answer.balance, answer.available) == (30, 70, -70, 0)
    filled = desk.done("Earn", member, amount=100)
    assert (filled.balance, filled.available, filled.arrears) == (30, 30, 0)


def test_a_debit_larger_than_the_lots_leaves_a_debt(make_currency, desk, member):
    """lesson: debit larger than the lots leaves no debt; refund negative silently set to zero."""
    make_currency(shortfall="arrears", arrears_limit=50)
    desk.done("Earn", member, amount=100, key="order")
    desk.done("Spend", member, amount=100)
    answer = desk.done("Reverse", member, of="order")
    assert (answer.arrears_made, answer.written_off, answer.balance) == (50, 50, -50)
    assert balance(member).arrears == 50


@pytest.mark.slow
def test_a_reversal_may_be_refused_or_written_off(make_currency, desk, member):
    make_currency(shortfall="refuse")
    make_currency("stamps", shortfall="write_off")
    for currency in ("points", "stamps"):
        desk.done("Earn", member, amount=10, key="order", currency=currency)
        desk.done("Spend", member, amount=10, currency=currency)
    assert desk.refused("Reverse", member, of="order") == "shortfall_refused"
    answer = desk.done("Reverse", member, of="order", currency="stamps")
    assert (answer.written_off, answer.balance) == (10, 0)


def test_other_lots_pay_first_where_the_currency_says_so(make_currency, desk, member):
    make_currency(takes_other_lots=True, shortfall="arrears")
    desk.done("Earn", member, amount=10, key="order", expires_at=NOW + DAY)
    desk.done("Spend", member, amount=10)
    desk.done("Earn", member, amount=6)
    answer = desk.done("Reverse", member, of="order")
    assert (answer.from_own_lot, answer.from_other_lots, answer.arrears_made) == (0, 6, 4)


def test_what_expired_of_an_earn_is_not_taken_twice(make_currency, desk, member):
    make_currency(shortfall="arrears")
    desk.done("Earn", member, amount=10, key="order", expires_at=NOW + DAY)
    desk.done("Expire", member, at=NOW + DAY)
    answer = desk.done("Reverse", member, of="order", at=NOW + 2 * DAY)
    assert (answer.already_expired, answer.arrears_made, answer.balance) == (10, 0, 0)
    again = desk("Reverse", member, of="order", at=NOW + 2 * DAY, key=answer.key)
    assert again == type(again)(**{**{n: getattr(answer, n) for n in answer.__slots__}, "outcome": again.outcome})


@pytest.mark.slow
def test_a_transfer_or_a_hold_is_not_reversed(make_currency, desk, member):
    make_currency()
    desk.done("Earn", member, amount=10)
    desk.done("HoldPoints", member, amount=10, expires_at=NOW + DAY, key="hold")
    assert desk.refused("Reverse", member, of="hold") == "not_reversible"
    assert desk.refused("Reverse", member, of="nothing") == "transaction_unknown"
    assert desk.refused("Reverse", new_id(), of="hold") == "transaction_unknown"


# --- expiry


@pytest.mark.slow
def test_points_expire_at_the_moment_they_ended(make_currency, desk, member, actor):
    make_currency()
    desk.done("Earn", member, amount=30, expires_at=NOW + 5 * DAY)
    desk.done("Earn", member, amount=40, expires_at=NOW + 6 * DAY)
    desk.done("Earn", member, amount=50)
    late = NOW + 20 * DAY
    assert (balance(member, late).overdue, balance(member, late).available) == (70, 50)
    last, points = expire_next(actor=actor, now=late)
    assert points == 70
    assert expire_next(actor=actor, now=late, after=last) == (None, 0)
    assert expire_next(actor=actor, now=late) == (None, 0)
    assert queries.balance_as_of(member, "points", occurred=NOW + 5 * DAY).balance == 90
    assert queries.balance_as_of(member, "points", recorded=NOW + 19 * DAY).balance == 120
    assert [(line.kind, line.moved, line.balance) for line in queries.statement(member, "points")] == [
        ("expire", -40, 50),
        ("expire", -30, 90),
        ("earn", 50, 120),
        ("earn", 40, 70),
        ("earn", 30, 30),
    ]


@pytest.mark.slow
def test_inactivity_ends_points_and_activity_keeps_them(make_currency, desk, member, actor):
    make_currency(expiry_kind="inactivity", expiry_count=10)
    desk.done("Earn", member, amount=30)
    desk.done("Spend", member, amount=5, at=NOW + 8 * DAY)
    assert expire_next(actor=actor, now=NOW + 17 * DAY)[1] == 0
    late = NOW + 18 * DAY
    assert balance(member, late).available == 0
    assert desk.refused("Spend", member, amount=1, at=late) == "insufficient_points"
    desk.done("Earn", member, amount=1, at=late)  # comes too late for the old ones
    assert (balance(member, late).overdue, balance(member, late).available) == (25, 1)
    assert expire_next(actor=actor, now=late)[1] == 25


def test_changing_the_expiry_rule_leaves_old_points(make_currency, desk, member, actor):
    """lesson: changing the expiry rule rewrites old points."""
    make_currency(expiry_kind="days", expiry_count=30)
    desk.done("Earn", member, amount=1)
    ledger.change_currency(actor=actor, now=NOW, code="points", expiry_kind="days", expiry_count=60)
    desk.done("Earn", member, amount=2)
    desk.done("Earn", member, amount=3, expiry=Expiry("year_end", 0))
    ends = dict(Lot.objects.values_list("amount", "expires_at"))
    assert (ends[1], ends[2]) == (NOW + 30 * DAY, NOW + 60 * DAY)
    assert ends[3].isoformat() == "2027-01-01T00:00:00+00:00"
    assert queries.expiring(member, "points", now=NOW) == [(ends[1], 1), (ends[2], 2), (ends[3], 3)]


# --- transfers and pools


def test_a_transfer_keeps_end_issuer_and_cost(make_currency, desk, member):
    make_currency(transfer_rule="anyone", transfer_day_limit=60, transfer_minimum=10)
    friend, partner = new_id(), new_id()
    desk.done("Earn", member, amount=40, expires_at=NOW + DAY, issuer_id=partner)
    desk.done("Earn", member, amount=40)
    to = Owner("customer", friend)
    assert desk.refused("Transfer", member, to=to, amount=9) == "transfer_refused"
    answer = desk.done("Transfer", member, to=to, amount=50)
    assert answer.balance == 30
    lots = queries.lots(friend, "points", now=NOW)
    assert [(lot.amount, lot.ends_at) for lot in lots] == [(40, NOW + DAY), (10, None)]
    assert Lot.objects.get(id=lots[0].id).issuer_id == partner
    assert desk.refused("Transfer", member, to=to, amount=11) == "transfer_refused"


def test_a_wallet_is_not_topped_up_with_itself(make_currency, desk, member):
    """lesson: a wallet topped up with itself."""
    make_currency(transfer_rule="anyone")
    desk.done("Earn", member, amount=40)
    assert desk.refused("Transfer", member, to=Owner("customer", member), amount=10) == "transfer_refused"


@pytest.mark.slow
def test_a_pool_is_spent_by_its_members_within_their_limits(make_currency, desk, member, actor):
    make_currency(transfer_rule="pools", shortfall="arrears")
    home, child, stranger = new_id(), new_id(), new_id()
    pool = Owner("household", home)
    rules = {"actor": actor, "now": NOW, "household_id": home, "currency": "points"}
    ledger.set_pool_member(member_id=member, **rules)
    ledger.set_pool_member(member_id=child, limit=20, period="month", **rules)
    desk.done("Earn", member, amount=100)
    desk.done("Earn", stranger, amount=100)
    desk.done("Transfer", member, to=pool, amount=100)
    assert desk.refused("Transfer", stranger, to=pool, amount=1) == "transfer_refused"
    assert desk.refused("Transfer", stranger, to=Owner("customer", child), amount=1) == "transfer_refused"
    assert desk.refused("Spend", pool, amount=1) == "pool_refused"
    assert desk.refused("Spend", pool, amount=1, spender_id=stranger) == "pool_refused"
    desk.done("Spend", pool, amount=15, spender_id=child, key="sweets")
    assert desk.refused("Spend", pool, amount=6, spender_id=child) == "pool_refused"
    assert desk.refused("Transfer", pool, to=Owner("customer", child), amount=6) == "pool_refused"
    desk.done("Reverse", pool, of="sweets", amount=5)
    desk.done("HoldPoints", pool, amount=6, spender_id=child, expires_at=NOW + DAY)
    assert desk.refused("Spend", pool, amount=5, spender_id=child) == "pool_refused"
    assert desk.done("Spend", pool, amount=50, spender_id=member).balance == 40
    assert desk.done("Spend", pool, amount=20, spender_id=child, at=NOW + 31 * DAY).balance == 20


# --- what an operation may hold


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("Earn", {"amount": -5}),
        ("Earn", {"amount": True}),
        ("Earn", {"amount": 10**16}),
        ("Earn", {"amount": 5, "key": "x" * 121}),
        ("Earn", {"amount": 5, "key": "part:1"}),
        ("Earn", {"amount": 5, "at": NOW + 3 * DAY, "now": NOW}),
        ("Earn", {"amount": 5, "expires_at": NOW}),
        ("Earn", {"amount": 5, "expiry": Expiry("days", 0)}),
        ("Earn", {"amount": 5, "cost_currency": "CNY"}),
        ("Spend", {"amount": 0}),
        ("Adjust", {"amount": 0}),
        ("HoldPoints", {"amount": 5, "expires_at": NOW}),
        ("Activate", {}),
    ],
)
def test_values_out_of_bounds_are_refused(make_currency, desk, member, kind, values):
    make_currency()
    assert desk.refused(kind, member, **values) == "operation_refused"


def test_an_account_belongs_to_one_kind_of_owner(make_currency, desk, member):
    make_currency()
    desk.done("Earn", member, amount=5)
    assert desk.refused("Earn", Owner("partner", member), amount=5) == "operation_refused"
    assert Account.objects.get().owner_kind == "customer"


def test_whole_cashback_clears_a_decimal_bill(make_currency, desk, member):
    """lesson: whole points cannot clear a decimal bill; float −1e-14 refuses a valid coupon."""
    make_currency("cash", unit_kind="cashback", money_currency="CNY", decimals=2)
    for _time in range(3):
        desk.done("Earn", member, amount=1010, currency="cash")
    assert desk.done("Spend", member, amount=3030, currency="cash").balance == 0


def test_what_several_records_paid_goes_back_to_the_one_taken_from_last(make_currency, desk, monkeypatch):
    """Bo's points are the oldest, so Ann's were taken after them, also as the two turn out to be two again."""
    make_currency()
    ann, bo = new_id(), new_id()
    desk.done("Earn", bo, amount=14, at=NOW - 2 * DAY)
    desk.done("Earn", ann, amount=60, at=NOW - DAY)
    both = {"group": (ann, bo)}
    monkeypatch.setitem(groups._resolvers, "test", lambda ids: {one: both["group"] for one in ids if both["group"]})
    spent = desk.done("Spend", ann, amount=20, key="bill")
    assert [move.amount for move in spent.lots] == [-14, -6]
    assert desk("Spend", ann, amount=20, key="bill").lots == spent.lots
    both["group"] = ()
    desk.done("Reverse", ann, of="bill", amount=4)
    assert [balance(one).balance for one in (ann, bo)] == [58, 0]
