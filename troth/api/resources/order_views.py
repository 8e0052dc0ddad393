"""Orders and what surrounds them, between the API's form and ours."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar, cast
from uuid import UUID

from django.utils.translation import gettext as _

from troth.activity.models import (
    CancelReason,
    MomentKind,
    Order,
    OrderLine,
    OrderMoment,
    Return,
    ReturnLine,
    ServiceCost,
    Visit,
)
from troth.activity.orders import NewLine, NewOrder, NewReturn, NewReturnLine, Outcome, Recorded, line_cost
from troth.customers import queries as customers
from troth.customers.services import NewIdentity
from troth.kit import clock
from troth.kit.errors import InvalidError
from troth.kit.money import QUANTUM
from troth.sales import services as sales
from troth.staff import queries as staff

from ..fields import amount_text, moment_text, number_text
from .customer_schemas import IdentityRef
from .order_schemas import (
    BatchOut,
    CostOut,
    CustomerRef,
    MomentOut,
    OrderDetail,
    OrderIn,
    OrderLineIn,
    OrderLineOut,
    OrderOut,
    RefusalOut,
    ResultOut,
    ReturnDetail,
    ReturnIn,
    ReturnLineOut,
    ReturnOut,
    VisitKind,
    VisitOut,
)

Document = TypeVar("Document", OrderIn, ReturnIn)
Id = TypeVar("Id", int, UUID)
Plain = dict[str, Any]


class ReferenceUnknownError(InvalidError):
    """A store, member of staff, order or identity that the request names does not exist."""

    code = "reference_unknown"


class References:
    """Everything that a batch names by code or identity, looked up at once."""

    def __init__(self, items: Sequence[CustomerRef]) -> None:
        wanted = [as_identity(item.identity) for item in items if item.identity is not None]
        self.customers = customers.records_by_identity(wanted) if wanted else {}
        self.stores = staff.stores_by_code(_codes(items, "store"))
        self.members = staff.members_by_code(_codes(items, "staff_member"))

    def customer(self, item: CustomerRef) -> UUID:
        """Return the customer record of the item.

        Raises:
            ReferenceUnknownError: nobody is recognised by the identity.
        """
        if item.customer_id is not None:
            return item.customer_id
        assert item.identity is not None, "the schema asks for one of the two"
        found = self.customers.get(as_identity(item.identity))
        if found is None:
            text = _("%(place)sno customer has this %(kind)s. Add the customer first.")
            raise ReferenceUnknownError(
                text % {"place": _place(item), "kind": item.identity.kind.label}, field="identity"
            )
        return found

    def store(self, item: CustomerRef) -> int | None:
        """Return the store of the item, None if it names none.

        Raises:
            ReferenceUnknownError: no such store.
        """
        return _known(item, "store", self.stores, lambda: _("%(place)sthere is no store %(code)s."))

    def member(self, item: CustomerRef) -> UUID | None:
        """Return the member of staff of the item, None if it names none.

        Raises:
            ReferenceUnknownError: no such staff number.
        """
        return _known(item, "staff_member", self.members, lambda: _("%(place)sthere is no staff number %(code)s."))


def as_identity(ref: IdentityRef) -> NewIdentity:
    """Return the identity in the form of the customers module."""
    return NewIdentity(ref.kind, ref.value, ref.source)


def new_order(item: OrderIn, references: References) -> NewOrder:
    """Return the order in our normalised form.

    Raises:
        ReferenceUnknownError: it names something that does not exist.
    """
    return NewOrder(
        source=item.source,
        external_id=item.external_id,
        customer_id=references.customer(item),
        occurred_at=item.occurred_at,
        currency=item.currency,
        lines=tuple(new_line(line) for line in item.lines),
        store_id=references.store(item),
        staff_member_id=references.member(item),
        channel=item.channel,
        tags=_tags(item),
        is_history=item.is_history,
    )


def _tags(item: OrderIn) -> dict[str, Any]:
    """Return an order's marks, with the coupons and points that it was paid with among them."""
    found: dict[str, Any] = dict(item.tags)
    if item.coupons:
        found["coupons"] = " ".join(item.coupons)
    if item.points_paid:
        payments = (sales.Payment(one.currency, one.points, one.hold, one.household_id) for one in item.points_paid)
        found |= sales.payment_tags(payments)
        found["points_amount"] = str(sum(one.amount for one in item.points_paid))
    return found


