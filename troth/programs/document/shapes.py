"""What a programme's document holds: typed and immutable. Amounts are Decimals, days are in the programme's zone."""

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_RULES = 200

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""A name for machines: small letters, digits, hyphens; never changed once published."""
Quantity = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]
NotNegative = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]
PointCount = Annotated[int, Field(gt=0, le=10**12)]
ConditionJson = dict[str, Any]
"""A condition as in troth/kit/conditions; read against the programme's own catalogue."""


class Shape(BaseModel):
    """A part of the document: unknown keys are refused, nothing changes once read.

    What checks a part is built when the first document is read: commands that read none need not wait for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Name(Shape):
    """A name in both languages; written as one text it is the same in both."""

    en: Annotated[str, Field(min_length=1, max_length=120)]
    zh: Annotated[str, Field(max_length=120)] = ""


def _as_name(raw: Any) -> Any:
    return {"en": raw, "zh": raw} if isinstance(raw, str) else raw


Named = Annotated[Name, BeforeValidator(_as_name)]


class Period(StrEnum):
    """How long a counter counts before it begins anew, by the calendar; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    LIFETIME = "lifetime"


class Mode(StrEnum):
    """How a fraction becomes a whole point."""

    FLOOR = "floor"
    HALF_EVEN = "half_even"


class Rounding(Shape):
    """Where and how points are rounded: once for the order, or on every line."""

    by: Literal["order", "line"] = "order"
    mode: Mode = Mode.FLOOR


# --- effects


class PointsPerAmount(Shape):
    """`points` for every `amount` of eligible money; a cashback currency counts in minor units of money."""

    type: Literal["points_per_amount"]
    points: Quantity
    amount: Quantity = Decimal(1)
    rounding: Rounding = Rounding()
    currency: str = ""


class Multiplier(Shape):
    """What the named rules give on the matching lines, `factor` times: this rule adds the part above once."""

    type: Literal["multiplier"]
    factor: Annotated[Decimal, Field(gt=1, le=100, decimal_places=4)]
    of: tuple[Code, ...] = ()
    mode: Mode = Mode.FLOOR
    currency: str = ""


class PerItem(Shape):
    """`points` for every `every` pieces of the matching lines together."""

    type: Literal["per_item"]
    points: PointCount
    every: Quantity = Decimal(1)
    currency: str = ""


class Fixed(Shape):
    """So many points, whatever the amount."""

    type: Literal["fixed"]
    points: PointCount
    currency: str = ""


class Step(Shape):
    """From this amount, or this number of pieces, so many points."""

    start: Quantity = Field(alias="from")
    points: PointCount


class Stepped(Shape):
    """The points of the highest step that the matching lines reach."""

    type: Literal["stepped"]
    by: Literal["amount", "items"] = "amount"
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)]
    currency: str = ""


class Stamps(Shape):
    """Stamps on a card: for the order, or for every piece of the matching lines."""

    type: Literal["stamps"]
    stamps: PointCount = 1
    per: Literal["order", "item"] = "order"
    currency: str


class CouponEffect(Shape):
    """A coupon of a campaign."""

    type: Literal["coupon"]
    campaign: Annotated[str, Field(min_length=1, max_length=64)]
    count: Annotated[int, Field(ge=1, le=20)] = 1


class TierPoints(Shape):
    """Points that count for the tier and cannot be spent: for every `amount`, or once where amount is left out."""

    type: Literal["tier_points"]
    points: Quantity
    amount: Quantity | None = None
    rounding: Rounding = Rounding()


class BadgeEffect(Shape):
    """A badge, once."""

    type: Literal["badge"]
    badge: Code


Effect = Annotated[
    PointsPerAmount | Multiplier | PerItem | Fixed | Stepped | Stamps | CouponEffect | TierPoints | BadgeEffect,
    Field(discriminator="type"),
]
Reward = Annotated[Fixed | Stamps | CouponEffect | TierPoints | BadgeEffect, Field(discriminator="type")]


# --- rules


class Nth(Shape):
    """Only at the nth order that meets the rule's conditions, or at every nth, counted within the period."""

    at: Annotated[int, Field(ge=1, le=10_000)] | None = None
    every: Annotated[int, Field(ge=1, le=10_000)] | None = None
    period: Period = Period.LIFETIME


class Cap(Shape):
    """At most so many points, or so many times, per order, or per member or store in a period."""

    per: Literal["order", "member", "store"] = "member"
    period: Period = Period.LIFETIME
    points: PointCount | None = None
    times: PointCount | None = None


class ProgrammeCap(Cap):
    """A cap over several rules together; over all rules of the currency where none are named."""

    code: Code
    rules: tuple[Code, ...] = ()
    currency: str = ""


class Days(Shape):
    """Days, both ends included."""

    start: date | None = Field(default=None, alias="from")
    until: date | None = None


class Pending(Shape):
    """When the award can be spent: so many days later, or once an event has happened, which may be too late one day."""

    days: Annotated[int, Field(ge=1, le=730)] | None = None
    event: Annotated[str, Field(max_length=80)] = ""
    within_days: Annotated[int, Field(ge=1, le=730)] | None = None


