"""Satisfaction × competition: in each market, how staying follows satisfaction, and who stands in which corner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log
from typing import TYPE_CHECKING, Any

from troth.value.facts import polars_of
from troth.value.later import later, np, pl, special
from troth.value.terms import require

if TYPE_CHECKING:
    from troth.value.models import fitting
    from troth.value.models.fitting import Maximum
    from troth.value.models.special import Array
else:
    fitting = later("troth.value.models.fitting")

FEWEST = 50
CHANCE = 0.05


class Corner(StrEnum):
    """Where customers stand by how satisfied they are and whether they stay."""

    ADVOCATE = "advocate"
    MERCENARY = "mercenary"  # satisfied, leaves
    HOSTAGE = "hostage"  # dissatisfied, stays
    DEFECTOR = "defector"


@dataclass(frozen=True, slots=True)
class Curve:
    """How the chance to stay rises with satisfaction in one market: from `floor` to `ceiling`, steepest at `knee`.

    Satisfaction runs from 0 to 100. Below the knee lies the quality-insensitive zone, above it the sensitive one.
    steepness: per point of satisfaction. knee_low, knee_high: interval of 95 %, cut at 0 and 100. is_flat: the data do
    not tell the curve from a level line (likelihood ratio, three degrees of freedom, 5 %); then the knee is None.
    """

    market: str
    customers: int
    floor: float
    ceiling: float
    steepness: float
    knee: float | None
    knee_low: float | None
    knee_high: float | None
    is_flat: bool

    def chance(self, satisfaction: float) -> float:
        """Return the chance to stay at a satisfaction of 0 to 100; of a flat curve, the level."""
        if self.knee is None:
            return self.ceiling
        rise = 1 / (1 + np.exp(-self.steepness * (satisfaction - self.knee)))
        return float(self.floor + (self.ceiling - self.floor) * rise)


def satisfaction_curve(customers: Any, *, satisfaction: str = "satisfaction", stayed: str = "stayed") -> list[Curve]:
    """Fit one curve a market, by maximum likelihood.

    Args:
        customers: `market`, the satisfaction (0 to 100) and whether the customer stayed (true or false), without nulls.

    Returns the markets in alphabetical order.

    Raises:
        FactsError: a column is missing.
        TermsError: satisfaction outside 0 to 100, a null, or a market with fewer than 50 customers.
    """
    frame = _rows(customers, satisfaction, stayed)
    return [_fitted(str(market), rows) for (market,), rows in sorted(frame.group_by("market"), key=lambda one: one[0])]


def corners(
    customers: Any, *, satisfied_from: float = 75.0, satisfaction: str = "satisfaction", stayed: str = "stayed"
) -> pl.DataFrame:
    """Put everybody in a corner: `customer_id`, `market`, `corner`. The columns are those of `satisfaction_curve`.

    Raises:
        FactsError, TermsError: as `satisfaction_curve`, but a market may be small.
    """
    require(0 <= satisfied_from <= 100, "satisfied_from", satisfied_from, "must be points of 0 to 100")
    frame = _rows(customers, satisfaction, stayed, "customer_id")
    is_satisfied = pl.col("satisfaction") >= satisfied_from
    corner = (
        pl.when(is_satisfied & pl.col("stayed")).then(pl.lit(str(Corner.ADVOCATE)))
        .when(is_satisfied).then(pl.lit(str(Corner.MERCENARY)))
        .when(pl.col("stayed")).then(pl.lit(str(Corner.HOSTAGE)))
        .otherwise(pl.lit(str(Corner.DEFECTOR)))
    )  # fmt: skip
    return frame.select("customer_id", "market", corner=corner)


def _rows(customers: Any, satisfaction: str, stayed: str, *more: str) -> pl.DataFrame:
    frame = polars_of(customers, "customers", ("market", satisfaction, stayed, *more))
    rows = frame.select(
        *more,
        market=pl.col("market").cast(pl.String),
        satisfaction=pl.col(satisfaction).cast(pl.Float64),
        stayed=pl.col(stayed).cast(pl.Boolean),
    )
    outside = rows.filter(~pl.col("satisfaction").is_between(0, 100).fill_null(value=False))
    require(outside.is_empty(), satisfaction, outside["satisfaction"].to_list()[:1], "must be points of 0 to 100")
    unknown = rows.filter(pl.col("stayed").is_null() | pl.col("market").is_null())
    require(unknown.is_empty(), stayed, None, "must be known for every customer, as must the market")
    return rows


def _fitted(market: str, rows: pl.DataFrame) -> Curve:
    require(rows.height >= FEWEST, f"market {market}", rows.height, f"must have {FEWEST} customers or more")
    # Equal satisfactions are one row: scales have few steps.
    counted = rows.group_by("satisfaction").agg(pl.len(), pl.col("stayed").sum()).sort("satisfaction")
    answers = _Answers(*(counted[name].cast(pl.Float64).to_numpy() for name in ("satisfaction", "len", "stayed")))
    level = float(np.clip(answers.kept.sum() / answers.people.sum(), 1e-9, 1 - 1e-9))
    starts = [np.array([level / 2, min(1.0, level * 1.2), np.log(0.1), knee / SPAN]) for knee in (25, 50, 75, 90)]
    tries = [fitting.maximise(answers, [start], scale=rows.height, limits=np.array(LIMITS)) for start in starts]
    best = max(tries, key=lambda one: one.log_likelihood)
    flat = float(answers.kept.sum() * np.log(level) + (answers.people - answers.kept).sum() * np.log1p(-level))
    floor, ceiling, steepness, knee = (float(value) for value in _params(best.point))
    gain = 2 * max(best.log_likelihood - flat, 0.0)
    if ceiling <= floor or float(special.chdtrc(3, gain)) > CHANCE:
        return Curve(market, rows.height, level, level, 0.0, None, None, None, is_flat=True)
    low, high = _interval(answers, best, rows.height)
    return Curve(market, rows.height, floor, ceiling, steepness, knee, low, high, is_flat=False)


SPAN = 25.0  # points of satisfaction to one step of the search
LIMITS = ((0.0, 1.0), (0.0, 1.0), (log(1e-3), 0.0), (0.0, 100 / SPAN))  # of floor, ceiling, log of steepness, knee


def _params(point: Array) -> Array:
    """floor, ceiling, steepness a point, knee in points."""
    return np.array([point[0], point[1], np.exp(point[2]), point[3] * SPAN])


class _Answers:
    """Log-likelihood of a curve and its gradient: how many were asked and stayed at each satisfaction."""

    def __init__(self, at: Array, people: Array, kept: Array) -> None:
        self.at, self.people, self.kept = at, people, kept

    def __call__(self, point: Array) -> tuple[float, Array]:
        floor, ceiling, steepness, knee = _params(point)
        rise = 0.5 * (1 + np.tanh(steepness * (self.at - knee) / 2))
        chance = np.clip(floor + (ceiling - floor) * rise, 1e-12, 1 - 1e-12)
        gone = self.people - self.kept
        value = self.kept @ np.log(chance) + gone @ np.log1p(-chance)
        bend = (ceiling - floor) * rise * (1 - rise) * steepness
        slopes = np.stack([1 - rise, rise, bend * (self.at - knee), -bend * SPAN])
        return float(value), slopes @ (self.kept / chance - gone / (1 - chance))


def _interval(answers: _Answers, best: Maximum, people: int) -> tuple[float, float]:
    """Where the best likelihood with that knee is no worse than chance lets it be: the profile, by half points."""
    allowed = best.log_likelihood - float(special.chdtri(1, 0.05)) / 2
    edges = []
    for direction in (-0.5, 0.5):
        start, edge = best.point[:3], float(best.point[3] * SPAN)
        while 0 < edge < 100:
            moved = float(np.clip(edge + direction, 0, 100))
            held = np.array([moved / SPAN])

            def with_knee(rest: Array, held: Array = held) -> tuple[float, Array]:
                value, slopes = answers(np.concatenate([rest, held]))
                return value, slopes[:3]

            found = fitting.maximise(with_knee, [start], scale=people, limits=np.array(LIMITS[:3]))
            if found.log_likelihood < allowed:
                break
            start, edge = found.point, moved
        edges.append(edge)
    return edges[0], edges[1]
