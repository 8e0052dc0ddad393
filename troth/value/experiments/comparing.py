"""What an offer earned more than the control group, with an interval, and what speaks against believing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Any

from troth.value.experiments.assignment import is_share_as_planned
from troth.value.given import amounts, number, people_of, refuse_mixed
from troth.value.later import np, pl, special
from troth.value.terms import require

SMALL = 100
SKEWED = 0.1


class Doubt(StrEnum):
    """What may make a result wrong although the arithmetic is right."""

    UNEVEN_GROUPS = "uneven_groups"  # the groups are not as large as planned: something else than chance chose
    UNLIKE_BEFORE = "unlike_before"  # the groups differed before the start
    SMALL_GROUP = "small_group"  # too few people for an interval of this kind
    FEW_DECIDE = "few_decide"  # one person makes a tenth or more of a group's sum
    NO_SPREAD = "no_spread"  # everyone has the same outcome


@dataclass(frozen=True, slots=True)
class Effect:
    """One group against the control group. Means and the difference are per person, in the outcome's unit.

    mean, control_mean: of the two groups, of `people` and `control_people`. deviation: standard error of the
    difference; low, high: its interval; relative: difference ÷ the control's mean, None where that is not above
    0; chance: how likely a difference as large is if there is none (two-sided p); total: difference × people of the
    group, what the offer brought, with total_low and total_high. With CUPED both means are corrected for what was so
    before.
    """

    arm: str
    people: int
    control_people: int
    mean: float
    control_mean: float
    difference: float
    deviation: float
    low: float
    high: float
    relative: float | None
    chance: float
    total: float
    total_low: float
    total_high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All groups against the control. explained: the part of the outcome's variance that CUPED removed, 0 to 1."""

    effects: tuple[Effect, ...]
    doubts: tuple[Doubt, ...]
    explained: float = 0.0

    def effect(self, arm: str) -> Effect:
        """Return the effect of one group. Raises KeyError if there is no such group."""
        for effect in self.effects:
            if effect.arm == arm:
                return effect
        raise KeyError(arm)


@dataclass(frozen=True, slots=True)
class _Group:
    people: int
    mean: float
    variance: float  # of the mean


def compare(
    people: Any,
    *,
    outcome: str,
    arm: str = "arm",
    control: str = "control",
    before: str | None = None,
    planned: Mapping[str, int] | None = None,
    confidence: float = 0.95,
) -> Comparison:
    """Compare the mean outcome of each group with the control group's.

    Args:
        people: polars, pandas or Arrow; one row per person who was assigned, also those who bought nothing: leaving
            them out breaks the draw. Each row counts as one person.
        outcome: a number, or true and false, per person.
        before: the same or another figure from before the start, to take out what was different already (CUPED,
            Deng, Xu, Kohavi, Walker 2013); the difference stays what it is on average, the interval narrows.
        planned: the shares that the groups were drawn with, to check their sizes against.
        confidence: of the intervals, which are Welch's (each group its own variance).

    Raises:
        FactsError: more than one `currency`, where that column is there.
        TermsError: a column is missing, holds text, null or what is not finite (named with its row), there is no
            control group, no other group, or a group has fewer than two people.
    """
    columns = [outcome] if before is None else [outcome, before]
    people = people_of(people, "people", [arm, *columns])
    refuse_mixed(people, "people")
    arms = _arms(people, arm, control, confidence)
    values = {name: _numbers(people, name) for name in columns}
    rows = {name: np.flatnonzero((people[arm] == name).to_numpy()) for name in arms}
    adjusted, explained = _adjusted(values[outcome], None if before is None else values[before], rows)
    groups = {name: _group(adjusted[at]) for name, at in rows.items()}
    doubts = _doubts(groups, {name: values[outcome][at] for name, at in rows.items()}, planned)
    if before is not None and _differ_before(values[before], rows, control):
        doubts = (*doubts, Doubt.UNLIKE_BEFORE)
    effects = [_effect(name, groups[name], groups[control], confidence) for name in arms if name != control]
    return Comparison(tuple(effects), doubts, explained)


def compare_ratio(
    people: Any,
    *,
    outcome: str,
    per: str,
    arm: str = "arm",
    control: str = "control",
    planned: Mapping[str, int] | None = None,
    confidence: float = 0.95,
) -> Comparison:
    """Compare ratios of sums (spend per visit, margin per unit) when it is people who were drawn.

    Each group's figure is Σ outcome ÷ Σ per. The interval takes in that both vary between people (delta method);
    treating visits as if they had been drawn would make it too narrow. `total` is difference × Σ per of the group.

    Raises:
        TermsError: as `compare`; or `per` is below 0, or 0 for a whole group.
    """
    people = people_of(people, "people", [arm, outcome, per])
    refuse_mixed(people, "people")
    arms = _arms(people, arm, control, confidence)
    values, weights = _numbers(people, outcome), _numbers(people, per)
    require(bool((weights >= 0).all()), per, float(weights.min()), "must be 0 or more")
    groups, sums, own = {}, {}, {}
    for name in arms:
        at = (people[arm] == name).to_numpy()
        sums[name] = float(weights[at].sum())
        require(sums[name] > 0, f"{per} of {name}", sums[name], "must not be 0 for a whole group")
        groups[name], own[name] = _ratio_group(values[at], weights[at]), values[at]
    doubts = _doubts(groups, own, planned)
    effects = [
        _effect(name, groups[name], groups[control], confidence, over=sums[name]) for name in arms if name != control
    ]
    return Comparison(tuple(effects), doubts)