def new_return(item: ReturnIn, references: References, order_ids: dict[tuple[str, str], UUID]) -> NewReturn:
    """Return the return in our normalised form.

    Raises:
        ReferenceUnknownError: it names something that does not exist.
    """
    order_id = item.order_id
    if item.order is not None:
        order_id = order_ids.get((item.order.source, item.order.external_id))
        if order_id is None:
            text = _("%(place)sthere is no order %(id)s of %(source)s.")
            names = {"place": _place(item), "id": item.order.external_id, "source": item.order.source}
            raise ReferenceUnknownError(text % names, field="order", value=item.order.external_id)
    lines = [NewReturnLine(**line.model_dump()) for line in item.lines]
    return NewReturn(
        source=item.source,
        external_id=item.external_id,
        customer_id=references.customer(item),
        occurred_at=item.occurred_at,
        currency=item.currency,
        lines=tuple(lines),
        order_id=order_id,
        store_id=references.store(item),
        reason=item.reason,
        is_history=item.is_history,
    )


def batch(items: Sequence[Document], results: Sequence[Recorded]) -> BatchOut:
    """Return the results of a batch."""
    rows = [_result(item, result) for item, result in zip(items, results, strict=True)]
    return BatchOut(results=rows, counts={one: sum(row.outcome == one for row in rows) for one in Outcome})


def orders(rows: Sequence[Order]) -> list[OrderOut]:
    """Return orders without their lines."""
    stores = _store_codes(rows)
    return [OrderOut(**_order_fields(row, stores)) for row in rows]


def order_details(rows: Sequence[Order], lines: Mapping[UUID, Iterable[OrderLine]]) -> dict[UUID, OrderDetail]:
    """Return orders with their lines, by id."""
    stores = _store_codes(rows)
    return {
        row.id: OrderDetail(**_order_fields(row, stores), lines=[_line(line, row.currency) for line in lines[row.id]])
        for row in rows
    }


def just_recorded(order_id: UUID, order: NewOrder, *, zone: str, now: datetime, stores: Mapping[int, str]) -> Plain:
    """Return the plain values of `OrderDetail` for an order that was new just now, without reading it again.

    Args:
        zone: the company's; now: the moment it was recorded; stores: codes by id. A test holds it equal to what is
            read afterwards.
    """
    lines, currency = sorted(order.lines, key=lambda line: line.line_no), order.currency
    net = sum((line.net_amount for line in lines), Decimal(0))
    costed = [line for line in lines if line.unit_cost is not None]
    moment = moment_text(now)
    return {
        "id": order_id,
        "customer_id": order.customer_id,
        "source": order.source,
        "external_id": order.external_id,
        "occurred_at": moment_text(order.occurred_at),
        "order_date": clock.business_date(order.occurred_at, zone),
        "currency": currency,
        "net_amount": amount_text(net, currency),
        "full_price_amount": amount_text(sum((line.discount_amount for line in lines), net), currency),
        "costed_amount": amount_text(sum((line.net_amount for line in costed), Decimal(0)), currency),
        "cost_amount": amount_text(
            sum((line_cost(line.quantity, line.unit_cost) for line in costed), Decimal(0)), currency
        ),
        "store": stores.get(order.store_id or 0),
        "channel": order.channel,
        "tags": dict(order.tags),
        "is_history": order.is_history,
        "line_count": len(lines),
        "revision": 1,
        "recorded_at": moment,
        "updated_at": moment,
        "lines": [_new_line_detail(line, currency) for line in lines],
    }


def _new_line_detail(line: NewLine, currency: str) -> Plain:
    return {
        "line_no": line.line_no,
        "quantity": number_text(line.quantity),
        "unit_price": amount_text(line.unit_price, currency),
        "discount_amount": amount_text(line.discount_amount, currency),
        "net_amount": amount_text(line.net_amount, currency),
        "unit_cost": _amount_or_none(line.unit_cost, currency),
        "sku": line.sku,
        "name": line.name,
        "category": line.category,
        "brand": line.brand,
        "attributes": dict(line.attributes or {}),
    }


def returns(rows: Sequence[Return]) -> list[ReturnOut]:
    """Return returns without their lines."""
    stores = _store_codes(rows)
    return [ReturnOut(**_return_fields(row, stores)) for row in rows]


def return_detail(row: Return, lines: Iterable[ReturnLine]) -> ReturnDetail:
    """Return a return with its lines."""
    shown = [
        ReturnLineOut(
            line_no=line.line_no,
            order_line_no=line.order_line_no,
            quantity=number_text(line.quantity),
            net_amount=amount_text(line.net_amount, row.currency),
            unit_cost=_amount_or_none(line.unit_cost, row.currency),
            sku=line.sku,
            name=line.name,
            category=line.category,
            brand=line.brand,
        )
        for line in lines
    ]
    return ReturnDetail(**_return_fields(row, _store_codes([row])), lines=shown)


