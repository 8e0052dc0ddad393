"""What effects come to, in whole numbers: exact fractions until the one rounding that the document states."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import lcm
from typing import Protocol

from troth.kit.money import SCALE

from .document import shapes
from .document.shapes import Mode
from .outcomes import AwardKind
from .scene import EligibleLine, Picked

Shares = tuple[tuple[int, int], ...]
NO_SHARES: Shares = ()


def rounded(numerator: int, denominator: int, mode: Mode) -> int:
    """Return the fraction as a whole number; neither is negative."""
    whole, rest = divmod(numerator, denominator)
    if mode is Mode.FLOOR:
        return whole
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


def stored(value: Decimal) -> int:
    """Return ten-thousandths of a figure of the document, which has at most four places."""
    return int(value.scaleb(4))


class Measure(Protocol):
    """What a rule gives for the lines it picked."""

    def units(self, picked: Picked) -> tuple[int, Shares]:
        """Return the amount, and its part for each line where lines are counted one by one."""
        ...


@dataclass(frozen=True, slots=True)
class PerAmount:
    """`numerator` / `denominator` points for each ten-thousandth of money."""

    numerator: int
    denominator: int
    by_line: bool
    mode: Mode

    def units(self, picked: Picked) -> tuple[int, Shares]:
        if not self.by_line:
            return rounded(max(picked.amount, 0) * self.numerator, self.denominator, self.mode), NO_SHARES
        shares = tuple(
            (one.line.line_no, rounded(one.amount * self.numerator, self.denominator, self.mode))
            for one in picked.lines
        )
        return sum(points for _, points in shares), shares

    def fraction(self, picked: Picked) -> tuple[int, int]:
        """Return the points before rounding."""
        return max(picked.amount, 0) * self.numerator, self.denominator


@dataclass(frozen=True, slots=True)
class PerItem:
    """`points` for every `every` ten-thousandths of a piece."""

    points: int
    every: int

    def units(self, picked: Picked) -> tuple[int, Shares]:
        return picked.quantity // self.every * self.points, NO_SHARES

    def fraction(self, picked: Picked) -> tuple[int, int]:
        """Return the points; only whole pieces count."""
        return self.units(picked)[0], 1


@dataclass(frozen=True, slots=True)
class Flat:
    """Always the same."""

    amount: int

    def units(self, picked: Picked) -> tuple[int, Shares]:
        return self.amount, NO_SHARES


@dataclass(frozen=True, slots=True)
class Steps:
    """The points of the highest step reached; steps ascend in both figures."""

    by_items: bool
    steps: tuple[tuple[int, int], ...]

    def units(self, picked: Picked) -> tuple[int, Shares]:
        reached = picked.quantity if self.by_items else picked.amount
        points = 0
        for start, given in self.steps:
            if reached < start:
                break
            points = given
        return points, NO_SHARES


Base = PerAmount | PerItem


@dataclass(frozen=True, slots=True)
class Times:
    """What other rules give on the same lines, before rounding, times `factor` (ten-thousandths, above once)."""

    factor: int
    mode: Mode

    def units(self, bases: Sequence[tuple[Base, Picked]]) -> int:
        """Return the points on top of what the bases give themselves."""
        fractions = [base.fraction(picked) for base, picked in bases]
        common = lcm(*(denominator for _, denominator in fractions))
        total = sum(numerator * (common // denominator) for numerator, denominator in fractions)
        return rounded(total * self.factor, common * SCALE, self.mode)


def shared_lines(some: Picked, others: Picked) -> Picked:
    """Return the lines that both picked."""
    if some is others:
        return some
    numbers = {one.line.line_no for one in others.lines}
    kept: list[EligibleLine] = [one for one in some.lines if one.line.line_no in numbers]
    return Picked(kept)


@dataclass(frozen=True, slots=True)
class Given:
    """What an effect gives, apart from how much: the parts of an award that are known beforehand."""

    kind: AwardKind
    currency: str = ""
    reference: str = ""
    is_whole: bool = False


def measure_of(effect: shapes.Effect) -> Measure | Times:
    """Return how much an effect gives."""
    match effect:
        case shapes.Multiplier():
            return Times(stored(effect.factor) - SCALE, effect.mode)
        case shapes.PerItem():
            return PerItem(effect.points, stored(effect.every))
        case shapes.Stepped():
            return Steps(effect.by == "items", tuple((stored(one.start), one.points) for one in effect.steps))
        case shapes.Stamps(per="item"):
            return PerItem(effect.stamps, SCALE)
        case shapes.PointsPerAmount() | shapes.TierPoints() if effect.amount is not None:
            denominator = SCALE * stored(effect.amount)
            return PerAmount(stored(effect.points), denominator, effect.rounding.by == "line", effect.rounding.mode)
    return Flat(once(effect))


def once(effect: shapes.Effect) -> int:
    """Return what an effect gives that gives the same for every order."""
    match effect:
        case shapes.Fixed() | shapes.TierPoints():
            return int(effect.points)
        case shapes.Stamps():
            return effect.stamps
        case shapes.CouponEffect():
            return effect.count
    return 1


def given_by(effect: shapes.Effect, default_currency: str) -> Given:
    """Return what kind of thing an effect gives."""
    match effect:
        case shapes.CouponEffect():
            return Given(AwardKind.COUPON, reference=effect.campaign, is_whole=True)
        case shapes.TierPoints():
            return Given(AwardKind.TIER_POINTS)
        case shapes.BadgeEffect():
            return Given(AwardKind.BADGE, reference=effect.badge, is_whole=True)
        case shapes.Stamps():
            return Given(AwardKind.STAMPS, effect.currency, is_whole=True)
    is_whole = isinstance(effect, shapes.Fixed | shapes.Stepped)
    return Given(AwardKind.POINTS, effect.currency or default_currency, is_whole=is_whole)
