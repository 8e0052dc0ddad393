"""Reading orders and returns; visits, order moments and costs to serve. Recording orders is in `selling`."""

from typing import Annotated, TypeVar
from uuid import UUID

from ninja import Path, Query
from pydantic import BaseModel, Field, StringConstraints

from troth.access.permissions import Permission
from troth.activity import queries, services
from troth.activity.orders import NewOrder, NewReturn
from troth.customers import queries as customers

from ..fields import NO_NUL, Moment
from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from . import order_views as views
from .order_schemas import (
    CancelCostIn,
    CostIn,
    CostOut,
    CostPage,
    EnquiryIn,
    MomentIn,
    MomentList,
    MomentOut,
    OrderDetail,
    OrderIn,
    OrderPage,
    ReturnDetail,
    ReturnIn,
    ReturnPage,
    VisitIn,
    VisitOut,
)
from .selling import router

__all__ = ["router"]

Item = TypeVar("Item", OrderIn, ReturnIn)
Document = TypeVar("Document", NewOrder, NewReturn)
SourcePart = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]
ExternalIdPart = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NUL)]


class DocumentNarrowing(BaseModel):
    """What a list of orders or returns is narrowed to."""

    customer_id: UUID | None = Field(None, description="Of this customer, all merged records included.")
    occurred_from: Moment | None = Field(None, description="At this moment or later.")
    occurred_to: Moment | None = Field(None, description="Before this moment.")
    updated_from: Moment | None = Field(None, description="Changed at this moment or later: for keeping a copy.")


NarrowingQuery = Annotated[DocumentNarrowing, Query(...)]


@reads(router, "/orders", scope=Permission.ORDERS_VIEW, response=OrderPage)
def list_orders(request: ApiRequest, narrowing: NarrowingQuery, paging: PagingQuery) -> OrderPage:
    """List orders.

    Those of a customer newest first; without a customer by their last change, oldest first, for keeping a
    copy.
    """
    found = queries.orders(_records(narrowing))
    if narrowing.occurred_from:
        found = found.filter(occurred_at__gte=narrowing.occurred_from)
    if narrowing.occurred_to:
        found = found.filter(occurred_at__lt=narrowing.occurred_to)
    if narrowing.updated_from:
        found = found.filter(updated_at__gte=narrowing.updated_from)
    rows, cursor = page(found, paging, keys=_keys(narrowing))
    return OrderPage(items=views.orders(rows), next_cursor=cursor)


@reads(router, "/orders/{order_id}", scope=Permission.ORDERS_VIEW, response=OrderDetail)
def get_order(request: ApiRequest, order_id: Path[UUID]) -> OrderDetail:
    """Get an order with its lines."""
    return _order(order_id)


@reads(router, "/orders/external/{source}/{path:external_id}", scope=Permission.ORDERS_VIEW, response=OrderDetail)
def get_order_by_number(
    request: ApiRequest, source: Path[SourcePart], external_id: Path[ExternalIdPart]
) -> OrderDetail:
    """Get an order by its number in its source."""
    return _order(queries.order_by_key(source, external_id).id)


@reads(router, "/returns", scope=Permission.ORDERS_VIEW, response=ReturnPage)
def list_returns(request: ApiRequest, narrowing: NarrowingQuery, paging: PagingQuery) -> ReturnPage:
    """List returns.

    Those of a customer newest first; without a customer by their last change, oldest first.
    """
    found = queries.returns(_records(narrowing))
    if narrowing.occurred_from:
        found = found.filter(occurred_at__gte=narrowing.occurred_from)
    if narrowing.occurred_to:
        found = found.filter(occurred_at__lt=narrowing.occurred_to)
    if narrowing.updated_from:
        found = found.filter(updated_at__gte=narrowing.updated_from)
    rows, cursor = page(found, paging, keys=_keys(narrowing))
    return ReturnPage(items=views.returns(rows), next_cursor=cursor)


@reads(router, "/returns/{return_id}", scope=Permission.ORDERS_VIEW, response=ReturnDetail)
def get_return(request: ApiRequest, return_id: Path[UUID]) -> ReturnDetail:
    """Get a return with its lines."""
    return _return(return_id)


