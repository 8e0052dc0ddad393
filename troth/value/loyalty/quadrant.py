"""Loyalty against value: four quarters, each with its own treatment."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from troth.value.facts import polars_of
from troth.value.later import pl
from troth.value.terms import require


class Quarter(StrEnum):
    """Loyal and valuable, and the three others. The comment is how to treat them."""

    BEST = "best"  # loyal, valuable: thank, ask, let them bring others
    HIDDEN = "hidden"  # loyal, not valuable: sell the next product; serve at low cost
    WAVERING = "wavering"  # valuable, not loyal: find out why, call in person, hold
    PASSING = "passing"  # neither: self-service, no costly offers


def quadrant(
    customers: Any,
    *,
    loyalty: str = "loyalty_index",
    value: str = "revenue",
    loyal_from: float = 60.0,
    valuable_share: float = 0.2,
) -> pl.DataFrame:
    """Put every customer in a quarter.

    Args:
        customers: `customer_id` and the two columns, without nulls.
        loyal_from: points of loyalty from which one is loyal, 0 to 100.
        valuable_share: the share of customers, best first, who count as valuable, above 0 and below 1; whoever has as
            much as the last of them counts too.

    Columns: `customer_id`, `quarter`, `loyalty`, `value`, `valuable_from` (the value that divides, of all).

    Raises:
        FactsError: a column is missing. TermsError: a limit outside its range, or a null or infinite figure.
    """
    require(0 <= loyal_from <= 100, "loyal_from", loyal_from, "must be points of 0 to 100")
    require(0 < valuable_share < 1, "valuable_share", valuable_share, "must be a share above 0 and below 1")
    frame = polars_of(customers, "customers", ("customer_id", loyalty, value))
    frame = frame.select("customer_id", loyalty=pl.col(loyalty).cast(pl.Float64), value=pl.col(value).cast(pl.Float64))
    for name in ("loyalty", "value"):
        bad = frame.filter(~pl.col(name).is_finite().fill_null(value=False))
        require(bad.is_empty(), name, bad["customer_id"].to_list()[:1], "must be a finite number for every customer")
    last = max(int(frame.height * valuable_share), 1)
    edge = frame["value"].top_k(last).min() if frame.height else 0.0
    is_loyal, is_valuable = pl.col("loyalty") >= loyal_from, pl.col("value") >= pl.lit(edge)
    quarter = (
        pl.when(is_loyal & is_valuable).then(pl.lit(str(Quarter.BEST)))
        .when(is_loyal).then(pl.lit(str(Quarter.HIDDEN)))
        .when(is_valuable).then(pl.lit(str(Quarter.WAVERING)))
        .otherwise(pl.lit(str(Quarter.PASSING)))
    )  # fmt: skip
    return frame.select("customer_id", "loyalty", "value", quarter=quarter, valuable_from=pl.lit(edge).cast(pl.Float64))
