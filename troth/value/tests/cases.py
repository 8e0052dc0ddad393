"""Small facts by hand, for tests that name every figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from troth import value

D = Decimal
Row = tuple[Any, ...]
Schema = dict[str, Any]


def day(text: str) -> date:
    return date.fromisoformat(text)


def orders_frame(*rows: Row) -> pl.DataFrame:
    """Rows of (order_id, customer_id, day, net, costed, cost)."""
    schema: Schema = {
        "order_id": pl.String,
        "customer_id": pl.String,
        "order_date": pl.Date,
        "net_amount": pl.Decimal(18, 4),
        "costed_amount": pl.Decimal(18, 4),
        "cost_amount": pl.Decimal(18, 4),
    }
    filled = [
        (order, customer, day(when), D(net), D(costed), D(cost))
        for order, customer, when, net, costed, cost in (row + ("0", "0")[: 6 - len(row)] for row in rows)
    ]
    return pl.DataFrame(filled, schema=schema, orient="row")


def returns_frame(*rows: Row) -> pl.DataFrame:
    """Rows of (order_id or None, customer_id, day, net)."""
    schema: Schema = {
        "order_id": pl.String,
        "customer_id": pl.String,
        "return_date": pl.Date,
        "net_amount": pl.Decimal(18, 4),
    }
    filled = [(order, customer, day(when), D(net)) for order, customer, when, net in rows]
    return pl.DataFrame(filled, schema=schema, orient="row")


def costs_frame(*rows: Row) -> pl.DataFrame:
    """Rows of (customer_id, day, amount)."""
    schema: Schema = {"customer_id": pl.String, "cost_date": pl.Date, "amount": pl.Decimal(18, 4)}
    return pl.DataFrame([(c, day(when), D(a)) for c, when, a in rows], schema=schema, orient="row")


def lines_frame(*rows: Row) -> pl.DataFrame:
    """Rows of (customer_id, day, category)."""
    schema: Schema = {"customer_id": pl.String, "order_date": pl.Date, "category": pl.String}
    return pl.DataFrame([(c, day(when), k) for c, when, k in rows], schema=schema, orient="row")


def row_of(frame: pl.DataFrame, customer: str) -> dict[str, Any]:
    return frame.row(by_predicate=pl.col("customer_id") == customer, named=True)


def facts(*rows: Row, **more: Any) -> value.Facts:
    return value.Facts(orders_frame(*rows), **more)
