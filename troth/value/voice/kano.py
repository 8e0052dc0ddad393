"""Needs by Kano's pairs of questions, and the needs map.

A pair asks how one feels if a feature is there, and if it is not. The evaluation table and the counting are those of
Berger et al., Kano's Methods for Understanding Customer-Defined Quality (1993), with better = (A + O) ÷ (A + O + M + I)
and worse = -(O + M) ÷ (A + O + M + I).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from troth.value.given import number
from troth.value.later import pl
from troth.value.terms import require

__all__ = ["STEPS", "Feature", "Need", "Zone", "feature", "need_of", "needs_map"]

STEPS = ("like", "expect", "neutral", "tolerate", "dislike")


class Need(StrEnum):
    """What a feature is to a customer."""

    ATTRACTIVE = "attractive"  # delights if there, not missed if not
    ONE_DIMENSIONAL = "one_dimensional"  # the more the better
    MUST_BE = "must_be"  # taken for granted, missed if not there
    INDIFFERENT = "indifferent"
    REVERSE = "reverse"  # wanted not to be there
    QUESTIONABLE = "questionable"  # the two answers contradict each other


_BY_LETTER = {
    "A": Need.ATTRACTIVE,
    "O": Need.ONE_DIMENSIONAL,
    "M": Need.MUST_BE,
    "I": Need.INDIFFERENT,
    "R": Need.REVERSE,
    "Q": Need.QUESTIONABLE,
}
# With the feature by row; without it by column, from like to dislike.
_TABLE = {"like": "QAAAO", "expect": "RIIIM", "neutral": "RIIIM", "tolerate": "RIIIM", "dislike": "RRRRQ"}


class Zone(StrEnum):
    """A place on the needs map: expected or not, stated or not."""

    BASICS = "basics"  # expected, not spoken of
    SATISFACTION = "satisfaction"  # expected and asked for
    DELIGHT = "delight"  # not expected, asked for
    LOYALTY = "loyalty"  # neither expected nor spoken of, and liked


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature over all customers. counts: pairs by need; better 0 to 1, worse -1 to 0, both None if nobody cares;
    is_clear: the two commonest needs differ by more than chance (90 %, Fong's test); count: pairs that count.
    """

    name: str
    counts: Mapping[Need, int]
    need: Need
    is_clear: bool
    better: float | None
    worse: float | None
    count: int


def need_of(present: str, absent: str) -> Need:
    """Return what a pair of answers says: how one feels with the feature, and without it.

    Raises:
        TermsError: a step that is none of the five.
    """
    for name, step in (("present", present), ("absent", absent)):
        require(step in STEPS, name, step, f"must be one of {', '.join(STEPS)}")
    return _BY_LETTER[_TABLE[present][STEPS.index(absent)]]


def feature(name: str, pairs: Iterable[tuple[str, str]]) -> Feature:
    """Return what a feature is to customers, by their pairs of answers: with the feature, and without it.

    Raises:
        TermsError: a step that is none of the five.
    """
    counts = dict.fromkeys(Need, 0)
    for pair in pairs:
        is_pair = isinstance(pair, tuple | list) and len(pair) == 2
        require(is_pair, "pairs", pair, "must be two answers: with the feature, and without it")
        counts[need_of(*pair)] += 1
    total = sum(counts.values())
    ranked = sorted(Need, key=lambda one: (-counts[one], list(Need).index(one)))
    delighted = counts[Need.ATTRACTIVE] + counts[Need.ONE_DIMENSIONAL]
    missed = counts[Need.ONE_DIMENSIONAL] + counts[Need.MUST_BE]
    cared = counts[Need.ATTRACTIVE] + missed + counts[Need.INDIFFERENT]
    first, second = counts[ranked[0]], counts[ranked[1]]
    by_chance = 1.65 * sqrt((first + second) * (2 * total - first - second) / (2 * total)) if total else 0.0
    return Feature(
        name=name,
        counts=counts,
        need=ranked[0],
        is_clear=total > 0 and first - second > by_chance,
        better=delighted / cared if cared else None,
        worse=-missed / cared if cared else None,
        count=total,
    )


def needs_map(features: Iterable[Feature], stated: Mapping[str, float], *, stated_from: float) -> pl.DataFrame:
    """Place features by whether they are expected and whether customers speak of them.

    Args:
        stated: by feature, the share of customers who name it by themselves, 0 to 1.
        stated_from: from which share on it counts as stated.

    Columns: `feature`, `expected` (0 to 1: minus worse), `stated`, `zone` (null for what nobody wants or minds). A
    feature that nobody cares for is left out; what is not stated counts as 0.

    Raises:
        TermsError: a share outside 0 to 1.
    """
    stated_from = number("stated_from", stated_from, "must be a share of 0 to 1", least=0, most=1)
    for name, share in stated.items():
        number(f"stated {name}", share, "must be a share of 0 to 1", least=0, most=1)
    rows = []
    for one in features:
        if one.worse is None:
            continue
        named, expected = stated.get(one.name, 0.0), -one.worse
        rows.append((one.name, expected, named, _zone(one, expected >= 0.5, named >= stated_from)))
    schema = {"feature": pl.String, "expected": pl.Float64, "stated": pl.Float64, "zone": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _zone(one: Feature, is_expected: bool, is_stated: bool) -> str | None:
    if one.need in (Need.INDIFFERENT, Need.REVERSE, Need.QUESTIONABLE):
        return None
    if is_expected:
        return str(Zone.SATISFACTION if is_stated else Zone.BASICS)
    return str(Zone.DELIGHT if is_stated else Zone.LOYALTY)
