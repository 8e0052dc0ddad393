"""Recency, frequency and money as scores of 1 (worst) to 5 (best)."""

from __future__ import annotations

from typing import Any

from troth.value.engine import Table
from troth.value.facts import MONEY, frame_in
from troth.value.later import ibis, pl
from troth.value.terms import RfmRules

# A widely used grid of recency against the mean of frequency and money, both 1 to 5: the first that fits.
SEGMENTS = (
    ("champions", (5, 5), (4, 5)),
    ("loyal", (3, 4), (4, 5)),
    ("potential_loyal", (4, 5), (2, 3)),
    ("newcomers", (5, 5), (1, 1)),
    ("promising", (4, 4), (1, 1)),
    ("need_attention", (3, 3), (3, 3)),
    ("about_to_sleep", (3, 3), (1, 2)),
    ("must_not_lose", (1, 2), (5, 5)),
    ("at_risk", (1, 2), (3, 4)),
    ("hibernating", (1, 2), (1, 2)),
)

NEEDED = ("customer_id", "days_since_last_purchase", "purchases", "revenue")


def rfm(customers: Any, *, rules: RfmRules | None = None) -> pl.DataFrame:
    """Scores of 1 to 5 for recency, frequency and money, ordered by `customer_id`.

    `customers` is a frame with `customer_id`, `days_since_last_purchase`, `purchases`, `revenue`, such as
    `summary` returns. Equal values always get the same score and the order of the rows changes nothing; see
    `RfmRules` for the rule. Columns: `customer_id`, `r_score`, `f_score`, `m_score`, `rfm` (such as 545)
    and `rfm_segment` (one of the ten codes of `SEGMENTS`).

    Raises `FactsError` for a missing column and for rows without a value.
    """
    with frame_in(customers, *NEEDED) as (engine, table):
        scored = with_rfm(table, rules or RfmRules())
        columns = ("customer_id", "r_score", "f_score", "m_score", "rfm", "rfm_segment")
        return engine.frame(scored.select(*columns).order_by("customer_id"))


def with_rfm(table: Table, rules: RfmRules) -> Table:
    """The scores beside the figures they are made of."""
    table = table.mutate(
        r_score=score(table.days_since_last_purchase, rules.recency_days, is_less_better=True),
        f_score=score(table.purchases, rules.purchases),
        m_score=score(table.revenue, rules.revenue),
    )
    # Frequency and money together, halves rounded up.
    both = (table.f_score + table.m_score + 1) // 2
    fits = [(table.r_score.between(*recency) & both.between(*worth), name) for name, recency, worth in SEGMENTS]
    return table.mutate(
        rfm=(table.r_score * 100 + table.f_score * 10 + table.m_score).cast("int16"),
        rfm_segment=ibis.cases(*fits, else_="need_attention"),
    )


def score(column: Any, edges: Any, *, is_less_better: bool = False) -> Any:
    if edges is None:
        return fifth(column, is_less_better=is_less_better)
    amount = column.cast(MONEY)
    limits = [ibis.literal(edge, MONEY) for edge in edges]
    reached = [(amount <= limit if is_less_better else amount >= limit).ifelse(1, 0) for limit in limits]
    return (1 + reached[0] + reached[1] + reached[2] + reached[3]).cast("int16")


def fifth(column: Any, *, is_less_better: bool = False) -> Any:
    """1 to 5 by place in the order, a tie standing at the middle of its places; whole numbers throughout."""
    worst_first = column.desc() if is_less_better else column
    below = ibis.rank().over(order_by=worst_first)
    equal = column.count().over(group_by=column)
    everyone = column.count().over(ibis.window())
    return ((2 * below + equal) * 5 // (2 * everyone) + 1).cast("int16")