@reads(router, "/orders/{order_id}/moments", scope=Permission.ORDERS_VIEW, response=MomentList)
def list_moments(request: ApiRequest, order_id: Path[UUID]) -> MomentList:
    """List the moments of an order: enquiry, order, payment, dispatch, receipt, use, after-sales."""
    queries.order(order_id)
    return MomentList(items=[views.moment(row) for row in queries.moments(order_id)])


@writes(
    router,
    "POST",
    "/orders/{order_id}/moments",
    scope=Permission.ORDERS_RECORD,
    response=MomentOut,
    status=201,
)
def record_moment(request: ApiRequest, order_id: Path[UUID], moment: MomentIn) -> MomentOut:
    """Record a moment in the life of an order.

    The same moment again changes nothing.
    """
    row = services.record_moment(
        order_id=order_id,
        moment=moment.moment,
        occurred_at=moment.occurred_at,
        actor=request.auth,
        now=request.now,
    )
    return views.moment(row)


@writes(router, "POST", "/enquiries", scope=Permission.ORDERS_RECORD, response=MomentOut, status=201)
def record_enquiry(request: ApiRequest, enquiry: EnquiryIn) -> MomentOut:
    """Record that a customer asked, before there is an order."""
    row = services.record_enquiry(
        customer_id=views.References([enquiry]).customer(enquiry),
        occurred_at=enquiry.occurred_at,
        actor=request.auth,
        now=request.now,
    )
    return views.moment(row)


@writes(router, "POST", "/visits", scope=Permission.ORDERS_RECORD, response=VisitOut, status=201)
def record_visit(request: ApiRequest, visit: VisitIn) -> VisitOut:
    """Record that a customer came, or that we went there."""
    references = views.References([visit])
    row = services.record_visit(
        customer_id=references.customer(visit),
        visit_kind=visit.visit_kind,
        occurred_at=visit.occurred_at,
        store_id=references.store(visit),
        staff_member_id=references.member(visit),
        note=visit.note,
        actor=request.auth,
        now=request.now,
    )
    return views.visit(row)


@writes(router, "POST", "/service-costs", scope=Permission.ORDERS_RECORD, response=CostOut, status=201)
def record_service_cost(request: ApiRequest, cost: CostIn) -> CostOut:
    """Record what serving a customer cost beyond the goods."""
    row = services.record_cost(
        customer_id=views.References([cost]).customer(cost),
        cost_kind=cost.cost_kind,
        amount=cost.amount,
        currency=cost.currency,
        cost_date=cost.cost_date,
        actor=request.auth,
        now=request.now,
    )
    return views.cost(row)


@reads(router, "/customers/{customer_id}/service-costs", scope=Permission.ORDERS_VIEW, response=CostPage)
def list_service_costs(request: ApiRequest, customer_id: Path[UUID], paging: PagingQuery) -> CostPage:
    """List a customer's costs to serve, newest first, cancelled ones with their counter entries."""
    found = queries.costs(customers.record_ids(customer_id))
    rows, cursor = page(found, paging, keys=("-cost_date", "-id"))
    return CostPage(items=[views.cost(row) for row in rows], next_cursor=cursor)


@writes(
    router,
    "POST",
    "/service-costs/{cost_id}/cancel",
    scope=Permission.ORDERS_RECORD,
    response=CostOut,
    status=201,
)
def cancel_service_cost(request: ApiRequest, cost_id: Path[UUID], cancel: CancelCostIn) -> CostOut:
    """Cancel a cost to serve.

    What was recorded is never changed: a counter entry of the same day takes the amount back, and is given here. To
    correct a cost, cancel it and record it anew.
    """
    row = services.cancel_cost(cost_id=cost_id, reason=cancel.reason, actor=request.auth, now=request.now)
    return views.cost(row)


def _order(order_id: UUID) -> OrderDetail:
    order = queries.order(order_id)
    return views.order_details([order], queries.lines_of([order.id]))[order.id]


def _return(return_id: UUID) -> ReturnDetail:
    row = queries.return_(return_id)
    return views.return_detail(row, queries.lines_of_returns([row.id])[row.id])


def _records(narrowing: DocumentNarrowing) -> list[UUID] | None:
    return None if narrowing.customer_id is None else customers.record_ids(narrowing.customer_id)


def _keys(narrowing: DocumentNarrowing) -> tuple[str, str]:
    return ("updated_at", "id") if narrowing.customer_id is None else ("-occurred_at", "-id")