class Rule(Shape):
    """When something happens, and the conditions hold, the member gets something.

    on: "order", or the name of an event in the log, ours or the company's own. group: rules of one group stack as it
    says; a rule without a group always counts. exclusive: where it fires no other grouped rule counts.
    """

    code: Code
    name: Named
    on: Annotated[str, Field(min_length=1, max_length=80)] = "order"
    when: ConditionJson | None = None
    lines: ConditionJson | None = None
    effect: Effect
    group: str = ""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    exclusive: bool = False
    nth: Nth | None = None
    caps: Annotated[tuple[Cap, ...], Field(max_length=8)] = ()
    budget: str = ""
    valid: Days = Days()
    pending: Pending | None = None
    expires_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    counts_for_tier: bool = True


class RuleGroup(Shape):
    """How the rules of a group stack: all of them, the best for the member, or the first by priority."""

    code: Code
    take: Literal["all", "best", "first"] = "all"


class Budget(Shape):
    """What rules may give away together in a period: points, money (at the unit cost), or times; exact."""

    code: Code
    name: Named | None = None
    points: PointCount | None = None
    money: Quantity | None = None
    times: PointCount | None = None
    period: Period = Period.LIFETIME
    per: Literal["programme", "store"] = "programme"


class Challenge(Shape):
    """A goal to reach within a period: orders or events, amount, or pieces; with a reward, once or every time."""

    code: Code
    name: Named
    on: Annotated[str, Field(min_length=1, max_length=80)] = "order"
    when: ConditionJson | None = None
    lines: ConditionJson | None = None
    counts: Literal["times", "amount", "items"] = "times"
    goal: Quantity
    period: Period = Period.LIFETIME
    repeats: bool = False
    valid: Days = Days()
    reward: Reward


class Streak(Shape):
    """So many days, weeks or months in a row in which something happened; once, or for every such row."""

    code: Code
    name: Named
    on: Annotated[str, Field(min_length=1, max_length=80)] = "order"
    when: ConditionJson | None = None
    every: Literal[Period.DAY, Period.WEEK, Period.MONTH]
    length: Annotated[int, Field(ge=2, le=100)]
    repeats: bool = False
    valid: Days = Days()
    reward: Reward


class Badge(Shape):
    """Something to be proud of."""

    code: Code
    name: Named


# --- what earns nothing


class Excludes(Shape):
    """What no rule counts: goods, and the parts of the amount that are tax, shipping, or paid otherwise."""

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    lines: ConditionJson | None = None
    tax: bool = True
    shipping: bool = True
    gift_cards: bool = True
    points: bool = True


class DayPart(Shape):
    """A part of the day in the store's time, the end left out; it may run past midnight."""

    start: time = Field(alias="from")
    until: time


# --- tiers


class Requirement(Shape):
    """What a tier asks for within the window: all of the figures given, or any of several."""

    points: PointCount | None = None
    spend: Quantity | None = None
    visits: PointCount | None = None
    any: tuple["Requirement", ...] = ()


class Window(Shape):
    """Over which time progress counts."""

    type: Literal["rolling", "calendar", "membership_year"] = "rolling"
    months: Annotated[int, Field(ge=1, le=60)] = 12
    period: Literal[Period.MONTH, Period.QUARTER, Period.YEAR] = Period.YEAR


class Tier(Shape):
    """A step of the ladder; only the lowest may ask for nothing. keep: what a review asks for, `reach` by default."""

    code: Code
    name: Named
    reach: Requirement | None = None
    keep: Requirement | None = None
    benefits: tuple[Named, ...] = ()


class Tiers(Shape):
    """The ladder from the lowest to the highest, and how it is climbed and kept."""

    window: Window = Window()
    grace_days: Annotated[int, Field(ge=0, le=366)] = 0
    ladder: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=12)]


class ProgrammeDocument(Shape):
    """A whole programme. currency: of the orders that earn; points: the default point currency's code.

    unit_costs: what one unit of a point currency costs the company, in `currency`.
    """

    programme: Code
    name: Named
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    points: Annotated[str, Field(min_length=1, max_length=40)] = "points"
    time_zone: str = ""
    unit_costs: dict[str, NotNegative] = {}
    excludes: Excludes = Excludes()
    dayparts: dict[Code, DayPart] = {}
    groups: tuple[RuleGroup, ...] = ()
    rules: Annotated[tuple[Rule, ...], Field(max_length=MAX_RULES)] = ()
    caps: Annotated[tuple[ProgrammeCap, ...], Field(max_length=40)] = ()
    budgets: Annotated[tuple[Budget, ...], Field(max_length=40)] = ()
    challenges: Annotated[tuple[Challenge, ...], Field(max_length=40)] = ()
    streaks: Annotated[tuple[Streak, ...], Field(max_length=40)] = ()
    badges: Annotated[tuple[Badge, ...], Field(max_length=100)] = ()
    tiers: Tiers | None = None