def moment(row: OrderMoment) -> MomentOut:
    """Return a moment."""
    return MomentOut(
        customer_id=row.owner_id,
        order_id=row.order_id,
        moment=MomentKind(row.moment),
        occurred_at=row.occurred_at,
    )


def visit(row: Visit) -> VisitOut:
    """Return a visit; its note is not given back."""
    return VisitOut(
        id=row.id,
        customer_id=row.owner_id,
        visit_kind=cast(VisitKind, row.visit_kind),
        occurred_at=row.occurred_at,
        store=_store_codes([row]).get(row.store_id or 0),
    )


def cost(row: ServiceCost) -> CostOut:
    """Return a cost to serve."""
    return CostOut(
        id=row.id,
        customer_id=row.owner_id,
        cost_kind=row.cost_kind,
        amount=amount_text(row.amount, row.currency),
        currency=row.currency,
        cost_date=row.cost_date,
        cancels_id=row.cancels_id,
        cancel_reason=CancelReason(row.cancel_reason) if row.cancel_reason else None,
    )


def new_line(line: OrderLineIn) -> NewLine:
    """Return a line in our normalised form; a unit price that is left out is computed."""
    unit_price = line.unit_price
    if unit_price is None:
        full_price = line.net_amount + line.discount_amount
        is_countable = line.quantity > 0  # a line of no pieces has no price each; less than 0 is refused later
        unit_price = (full_price / line.quantity).quantize(QUANTUM, ROUND_HALF_UP) if is_countable else Decimal(0)
    # One by one: `model_dump` takes several times as long, for every line of a batch.
    return NewLine(
        line_no=line.line_no,
        quantity=line.quantity,
        unit_price=unit_price,
        net_amount=line.net_amount,
        discount_amount=line.discount_amount,
        unit_cost=line.unit_cost,
        sku=line.sku,
        name=line.name,
        category=line.category,
        brand=line.brand,
        attributes=line.attributes,
    )


def _result(item: OrderIn | ReturnIn, result: Recorded) -> ResultOut:
    error = RefusalOut(code=result.error.code, detail=str(result.error)) if result.error else None
    return ResultOut(
        source=item.source,
        external_id=item.external_id,
        outcome=result.outcome,
        id=result.document_id,
        revision=result.revision or None,
        error=error,
    )


def _order_fields(row: Order, stores: dict[int, str]) -> dict[str, Any]:
    names = "id source external_id occurred_at order_date currency channel tags is_history line_count revision"
    fields = {name: getattr(row, name) for name in [*names.split(), "recorded_at", "updated_at"]}
    for name in ("net_amount", "full_price_amount", "costed_amount", "cost_amount"):
        fields[name] = amount_text(getattr(row, name), row.currency)
    return fields | {"customer_id": row.owner_id, "store": stores.get(row.store_id or 0)}


def _return_fields(row: Return, stores: dict[int, str]) -> dict[str, Any]:
    names = "id order_id source external_id occurred_at return_date currency reason is_history recorded_at"
    fields = {name: getattr(row, name) for name in names.split()}
    fields["net_amount"] = amount_text(row.net_amount, row.currency)
    return fields | {"customer_id": row.owner_id, "store": stores.get(row.store_id or 0)}


def _line(line: OrderLine, currency: str) -> OrderLineOut:
    return OrderLineOut(
        line_no=line.line_no,
        quantity=number_text(line.quantity),
        unit_price=amount_text(line.unit_price, currency),
        discount_amount=amount_text(line.discount_amount, currency),
        net_amount=amount_text(line.net_amount, currency),
        unit_cost=_amount_or_none(line.unit_cost, currency),
        sku=line.sku,
        name=line.name,
        category=line.category,
        brand=line.brand,
        attributes=line.attributes or {},
    )


def _amount_or_none(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else amount_text(amount, currency)


def _store_codes(rows: Iterable[Any]) -> dict[int, str]:
    wanted = {row.store_id for row in rows if row.store_id is not None}
    return dict(staff.stores().filter(id__in=wanted).values_list("id", "code")) if wanted else {}


def _known(item: CustomerRef, field: str, found: dict[str, Id], refusal: Callable[[], str]) -> Id | None:
    code = getattr(item, field)
    if code and code not in found:
        raise ReferenceUnknownError(refusal() % {"place": _place(item), "code": code}, field=field, value=code)
    return found[code] if code else None


def _codes(items: Iterable[CustomerRef], field: str) -> set[str]:
    return {code for item in items if (code := getattr(item, field, ""))}


def _place(item: CustomerRef) -> str:
    """Return "order 8812: ", for items that have a number."""
    number = getattr(item, "external_id", "")
    return f"{item.source} {number}: " if number and isinstance(item, OrderIn | ReturnIn) else ""
