"""The loyalty index: the weighted mean of what was measured; what was not lowers the confidence, never the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from troth.value.later import pl
from troth.value.loyalty.indicators import CATALOGUE, Group, Indicator, indicator_of
from troth.value.loyalty.measured import checked, newest
from troth.value.terms import checked_day, require

PARTS = ("customer_id", "indicator", "group", "value", "points", "weight", "counted", "contribution", "confidence",
         "source", "measured_date")  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoyaltyIndex:
    """The index of every customer measured.

    frame: `customer_id`, `loyalty_index` (0 to 100), `confidence` (0 to 1), and for each group its own mean
    (`behaviour`, `intention`, `attitude`, `information`, 0 to 100, null where nothing of it was measured) with its
    `_confidence`.
    parts: one row a customer and indicator (columns `PARTS`): `points` of 0 to 100, `counted` the weight with which it
    entered (0 for what only adds and would have lowered it), `contribution` its share of the index in points; the
    contributions of a customer add up to the index.
    """

    as_of: date
    catalogue: tuple[Indicator, ...]
    frame: pl.DataFrame
    parts: pl.DataFrame


def weighted(weights: Mapping[str, float], catalogue: Sequence[Indicator] = CATALOGUE) -> tuple[Indicator, ...]:
    """Return the catalogue with other weights; an indicator that is not named keeps its own.

    Raises:
        TermsError: an indicator that the catalogue does not have, a weight below 0, or no weight above 0 left.
    """
    for code, weight in weights.items():
        indicator_of(code, catalogue)
        require(weight >= 0, f"weight of {code}", weight, "must be 0 or more")
    found = tuple(replace(one, weight=weights.get(one.code, one.weight)) for one in catalogue)
    require(any(one.weight > 0 for one in found), "weights", dict(weights), "must leave one indicator above 0")
    return found


def loyalty_index(measurements: Any, *, as_of: date, catalogue: Sequence[Indicator] = CATALOGUE) -> LoyaltyIndex:
    """Measure the loyalty of every customer of whom anything is known.

    Args:
        measurements: `customer_id`, `indicator`, `value`, `source`, `measured_date`, `confidence` (0 to 1, when it was
            measured); the newest of each customer and indicator counts.
        as_of: later measurements do not count; earlier ones have lost confidence by their half-life.

    The index is Σ weight × points ÷ Σ weight over what was measured; its confidence is Σ weight × confidence ÷ Σ weight
    over the whole catalogue, so that what is missing lowers it. What only adds (see `Indicator`) is left out of
    the mean of a customer whose mean without it is as high or higher.

    Raises:
        FactsError: measurements that cannot be computed with, each problem named.
    """
    known = checked(measurements, as_of=as_of, catalogue=catalogue)
    used = [one for one in catalogue if one.weight > 0]
    parts = pl.concat([_scored(newest(known, one.code), one, as_of) for one in used if not one.only_adds])
    more = [_scored(newest(known, one.code), one, as_of) for one in used if one.only_adds]
    parts = pl.concat([parts, _adding(pl.concat(more), parts)]) if more else parts
    total = pl.col("counted").sum().over("customer_id")
    parts = parts.with_columns(contribution=pl.col("points") * pl.col("counted") / total).select(PARTS)
    frame = parts.group_by("customer_id").agg(
        loyalty_index=_mean("counted"), confidence=_sureness(sum(one.weight for one in used))
    )
    for group in Group:
        frame = frame.join(_of(group, parts, used), on="customer_id", how="left")
    sureness = pl.col([f"{group}_confidence" for group in Group]).fill_null(0.0)
    return LoyaltyIndex(as_of, tuple(catalogue), frame.with_columns(sureness).sort("customer_id"), parts)


def _scored(rows: pl.DataFrame, one: Indicator, as_of: date) -> pl.DataFrame:
    age = (pl.lit(checked_day("as_of", as_of)) - pl.col("measured_date")).dt.total_days()
    trust = pl.lit(1.0) if one.half_life_days is None else pl.lit(0.5).pow(age / one.half_life_days)
    return rows.with_columns(
        group=pl.lit(str(one.group), dtype=pl.Enum([str(group) for group in Group])),
        points=one.points(pl.col("value")),
        weight=pl.lit(float(one.weight)),
        counted=pl.lit(float(one.weight)),
        confidence=pl.col("confidence") * trust,
    )


def _adding(more: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """What only adds counts where it is above the mean of the rest, and where there is no rest."""
    if more.is_empty():
        return more
    told = parts.join(more.select("customer_id").unique(), on="customer_id", how="semi")
    means = told.group_by("customer_id").agg(rest=_mean("weight"))
    beside = more.join(means, on="customer_id", how="left")
    counts = (pl.col("points") > pl.col("rest")).fill_null(value=True)
    return beside.with_columns(counted=pl.when(counts).then("weight").otherwise(0.0)).drop("rest")


def _of(group: Group, parts: pl.DataFrame, used: Sequence[Indicator]) -> pl.DataFrame:
    """Mean and confidence of a group, of those of whom something of it was measured."""
    whole = sum(one.weight for one in used if one.group == group)
    named = {str(group): _mean("weight"), f"{group}_confidence": _sureness(whole)}
    return parts.filter(pl.col("group") == str(group)).group_by("customer_id").agg(**named)


def _mean(by: str) -> pl.Expr:
    weight = pl.col(by).sum()
    return pl.when(weight > 0).then((pl.col("points") * pl.col(by)).sum() / weight)


def _sureness(whole: float) -> pl.Expr:
    return (pl.col("weight") * pl.col("confidence")).sum() / (whole or 1.0)
