"""The company's past as plain values, in the order in which it happened: for replaying it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, F, QuerySet
from django.db.models.functions import Cast

from .models import Order, OrderLine, Return, ReturnLine

CHUNK = 5_000


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


_STORED = ("quantity", "unit_price", "discount_amount", "net_amount", "unit_cost")


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
        lines = _lines([row[0] for row in chunk])
        yield [PastOrder(*row, lines=tuple(lines.get(row[0], ()))) for row in chunk]


def _orders(start: datetime, end: datetime) -> QuerySet[Order]:
    return Order.objects.filter(occurred_at__gte=start, occurred_at__lt=end)


def _lines(order_ids: Sequence[UUID]) -> dict[UUID, list[PastLine]]:
    back = _came_back(order_ids)
    found: dict[UUID, list[PastLine]] = {}
    rows = OrderLine.objects.filter(order_id__among=order_ids).annotate(
        **{f"stored_{name}": Cast(F(name), BigIntegerField()) for name in _STORED}
    )
    columns = ["line_no", "sku", "category", "brand", *(f"stored_{name}" for name in _STORED), "attributes"]
    for order_id, *values in rows.order_by("order_id", "line_no").values_list("order_id", *columns):
        line = PastLine(*values)
        quantity, amount = back.get((order_id, line.line_no), (0, 0))
        if quantity or amount:
            line = line._replace(quantity=line.quantity - quantity, net_amount=max(line.net_amount - amount, 0))
            if line.quantity <= 0:
                continue
        found.setdefault(order_id, []).append(line)
    return found


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
