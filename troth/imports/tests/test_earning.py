"""Files whose orders earn: oldest first, judged by what was in force then, once."""

import datetime as dt

import pytest

from troth.activity import queries as activity
from troth.activity.models import Order, OrderLine
from troth.imports.errors import NothingEarnsError
from troth.imports.models import ImportRun
from troth.imports.targets import Shape
from troth.ledger import services as ledger
from troth.ledger.models import Account
from troth.programs import services as programs
from troth.sales import services as sales
from troth.sales.models import OrderEvaluation

from .conftest import ACTOR, NOW

pytestmark = pytest.mark.django_db
PROGRAMME = """
programme: club
name: Club
currency: CNY
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}}
  - {code: second, name: Second, nth: {at: 2}, effect: {type: fixed, points: 1000}}
"""
PEOPLE = "customer_id,name\nC1,A\nC2,B\n"
ORDERS = (
    "order_id,customer_id,ordered_at,sku,quantity,net_amount\n"
    "A3,C1,2024-03-03 10:00,TEA,1,30\n"
    "Z1,C1,2024-03-01 10:00,TEA,1,10\n"
    "M2,C1,2024-03-02 10:00,TEA,1,20\n"
    "M2,C1,2024-03-02 10:00,NUT,1,5\n"
    "B1,C2,2023-03-02 10:00,TEA,1,99\n"
)


@pytest.fixture
def club(company):
    rules = ledger.CurrencyRules(name="Points", shortfall="arrears")
    ledger.create_currency(actor=ACTOR, now=NOW, code="points", rules=rules)
    return programs.establish(
        actor=ACTOR,
        now=NOW,
        text=PROGRAMME,
        effective_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        reviewed_by="user:reviewer",
    )


@pytest.mark.slow
def test_orders_of_a_file_earn_in_the_order_in_which_they_happened(bring, club):
    bring(PEOPLE, Shape.CUSTOMERS)
    run = bring(ORDERS, Shape.LINES, is_earning=True)
    assert run.report["done"] == {"orders_created": 4, "lines_created": 5}
    second = OrderEvaluation.objects.get(order_id=Order.objects.get(external_id="M2").id)
    assert [(award["rule"], award["amount"]) for award in second.awards] == [("base", 25), ("second", 1000)]
    assert list(Account.objects.values_list("balance", flat=True)) == [1065]  # C2 bought before the programme began
    again = bring(ORDERS, Shape.LINES, is_earning=True)
    assert (again.report["done"], Account.objects.get().balance) == ({"orders_unchanged": 4}, 1065)
    # the till sends an order of the file again: it hears what the file's brought then
    order_id = Order.objects.get(external_id="M2").id
    (sold,) = sales.record_orders([activity.new_orders([order_id])[order_id]], actor=ACTOR, now=NOW)
    assert (sold.recorded.outcome, [one.amount for one in sold.brought[0].awards]) == ("unchanged", [25, 1000])
    assert (sold.balances["points"].balance, sold.brought[0].standing is None) == (1035, False)


SLIPS = (
    "order_id,customer_id,ordered_at,sku,quantity,net_amount,unit_cost\n"
    "A1,C1,2024-03-01 10:00,TEA,2,30,4\n"
    "A1,C1,2024-03-01 10:00,SLIP,0,2,1\n"
    "A1,C1,2024-03-01 10:00,COUPON,0,0,\n"
    "A2,C1,2024-03-02 10:00,COUPON,0,0,\n"
)


@pytest.mark.slow
def test_lines_of_no_pieces_earn_by_their_money_and_for_nothing_by_the_piece(bring, company):
    rules = ledger.CurrencyRules(name="Points", shortfall="arrears")
    ledger.create_currency(actor=ACTOR, now=NOW, code="points", rules=rules)
    by_piece = (
        "  - {code: pieces, name: Pieces, effect: {type: per_item, points: 100}}\n"
        "  - {code: slips, name: Slips, lines: {field: line.sku, operator: is, value: SLIP},"
        " effect: {type: per_item, points: 7000}}\n"
    )
    programs.establish(
        actor=ACTOR, now=NOW, text=PROGRAMME.partition("  - {code: second")[0] + by_piece,
        effective_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC), reviewed_by="user:reviewer",
    )  # fmt: skip
    bring(PEOPLE, Shape.CUSTOMERS)
    run = bring(SLIPS, Shape.LINES, is_earning=True)
    assert (run.report["refused_rows"], run.report["done"]) == (0, {"orders_created": 2, "lines_created": 4})
    assert run.report["mended"]["quantity_nothing"] == 3
    lines = OrderLine.objects.order_by("order_id", "line_no").values_list("sku", "quantity", "unit_price", "net_amount")
    assert list(lines) == [("TEA", 2, 15, 30), ("SLIP", 0, 0, 2), ("COUPON", 0, 0, 0), ("COUPON", 0, 0, 0)]
    assert Order.objects.get(external_id="A1").cost_amount == 8
    assert Account.objects.get().balance == 32 + 200
    same = bring(SLIPS, Shape.LINES, is_earning=True)
    assert (same.report["done"], Account.objects.get().balance) == ({"orders_unchanged": 2}, 232)


@pytest.mark.slow
def test_history_keeps_lines_of_no_pieces_as_they_are(bring):
    bring(PEOPLE, Shape.CUSTOMERS)
    run = bring(SLIPS, Shape.LINES)
    assert run.report["done"] == {"orders_created": 2, "lines_created": 4}
    assert [line.quantity for line in OrderLine.objects.order_by("order_id", "line_no")] == [2, 0, 0, 0]


@pytest.mark.slow
def test_while_no_programme_is_in_force_nothing_starts_to_earn(bring, company):
    bring(PEOPLE, Shape.CUSTOMERS)
    with pytest.raises(NothingEarnsError, match="No programme is in force"):
        bring(ORDERS, Shape.LINES, is_earning=True)
    assert (Order.objects.count(), ImportRun.objects.filter(job_id=None).count()) == (0, 1)


@pytest.mark.slow
def test_without_that_choice_orders_are_history(bring, club):
    bring(PEOPLE, Shape.CUSTOMERS)
    bring(ORDERS, Shape.LINES)
    assert (Account.objects.count(), OrderEvaluation.objects.count()) == (0, 0)
    assert set(Order.objects.values_list("is_history", flat=True)) == {True}


@pytest.mark.slow
def test_a_trial_earns_nothing(bring, club):
    bring(PEOPLE, Shape.CUSTOMERS)
    path = bring(ORDERS, Shape.LINES, is_earning=True, is_dry_run=True)
    assert path.report["done"] == {"orders_created": 4, "lines_created": 5}
    assert (Order.objects.count(), Account.objects.count()) == (0, 0)


@pytest.mark.slow
def test_what_comes_back_takes_its_points_along(bring, club):
    # lesson: buy, earn, return, keep the points
    bring(PEOPLE, Shape.CUSTOMERS)
    bring(ORDERS, Shape.LINES, is_earning=True)
    back = (
        "order_id,customer_id,ordered_at,sku,quantity,net_amount,original_order_id\n"
        "R1,C1,2024-03-05 10:00,TEA,-1,-30,A3\n"
    )
    bring(back, Shape.LINES, is_earning=True)
    assert Account.objects.get().balance == 1035
