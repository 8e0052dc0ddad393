"""The settings of a calculation: small frozen values that refuse what makes no sense."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from troth.value.errors import TermsError

Unit = Literal["days", "weeks"]
Measure = Literal["revenue", "profit"]

UNIT_DAYS: dict[Unit, int] = {"days": 1, "weeks": 7}
BANDS = ("diamond", "gold", "silver", "ordinary", "new")
INACTIVE = "inactive"
STATUSES = ("new", "repeat", "active", "sleeping", "lost")
ACTIVE_STATUSES = ("new", "repeat", "active")
RUNGS = ("first_time_buyer", "at_least_repeat_buyer")
"""How far orders alone tell the ladder."""
BUYER_RUNGS = ("first_time_buyer", "repeat_buyer", "at_least_repeat_buyer", "client", "advocate")


def require(is_met: bool, name: str, given: object, limit: str) -> None:
    if not is_met:
        raise TermsError(name, given, limit)


def require_finite(name: str, given: Decimal | None) -> None:
    """Neither infinity nor "not a number" bounds anything; comparing the latter would fail without a name."""
    require(given is None or given.is_finite(), name, given, "must be a finite number")


def require_short(name: str, given: Decimal) -> None:
    """Amounts and shares are kept to ten-thousandths."""
    exponent = given.as_tuple().exponent
    is_short = isinstance(exponent, int) and exponent >= -4
    require(is_short, name, given, "must have at most four decimals")


def checked_day(name: str, given: object) -> date:
    """A plain day; a moment is refused, for it says nothing about whose zone cuts the day."""
    is_day = isinstance(given, date) and not isinstance(given, datetime)
    require(is_day, name, given, "must be a datetime.date, a business day in the company's zone")
    assert isinstance(given, date)
    return given


def unit_days(unit: str) -> int:
    require(unit in UNIT_DAYS, "unit", unit, f"must be one of {', '.join(UNIT_DAYS)}")
    return UNIT_DAYS[unit]  # type: ignore[index]  # checked in the line above


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What is earned on revenue whose cost is not known: an assumption, and reported as one.

    `assumed` is profit ÷ revenue, 0 to 1, used for the lines that carry no unit cost and for no others.
    """

    assumed: Decimal = Decimal("0.30")

    def __post_init__(self) -> None:
        require(isinstance(self.assumed, Decimal), "margin.assumed", self.assumed, "must be a Decimal")
        require_finite("margin.assumed", self.assumed)
        require(0 <= self.assumed <= 1, "margin.assumed", self.assumed, "must lie between 0 and 1")
        require_short("margin.assumed", self.assumed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a silence is too long for this customer.

    The usual gap is the mean of a customer's own gaps between purchases, mixed with the company's gap,
    which counts as `company_gaps` further gaps: with few purchases the company's rhythm speaks, with many
    his own. Silence beyond `sleeping_after` usual gaps is sleeping, beyond `lost_after` lost. Who buys at
    random at a steady pace is silent for three usual gaps one time in twenty, for six one time in four
    hundred.

    `floor_days` is the shortest silence that counts as sleeping (lost in proportion), so that a daily
    customer's week of holiday is not a loss. From `active_from_purchases` on a customer is `active` instead
    of `repeat`. `fallback_gap_days` is the company's gap where nobody has come back yet.
    """

    sleeping_after: Decimal = Decimal(3)
    lost_after: Decimal = Decimal(6)
    floor_days: int = 14
    company_gaps: int = 2
    active_from_purchases: int = 3
    fallback_gap_days: int = 90

    def __post_init__(self) -> None:
        for name in ("sleeping_after", "lost_after"):
            require_finite(f"rhythm.{name}", Decimal(getattr(self, name)))
        require(self.sleeping_after > 0, "rhythm.sleeping_after", self.sleeping_after, "must be above 0")
        is_later = self.lost_after > self.sleeping_after
        require(is_later, "rhythm.lost_after", self.lost_after, "must be above sleeping_after")
        require(self.floor_days >= 0, "rhythm.floor_days", self.floor_days, "must be 0 or more")
        require(self.company_gaps >= 1, "rhythm.company_gaps", self.company_gaps, "must be 1 or more")
        count = self.active_from_purchases
        require(count >= 2, "rhythm.active_from_purchases", count, "must be 2 or more")
        require(
            self.fallback_gap_days >= 1,
            "rhythm.fallback_gap_days",
            self.fallback_gap_days,
            "must be 1 or more",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Where the pyramid's bands begin.

    The pyramid holds those who bought in the last `window_days`; all others are `inactive`. Of these, who
    bought for the first time in the last `new_days` is `new`. The others are ranked by `measure` over the
    window: `by="share"` cuts at shares of all customers in the pyramid (diamond the best 3 %, gold the next
    10 %, silver the next 20 %), `by="amount"` at amounts of money (diamond from 20,000 …). Equal values
    always share a band: a tie stands at the middle of the places it fills.
    """

    by: Literal["share", "amount"] = "share"
    diamond: Decimal = Decimal("0.03")
    gold: Decimal = Decimal("0.10")
    silver: Decimal = Decimal("0.20")
    measure: Measure = "revenue"
    window_days: int = 365
    new_days: int = 90

    def __post_init__(self) -> None:
        for name, threshold in zip(BANDS, self.thresholds, strict=False):
            require_short(f"bands.{name}", threshold)
        require(self.by in ("share", "amount"), "bands.by", self.by, "must be share or amount")
        require(self.measure in ("revenue", "profit"), "bands.measure", self.measure, "must be revenue or profit")
        require(self.window_days >= 1, "bands.window_days", self.window_days, "must be 1 or more")
        is_inside = 0 <= self.new_days <= self.window_days
        require(is_inside, "bands.new_days", self.new_days, "must lie between 0 and window_days")
        if self.by == "share":
            self._check_shares()
        else:
            is_falling = self.diamond > self.gold > self.silver
            require(is_falling, "bands", self.thresholds, "amounts must fall from diamond over gold to silver")

    def _check_shares(self) -> None:
        for name, share in zip(BANDS, self.thresholds, strict=False):
            require(0 < share < 1, f"bands.{name}", share, "must lie between 0 and 1 as a share of customers")
        require(sum(self.thresholds) <= 1, "bands", self.thresholds, "shares must not add up to more than 1")

    @property
    def thresholds(self) -> tuple[Decimal, Decimal, Decimal]:
        """Where diamond, gold and silver begin, in that order."""
        return self.diamond, self.gold, self.silver


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmRules:
    """How recency, frequency and money become scores of 1 (worst) to 5 (best).

    Without thresholds each score is the customer's fifth: the place in the order from worst to best, a tie
    standing at the middle of the places it fills, so that equal values always get the same score. With
    thresholds (four rising edges) a score is 1 plus the number of edges reached: `purchases=(2, 4, 8, 16)`
    gives 5 from 16 purchases on. For `recency_days` fewer is better: (30, 90, 180, 365) gives 5 up to 30
    days. Money is net revenue.
    """

    recency_days: tuple[int, int, int, int] | None = None
    purchases: tuple[int, int, int, int] | None = None
    revenue: tuple[Decimal, Decimal, Decimal, Decimal] | None = None

    def __post_init__(self) -> None:
        for name in ("recency_days", "purchases", "revenue"):
            edges = getattr(self, name)
            if edges is not None:
                for edge in edges:
                    require_finite(f"rfm.{name}", Decimal(edge))
                is_rising = len(edges) == 4 and list(edges) == sorted(set(edges))
                require(is_rising, f"rfm.{name}", edges, "must be four rising edges")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All settings of `scores`, stored beside its results so that they can be explained later."""

    unit: Unit = "days"
    margin: Margin = field(default_factory=Margin)
    rhythm: Rhythm = field(default_factory=Rhythm)
    bands: Bands = field(default_factory=Bands)
    rfm: RfmRules = field(default_factory=RfmRules)

    def __post_init__(self) -> None:
        unit_days(self.unit)
