"""The catalogue of what speaks for loyalty, and how each figure becomes points of 0 to 100."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from troth.value.later import pl
from troth.value.terms import require


class Group(StrEnum):
    """Which side of loyalty an indicator speaks for."""

    BEHAVIOUR = "behaviour"
    INTENTION = "intention"  # between the two: the wish to stay and to buy again
    ATTITUDE = "attitude"
    INFORMATION = "information"  # what the customer tells us


Anchors = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator. weight: its part in the index, 0 or more; half_life_days: after how long a measured value is
    trusted half as much, None for a figure that is counted anew each time. only_adds: what can only speak for a
    customer (who brought nobody that we know of, or told nothing, is not the less loyal): it enters the mean where its
    points are above the rest's, and counts for the confidence alone where they are not.

    anchors: rising values with the points each is worth, straight lines between, level beyond both ends. Without
    anchors the points are the place among all customers measured: the share of them who have less, ties in the middle.
    """

    code: str
    group: Group
    weight: float = 1.0
    anchors: Anchors | None = None
    half_life_days: int | None = None
    only_adds: bool = False

    def __post_init__(self) -> None:
        name = f"indicator {self.code}"
        require(0 <= self.weight < float("inf"), f"{name}: weight", self.weight, "must be a finite number, 0 or more")
        if self.half_life_days is not None:
            require(self.half_life_days >= 1, f"{name}: half_life_days", self.half_life_days, "must be 1 or more")
        if self.anchors is not None:
            values = [value for value, _points in self.anchors]
            rising = len(values) >= 2 and values == sorted(set(values))
            require(rising, f"{name}: anchors", self.anchors, "must be two or more pairs with rising values")
            inside = all(0 <= points <= 100 for _value, points in self.anchors)
            require(inside, f"{name}: anchors", self.anchors, "must give points of 0 to 100")

    def points(self, values: pl.Expr) -> pl.Expr:
        """Return the points of a column of values."""
        if self.anchors is None:
            # With one customer measured nobody has less and nobody more: the middle.
            return (values.rank("average") - 0.5) / pl.len() * 100
        return _along(self.anchors, values)


def _along(anchors: Anchors, values: pl.Expr) -> pl.Expr:
    """Straight lines between the anchors, the ends' points beyond them."""
    found = pl.lit(anchors[0][1], dtype=pl.Float64)
    for (low, at_low), (high, at_high) in pairwise(anchors):
        share = (values - low) / (high - low)
        found = pl.when(values > low).then(at_low + (at_high - at_low) * share.clip(0, 1)).otherwise(found)
    return found


_FIVE_STEPS = ((1.0, 0.0), (5.0, 100.0))
_SHARE = ((0.0, 0.0), (1.0, 100.0))

CATALOGUE: tuple[Indicator, ...] = (
    # Silence in the customer's own gaps: up to one is as it should be, three is sleeping, six is lost.
    Indicator(code="silence_in_gaps", group=Group.BEHAVIOUR, weight=2, anchors=((1, 100), (3, 50), (6, 0))),
    Indicator(code="frequency", group=Group.BEHAVIOUR, weight=2),
    Indicator(code="window_revenue", group=Group.BEHAVIOUR, weight=2),
    Indicator(code="categories", group=Group.BEHAVIOUR),
    Indicator(code="tenure_days", group=Group.BEHAVIOUR, anchors=((0, 0), (365, 50), (1825, 100))),
    Indicator(code="full_price_share", group=Group.BEHAVIOUR, anchors=_SHARE),
    Indicator(code="share_of_wallet", group=Group.BEHAVIOUR, weight=2, anchors=_SHARE, half_life_days=730),
    Indicator(code="days_to_choose", group=Group.BEHAVIOUR, weight=0.5, anchors=((0, 100), (30, 0))),
    Indicator(code="referrals", group=Group.BEHAVIOUR, weight=2, anchors=((0, 0), (1, 50), (4, 100)), only_adds=True),
    Indicator(code="stayed_after_fault", group=Group.BEHAVIOUR, anchors=_SHARE, half_life_days=730),
    Indicator(code="intention", group=Group.INTENTION, weight=2, anchors=_FIVE_STEPS, half_life_days=365),
    Indicator(code="satisfaction", group=Group.ATTITUDE, weight=2, anchors=_FIVE_STEPS, half_life_days=365),
    Indicator(code="trust", group=Group.ATTITUDE, weight=2, anchors=_FIVE_STEPS, half_life_days=730),
    Indicator(code="recommend", group=Group.ATTITUDE, weight=2, anchors=((0, 0), (10, 100)), half_life_days=365),
    Indicator(code="preference", group=Group.ATTITUDE, anchors=_FIVE_STEPS, half_life_days=365),
    Indicator(code="tolerance", group=Group.ATTITUDE, anchors=_FIVE_STEPS, half_life_days=365),
    Indicator(
        code="information",
        group=Group.INFORMATION,
        anchors=((0, 0), (1, 40), (5, 100)),
        half_life_days=365,
        only_adds=True,
    ),
)
"""Scales: satisfaction, trust, preference over competitors, tolerance of a mistake and intention 1 to 5, recommend 0 to
10, shares 0 to 1, stayed_after_fault 0 or 1, information the number of things told in the last year."""


def indicator_of(code: str, catalogue: Sequence[Indicator] = CATALOGUE) -> Indicator:
    """Return the indicator of a code. Raises TermsError for one that the catalogue does not have."""
    known = {one.code: one for one in catalogue}
    require(code in known, "indicator", code, f"must be one of {', '.join(known)}")
    return known[code]
