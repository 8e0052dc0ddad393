"""Recording what customers did. Orders and returns come in batches; each gets its own result or refusal."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import services as customers
from troth.events import services as events
from troth.staff import queries as staff

from . import recording
from .checks import Checker
from .errors import (
    ActivityRefusedError,
    CostCancelledError,
    CostNotFoundError,
    CustomerUnknownError,
    OrderNotFoundError,
)
from .models import CancelReason, MomentKind, Order, OrderMoment, ServiceCost, Visit
from .order_batch import OrderBatch
from .orders import NewOrder, NewReturn, Recorded
from .return_batch import ReturnBatch


def record_orders(orders: Sequence[NewOrder], *, actor: Actor, now: datetime) -> list[Recorded]:
    """Store orders, in one transaction, and return one result for each, in their order.

    An order that is known (by source and external id) and the same stays as it is; with other content its
    lines are replaced and its revision rises. A refused order changes nothing and holds up no other.

    Errors in results:
        OrderRefusedError, CustomerUnknownError: a value breaks its rule.
        OtherCustomerError: the order is stored as another customer's.
        AlreadyReturnedError: the change leaves less than was returned already.
    """
    return recording.record(OrderBatch(actor=actor, now=now), orders)


def end_history(order_ids: Sequence[UUID]) -> int:
    """Let orders that were recorded as history count as earning ones from now on; return how many.

    In the transaction of whoever awards them, and tells of it.
    """
    return Order.objects.filter(id__among=order_ids, is_history=True).update(is_history=False)


def record_returns(returns: Sequence[NewReturn], *, actor: Actor, now: datetime) -> list[Recorded]:
    """Store returns, in one transaction, and return one result for each; see `record_orders`.

    A known return must be the same: what was paid back does not change; a correction is another return.

    Errors in results:
        ReturnRefusedError, CustomerUnknownError: a value breaks its rule, or contradicts the order.
        OtherCustomerError: the return, or its order, is another customer's.
        AlreadyReturnedError: more would come back, in goods or money, than was sold.
    """
    return recording.record(ReturnBatch(actor=actor, now=now), returns)


@transaction.atomic
def record_visit(
    *,
    customer_id: UUID,
    visit_kind: str,
    occurred_at: datetime,
    store_id: int | None = None,
    staff_member_id: UUID | None = None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Visit:
    """Store that the customer came, or that we went.

    Raises:
        ActivityRefusedError: a value breaks its rule.
        CustomerUnknownError: no such customer.
        CustomerErasedError: there is a note, and the customer's data were erased.
    """
    checker = Checker(ActivityRefusedError, _("visit"))
    if visit_kind not in dict(Visit._meta.get_field("visit_kind").flatchoices):
        raise checker.refuse("visit_kind", visit_kind, _("must be one of store, site, online"))
    checker.moment(occurred_at, now)
    checker.text("note", note)
    _known_customer(customer_id, checker.document)
    if note:
        customers.hold_customer(customer_id)
    visit = Visit.objects.create(
        owner_id=customer_id,
        visit_kind=visit_kind,
        occurred_at=occurred_at,
        store_id=store_id,
        staff_member_id=staff_member_id,
        note=note,
        recorded_at=now,
    )
    data = {"visit": str(visit.id), "visit_kind": visit_kind, "store": store_id}
    _append("activity.visit.recorded", customer_id, occurred_at, data, actor=actor, now=now)
    return visit


@transaction.atomic
def record_moment(
    *, order_id: UUID, moment: MomentKind, occurred_at: datetime, actor: Actor, now: datetime
) -> OrderMoment:
    """Store a moment of an order's life; the same moment again changes nothing.

    Raises:
        OrderNotFoundError: no such order.
        ActivityRefusedError: a value breaks its rule.
    """
    order = Order.objects.filter(id=order_id).first()
    if order is None:
        raise OrderNotFoundError
    Checker(ActivityRefusedError, _("order moment")).moment(occurred_at, now)
    row, is_new = OrderMoment.objects.get_or_create(
        owner_id=order.owner_id,
        order_id=order_id,
        moment=moment,
        occurred_at=occurred_at,
        defaults={"recorded_at": now},
    )
    if is_new:
        data = {"order": str(order_id), "moment": str(moment)}
        _append("activity.moment.recorded", order.owner_id, occurred_at, data, actor=actor, now=now)
    return row


@transaction.atomic
def record_enquiry(*, customer_id: UUID, occurred_at: datetime, actor: Actor, now: datetime) -> OrderMoment:
    """Store that a customer asked, before there is an order.

    Raises:
        CustomerUnknownError: no such customer.
        ActivityRefusedError: the moment is out of bounds.
    """
    checker = Checker(ActivityRefusedError, _("enquiry"))
    checker.moment(occurred_at, now)
    _known_customer(customer_id, checker.document)
    row = OrderMoment.objects.create(
        owner_id=customer_id, moment=MomentKind.ENQUIRY, occurred_at=occurred_at, recorded_at=now
    )
    data = {"order": None, "moment": str(MomentKind.ENQUIRY)}
    _append("activity.moment.recorded", customer_id, occurred_at, data, actor=actor, now=now)
    return row


@transaction.atomic
def record_cost(
    *,
    customer_id: UUID,
    cost_kind: str,
    amount: Decimal,
    currency: str,
    cost_date: date,
    actor: Actor,
    now: datetime,
) -> ServiceCost:
    """Store what serving a customer cost beyond the goods.

    Raises:
        ActivityRefusedError: a value breaks its rule.
        CustomerUnknownError: no such customer.
    """
    checker = Checker(ActivityRefusedError, _("cost to serve"))
    checker.text("cost_kind", cost_kind, is_required=True)
    checker.amount("amount", amount)
    checker.currency(currency)
    if amount == 0:
        raise checker.refuse("amount", amount, _("must be more than 0"))
    if cost_date.year < 1970 or cost_date > staff.company().today(now):
        raise checker.refuse("cost_date", cost_date, _("must lie after 1970 and not in the future"))
    _known_customer(customer_id, checker.document)
    cost = ServiceCost.objects.create(
        owner_id=customer_id,
        cost_kind=cost_kind,
        amount=amount,
        currency=currency,
        cost_date=cost_date,
        recorded_at=now,
    )
    data = {"cost": str(cost.id), "cost_kind": cost_kind, "amount": f"{amount:.4f}", "currency": currency}
    _append("activity.cost.recorded", customer_id, now, data, actor=actor, now=now)
    return cost


@transaction.atomic
def cancel_cost(*, cost_id: UUID, reason: str, actor: Actor, now: datetime) -> ServiceCost:
    """Cancel a cost to serve and return its counter entry; to correct one, cancel it and record it anew.

    Raises:
        CostNotFoundError: no such cost.
        CostCancelledError: it is cancelled already, or is a counter entry itself.
        ActivityRefusedError: the reason is none of `CancelReason`.
    """
    if reason not in CancelReason.values:
        text = _("must be one of %s") % ", ".join(CancelReason.values)
        raise Checker(ActivityRefusedError, _("cost to serve")).refuse("reason", reason, text)
    cost = ServiceCost.objects.select_for_update().filter(id=cost_id).first()
    if cost is None:
        raise CostNotFoundError(cost_id)
    if cost.cancels_id or ServiceCost.objects.filter(owner_id=cost.owner_id, cancels_id=cost.id).exists():
        raise CostCancelledError(cost_id)
    counter = ServiceCost.objects.create(
        owner_id=cost.owner_id,
        cost_kind=cost.cost_kind,
        amount=-cost.amount,
        currency=cost.currency,
        cost_date=cost.cost_date,
        recorded_at=now,
        cancels_id=cost.id,
        cancel_reason=reason,
    )
    data = {"cost": str(counter.id), "cancels": str(cost.id), "reason": reason}
    _append("activity.cost.cancelled", cost.owner_id, now, data, actor=actor, now=now)
    return counter


def _known_customer(customer_id: UUID, document: str) -> None:
    if not recording.known_customers([customer_id]):
        raise CustomerUnknownError(document, customer_id)


def _append(
    name: str, customer_id: UUID, occurred_at: datetime, data: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    events.append(name, customer_id=customer_id, occurred_at=occurred_at, data=data, actor=actor, now=now)
