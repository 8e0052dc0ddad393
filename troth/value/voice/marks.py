"""Delivered value from the marks that people give: what they get less what it takes, with intervals.

Kotler's customer delivered value (`troth.value.delivered_value`) over the mean marks of many. Whoever left a part out
still counts in the others, so a figure is a sum of means over different people, and its variance is the sum of squares
of what each person contributes to it (linearisation; Särndal, Swensson, Wretman, Model Assisted Survey Sampling, 1992,
§5.5). Where everybody rated everything this is the variance of the mean. Ends come from Student's t. With weights every
mean is the weighted one, and who stands for more people pulls it more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from troth.value.delivered import BENEFITS, COSTS, delivered_value
from troth.value.facts import polars_of
from troth.value.later import np, pl
from troth.value.terms import require

__all__ = ["Rated", "rated"]

COLUMNS = ("person", "who", "part", "mark")
ROUNDED = 1 / 12
"""Variance of a whole mark round what is meant: it may lie half a mark off either way. No interval is narrower."""
if TYPE_CHECKING:
    Vector = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Rated:
    """What somebody delivers in the marks of those who rated them, all parts together.

    people: the fewest who rated a part; benefit, cost: sums of mean marks, costs turned round; net: their difference;
    ratio: benefit per cost, None where no cost was asked for; lead: how much more the one compared with delivers, by
    net. net_low, net_high, ratio_low, ratio_high, lead_low, lead_high: ends of the intervals, None where fewer than two
    people rated a part.
    """

    who: str
    people: int
    benefit: float
    cost: float
    net: float
    net_low: float | None
    net_high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    lead: float | None
    lead_low: float | None
    lead_high: float | None


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums of one who was rated. got, given: what each person contributes to them, beside the mean; rounding: their
    variance by whole marks.
    """

    people: int
    benefit: float
    cost: float
    got: Vector
    given: Vector
    rounding_got: float
    rounding_given: float


def rated(
    marks: pl.DataFrame,
    *,
    parts: Sequence[str],
    against: str | None = None,
    lowest: int = 1,
    best: int = 10,
    confidence: float = 0.95,
) -> list[Rated]:
    """Return what each who was rated delivers, in the order in which they first appear.

    Args:
        marks: `person`, `who` is rated, `part` (of `BENEFITS` and `COSTS`) and `mark`: a whole number, for a cost
            the better the less it takes; one row each, unrated parts have none. Where there is a `weight`, a finite
            number above 0 and the same in all rows of a person, marks count by it; else everybody counts alike.
        parts: those that count; whoever was not rated on every one of them is left out, for sums of different parts
            cannot be compared.
        against: with whom the others are compared; their `lead` is None without one, or where nobody rated that one.
        lowest, best: ends of the scale of marks. confidence: of the intervals.

    Raises:
        FactsError: a column is missing. TermsError: a part that is none or is not named in `parts`, a mark that is no
            whole number of the scale, somebody's mark for a part twice, a weight that is none, a confidence outside
            0 to 1, a scale that does not rise or not from above 0.
    """
    frame = _checked(polars_of(marks, "marks", COLUMNS), parts, lowest, best)
    require(0 < confidence < 1, "confidence", confidence, "must lie between 0 and 1")
    wide = {
        who: part.pivot("part", index="person", values="mark")
        for (who,), part in frame.group_by("who", maintain_order=True)
    }
    people = {person: place for place, person in enumerate(frame["person"].unique(maintain_order=True))}
    weights = _weights(frame)
    sums = {
        who: _sums(rows, people, weights, parts, lowest + best)
        for who, rows in wide.items()
        if set(parts) <= set(rows.columns)
    }
    ends = _Ends(parts, lowest, best, confidence)
    return [_rated(who, one, sums.get(against or ""), ends) for who, one in sums.items()]


def _checked(frame: pl.DataFrame, parts: Sequence[str], lowest: int, best: int) -> pl.DataFrame:
    for part in parts:
        require(part in (*BENEFITS, *COSTS), "parts", part, f"must be one of {', '.join((*BENEFITS, *COSTS))}")
    require(len(parts) > 0, "parts", list(parts), "must name at least one")
    require(lowest > 0, "lowest", lowest, "must be above 0, for a ratio has no meaning otherwise")
    require(lowest < best, "lowest", lowest, f"must be below best, {best}")
    other = frame.filter(~pl.col("part").is_in(list(parts)) | pl.col("part").is_null())["part"].to_list()
    require(not other, "part", other[:1], f"must be one of those that count: {', '.join(parts)}")
    marks = frame["mark"].cast(pl.Float64)
    wrong = frame.filter(~(marks.is_between(lowest, best) & (marks == marks.round())).fill_null(value=False))
    require(wrong.is_empty(), "mark", wrong["mark"].to_list()[:1], f"must be a whole number of {lowest} to {best}")
    twice = frame.filter(frame.select("person", "who", "part").is_duplicated())
    named = twice.select("person", "who", "part").rows()[:1]
    require(twice.is_empty(), "marks", named, "must hold one mark of a person for a part")
    return frame.with_columns(mark=marks)


