"""Points of customers: those of merged records are one balance; export shows them, erasure keeps the totals."""

import pytest

from troth.customers import queries as customer_queries
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.kit.conditions import catalogue
from troth.kit.conditions.compiling import members
from troth.kit.conditions.fields import AsOf
from troth.kit.conditions.reading import read
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.models import AdjustmentRequest
from troth.ledger.operations import Outcome, Owner
from troth.ledger.proofs import prove
from troth.ledger.tests.conftest import DAY, NOW, desk, make_currency

__all__ = ["desk", "make_currency"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound(db):
    """Whatever a test did, the ledger can be proved afterwards."""
    yield
    assert [verdict.first for verdict in prove(NOW + 400 * DAY) if not verdict.holds] == []


@pytest.mark.slow
def test_merged_customers_second_card_lives(make_currency, desk, actor):
    """lesson: merged customers' second card dead."""
    make_currency(shortfall="arrears")
    one, two = (customers.create_customer(actor=actor, now=NOW, name=name).id for name in ("One", "Two"))
    desk.done("Earn", one, amount=60, key="order")
    desk.done("Earn", two, amount=50, expires_at=NOW + DAY)
    merge = customers.merge(actor=actor, now=NOW, canonical_id=one, merged_id=two)
    found = queries.balances([one, two], "points", now=NOW)
    assert found[one] == found[two]
    assert found[one].available == 110
    assert desk("Earn", two, amount=60, key="order").outcome is Outcome.REPEATED
    answer = desk.done("Spend", two, amount=100, key="gift")
    assert answer.balance == 10
    assert next(line.moved for line in queries.statement(one, "points")) == -100
    desk.done("Reverse", one, of="gift", amount=60)
    customers.unmerge(actor=actor, now=NOW, merge_id=merge.id)
    apart = queries.balances([one, two], "points", now=NOW)
    assert (apart[one].balance, apart[two].balance) == (60, 10)
    desk.done("Reverse", two, of="gift")
    assert queries.balances([two], "points", now=NOW)[two].balance == 50


@pytest.mark.slow
def test_a_spend_reversed_after_the_unmerge_goes_back_to_both(make_currency, desk, actor):
    make_currency()
    one, two = (customers.create_customer(actor=actor, now=NOW, name=name).id for name in ("One", "Two"))
    desk.done("Earn", one, amount=60)
    desk.done("Earn", two, amount=50)
    merge = customers.merge(actor=actor, now=NOW, canonical_id=one, merged_id=two)
    desk.done("Spend", two, amount=80, key="gift")
    desk.done("HoldPoints", two, amount=30, key="hold", expires_at=NOW + DAY)
    customers.unmerge(actor=actor, now=NOW, merge_id=merge.id)
    desk.done("Reverse", two, of="gift")
    desk.done("Release", two, of="hold")
    assert [found.available for found in queries.balances([one, two], "points", now=NOW).values()] == [60, 50]
    assert desk.done("Earn", one, amount=1).available == 61


@pytest.mark.slow
def test_export_and_erasure_keep_totals(make_currency, desk, actor):
    """lesson: export and erasure disagree."""
    make_currency(adjust_approval_limit=10)
    customer = customers.create_customer(actor=actor, now=NOW, name="One").id
    desk.done("Earn", customer, amount=60)
    operation = desk.make("Adjust", customer, amount=50)
    ledger.request_adjustment(actor=actor, now=NOW, operation=operation, note="Rang twice")
    points = customers.export_customer(actor=actor, now=NOW, customer_id=customer)["points"]
    assert points["accounts"] == [{"currency": "points", "balance": 60, "earned": 60}]
    assert [line["points"] for line in points["movements"]] == [60]
    assert points["adjustments"][0]["note"] == "Rang twice"
    customers.erase_customer(actor=actor, now=NOW, customer_id=customer)
    assert AdjustmentRequest.objects.get().note == ""
    assert queries.balances([customer], "points", now=NOW)[customer].balance == 60


def test_points_that_end_by_inactivity_are_expiring_too(make_currency, desk, actor):
    make_currency(expiry_kind="inactivity", expiry_count=30)
    quiet, busy, over = (customers.create_customer(actor=actor, now=NOW, name=name).id for name in "abc")
    for one, days in ((quiet, 27), (busy, 27), (over, 31)):
        desk.done("Earn", one, amount=20, at=NOW - days * DAY)
    desk.done("Spend", busy, amount=1, at=NOW - 2 * DAY)
    as_of = AsOf(now=NOW, today=NOW.date(), zone="UTC", currency="CNY")
    fields = catalogue.catalogue("customer")
    for params, expected in (
        ({"days": 5}, {quiet}),
        ({"days": 2}, set()),
        ({"days": 29}, {quiet, busy}),
        ({}, {quiet, busy}),
    ):
        leaf = {"field": "points.expiring", "operator": "at_least", "value": 19, **({"with": params} if params else {})}
        found = members(read({"all": [leaf]}, fields), fields, as_of)
        assert set(Customer.objects.filter(id__in=found.ids()).values_list("id", flat=True)) == expected, params


def test_conditions_read_points(make_currency, desk, actor):
    make_currency()
    make_currency("stars")
    one, two = (customers.create_customer(actor=actor, now=NOW, name=name).id for name in ("One", "Two"))
    desk.done("Earn", one, amount=60, expires_at=NOW + 5 * DAY)
    desk.done("Earn", one, amount=40, currency="stars")
    desk.done("Spend", one, amount=25)
    desk.done("Earn", two, amount=10)
    as_of = AsOf(now=NOW, today=NOW.date(), zone="UTC", currency="CNY")
    for code, operator, value, params, expected in (
        ("points.balance", "at_least", 70, {}, {one}),
        ("points.balance", "at_least", 40, {"currencies": ["points"]}, set()),
        ("points.earned", "at_least", 60, {"currencies": ["points"]}, {one}),
        ("points.expiring", "at_least", 35, {"days": 6}, {one}),
        ("points.expiring", "at_least", 1, {"days": 5}, set()),
        ("points.balance", "at_most", 10, {}, {two}),
    ):
        leaf = {"field": code, "operator": operator, "value": value, **({"with": params} if params else {})}
        fields = catalogue.catalogue("customer")
        found = members(read({"all": [leaf]}, fields), fields, as_of)
        assert set(Customer.objects.filter(id__in=found.ids()).values_list("id", flat=True)) == expected, leaf


# --- households' pools


@pytest.fixture
def home(make_currency, desk, actor):
    """A household of Ann and Bo with 100 points in the pool, of which Bo may spend 30 a month."""
    make_currency(transfer_rule="pools")
    ann, bo = (customers.create_customer(actor=actor, now=NOW, name=name).id for name in ("Ann", "Bo"))
    household = customers.make_household(actor=actor, now=NOW, head_id=ann)
    customers.join_household(actor=actor, now=NOW, customer_id=bo, household_id=household.id)
    rule = {"actor": actor, "now": NOW, "household_id": household.id, "currency": "points"}
    ledger.set_pool_member(member_id=ann, **rule)
    ledger.set_pool_member(member_id=bo, limit=30, **rule)
    desk.done("Earn", ann, amount=100)
    pool = Owner("household", household.id)
    desk.done("Transfer", ann, to=pool, amount=100)
    return pool, ann, bo


@pytest.mark.slow
def test_a_merged_member_still_spends_from_the_pool_within_one_limit(home, desk, actor):
    """lesson: merged customers' second card dead."""
    pool, _ann, bo = home
    desk.done("Spend", pool, amount=20, spender_id=bo)
    twin = customers.create_customer(actor=actor, now=NOW, name="Bo B").id
    assert desk.refused("Spend", pool, amount=1, spender_id=twin) == "pool_refused"
    merge = customers.merge(actor=actor, now=NOW, canonical_id=twin, merged_id=bo)
    desk.done("Spend", pool, amount=6, spender_id=twin)
    assert desk.refused("Spend", pool, amount=5, spender_id=bo) == "pool_refused"
    assert desk.done("Spend", pool, amount=4, spender_id=bo).balance == 70
    customers.unmerge(actor=actor, now=NOW, merge_id=merge.id)
    assert desk.refused("Spend", pool, amount=1, spender_id=twin) == "pool_refused"


def test_who_leaves_the_household_spends_no_more_from_its_pool(home, desk, actor):
    pool, ann, bo = home
    customers.leave_household(actor=actor, now=NOW, customer_id=bo)
    assert desk.refused("Spend", pool, amount=1, spender_id=bo) == "pool_refused"
    assert desk.done("Spend", pool, amount=60, spender_id=ann).balance == 40


@pytest.mark.slow
def test_a_household_with_a_pool_outlives_its_last_member(home, desk, actor):
    pool, ann, bo = home
    customers.erase_customer(actor=actor, now=NOW, customer_id=bo)
    assert desk.refused("Spend", pool, amount=1, spender_id=bo) == "pool_refused"
    customers.leave_household(actor=actor, now=NOW, customer_id=ann)
    assert customer_queries.household_or_none(pool.id) is not None
    customers.join_household(actor=actor, now=NOW, customer_id=ann, household_id=pool.id, role="head")
    ledger.set_pool_member(actor=actor, now=NOW, household_id=pool.id, member_id=ann, currency="points")
    assert desk.done("Spend", pool, amount=100, spender_id=ann).balance == 0


def test_an_empty_household_without_a_pool_is_gone(make_currency, actor, db):
    ann = customers.create_customer(actor=actor, now=NOW, name="Ann").id
    household = customers.make_household(actor=actor, now=NOW, head_id=ann)
    customers.leave_household(actor=actor, now=NOW, customer_id=ann)
    assert customer_queries.household_or_none(household.id) is None
