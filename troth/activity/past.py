"""The company's past as plain values, in the order in which it happened: for replaying it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import BigIntegerField, Count, F, Max, Min, QuerySet
from django.db.models.functions import Cast

from troth.kit.reading import fetch

from .models import Order, OrderLine, Return, ReturnLine

CHUNK = 5_000
STRETCH = 50_000
RETURNS = 500


class PastLine(NamedTuple):
    """A line: amounts and quantity in ten-thousandths, less what came back of it by now."""

    line_no: int
    sku: str
    category: str
    brand: str
    quantity: int
    unit_price: int
    discount_amount: int
    net_amount: int
    unit_cost: int | None
    attributes: dict[str, Any] | None


class PastOrder(NamedTuple):
    """An order with what the customer kept of it."""

    id: UUID
    owner_id: UUID
    occurred_at: datetime
    currency: str
    store_id: int | None
    channel: str
    tags: dict[str, Any]
    lines: tuple[PastLine, ...]


class PastReturn(NamedTuple):
    """A return of a known order."""

    id: UUID
    order_id: UUID
    occurred_at: datetime


_COLUMNS = (
    "order_id", "line_no", "sku", "category", "brand", "quantity", "unit_price", "discount_amount", "net_amount",
    "unit_cost", "attributes",
)  # fmt: skip


def count_orders(start: datetime, end: datetime) -> int:
    """Return how many orders were made from a moment on, up to another."""
    return _orders(start, end).count()


def buyers(start: datetime, end: datetime) -> set[UUID]:
    """Return the customer records that ordered from a moment on, up to another."""
    return set(_orders(start, end).order_by().values_list("owner_id", flat=True).distinct())


def past_orders(start: datetime, end: datetime) -> Iterator[list[PastOrder]]:
    """Yield the orders made from a moment on, up to another, some thousands at a time; history too."""
    rows = (
        _orders(start, end)
        .order_by("occurred_at", "id")
        .values_list("id", "owner_id", "occurred_at", "currency", "store_id", "channel", "tags")
        .iterator(chunk_size=CHUNK)
    )
    while chunk := list(islice(rows, CHUNK)):
        order_ids = [row[0] for row in chunk]
        lines = _lines(order_ids, _came_back(order_ids))
        yield [PastOrder(*row, lines=tuple(lines.get(row[0], ()))) for row in chunk]


def count_history(start: datetime, end: datetime) -> int:
    """Return how many orders of that time were recorded as history."""
    return _orders(start, end).filter(is_history=True).count()


def history_ids(start: datetime, end: datetime) -> Iterator[list[UUID]]:
    """Yield the orders of that time that were recorded as history, in the order in which they were made.

    Read a stretch of time after the other, so that what happens between two batches may write.
    """
    found = _orders(start, end).filter(is_history=True)
    limits = found.aggregate(first=Min("occurred_at"), last=Max("occurred_at"), number=Count("id"))
    if not limits["number"]:
        return
    parts = -(-limits["number"] // STRETCH)
    width = (limits["last"] - limits["first"]) / parts + timedelta(microseconds=1)
    for number in range(parts):
        since = limits["first"] + number * width
        part = found.filter(occurred_at__gte=since, occurred_at__lt=since + width)
        yield list(part.order_by("occurred_at", "id").values_list("id", flat=True))


def locked_history(order_ids: Sequence[UUID]) -> list[PastOrder]:
    """Lock those of the orders that are history, in the caller's transaction; return them as they were made.

    Whole, whatever came back since; in the order in which they were made.
    """
    rows = Order.objects.filter(id__among=order_ids, is_history=True).order_by("id")
    found = fetch(
        rows.select_for_update(no_key=True, of=("self",)).values_list(
            "id", "owner_id", "occurred_at", "currency", "store_id", "channel", "tags"
        )
    )
    lines = _lines([row[0] for row in found], {})
    orders = [PastOrder._make((*row, tuple(lines.get(row[0], ())))) for row in found]
    return sorted(orders, key=lambda order: (order.occurred_at, order.id))


def returns_since(start: datetime) -> Iterator[list[PastReturn]]:
    """Yield what came back of known orders since a moment, in the order in which it did, some hundreds at a time."""
    rows = Return.objects.filter(occurred_at__gte=start, order_id__isnull=False).order_by("occurred_at", "id")
    ids = list(rows.values_list("id", flat=True))
    for first in range(0, len(ids), RETURNS):
        part = rows.filter(id__among=ids[first : first + RETURNS])
        columns = part.values_list("id", "order_id", "occurred_at")
        yield [PastReturn(one, order_id, at) for one, order_id, at in columns if order_id is not None]


def _orders(start: datetime, end: datetime) -> QuerySet[Order]:
    return Order.objects.filter(occurred_at__gte=start, occurred_at__lt=end)


def _lines(order_ids: Sequence[UUID], back: Mapping[tuple[UUID, int], tuple[int, int]]) -> dict[UUID, list[PastLine]]:
    found: dict[UUID, list[PastLine]] = {}
    rows = OrderLine.objects.filter(order_id__among=order_ids).order_by("order_id", "line_no").values_list(*_COLUMNS)
    last: Any = None
    lines: list[PastLine] = []
    for order_id, *values in _unconverted(rows):
        if order_id != last:
            last, lines = order_id, []
            owner = order_id if isinstance(order_id, UUID) else UUID(order_id)
            found[owner] = lines
        if values[-1] is not None:
            values[-1] = json.loads(values[-1])
        line = PastLine._make(values)
        if back and (gone := back.get((owner, line.line_no))) is not None:
            line = line._replace(quantity=line.quantity - gone[0], net_amount=max(line.net_amount - gone[1], 0))
            if line.quantity <= 0 < gone[0]:
                continue
        lines.append(line)
    return found


def _unconverted(rows: QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as the database has them: making a UUID for every one of a million lines takes longer than they do."""
    connection = connections[rows.db]
    with connection.cursor() as cursor:
        cursor.execute(*rows.query.get_compiler(rows.db).as_sql())
        while part := cursor.fetchmany(CHUNK):
            yield from part


def _came_back(order_ids: Sequence[UUID]) -> dict[tuple[UUID, int], tuple[int, int]]:
    """Return (order, line number) → quantity and amount that came back, in ten-thousandths."""
    rows_of_returns = Return.objects.filter(order_id__among=order_ids).values_list("id", "order_id")
    orders = {return_id: order_id for return_id, order_id in rows_of_returns if order_id is not None}
    if not orders:
        return {}
    found: dict[tuple[UUID, int], tuple[int, int]] = {}
    rows = ReturnLine.objects.filter(return_id__among=list(orders), order_line_no__isnull=False).annotate(
        stored_quantity=Cast(F("quantity"), BigIntegerField()), stored_amount=Cast(F("net_amount"), BigIntegerField())
    )
    for return_id, line_no, quantity, amount in rows.values_list(
        "return_id", "order_line_no", "stored_quantity", "stored_amount"
    ):
        key = (orders[return_id], int(line_no or 0))
        before = found.get(key, (0, 0))
        found[key] = (before[0] + quantity, before[1] + amount)
    return found
