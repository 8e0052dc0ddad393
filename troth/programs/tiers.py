"""The arithmetic of tiers: windows, what is reached, kept and missing, and reviews. Pure; days in the programme's zone.

A tier is read from what was earned (`Figures` over a window), never from a balance: spending points demotes nobody.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from troth.kit.money import SCALE

from .document import shapes
from .document.shapes import Period, ProgrammeDocument


class Figures(NamedTuple):
    """What was earned within a window; spend in ten-thousandths."""

    points: int = 0
    spend: int = 0
    visits: int = 0

    def plus(self, points: int, spend: int, visits: int) -> "Figures":
        """Return the figures with so much more, or less."""
        return Figures(self.points + points, self.spend + spend, self.visits + visits)


class Span(NamedTuple):
    """Days from `first` to `last`, both included."""

    first: date
    last: date


Sums = Callable[[Span], Figures]
"""Given days, what the member earned on them."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a tier asks for: one of `ways`, each of which asks for all of its figures (0 asks for nothing)."""

    ways: tuple[Figures, ...]

    def is_met(self, figures: Figures) -> bool:
        """Tell whether the figures are enough."""
        return any(_meets(figures, way) for way in self.ways)

    def missing(self, figures: Figures) -> tuple[Figures, ...]:
        """Return for each way what is missing to it; empty where the goal is met."""
        if self.is_met(figures):
            return ()
        return tuple(
            Figures(*(max(wanted - had, 0) for wanted, had in zip(way, figures, strict=True))) for way in self.ways
        )


def _meets(figures: Figures, wanted: Figures) -> bool:
    return (
        (figures.points >= wanted.points or not wanted.points)
        and (figures.spend >= wanted.spend or not wanted.spend)
        and (figures.visits >= wanted.visits or not wanted.visits)
    )


_NOTHING_ASKED = Goal((Figures(),))