def _weights(frame: pl.DataFrame) -> dict[object, float]:
    """What each person's marks count."""
    if "weight" not in frame.columns:
        return dict.fromkeys(frame["person"], 1.0)
    weights = frame["weight"].cast(pl.Float64)
    wrong = frame.filter(~((weights > 0) & weights.is_finite()).fill_null(value=False))
    require(wrong.is_empty(), "weight", wrong["weight"].to_list()[:1], "must be a finite number above 0")
    given = frame.select("person", weight=weights).unique()
    twice = given.filter(given["person"].is_duplicated())["person"].to_list()
    require(not twice, "weight", twice[:1], "must be one of a person, in all rows")
    return dict(given.iter_rows())


def _sums(
    rows: pl.DataFrame, people: dict[object, int], weights: dict[object, float], parts: Sequence[str], turned: int
) -> _Sums:
    at = [people[person] for person in rows["person"]]
    counts = np.array([weights[person] for person in rows["person"]])
    got, given = np.zeros(len(people)), np.zeros(len(people))
    means, rounding, fewest = {}, {BENEFITS: 0.0, COSTS: 0.0}, len(at)
    for part in parts:
        marks = rows[part].to_numpy()
        values = marks if part in BENEFITS else turned - marks
        is_rated = np.isfinite(values)
        total = counts[is_rated].sum()
        shares = np.where(is_rated, counts, 0.0) / total
        means[part] = float(counts[is_rated] @ values[is_rated] / total)
        side = got if part in BENEFITS else given
        side[at] += shares * np.where(is_rated, values - means[part], 0.0)
        rounding[BENEFITS if part in BENEFITS else COSTS] += ROUNDED * float(shares @ shares)
        fewest = min(fewest, int(is_rated.sum()))
    whole = delivered_value(
        benefits={part: means[part] for part in parts if part in BENEFITS},
        costs={part: means[part] for part in parts if part in COSTS},
    )
    return _Sums(fewest, whole.benefit, whole.cost, got, given, rounding[BENEFITS], rounding[COSTS])


class _Ends:
    """Ends of intervals, never beyond what the scale allows."""

    def __init__(self, parts: Sequence[str], lowest: int, best: int, confidence: float) -> None:
        benefits, costs = sum(part in BENEFITS for part in parts), sum(part in COSTS for part in parts)
        self.net = (benefits * lowest - costs * best, benefits * best - costs * lowest)
        self.ratio = (benefits * lowest / (costs * best), benefits * best / (costs * lowest)) if costs else (0.0, 0.0)
        self.place = (1 + confidence) / 2

    def around(
        self, figure: float, pulls: Vector, rounding: float, people: int, limits: tuple[float, float]
    ) -> tuple[float | None, float | None]:
        """Return the ends round a figure to which each person contributed so much."""
        if people < 2:
            return None, None
        from scipy.special import stdtrit  # noqa: PLC0415  only who asks for marks waits for SciPy

        variance = max(float(pulls @ pulls) * people / (people - 1), rounding)
        half = float(stdtrit(people - 1, self.place)) * sqrt(variance)
        return max(figure - half, float(limits[0])), min(figure + half, float(limits[1]))


def _rated(who: str, one: _Sums, ours: _Sums | None, ends: _Ends) -> Rated:
    net = one.benefit - one.cost
    rounding = one.rounding_got + one.rounding_given
    lead, lead_ends = _lead(one, ours, ends)
    ratio, ratio_ends = _ratio(one, ends)
    return Rated(
        who, one.people, one.benefit, one.cost, net,
        *ends.around(net, one.got - one.given, rounding, one.people, ends.net), ratio, *ratio_ends, lead, *lead_ends,
    )  # fmt: skip


def _ratio(one: _Sums, ends: _Ends) -> tuple[float | None, tuple[float | None, float | None]]:
    if one.cost == 0:
        return None, (None, None)
    ratio = one.benefit / one.cost
    pulls = (one.got - ratio * one.given) / one.cost
    rounding = (one.rounding_got + ratio**2 * one.rounding_given) / one.cost**2
    return ratio, ends.around(ratio, pulls, rounding, one.people, ends.ratio)


def _lead(one: _Sums, ours: _Sums | None, ends: _Ends) -> tuple[float | None, tuple[float | None, float | None]]:
    if ours is None or ours is one:
        return None, (None, None)
    lead = (ours.benefit - ours.cost) - (one.benefit - one.cost)
    widest = ends.net[1] - ends.net[0]
    rounding = one.rounding_got + one.rounding_given + ours.rounding_got + ours.rounding_given
    pulls = (ours.got - ours.given) - (one.got - one.given)  # most rate both: what they share falls out
    return lead, ends.around(lead, pulls, rounding, min(one.people, ours.people), (-widest, widest))
