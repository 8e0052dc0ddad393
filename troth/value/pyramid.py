"""Value bands, what each brings, and how unequal customers are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from troth.value.engine import Table
from troth.value.facts import MONEY, frame_in
from troth.value.later import ibis, np, pl
from troth.value.terms import BANDS, INACTIVE, Bands, require


def with_band(table: Table, bands: Bands, as_of: date) -> Table:
    """`band`, `band_place` (0 best to 1 worst of all in the pyramid), `band_reason` beside the figures."""
    table = table.mutate(
        is_inside=table.last_purchase_date > as_of - timedelta(days=bands.window_days),
        is_new=table.first_purchase_date > as_of - timedelta(days=bands.new_days),
    )
    value = table[f"window_{bands.measure}"]
    ranked = table.is_inside & ~table.is_new
    inside = table.is_inside.ifelse(1, 0).sum().over(ibis.window()).cast("int64")
    better = ibis.rank().over(group_by=ranked, order_by=value.desc())
    equal = value.count().over(group_by=[ranked, value])
    # Twice the place and twice the number, so that the middle of a tie stays a whole number.
    table = table.mutate(twice_place=2 * better + equal, twice_inside=2 * inside)
    place = table.twice_place.cast("float64") / table.twice_inside.cast("float64").nullif(0.0)
    table = table.mutate(band_place=(table.is_inside & ~table.is_new).ifelse(place, 1.0))
    return table.mutate(band=band_of(table, bands), band_reason=band_reason(table, bands))


def band_of(table: Table, bands: Bands) -> Any:
    reaches = places_reached(table, bands) if bands.by == "share" else amounts_reached(table, bands)
    steps = zip(reaches, BANDS, strict=False)
    return ibis.cases((~table.is_inside, INACTIVE), (table.is_new, "new"), *steps, else_="ordinary")


def places_reached(table: Table, bands: Bands) -> list[Any]:
    shares = list(accumulate(bands.thresholds))
    return [table.twice_place * 10_000 < table.twice_inside * int(share * 10_000) for share in shares]


def amounts_reached(table: Table, bands: Bands) -> list[Any]:
    edges = [ibis.literal(amount, MONEY) for amount in bands.thresholds]
    return [table[f"window_{bands.measure}"] >= edge for edge in edges]


def band_reason(table: Table, bands: Bands) -> Any:
    by = "place_in_order" if bands.by == "share" else "amount"
    return ibis.cases((~table.is_inside, "no_purchase_in_window"), (table.is_new, "first_purchase_recent"), else_=by)


def pyramid(scores: Any) -> pl.DataFrame:
    """What each value band brings: one row per band, diamond first, all five also when empty.

    `scores` is what `scores` returns (or a frame with `band`, `window_revenue`, `window_profit`,
    `profit_assumed_share`). Columns: `band`, `customers`, `customers_share`, `revenue`, `revenue_share`,
    `profit`, `profit_share`, `revenue_per_customer`, `profit_per_customer`, `profit_assumed_share`. Revenue
    and profit are those of the bands' window; shares are of the pyramid and add up to 1, and are 0 where
    the total is not above 0. Customers who are `inactive` stand outside.

    Raises `FactsError` for a missing column.
    """
    with frame_in(scores, "band", *SUMMED.values()) as (engine, table):
        inside = table.filter(table.band != INACTIVE)
        sums = {name: inside[column].sum() for name, column in SUMMED.items()}
        found = engine.frame(inside.group_by("band").agg(customers=inside.count(), **sums))
    return shared_out(pl.DataFrame({"band": BANDS}).join(found, on="band", how="left", maintain_order="left"))


SUMMED = {
    "revenue": "window_revenue",
    "profit": "window_profit",
    "ordered": "window_ordered",
    "assumed": "window_assumed",
}


def shared_out(bands: pl.DataFrame) -> pl.DataFrame:
    """Shares and means beside the sums; an empty band has zeros."""
    filled = bands.with_columns(pl.col("customers", *SUMMED).fill_null(0))
    shares = [share(name).alias(f"{name}_share") for name in ("customers", "revenue", "profit")]
    heads = [per(name, "customers").alias(f"{name}_per_customer") for name in ("revenue", "profit")]
    assumed = per("assumed", "ordered").alias("profit_assumed_share")
    return filled.with_columns(*shares, *heads, assumed).select(*PYRAMID)


PYRAMID = (
    "band",
    "customers",
    "customers_share",
    "revenue",
    "revenue_share",
    "profit",
    "profit_share",
    "revenue_per_customer",
    "profit_per_customer",
    "profit_assumed_share",
)


def share(name: str) -> pl.Expr:
    column = pl.col(name).cast(pl.Float64)
    return pl.when(column.sum() > 0).then(column / column.sum()).otherwise(0.0)


def per(part: str, whole: str) -> pl.Expr:
    divisor = pl.col(whole).cast(pl.Float64)
    return pl.when(divisor > 0).then(pl.col(part).cast(pl.Float64) / divisor).otherwise(0.0)


@dataclass(frozen=True, slots=True)
class Concentration:
    """How unequal the customers are.

    `curve`: `customers_share` and `revenue_share` from the best customer down, at most `points` + 1 rows
    from (0, 0) to (1, 1). `top_share` is what the best fifth brings (the company's own figure beside the
    rule of 80 to 20), `customers_for_80` the share of customers who bring 80 %, `gini` 0 (all alike) to 1.
    A customer below 0 counts as 0; `below_zero` tells how many.
    """

    curve: pl.DataFrame
    customers: int
    top_share: float
    customers_for_80: float
    gini: float
    below_zero: int


def pareto(customers: Any, *, measure: str = "revenue", points: int = 100) -> Concentration:
    """The share of money by share of customers, best first.

    `customers` is a frame with the column `measure` (or `window_revenue`, `window_profit`), one row per
    customer. Raises `FactsError` for a missing column, `TermsError` for `points` below 1.
    """
    require(points >= 1, "points", points, "must be 1 or more")
    with frame_in(customers, measure) as (engine, table):
        value = table[measure]
        ranked = engine.frame(table.select(value=value, positive=ibis.greatest(value, 0)).order_by(value.desc()))
    positive = ranked["positive"].cast(pl.Float64).to_numpy()
    below = int((ranked["value"] < 0).sum())
    return concentration(positive, below, points)


def concentration(positive: np.ndarray[Any, np.dtype[np.float64]], below: int, points: int) -> Concentration:
    """From amounts of 0 and above, largest first."""
    count, total = len(positive), float(positive.sum())
    brought = np.concatenate([[0.0], np.cumsum(positive)]) / total if total > 0 else np.zeros(count + 1)
    if total > 0:
        brought[-1] = 1.0
    places = np.unique(np.linspace(0, count, points + 1).round().astype(int))
    people = places / count if count else np.zeros(len(places))
    curve = pl.DataFrame({"customers_share": people, "revenue_share": brought[places]})
    best_fifth = float(np.interp(0.2 * count, np.arange(count + 1), brought))
    for_80 = float(np.interp(0.8, brought, np.arange(count + 1))) / count if total > 0 else 0.0
    # The area under the curve by trapezoids, against that of equality; 0 where nothing is brought.
    gini = float(2 * ((brought[1:] + brought[:-1]) / 2).sum() / count - 1) if total > 0 else 0.0
    return Concentration(curve, count, best_fifth, for_80, max(gini, 0.0), below)