def _arms(people: pl.DataFrame, arm: str, control: str, confidence: float) -> list[str]:
    """Return the groups in the order of their names, after checking everything about the frame."""
    number("confidence", confidence, "must lie between 0.5 and 1", least=0.5, below=1)
    require(not people[arm].is_null().any(), arm, None, "must name the group of every person")
    counts: dict[str, int] = dict(people.group_by(arm).len().iter_rows())
    require(control in counts, arm, sorted(counts), f"must hold the control group {control}")
    require(len(counts) > 1, arm, sorted(counts), "must hold another group beside the control")
    for name, count in sorted(counts.items()):
        require(count > 1, f"people of {name}", count, "must be at least 2")
    return sorted(counts)


def _numbers(people: pl.DataFrame, name: str) -> Any:
    return amounts(people, name, "must be a finite number for every person; write 0 for nothing").to_numpy()


def _adjusted(outcome: Any, before: Any, rows: Mapping[str, Any]) -> tuple[Any, float]:
    """Return the outcomes less what the figure before explains of them, and the share of variance it explains."""
    if before is None:
        return outcome, 0.0
    # Slope and share come from within the groups, so that the offer's own effect does not enter them.
    inner_before = np.concatenate([before[at] - before[at].mean() for at in rows.values()])
    inner_outcome = np.concatenate([outcome[at] - outcome[at].mean() for at in rows.values()])
    spread = float(inner_before @ inner_before)
    if spread == 0:
        return outcome, 0.0
    slope = float(inner_before @ inner_outcome) / spread
    whole = float(inner_outcome @ inner_outcome)
    explained = slope * slope * spread / whole if whole else 0.0
    return outcome - slope * (before - before.mean()), min(explained, 1.0)


def _group(values: Any) -> _Group:
    people = len(values)
    return _Group(people, float(values.mean()), float(values.var(ddof=1)) / people)


def _ratio_group(values: Any, weights: Any) -> _Group:
    people, ratio = len(values), float(values.sum() / weights.sum())
    residuals = values - ratio * weights
    variance = float(residuals.var(ddof=1)) / people / float(weights.mean()) ** 2
    return _Group(people, ratio, variance)


def _effect(name: str, group: _Group, control: _Group, confidence: float, over: float | None = None) -> Effect:
    difference = group.mean - control.mean
    deviation = sqrt(group.variance + control.variance)
    half = _half(group, control, confidence) * deviation
    low, high = difference - half, difference + half
    times = group.people if over is None else over
    return Effect(
        arm=name,
        people=group.people,
        control_people=control.people,
        mean=group.mean,
        control_mean=control.mean,
        difference=difference,
        deviation=deviation,
        low=low,
        high=high,
        relative=difference / control.mean if control.mean > 0 else None,
        chance=_chance(difference, deviation, _degrees(group, control)),
        total=difference * times,
        total_low=low * times,
        total_high=high * times,
    )


def _half(group: _Group, control: _Group, confidence: float) -> float:
    return float(special.stdtrit(_degrees(group, control), (1 + confidence) / 2))


def _degrees(group: _Group, control: _Group) -> float:
    """Return Welch's degrees of freedom."""
    both = group.variance + control.variance
    if both == 0:
        return float(group.people + control.people - 2)
    parts = group.variance**2 / (group.people - 1) + control.variance**2 / (control.people - 1)
    return both**2 / parts


def _chance(difference: float, deviation: float, degrees: float) -> float:
    if deviation == 0:
        return 1.0 if difference == 0 else 0.0
    return float(2 * special.stdtr(degrees, -abs(difference) / deviation))


def _doubts(
    groups: Mapping[str, _Group], values: Mapping[str, Any], planned: Mapping[str, int] | None
) -> tuple[Doubt, ...]:
    found = []
    if planned is not None and not is_share_as_planned({name: one.people for name, one in groups.items()}, planned):
        found.append(Doubt.UNEVEN_GROUPS)
    if any(group.people < SMALL for group in groups.values()):
        found.append(Doubt.SMALL_GROUP)
    if any(np.abs(own).max() >= SKEWED * np.abs(own).sum() > 0 for own in values.values()):
        found.append(Doubt.FEW_DECIDE)
    if all(group.variance == 0 for group in groups.values()):
        found.append(Doubt.NO_SPREAD)
    return tuple(found)


def _differ_before(before: Any, rows: Mapping[str, Any], control: str) -> bool:
    """Tell whether any group stood apart from the control before the start, beyond one in a thousand."""
    groups = {name: _group(before[at]) for name, at in rows.items()}
    first = groups.pop(control)
    return any(
        _chance(one.mean - first.mean, sqrt(one.variance + first.variance), _degrees(one, first)) < 0.001
        for one in groups.values()
    )