@dataclass(frozen=True, slots=True)
class Step:
    """A tier of the ladder with what reaching and keeping it asks for."""

    code: str
    reach: Goal
    keep: Goal
    is_free: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """An earned tier: since which day, and the day of its next review, None for never."""

    tier: str = ""
    since: date = date.min
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A change, or a renewal (`reason` kept), of the earned tier on a day, with the figures that decided."""

    before: Holding
    after: Holding
    day: date
    reason: str  # reached, kept, reviewed
    figures: Figures


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers from the lowest to the highest, with the window of a programme."""

    steps: tuple[Step, ...]
    window: shapes.Window
    grace_days: int

    def rank(self, code: str) -> int:
        """Return the place of a tier, −1 for none or one that no longer exists."""
        for index, step in enumerate(self.steps):
            if step.code == code:
                return index
        return -1

    def higher(self, one: str, other: str) -> str:
        """Return the higher of two tiers."""
        return one if self.rank(one) >= self.rank(other) else other

    @property
    def start(self) -> str:
        """Return the tier that everybody has: the lowest, if it asks for nothing."""
        return self.steps[0].code if self.steps and self.steps[0].is_free else ""

    def next_above(self, code: str) -> Step | None:
        """Return the tier above, None at the top."""
        index = self.rank(code) + 1
        return self.steps[index] if index < len(self.steps) else None

    def reached(self, figures: Figures) -> str:
        """Return the highest tier whose goal the figures meet, "" for none."""
        return next((step.code for step in reversed(self.steps) if step.reach.is_met(figures)), "")

    # --- windows

    def span(self, day: date, joined: date) -> Span:
        """Return the window that a day counts in: what was earned in it decides what is reached."""
        if self.window.type == "rolling":
            return Span(months_after(day, -self.window.months) + timedelta(days=1), day)
        start = self._period_start(day, joined)
        return Span(start, self._period_after(start, joined) - timedelta(days=1))

    def review_span(self, since: date, review: date, last: date, joined: date) -> Span:
        """Return the window of a review: the period that ended the day before, and the days of grace up to `last`.

        A rolling one begins after the day on which the tier was reached: what reached it does not keep it as well.
        """
        if self.window.type == "rolling":
            return Span(max(self.span(last, joined).first, since + timedelta(days=1)), last)
        return Span(self._period_start(review - timedelta(days=1), joined), last)

    def kept_span(self, holding: "Holding", day: date, joined: date) -> Span:
        """Return the days up to this one that the next review of a holding will count; none where it ends before."""
        assert holding.until is not None
        last = max(day, holding.until - timedelta(days=1))
        return Span(self.review_span(holding.since, holding.until, last, joined).first, day)

    def held_until(self, day: date, joined: date, *, is_renewal: bool) -> date:
        """Return the review of a tier reached on a day, or renewed at its review on that day.

        By periods: a tier reached counts to the end of the next period, a renewed one to the end of this one.
        """
        if self.window.type == "rolling":
            return months_after(day, self.window.months) + timedelta(days=int(not is_renewal))
        end = self._period_after(self._period_start(day, joined), joined)
        return end if is_renewal else self._period_after(end, joined)

    def _period_start(self, day: date, joined: date) -> date:
        if self.window.type == "membership_year":
            anniversary = _same_day(joined, day.year)
            return anniversary if anniversary <= day else _same_day(joined, day.year - 1)
        months = _MONTHS[self.window.period]
        return day.replace(month=(day.month - 1) // months * months + 1, day=1)

    def _period_after(self, start: date, joined: date) -> date:
        if self.window.type == "membership_year":
            return _same_day(joined, start.year + 1)
        return months_after(start, _MONTHS[self.window.period])

    # --- moves

    def climb(self, holding: Holding, day: date, joined: date, sums: Sums) -> Move | None:
        """Return the move up that what was earned by a day deserves, if any; several steps at once are possible."""
        if self.next_above(holding.tier) is None:
            return None
        figures = sums(self.span(day, joined))
        tier = self.reached(figures)
        if self.rank(tier) <= self.rank(holding.tier):
            return None
        after = Holding(tier, day, self._review_of(tier, self.held_until(day, joined, is_renewal=False)))
        return Move(holding, after, day, "reached", figures)

    def reviews(self, holding: Holding, today: date, joined: date, sums: Sums) -> Iterator[Move]:
        """Yield what the reviews due by today bring: kept, or one step down after the days of grace."""
        while holding.until is not None and holding.until <= today:
            move = self._review(holding, holding.until, today, joined, sums)
            if move is None:
                return
            yield move
            holding = move.after

    def _review(self, holding: Holding, review: date, today: date, joined: date, sums: Sums) -> Move | None:
        """Return what one review brings; None while the days of grace run and may still save the tier."""
        index = self.rank(holding.tier)
        if index < 0:  # the tier no longer exists in this version
            return Move(holding, Holding(self.start, review, None), review, "reviewed", Figures())
        end = review + timedelta(days=self.grace_days)
        last = min(today, end - timedelta(days=1)) if self.grace_days else review - timedelta(days=1)
        figures = sums(self.review_span(holding.since, review, last, joined))
        if self.steps[index].keep.is_met(figures):
            until = self._review_of(holding.tier, self.held_until(review, joined, is_renewal=True))
            return Move(holding, replace(holding, until=until), review, "kept", figures)
        if today < end:
            return None
        below = self.steps[index - 1].code if index else ""
        until = self._review_of(below, self.held_until(end, joined, is_renewal=True))
        return Move(holding, Holding(below, end, until), end, "reviewed", figures)

    def _review_of(self, tier: str, until: date) -> date | None:
        """Return the day of the next review; a tier that asks for nothing is not reviewed."""
        index = self.rank(tier)
        return None if index < 0 or self.steps[index].is_free else until


_MONTHS: Mapping[Period, int] = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


@lru_cache(maxsize=10_000)
def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _same_day(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def ladder_of(document: ProgrammeDocument) -> Ladder | None:
    """Return the ladder of a programme, None where it has none."""
    if document.tiers is None:
        return None
    steps = tuple(_step(tier) for tier in document.tiers.ladder)
    return Ladder(steps, document.tiers.window, document.tiers.grace_days)


def _step(tier: shapes.Tier) -> Step:
    reach = _goal(tier.reach)
    return Step(tier.code, reach, _goal(tier.keep) if tier.keep else reach, tier.reach is None)


def _goal(asked: shapes.Requirement | None) -> Goal:
    if asked is None:
        return _NOTHING_ASKED
    return Goal(tuple(_figures(one) for one in asked.any) if asked.any else (_figures(asked),))


def _figures(asked: shapes.Requirement) -> Figures:
    spend = asked.spend or Decimal(0)
    return Figures(asked.points or 0, int(spend * SCALE), asked.visits or 0)
