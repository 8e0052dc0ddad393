"""What drives a score: importance by relative weights, beside performance.

Importance is each driver's share of the explained variance by Johnson's relative weights (Multivariate Behavioral
Research 35, 2000, 1-19), which divide fairly what correlated drivers explain together and agree with Shapley values
closely. Intervals come from resampled answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from troth.value.given import column, number, people_of, refuse_rows, whole
from troth.value.later import np, pl
from troth.value.terms import require

__all__ = ["Drivers", "Place", "drivers"]

LEAST_PER_DRIVER = 10
RESAMPLES = 200
SEED = 20_260_301
if TYPE_CHECKING:
    Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]
    Vector = np.ndarray[tuple[int], np.dtype[np.float64]]


class Place(StrEnum):
    """What to do about a driver: importance and performance above or below the mean of all."""

    FIX = "fix"  # matters, done badly
    KEEP = "keep"  # matters, done well
    WATCH = "watch"  # matters little, done badly
    EASE = "ease"  # matters little, done well


@dataclass(frozen=True, slots=True)
class Drivers:
    """table: `driver`, `importance` (share of what is explained, 0 to 1) with `low` and `high`, `performance` (mean on
    0 to 100), `correlation` with the outcome, `place`; the most important first.

    explained: R², how much of the outcome's variance the drivers explain together; count: answers used (those that
    rate every driver and the outcome). Too few answers, or nothing to explain: no rows.
    """

    table: pl.DataFrame
    explained: float
    count: int


def drivers(
    answers: Any, *, outcome: str, scales: Mapping[str, tuple[float, float]], resamples: int = RESAMPLES
) -> Drivers:
    """Weigh what drives an outcome.

    Args:
        answers: polars, pandas or Arrow; one row an answer sheet: the outcome's column, and one for each driver, null
            where not rated.
        scales: lowest and highest value of each driver.

    Raises:
        TermsError: a column is missing, holds text, or a figure that is not finite or, of a driver, off its scale; a
            scale does not rise; the outcome is among the drivers; resamples below 1.
    """
    names = list(scales)
    require(outcome not in names, "outcome", outcome, "must not be one of the drivers")
    whole("resamples", resamples)
    frame = people_of(answers, "answers", [outcome, *names])
    columns = [column(frame, name, "must be a finite number, or null", may_miss=True) for name in (*names, outcome)]
    for rated_by, (name, scale) in zip(columns, scales.items(), strict=False):
        _refuse_off_scale(rated_by, name, scale)
    used = pl.DataFrame(columns).drop_nulls()
    varied = [name for name in names if used[name].n_unique() > 1]
    is_enough = used.height >= LEAST_PER_DRIVER * max(len(varied), 1) and varied
    if not is_enough or used[outcome].n_unique() < 2:
        return Drivers(_empty(), 0.0, used.height)
    rated, said = used.select(varied).to_numpy(), used[outcome].to_numpy()
    weights = relative_weights(rated, said)
    explained = float(weights.sum())
    if explained <= 0:
        return Drivers(_empty(), 0.0, used.height)
    lows, highs = _interval(rated, said, resamples)
    table = pl.DataFrame(
        {
            "driver": varied,
            "importance": weights / explained,
            "low": lows,
            "high": highs,
            "performance": [_performance(used[name], *scales[name]) for name in varied],
            "correlation": [float(np.corrcoef(rated[:, place], said)[0, 1]) for place in range(len(varied))],
        }
    )
    return Drivers(_placed(table), explained, used.height)


def _refuse_off_scale(rated: pl.Series, name: str, scale: tuple[float, float]) -> None:
    require(len(scale) == 2, name, scale, "must be a scale: its lowest and its highest value")
    low, high = (number(name, end, "must be a scale with finite ends") for end in scale)
    require(low < high, name, scale, "must be a scale that rises")
    refuse_rows(name, rated, ((rated < low) | (rated > high)).fill_null(value=False), f"must lie on {scale}")


def relative_weights(rated: Matrix, said: Vector) -> Vector:
    """Return Johnson's raw relative weights of columns on an outcome; they add up to R²."""
    correlations = np.atleast_2d(np.corrcoef(rated, rowvar=False))
    with_outcome = np.array([np.corrcoef(rated[:, place], said)[0, 1] for place in range(rated.shape[1])])
    values, vectors = np.linalg.eigh(correlations)
    roots = np.sqrt(np.clip(values, 0.0, None))
    loadings = vectors @ np.diag(roots) @ vectors.T
    betas = np.linalg.pinv(loadings) @ with_outcome
    found: Vector = (loadings**2) @ (betas**2)
    return found


def _interval(rated: Matrix, said: Vector, resamples: int) -> tuple[list[float], list[float]]:
    """Return the middle 95 % of each share over resampled answers, always the same ones."""
    random = np.random.default_rng(SEED)
    shares = []
    for _time in range(resamples):
        rows = random.integers(0, len(said), len(said))
        drawn, outcome = rated[rows], said[rows]
        if np.ptp(outcome) == 0 or (np.ptp(drawn, axis=0) == 0).any():
            continue
        weights = relative_weights(drawn, outcome)
        if weights.sum() > 0:
            shares.append(weights / weights.sum())
    if not shares:
        return [0.0] * rated.shape[1], [1.0] * rated.shape[1]
    low, high = np.quantile(np.array(shares), [0.025, 0.975], axis=0)
    return low.tolist(), high.tolist()


def _performance(column: pl.Series, low: float, high: float) -> float:
    mean = float(np.mean(column.to_numpy()))
    return (mean - low) / (high - low) * 100


def _placed(table: pl.DataFrame) -> pl.DataFrame:
    matters = pl.col("importance") >= pl.col("importance").mean()
    is_good = pl.col("performance") >= pl.col("performance").mean()
    place = (
        pl.when(matters & ~is_good).then(pl.lit(str(Place.FIX)))
        .when(matters).then(pl.lit(str(Place.KEEP)))
        .when(is_good).then(pl.lit(str(Place.EASE)))
        .otherwise(pl.lit(str(Place.WATCH)))
    )  # fmt: skip
    return table.with_columns(place=place).sort("importance", descending=True)


def _empty() -> pl.DataFrame:
    numbers = dict.fromkeys(("importance", "low", "high", "performance", "correlation"), pl.Float64)
    return pl.DataFrame(schema={"driver": pl.String, **numbers, "place": pl.String})
