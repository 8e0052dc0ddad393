"""Returns: never more than was sold, in goods or money; what was paid back does not change."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from troth.activity import queries, services
from troth.activity.models import DocumentKey, Return, ReturnLine
from troth.activity.orders import NewReturnLine, Outcome
from troth.customers import services as customers
from troth.events.models import Event
from troth.kit.tests.racing import race

from .conftest import ACTOR, NOW, SOLD_AT


def record(*returns):
    return services.record_returns(returns, actor=ACTOR, now=NOW)


def counts():
    keys = DocumentKey.objects.filter(document_kind="return").count()
    return (
        Return.objects.count(),
        ReturnLine.objects.count(),
        keys,
        Event.objects.filter(name="activity.return.recorded").count(),
    )


@pytest.fixture
def order_id(an_order):
    (result,) = services.record_orders([an_order()], actor=ACTOR, now=NOW)
    return result.document_id


def test_a_return_knows_from_its_order_what_came_back(a_return, order_id, customer):
    (result,) = record(a_return(order_id))
    assert (result.outcome, result.revision) == (Outcome.CREATED, 1)
    row = queries.return_(result.document_id)
    assert (row.owner_id, row.order_id, row.net_amount) == (customer.id, order_id, Decimal("12.5"))
    assert (row.costed_amount, row.cost_amount, row.reason) == (Decimal("12.5"), Decimal("6.2"), "too much")
    (line,) = queries.lines_of_returns([row.id])[row.id]
    assert (line.sku, line.name, line.unit_cost, line.order_line_no) == ("TEA", "Tea", Decimal("6.2"), 1)
    event = Event.objects.get(name="activity.return.recorded")
    assert event.data == {
        "return": str(row.id),
        "order": str(order_id),
        "amount": "12.5000",
        "currency": "CNY",
        "line_count": 1,
        "is_history": False,
    }


def test_a_return_again_changes_nothing_and_with_other_content_is_refused(a_return, order_id):
    (first,) = record(a_return(order_id))
    (again,) = record(a_return(order_id))
    assert (again.outcome, again.document_id) == (Outcome.UNCHANGED, first.document_id)
    (other,) = record(a_return(order_id, amount="12.49"))
    assert (other.outcome, other.error.code) == (Outcome.REFUSED, "return_refused")
    assert "a correction is another return" in str(other.error)
    assert counts() == (1, 1, 1, 1)


def test_no_more_goods_come_back_than_were_sold(a_return, order_id):
    results = record(*(a_return(order_id, amount="5", external_id=f"R{number}") for number in range(3)))
    assert [result.outcome for result in results] == [Outcome.CREATED, Outcome.CREATED, Outcome.REFUSED]
    assert results[2].error.code == "already_returned"
    assert str(results[2].error) == "return R2 of web: line 1 of the order sold 2, 3 would come back"
    assert counts() == (2, 2, 2, 2)


def test_no_more_money_is_paid_back_than_was_paid(a_return, order_id):
    results = record(a_return(order_id, amount="20"), a_return(order_id, amount="9.51", external_id="R2"))
    assert [result.outcome for result in results] == [Outcome.CREATED, Outcome.REFUSED]
    assert str(results[1].error) == "return R2 of web: the order came to 29.5, 29.51 would be paid back"
    assert counts() == (1, 1, 1, 1)


def test_an_order_cannot_shrink_below_what_came_back(a_return, an_order, order_id):
    record(a_return(order_id, quantity="2", amount="25"))
    tea, nut = an_order().lines
    for lines, sentence in [
        ((replace(tea, quantity=Decimal(1)), nut), "line 1: 2 came back already, the change leaves 1"),
        ((nut,), "line 1: 2 came back already, the change leaves 0"),
        (
            (replace(tea, net_amount=Decimal(20)), nut),
            "25 was paid back already, the change leaves 24.5",
        ),
    ]:
        (result,) = services.record_orders([an_order(lines=lines)], actor=ACTOR, now=NOW)
        assert result.error.code == "already_returned"
        assert sentence in str(result.error)
    assert queries.order(order_id).revision == 1
    (grown,) = services.record_orders([an_order(lines=(replace(tea, quantity=Decimal(3)), nut))], actor=ACTOR, now=NOW)
    assert grown.outcome == Outcome.CHANGED


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"currency": "USD"}, "return_refused", "currency USD: the order was paid in CNY"),
        ({"occurred_at": SOLD_AT - timedelta(seconds=1)}, "return_refused", "lies before the order"),
        ({"order_id": uuid4()}, "return_refused", "there is no such order"),
        ({"order_id": None}, "return_refused", "order_line_no 1: needs the order it is a line of"),
        (
            {"lines": (NewReturnLine(1, Decimal(1), Decimal(1), order_line_no=7),)},
            "return_refused",
            "return R1 of web: line 1: order_line_no 7: the order has no such line",
        ),
        (
            {"lines": (NewReturnLine(1, Decimal(-1), Decimal(1)),)},
            "return_refused",
            "quantity -1: must be more than 0: a return counts what came back",
        ),
        ({"reason": "x" * 121}, "return_refused", "has more than 120 characters"),
    ],
)
def test_a_return_that_contradicts_its_order_is_refused(a_return, order_id, changes, code, sentence):
    (result,) = record(a_return(**{"order_id": order_id} | changes))
    assert (result.outcome, result.error.code) == (Outcome.REFUSED, code)
    assert sentence in str(result.error)
    assert counts() == (0, 0, 0, 0)


def test_a_return_of_another_customers_order_is_refused(a_return, order_id, other_customer):
    (result,) = record(a_return(order_id, customer_id=other_customer.id))
    assert result.error.code == "document_of_other_customer"
    assert counts() == (0, 0, 0, 0)


def test_a_return_belongs_to_the_record_of_its_order_after_a_merge(a_return, order_id, customer, other_customer):
    customers.merge(actor=ACTOR, now=NOW, canonical_id=other_customer.id, merged_id=customer.id)
    (result,) = record(a_return(order_id, customer_id=other_customer.id))
    (again,) = record(a_return(order_id))
    assert (result.outcome, again.outcome) == (Outcome.CREATED, Outcome.UNCHANGED)
    assert queries.return_(result.document_id).owner_id == customer.id


def test_goods_may_come_back_whose_order_is_unknown(a_return, customer):
    line = NewReturnLine(1, Decimal(1), Decimal("9.9"), sku="OLD")
    (result,) = record(a_return(None, lines=(line,)))
    assert result.outcome == Outcome.CREATED
    assert queries.return_(result.document_id).costed_amount == 0


@pytest.mark.slow
def test_of_many_returns_at_once_only_as_many_pass_as_were_sold(racing_database, a_return, order_id):
    returns = [a_return(order_id, amount="5", external_id=f"R{number}") for number in range(6)]
    outcomes = [results[0].outcome for results in race(*(partial(record, one) for one in returns))]
    assert sorted(outcomes) == [Outcome.CREATED] * 2 + [Outcome.REFUSED] * 4
    assert counts() == (2, 2, 2, 2)


@pytest.mark.slow
def test_the_same_batch_at_once_is_stored_once(racing_database, an_order):
    orders = [an_order(external_id=str(number)) for number in range(40)]
    batches = [orders, orders[::-1]] * 3
    answers = race(*(partial(services.record_orders, batch, actor=ACTOR, now=NOW) for batch in batches))
    outcomes = [result.outcome for results in answers for result in results]
    assert sorted(outcomes) == [Outcome.CREATED] * 40 + [Outcome.UNCHANGED] * 200
    assert queries.orders().count() == 40
    assert Event.objects.filter(name="activity.order.recorded").count() == 40
