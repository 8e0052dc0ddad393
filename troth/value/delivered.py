"""Value delivered to the customer: what they get less what it takes of them, by itself and beside competitors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troth.value.later import pl
from troth.value.terms import require

BENEFITS = ("product", "service", "staff", "image")
COSTS = ("money", "time", "energy", "effort")


@dataclass(frozen=True, slots=True)
class Delivered:
    """benefit and cost on one scale; `net` their difference, `ratio` benefit per cost, None where there is no cost."""

    benefit: float
    cost: float

    @property
    def net(self) -> float:
        """Benefit less cost, in the unit both were given in."""
        return self.benefit - self.cost

    @property
    def ratio(self) -> float | None:
        """Benefit ÷ cost, a number of times; None where it costs nothing."""
        return self.benefit / self.cost if self.cost > 0 else None


def delivered_value(*, benefits: Mapping[str, float], costs: Mapping[str, float]) -> Delivered:
    """Return (product + service + staff + image) less (money + time + energy + effort), all on one scale.

    Parts left out count as 0. Source: Kotler's customer delivered value.

    Raises:
        TermsError: a part that is not one of `BENEFITS` or `COSTS`, below 0 or not finite.
    """
    return Delivered(_sum("benefits", benefits, BENEFITS), _sum("costs", costs, COSTS))


def value_map(offers: pl.DataFrame) -> pl.DataFrame:
    """Place offers by quality and price, each relative to the mean of all: the customer value map.

    Args:
        offers: `name` (each once), `quality` and `price`, both above 0, of ours and of the competitors.

    Returns `name`, `relative_quality`, `relative_price` (1 is the mean), `value` (quality ÷ price, 1 on the line of
    fair value) and `place`: `better` (above 1.05), `worse` (below 0.95) or `fair`. Source: Gale, Managing Customer
    Value.

    Raises:
        TermsError: a column is missing, a name twice, fewer than two offers, quality or price not above 0.
    """
    wanted = ("name", "quality", "price")
    for column in wanted:
        require(column in offers.columns, "offers", offers.columns, f"must have a column {column}")
    require(len(offers) > 1, "offers", len(offers), "must be at least two, ours and one to compare with")
    require(offers["name"].is_unique().all(), "name", offers["name"].to_list(), "must each stand once")
    for column in wanted[1:]:
        numbers = offers[column].cast(pl.Float64)
        is_good = not numbers.is_null().any() and bool(((numbers > 0) & numbers.is_finite()).all())
        require(is_good, column, offers[column].to_list(), "must be finite and above 0 in every row")
    placed = offers.select(
        "name",
        relative_quality=pl.col("quality").cast(pl.Float64) / pl.col("quality").cast(pl.Float64).mean(),
        relative_price=pl.col("price").cast(pl.Float64) / pl.col("price").cast(pl.Float64).mean(),
    ).with_columns(value=pl.col("relative_quality") / pl.col("relative_price"))
    better, worse = pl.col("value") > 1.05, pl.col("value") < 0.95
    place = pl.when(better).then(pl.lit("better")).when(worse).then(pl.lit("worse")).otherwise(pl.lit("fair"))
    return placed.with_columns(place=place)


def _sum(name: str, parts: Mapping[str, Any], known: tuple[str, ...]) -> float:
    for part, value in parts.items():
        require(part in known, name, part, f"must be one of {', '.join(known)}")
        require(0 <= value < float("inf"), f"{name} {part}", value, "must be a finite number, 0 or more")
    return float(sum(parts.values()))
