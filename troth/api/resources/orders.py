"""Orders, returns, visits, order moments and costs to serve."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field, StringConstraints

from troth.access.actors import Actor
from troth.access.idempotency import rounds
from troth.access.permissions import Permission
from troth.activity import queries, services
from troth.activity.orders import NewOrder, NewReturn, Outcome, Recorded
from troth.customers import queries as customers
from troth.kit.errors import TrothError

from ..fields import NO_NUL, Moment
from ..keys import ApiRequest
from ..operations import Reply, reads, writes, writes_gathered
from ..paging import PagingQuery, page
from . import order_views as views
from .order_schemas import (
    BatchOut,
    CancelCostIn,
    CostIn,
    CostOut,
    CostPage,
    EnquiryIn,
    MomentIn,
    MomentList,
    MomentOut,
    OrderBatchIn,
    OrderDetail,
    OrderIn,
    OrderPage,
    ReturnBatchIn,
    ReturnDetail,
    ReturnIn,
    ReturnPage,
    VisitIn,
    VisitOut,
)

router = Router(tags=["Orders"])

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


@writes(router, "POST", "/orders/batch", scope=Permission.ORDERS_RECORD, response=BatchOut)
def record_orders(request: ApiRequest, batch: OrderBatchIn) -> BatchOut:
    """Record up to 1,000 orders.

    Each order gets its own result: a refused one is named with its reason and holds up none of the others. An
    order that is known stays as it is, or is changed and raises its revision.
    """
    references = views.References(batch.orders)

    def convert(item: OrderIn) -> NewOrder:
        return views.new_order(item, references)

    def record(documents: Sequence[NewOrder]) -> list[Recorded]:
        return services.record_orders(documents, actor=request.auth, now=request.now)

    return views.batch(batch.orders, _recorded(batch.orders, convert, record))


@writes_gathered(
    router,
    "/orders",
    scope=Permission.ORDERS_RECORD,
    item=OrderIn,
    response=OrderDetail,
    status=201,
    other_statuses=(200,),
)
def record_order(orders: Sequence[OrderIn], *, actor: Actor, now: datetime) -> list[Reply | TrothError]:
    """Record one order.

    201 if it is new, 200 if it was known: unchanged, or changed to the new content with a higher revision.
    """
    references = views.References(orders)
    outcomes: dict[int, Reply | TrothError] = {}
    # A batch refuses an order that stands in it twice with different content; here the later one is a change.
    for places in rounds(range(len(orders)), lambda place: (orders[place].source, orders[place].external_id)):
        results = _recorded(
            [orders[place] for place in places],
            lambda item: views.new_order(item, references),
            lambda documents: services.record_orders(documents, actor=actor, now=now),
        )
        outcomes |= zip(places, _order_replies(results), strict=True)
    return [outcomes[place] for place in range(len(orders))]


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


@reads(router, "/orders/external/{source}/{external_id}", scope=Permission.ORDERS_VIEW, response=OrderDetail)
def get_order_by_number(
    request: ApiRequest, source: Path[SourcePart], external_id: Path[ExternalIdPart]
) -> OrderDetail:
    """Get an order by its number in its source."""
    return _order(queries.order_by_key(source, external_id).id)


@writes(router, "POST", "/returns/batch", scope=Permission.ORDERS_RECORD, response=BatchOut)
def record_returns(request: ApiRequest, batch: ReturnBatchIn) -> BatchOut:
    """Record up to 1,000 returns.

    Each gets its own result. Never more comes back, in goods or money, than was sold.
    """
    references = views.References(batch.returns)
    order_ids = _order_ids(batch.returns)

    def convert(item: ReturnIn) -> NewReturn:
        return views.new_return(item, references, order_ids)

    def record(documents: Sequence[NewReturn]) -> list[Recorded]:
        return services.record_returns(documents, actor=request.auth, now=request.now)

    return views.batch(batch.returns, _recorded(batch.returns, convert, record))


@writes(
    router,
    "POST",
    "/returns",
    scope=Permission.ORDERS_RECORD,
    response=ReturnDetail,
    status=201,
    other_statuses=(200,),
)
def record_return(request: ApiRequest, new_return: ReturnIn) -> Reply:
    """Record one return.

    201 if it is new, 200 if it was known. What was paid back does not change: a correction is another return.
    """
    new = views.new_return(new_return, views.References([new_return]), _order_ids([new_return]))
    (result,) = services.record_returns([new], actor=request.auth, now=request.now)
    return Reply(_status(result), _return(_document_id(result)))


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


def _recorded(
    items: Sequence[Item],
    convert: Callable[[Item], Document],
    record: Callable[[Sequence[Document]], list[Recorded]],
) -> list[Recorded]:
    """Return a result for each item: refused if it names what does not exist, else what recording gave."""
    results: dict[int, Recorded] = {}
    documents: dict[int, Document] = {}
    for index, item in enumerate(items):
        try:
            documents[index] = convert(item)
        except TrothError as error:
            results[index] = Recorded(Outcome.REFUSED, error=error)
    results |= zip(documents, record(list(documents.values())), strict=True)
    return [results[index] for index in range(len(items))]


def _document_id(result: Recorded) -> UUID:
    """Return the id of a recorded document; a single one that is refused is refused as a whole."""
    if result.error is not None:
        raise result.error
    assert result.document_id is not None, "what is not refused has an id"
    return result.document_id


def _order_replies(results: Sequence[Recorded]) -> list[Reply | TrothError]:
    """Return for each result the order with its lines as it is stored now, or the refusal."""
    ids = [result.document_id for result in results if result.document_id is not None]
    details = views.order_details(queries.orders_by_id(ids), queries.lines_of(ids))
    return [result.error or Reply(_status(result), details[_document_id(result)]) for result in results]


def _status(result: Recorded) -> int:
    return 201 if result.outcome == Outcome.CREATED else 200


def _order(order_id: UUID) -> OrderDetail:
    order = queries.order(order_id)
    return views.order_details([order], queries.lines_of([order.id]))[order.id]


def _return(return_id: UUID) -> ReturnDetail:
    row = queries.return_(return_id)
    return views.return_detail(row, queries.lines_of_returns([row.id])[row.id])


def _order_ids(items: Sequence[ReturnIn]) -> dict[tuple[str, str], UUID]:
    return queries.order_ids_by_key((item.order.source, item.order.external_id) for item in items if item.order)


def _records(narrowing: DocumentNarrowing) -> list[UUID] | None:
    return None if narrowing.customer_id is None else customers.record_ids(narrowing.customer_id)


def _keys(narrowing: DocumentNarrowing) -> tuple[str, str]:
    return ("updated_at", "id") if narrowing.customer_id is None else ("-occurred_at", "-id")
