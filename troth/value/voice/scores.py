"""NPS, CSAT and CES with intervals, whole or by group.

NPS is the difference of two shares of the same people, so its interval is that of paired proportions: Tango's score
interval (Statistics in Medicine 17, 1998, 891-908). CSAT and CES are shares of good scores, with Wilson's score
interval (JASA 22, 1927, 209-212). Neither leaves its range nor shrinks to nothing where everybody says the same.
With weights, counts are those of Kish's effective sample size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from troth.value.facts import polars_of
from troth.value.later import pl
from troth.value.terms import require
from troth.value.voice.bands import BANDS, ScoreBands, ScoreKind

__all__ = ["METHODS", "Score", "by_group", "distribution", "score", "tango", "wilson"]

METHODS = {ScoreKind.NPS: "tango", ScoreKind.CSAT: "wilson", ScoreKind.CES: "wilson"}
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Score:
    """A score of a group. value, low, high: NPS in -1 to 1, CSAT and CES as a share of good scores, 0 to 1.

    count: answers; effective: what they are worth with weights; good, middle, bad: shares; mean: of the scale;
    method: of the interval. Nothing is known of no answers: value, low, high and mean are None.
    """

    kind: ScoreKind
    count: int
    effective: float
    good: float
    middle: float
    bad: float
    value: float | None
    low: float | None
    high: float | None
    mean: float | None
    method: str


def score(
    kind: ScoreKind | str, scores: Sequence[int], weights: Sequence[float] | None = None, *, confidence: float = 0.95
) -> Score:
    """Return the score of answers, each weighing 1 or as told.

    Raises:
        TermsError: a score outside the scale, weights that do not fit, a confidence outside 0 to 1.
    """
    kind = ScoreKind(kind)
    band = BANDS[kind]
    weighed = [1.0] * len(scores) if weights is None else [float(weight) for weight in weights]
    require(0 < confidence < 1, "confidence", confidence, "must lie between 0 and 1")
    require(len(weighed) == len(scores), "weights", len(weighed), "must be as many as scores")
    require(all(weight > 0 for weight in weighed), "weights", None, "must be above 0")
    outside = [one for one in scores if not band.low <= one <= band.high]
    require(not outside, "scores", outside[:1], f"must be {band.low} to {band.high}")
    total = sum(weighed)
    if total == 0:
        return Score(kind, 0, 0.0, 0.0, 0.0, 0.0, None, None, None, None, METHODS[kind])
    effective = total * total / sum(weight * weight for weight in weighed)
    good, bad = (_share(scores, weighed, test) for test in (band.is_good, band.is_bad))
    value, (low, high) = _with_interval(kind, good, bad, effective, _z(confidence))
    mean = sum(one * weight for one, weight in zip(scores, weighed, strict=True)) / total
    return Score(
        kind, len(scores), effective, good, 1 - good - bad, bad, value, low, high, mean, METHODS[kind]
    )  # fmt: skip


def by_group(
    answers: pl.DataFrame, kind: ScoreKind | str, group: str | Sequence[str], *, confidence: float = 0.95
) -> pl.DataFrame:
    """Return one row a group, by name.

    Args:
        answers: the columns of `group`, `score`, and `weight` if there is one.

    Columns: those of `group`, `count`, `good`, `middle`, `bad`, `value`, `low`, `high`, `mean`.

    Raises:
        FactsError: a column is missing. TermsError: as `score`.
    """
    names = [group] if isinstance(group, str) else list(group)
    frame = polars_of(answers, "answers", (*names, "score"))
    rows = []
    for key, part in frame.group_by(names, maintain_order=True):
        weights = part["weight"].to_list() if "weight" in part.columns else None
        found = score(kind, part["score"].to_list(), weights, confidence=confidence)
        rows.append(dict(zip(names, key, strict=True)) | {name: getattr(found, name) for name in _COLUMNS})
    schema = {name: frame.schema[name] for name in names} | _COLUMNS
    return pl.DataFrame(rows, schema=schema).sort(names, nulls_last=True)


_COLUMNS: dict[str, type] = {
    "count": int,
    "good": float,
    "middle": float,
    "bad": float,
    "value": float,
    "low": float,
    "high": float,
    "mean": float,
}


def wilson(share: float, count: float, z: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share (0 to 1) of `count` answers; z: of the normal, 1.96 for 95 %.

    Of no answers all of 0 to 1 is possible. Raises ValueError for a share far outside 0 to 1.
    """
    if count <= 0:
        return 0.0, 1.0
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def tango(good: float, bad: float, count: float, z: float) -> tuple[float, float]:
    """Return Tango's score interval of the difference of two shares (0 to 1) of the same `count` answers, -1 to 1.

    z: of the normal, 1.96 for 95 %. Raises ZeroDivisionError for no answers.
    """

    def distance(delta: float) -> float:
        """How many standard errors the difference lies above `delta`, by the likeliest shares under it."""
        a = 2 * count
        b = -(good + bad) * count + (2 - good + bad) * count * delta
        c = -bad * count * delta * (1 - delta)
        under = (sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        variance = max(count * (2 * under + delta * (1 - delta)), 1e-12)
        return (count * (good - bad) - count * delta) / sqrt(variance)

    value = good - bad
    low = _root(lambda delta: distance(delta) - z, -1.0, value)
    high = _root(lambda delta: distance(delta) + z, value, 1.0)
    return low, high


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function crosses nothing, by halving; an end if it never does."""
    for _step in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2


def _with_interval(
    kind: ScoreKind, good: float, bad: float, effective: float, z: float
) -> tuple[float, tuple[float, float]]:
    if kind is ScoreKind.NPS:
        return good - bad, tango(good, bad, effective, z)
    return good, wilson(good, effective, z)


def _share(scores: Sequence[int], weights: Sequence[float], test: Callable[[float], bool]) -> float:
    return sum(weight for one, weight in zip(scores, weights, strict=True) if test(one)) / sum(weights)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def distribution(scores: Sequence[int], kind: ScoreKind | str) -> list[tuple[int, int]]:
    """Return how often each point of the scale was given, the lowest first.

    Raises:
        ValueError: a kind that is none.
    """
    band: ScoreBands = BANDS[ScoreKind(kind)]
    return [(step, sum(1 for one in scores if one == step)) for step in range(band.low, band.high + 1)]
