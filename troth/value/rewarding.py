"""What points and rewards take off the value to come: the value net of what loyalty costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from troth.value.terms import require

PLACES = 4


@dataclass(frozen=True, slots=True)
class PointCost:
    """The points of one currency over a time, such as a year.

    issued: points given, less those taken back; sold: revenue of those who collect them, in money; unit_cost: of one
    point, in money; redeemed, expired: points that came to an end in one way or the other.
    """

    currency: str
    issued: float
    sold: float
    unit_cost: float
    redeemed: float = 0.0
    expired: float = 0.0

    def __post_init__(self) -> None:
        for name in ("issued", "sold"):
            given = getattr(self, name)
            require(-inf < given < inf, name, given, "must be a finite number")
        for name in ("unit_cost", "redeemed", "expired"):
            given = getattr(self, name)
            require(0 <= given < inf, name, given, "must be a finite number, 0 or more")

    @property
    def issue_rate(self) -> float:
        """Return the points given for one unit of money; 0 where nothing was sold, or more was taken back."""
        return max(self.issued / self.sold, 0.0) if self.sold > 0 else 0.0

    @property
    def breakage(self) -> float:
        """Return the share of ended points that expired; 0, and so on the safe side, where none has ended yet."""
        ended = self.redeemed + self.expired
        return self.expired / ended if ended > 0 else 0.0

    @property
    def share(self) -> float:
        """Return what these points cost as a share of revenue: issue rate × cost of a point × (1 − breakage)."""
        return self.issue_rate * self.unit_cost * (1 - self.breakage)


def reward_share(points: Sequence[PointCost], *, given_away: float = 0.0, sold: float = 0.0) -> float:
    """Return what points and rewards cost of each unit of revenue, to four places.

    Args:
        points: each point currency that these customers collect.
        given_away: cost of rewards given without points over the same time; what points bought is not counted again.
        sold: revenue of those who may get such rewards.

    Raises:
        TermsError: a cost below 0 or not finite.
    """
    require(0 <= given_away < inf, "given_away", given_away, "must be a finite number, 0 or more")
    gifts = given_away / sold if sold > 0 else 0.0
    return round(sum(one.share for one in points) + gifts, PLACES)


def net_value(gross: float, *, margin: float, share: float) -> float:
    """Return a value to come net of points and rewards.

    The gross value is expected revenue × margin, both discounted alike; so the net value is
    gross × (margin − share) ÷ margin: expected revenue × (margin − share). It may be negative.

    Raises:
        TermsError: a margin of 0, from which no revenue can be told, or figures that are not finite.
    """
    for name, given in (("gross", gross), ("margin", margin), ("share", share)):
        require(-inf < given < inf, name, given, "must be a finite number")
    require(margin != 0, "margin", margin, "must not be 0: the revenue cannot be told from a value of nothing")
    return gross * (margin - share) / margin
