"""Visits, order moments and costs to serve, and what of them is handed out and erased."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from troth.activity import privacy, queries, services
from troth.activity.errors import (
    ActivityRefusedError,
    CostCancelledError,
    CostNotFoundError,
    CustomerUnknownError,
    OrderNotFoundError,
)
from troth.activity.models import MomentKind, OrderMoment, ServiceCost, Visit
from troth.events.models import Event

from .conftest import ACTOR, NOW, SOLD_AT

pytestmark = pytest.mark.django_db


def last_event():
    return Event.objects.order_by("-id").first()


def visit(customer_id, **changes):
    fields = {"visit_kind": "store", "occurred_at": SOLD_AT, "note": "asked for rings"} | changes
    return services.record_visit(customer_id=customer_id, actor=ACTOR, now=NOW, **fields)


def test_a_visit_is_stored_and_its_note_stays_out_of_the_log(customer):
    row = visit(customer.id)
    assert list(queries.visits([customer.id])) == [row]
    assert last_event().data == {"visit": str(row.id), "visit_kind": "store", "store": None}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visit_kind": "dream"}, "visit_kind"),
        ({"note": "x" * 501}, "note"),
        ({"occurred_at": NOW + timedelta(days=9)}, "occurred_at"),
    ],
)
def test_a_bad_visit_is_refused(customer, changes, field):
    with pytest.raises(ActivityRefusedError) as refused:
        visit(customer.id, **changes)
    assert refused.value.fields["field"] == field
    assert Visit.objects.count() == 0


def test_a_visit_of_nobody_is_refused(customer):
    with pytest.raises(CustomerUnknownError):
        visit(uuid4())
    assert Visit.objects.count() == 0


def test_a_moment_is_stored_once(an_order, customer):
    (order,) = services.record_orders([an_order()], actor=ACTOR, now=NOW)
    at = datetime(2026, 3, 2, 8, tzinfo=UTC)
    for _ in range(2):
        services.record_moment(
            order_id=order.document_id, moment=MomentKind.DISPATCH, occurred_at=at, actor=ACTOR, now=NOW
        )
    (row,) = queries.moments(order.document_id)
    assert (row.owner_id, row.moment, row.occurred_at) == (customer.id, "dispatch", at)
    assert Event.objects.filter(name="activity.moment.recorded").count() == 1


def test_a_moment_needs_its_order_and_an_enquiry_does_not(customer):
    with pytest.raises(OrderNotFoundError):
        services.record_moment(order_id=uuid4(), moment=MomentKind.USE, occurred_at=SOLD_AT, actor=ACTOR, now=NOW)
    assert OrderMoment.objects.count() == 0
    row = services.record_enquiry(customer_id=customer.id, occurred_at=SOLD_AT, actor=ACTOR, now=NOW)
    assert (row.order_id, row.moment) == (None, "enquiry")


def cost(customer_id, **changes):
    fields = {
        "cost_kind": "delivery",
        "amount": Decimal("8.5"),
        "currency": "CNY",
        "cost_date": date(2026, 3, 1),
    } | changes
    return services.record_cost(customer_id=customer_id, actor=ACTOR, now=NOW, **fields)


def test_costs_add_up_and_are_kept_in_the_log(customer):
    first = cost(customer.id)
    cost(customer.id, amount=Decimal("1.25"))
    assert sum(row.amount for row in queries.costs([customer.id])) == Decimal("9.75")
    event = Event.objects.get(data__cost=str(first.id))
    assert event.data == {
        "cost": str(first.id),
        "cost_kind": "delivery",
        "amount": "8.5000",
        "currency": "CNY",
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cost_kind": ""}, "cost_kind"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("-0.5")}, "amount"),
        ({"amount": Decimal("0.00001")}, "amount"),
        ({"currency": "RMB!"}, "currency"),
        ({"cost_date": date(2026, 3, 3)}, "cost_date"),
    ],
)
def test_a_bad_cost_is_refused(customer, changes, field):
    with pytest.raises(ActivityRefusedError) as refused:
        cost(customer.id, **changes)
    assert refused.value.fields["field"] == field
    assert ServiceCost.objects.count() == 0


def test_what_is_handed_out_and_what_is_erased(an_order, customer):
    services.record_orders([an_order()], actor=ACTOR, now=NOW)
    visit(customer.id)
    handed_out = privacy.export([customer.id])
    assert handed_out["visits"] == [{"at": SOLD_AT.isoformat(), "kind": "store", "note": "asked for rings"}]
    assert handed_out["orders"][0]["lines"][0] == {"name": "Tea", "quantity": "2.0000", "amount": "25.0000"}
    privacy.erase([customer.id], ACTOR, NOW)
    assert queries.visits([customer.id]).get().note == ""
    assert queries.orders([customer.id]).get().net_amount == Decimal("29.5")


def test_a_cost_is_cancelled_by_a_counter_entry(customer):
    first = cost(customer.id)
    counter = services.cancel_cost(cost_id=first.id, reason="wrong_amount", actor=ACTOR, now=NOW)
    assert (counter.amount, counter.cost_date, counter.cancels_id) == (-first.amount, first.cost_date, first.id)
    assert sum(row.amount for row in queries.costs([customer.id])) == 0
    event = Event.objects.get(name="activity.cost.cancelled")
    assert event.data == {"cost": str(counter.id), "cancels": str(first.id), "reason": "wrong_amount"}
    for again in (first.id, counter.id):
        with pytest.raises(CostCancelledError):
            services.cancel_cost(cost_id=again, reason="other", actor=ACTOR, now=NOW)
    assert ServiceCost.objects.count() == 2


def test_a_cost_is_cancelled_for_a_stated_reason_only(customer):
    first = cost(customer.id)
    with pytest.raises(ActivityRefusedError) as refused:
        services.cancel_cost(cost_id=first.id, reason="because", actor=ACTOR, now=NOW)
    assert refused.value.fields["field"] == "reason"
    with pytest.raises(CostNotFoundError):
        services.cancel_cost(cost_id=customer.id, reason="other", actor=ACTOR, now=NOW)
    assert ServiceCost.objects.count() == 1
