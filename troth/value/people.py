"""Which customers stand behind the figures: the best ones, and a sample to look at."""

from __future__ import annotations

from typing import Any

from troth.value.facts import frame_in
from troth.value.later import pl
from troth.value.pyramid import share
from troth.value.terms import BUYER_RUNGS, RUNGS, STATUSES, require


def top_customers(customers: Any, *, measure: str = "revenue", count: int = 20) -> pl.DataFrame:
    """The best `count` customers by a column, best first, ties by `customer_id`; all columns of the frame.

    `place` counts from 1 and `share` is the part of the column's total that the customer brings (0 where
    the total is not above 0). Raises `FactsError` for a missing column, `TermsError` for a count below 1.
    """
    require(count >= 1, "count", count, "must be 1 or more")
    with frame_in(customers, "customer_id", measure) as (engine, table):
        total = engine.row(table.agg(total=table[measure].sum()))["total"] or 0
        best = engine.frame(table.order_by([table[measure].desc(), table.customer_id]).limit(count))
    share = pl.col(measure).cast(pl.Float64) / float(total) if total > 0 else pl.lit(0.0)
    return best.with_columns(share=share).with_row_index("place", offset=1)


def scatter(customers: Any, *, measure: str = "revenue", points: int = 2000) -> pl.DataFrame:
    """Recency against value: at most `points` customers, the same ones for the same customers.

    The sample is drawn by the MD5 of the id, so every customer is equally likely to be in it whatever the
    value, and stays in it from day to day as long as the number of points allows. Columns: `customer_id`,
    `days_since_last_purchase`, the measure, and of `purchases`, `band`, `status` those the frame has;
    ordered by `customer_id`. Raises `FactsError` for a missing column, `TermsError` for points below 1.
    """
    require(points >= 1, "points", points, "must be 1 or more")
    with frame_in(customers, "customer_id", "days_since_last_purchase", measure) as (engine, table):
        wanted = ("customer_id", "days_since_last_purchase", measure, "purchases", "band", "status")
        drawn = table.mutate(draw=table.customer_id.cast("string").hexdigest("md5"))
        sample = drawn.order_by("draw").limit(points)
        return engine.frame(sample.select(*(name for name in wanted if name in table.columns)).order_by("customer_id"))


def by_status(scores: Any) -> pl.DataFrame:
    """Customers and what they brought by status, all five also when empty.

    Columns: `status`, `customers`, `customers_share`, `revenue`, `revenue_share` (of all time; shares are 0
    where the total is not above 0). Raises `FactsError` for a missing column.
    """
    return grouped(scores, "status", STATUSES)


def by_rung(scores: Any) -> pl.DataFrame:
    """The ladder: the columns of `by_status`, with `rung` in place of `status`, from the lowest.

    The two rungs that orders tell stand there also when empty, the others where somebody stands on them.
    Raises `FactsError` for a missing column and for rows without a value.
    """
    found = grouped(scores, "rung", BUYER_RUNGS)
    return found.filter((pl.col("customers") > 0) | pl.col("rung").is_in(RUNGS))


def grouped(scores: Any, column: str, codes: tuple[str, ...]) -> pl.DataFrame:
    with frame_in(scores, column, "revenue") as (engine, table):
        counted = table.group_by(column).agg(customers=table.count(), revenue=table.revenue.sum())
        found = engine.frame(counted)
    every = pl.DataFrame({column: codes}).join(found, on=column, how="left", maintain_order="left")
    filled = every.with_columns(pl.col("customers", "revenue").fill_null(0))
    shares = [share(name).alias(f"{name}_share") for name in ("customers", "revenue")]
    return filled.with_columns(*shares).select(column, "customers", "customers_share", "revenue", "revenue_share")
