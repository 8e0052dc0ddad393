"""Orders and returns with all that they bring: recorded, or only judged. What is read of them is in `orders`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from ninja import Path, Router

from troth.access.actors import Actor
from troth.access.idempotency import rounds
from troth.access.permissions import Permission
from troth.activity import queries
from troth.activity.orders import NewOrder, NewReturn, Outcome, Recorded
from troth.kit.errors import TrothError
from troth.sales import queries as sales_queries
from troth.sales import services as sales
from troth.sales.answers import Sold
from troth.staff import queries as staff

from ..keys import ApiRequest
from ..operations import BatchPart, Reply, reads, writes, writes_gathered, writes_in_parts
from . import order_views as views
from . import sale_views
from .order_schemas import OrderBatchIn, OrderIn, RefusalOut, ReturnBatchIn, ReturnIn
from .sale_schemas import (
    EvaluatedBatchOut,
    EvaluatedOut,
    EvaluatedReturnOut,
    EvaluateIn,
    OrderEarned,
    ReturnUnwound,
    SaleBatchOut,
    StepList,
)

router = Router(tags=["Orders"])
"""Of all that concerns orders: one address stands in one router, also where it is read elsewhere."""

Item = TypeVar("Item", OrderIn, ReturnIn)
Document = TypeVar("Document", NewOrder, NewReturn)
Perform = Callable[[], BatchPart]


@writes_in_parts(router, "/orders/batch", scope=Permission.ORDERS_RECORD, response=SaleBatchOut)
def record_orders(request: ApiRequest, batch: OrderBatchIn) -> list[Perform]:
    """Record up to 1,000 orders.

    Each order gets its own result with all that it brings: a refused one is named with its reason and holds up none
    of the others. A known order stays as it is and answers its first result again: the same awards, reasons, balances
    and tier, whatever happened since; a changed one is corrected by the difference.
    """

    def perform(items: Sequence[OrderIn]) -> BatchPart:
        references = views.References(items)
        results = _sold(
            items,
            lambda item: views.new_order(item, references),
            lambda documents: sales.record_orders(documents, actor=request.auth, now=request.now),
        )
        return _part(items, results, with_reasons=batch.with_reasons)

    return [partial(perform, items) for items in sales.parts_of(batch.orders)]


@writes_gathered(
    router,
    "/orders",
    scope=Permission.ORDERS_RECORD,
    item=OrderIn,
    response=OrderEarned,
    status=201,
    other_statuses=(200,),
)
def record_order(orders: Sequence[OrderIn], *, actor: Actor, now: datetime) -> list[Reply | TrothError]:
    """Record one order.

    It earns, and the answer says what and why.
    201 if it is new, 200 if it was known: unchanged, with the first answer's awards, reasons, balances and tier
    again, also under another key; or changed to the new content with a higher revision and corrected by the difference.
    """
    references = views.References(orders)
    outcomes: dict[int, Reply | TrothError] = {}
    # A batch refuses an order that stands in it twice with different content; here the later one is a change.
    for places in rounds(range(len(orders)), lambda place: (orders[place].source, orders[place].external_id)):
        new: dict[UUID, NewOrder] = {}

        def record(documents: Sequence[NewOrder], new: dict[UUID, NewOrder] = new) -> list[Sold]:
            sold = sales.record_orders(documents, actor=actor, now=now)
            new.update(_new_ones(documents, sold))
            return sold

        results = _sold([orders[place] for place in places], lambda item: views.new_order(item, references), record)
        outcomes |= zip(places, _order_replies(results, _details(results, new, references, now)), strict=True)
    return [outcomes[place] for place in range(len(orders))]


@reads(router, "/orders/evaluate", scope=Permission.ORDERS_RECORD, response=EvaluatedBatchOut, method="POST")
def evaluate_orders(request: ApiRequest, asked: EvaluateIn) -> EvaluatedBatchOut:
    """Say what orders would bring if they were recorded now, and why; nothing stays.

    Awards, balances, tiers, coupons used and points that pay: as recording would decide, refusals too. Each is judged
    by itself; none sees what another would bring or use up.
    """
    references = views.References(asked.orders)
    results = _sold(
        asked.orders,
        lambda item: views.new_order(item, references),
        lambda documents: sales.evaluate_orders(documents, actor=request.auth, now=request.now),
    )
    return EvaluatedBatchOut(
        results=[
            EvaluatedOut(
                external_id=item.external_id,
                programmes=sale_views.programmes(sold.brought),
                balances=sale_views.balances(sold.balances),
                points_paid=dict(sold.points_paid),
                pools_paid=sale_views.pools_paid(sold.pools),
                error=_refusal(sold.error),
            )
            for item, sold in zip(asked.orders, results, strict=True)
        ]
    )


@reads(router, "/orders/{order_id}/evaluations", scope=Permission.ORDERS_VIEW, response=StepList)
def list_evaluations(request: ApiRequest, order_id: Path[UUID]) -> StepList:
    """Tell what an order brought, step by step: when it came, with every correction and return, and why."""
    order = queries.order(order_id)
    return StepList(items=[sale_views.step(row) for row in sales_queries.history_of(order.id, order.owner_id)])


@writes_in_parts(router, "/returns/batch", scope=Permission.ORDERS_RECORD, response=SaleBatchOut)
def record_returns(request: ApiRequest, batch: ReturnBatchIn) -> list[Perform]:
    """Record up to 1,000 returns.

    What their orders brought for the goods is undone. Each gets its own result. Never more comes back, in goods or
    money, than was sold.
    """

    def perform(items: Sequence[ReturnIn]) -> BatchPart:
        references, order_ids = views.References(items), _order_ids(items)
        results = _sold(
            items,
            lambda item: views.new_return(item, references, order_ids),
            lambda documents: sales.record_returns(documents, actor=request.auth, now=request.now),
        )
        return _part(items, results, with_reasons=True)

    return [partial(perform, items) for items in sales.parts_of(batch.returns)]


@writes(
    router,
    "POST",
    "/returns",
    scope=Permission.ORDERS_RECORD,
    response=ReturnUnwound,
    status=201,
    other_statuses=(200,),
)
def record_return(request: ApiRequest, new_return: ReturnIn) -> Reply:
    """Record one return.

    What its order brought for the goods is undone: points, tier, caps, budgets, coupons.
    201 if it is new, 200 if it was known, with its first result again. What was paid back does not change: a
    correction is another return.
    """
    new = views.new_return(new_return, views.References([new_return]), _order_ids([new_return]))
    (sold,) = sales.record_returns([new], actor=request.auth, now=request.now)
    row = queries.return_(_document_id(sold))
    detail = views.return_detail(row, queries.lines_of_returns([row.id])[row.id])
    unwound = ReturnUnwound(
        **dict(detail),
        programmes=sale_views.programmes(sold.brought),
        balances=sale_views.balances(sold.balances),
        points_paid=dict(sold.points_paid),
        pools_paid=sale_views.pools_paid(sold.pools),
    )
    return Reply(_status(sold), unwound)


@reads(router, "/returns/evaluate", scope=Permission.ORDERS_RECORD, response=EvaluatedReturnOut, method="POST")
def evaluate_return(request: ApiRequest, new_return: ReturnIn) -> EvaluatedReturnOut:
    """Say what a return would undo if it were recorded now; nothing stays.

    Points that were spent meanwhile, what would be owed or written off, tiers and coupons: as recording would decide.
    """
    new = views.new_return(new_return, views.References([new_return]), _order_ids([new_return]))
    (sold,) = sales.evaluate_returns([new], actor=request.auth, now=request.now)
    return EvaluatedReturnOut(
        external_id=new_return.external_id,
        programmes=sale_views.programmes(sold.brought),
        balances=sale_views.balances(sold.balances),
        points_paid=dict(sold.points_paid),
        pools_paid=sale_views.pools_paid(sold.pools),
        error=_refusal(sold.error),
    )


def _sold(
    items: Sequence[Item],
    convert: Callable[[Item], Document],
    record: Callable[[Sequence[Document]], list[Sold]],
) -> list[Sold]:
    """Return a result for each item: refused if it names what does not exist, else what recording gave."""
    results: dict[int, Sold] = {}
    documents: dict[int, Document] = {}
    for index, item in enumerate(items):
        try:
            documents[index] = convert(item)
        except TrothError as error:
            results[index] = Sold(Recorded(Outcome.REFUSED, error=error))
    results |= zip(documents, record(list(documents.values())), strict=True)
    return [results[index] for index in range(len(items))]


def _part(items: Sequence[OrderIn | ReturnIn], results: Sequence[Sold], *, with_reasons: bool) -> BatchPart:
    rows = [_result(item, sold, with_reasons) for item, sold in zip(items, results, strict=True)]
    outcomes = [sold.recorded.outcome for sold in results]
    return BatchPart(rows, {one: outcomes.count(one) for one in Outcome})


def _result(item: OrderIn | ReturnIn, sold: Sold, with_reasons: bool) -> dict[str, Any]:
    error = _refusal(sold.error)
    return {
        "source": item.source,
        "external_id": item.external_id,
        "outcome": str(sold.recorded.outcome),
        "id": sold.recorded.document_id,
        "revision": sold.recorded.revision or None,
        "error": error and error.model_dump(),
        "programmes": sale_views.plain_programmes(sold.brought, with_reasons=with_reasons),
        "balances": sale_views.plain_balances(sold.balances),
        "points_paid": sold.points_paid,
        "pools_paid": sale_views.plain_pools_paid(sold.pools),
    }


def _refusal(error: TrothError | None) -> RefusalOut | None:
    return None if error is None else RefusalOut(code=error.code, detail=str(error))


def _new_ones(documents: Sequence[NewOrder], results: Sequence[Sold]) -> Iterator[tuple[UUID, NewOrder]]:
    for document, sold in zip(documents, results, strict=True):
        if sold.order_id is not None and sold.recorded.outcome is Outcome.CREATED:
            yield sold.order_id, document


def _details(
    results: Sequence[Sold], new: Mapping[UUID, NewOrder], references: views.References, now: datetime
) -> dict[UUID, dict[str, Any]]:
    """Return each order with its lines as it is stored now; what is new needs not be read again for that."""
    known = [sold.order_id for sold in results if sold.order_id is not None and sold.order_id not in new]
    rows = views.order_details(queries.orders_by_id(known), queries.lines_of(known)) if known else {}
    found = {order_id: detail.model_dump() for order_id, detail in rows.items()}
    if new:
        zone, stores = staff.company().time_zone, {store_id: code for code, store_id in references.stores.items()}
        for order_id, order in new.items():
            found[order_id] = views.just_recorded(order_id, order, zone=zone, now=now, stores=stores)
    return found


def _order_replies(results: Sequence[Sold], details: Mapping[UUID, Mapping[str, Any]]) -> list[Reply | TrothError]:
    """Return for each result the order and what it brings, or the refusal."""
    replies: list[Reply | TrothError] = []
    for sold in results:
        if sold.error is not None:
            replies.append(sold.error)
            continue
        earned = {
            **details[_document_id(sold)],
            "programmes": sale_views.plain_programmes(sold.brought),
            "balances": sale_views.plain_balances(sold.balances),
            "points_paid": sold.points_paid,
            "pools_paid": sale_views.plain_pools_paid(sold.pools),
        }
        replies.append(Reply(_status(sold), earned))
    return replies


def _document_id(sold: Sold) -> UUID:
    """Return the id of a recorded document; a single one that is refused is refused as a whole."""
    if sold.error is not None:
        raise sold.error
    assert sold.recorded.document_id is not None, "what is not refused has an id"
    return sold.recorded.document_id


def _status(sold: Sold) -> int:
    return 201 if sold.recorded.outcome == Outcome.CREATED else 200


def _order_ids(items: Sequence[ReturnIn]) -> dict[tuple[str, str], UUID]:
    return queries.order_ids_by_key((item.order.source, item.order.external_id) for item in items if item.order)
