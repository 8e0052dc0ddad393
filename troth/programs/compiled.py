"""A programme made ready to evaluate: conditions as functions, figures as whole numbers. Made by `compiling`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from troth.kit.conditions.tree import Comparison

from .document.shapes import Period, ProgrammeDocument
from .effects import Given, Measure, Times
from .judging import Judge, Test
from .periods import ordinal, period_key
from .scene import DayParts, IsExcluded


@dataclass(frozen=True, slots=True)
class CompiledCap:
    """A limit: `points` of awards, or `times`. Of a member it is a counter, of a store a shared budget."""

    code: str
    per: str
    period: Period
    points: int
    times: int

    def key(self, day: date, store_id: int | None) -> str:
        """Return the key of the counter, or of the shared budget, that a day at a store counts in."""
        period = period_key(self.period, day)
        return f"cap:{self.code}:{_shop(store_id)}:{period}" if self.per == "store" else f"cap:{self.code}:{period}"


@dataclass(frozen=True, slots=True)
class CompiledBudget:
    """A shared budget; size and per_unit in points, ten-thousandths of money, or times."""

    code: str
    size: int
    per_unit: Mapping[str, int]  # by point currency; missing is a draw of 1, once
    once: int
    period: Period
    per_store: bool

    def key(self, day: date, store_id: int | None) -> str:
        """Return the key of what a day at a store draws on."""
        period = period_key(self.period, day)
        return f"budget:{self.code}:{_shop(store_id)}:{period}" if self.per_store else f"budget:{self.code}:{period}"


def _shop(store_id: int | None) -> str:
    return "-" if store_id is None else str(store_id)


@dataclass(frozen=True, slots=True)
class CompiledNth:
    """The nth order that meets the conditions."""

    code: str
    at: int
    every: int
    period: Period

    def key(self, day: date) -> str:
        """Return the key of the counter."""
        return f"nth:{self.code}:{period_key(self.period, day)}"

    def given_key(self, day: date) -> str:
        """Return the key of how often one was the nth already, of orders that still stand."""
        return f"given:{self.key(day)}"

    def is_due(self, number: int) -> bool:
        """Tell whether the order of this number is one of those meant."""
        return number == self.at if self.at else number % self.every == 0

    def is_given(self, number: int, given: int) -> bool:
        """Tell whether an order that still stands was the nth in this one's place: one between them came back."""
        return given >= (1 if self.at else number // self.every)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule. holds: `when` as a plain yes or no; first_day, last_day: proleptic ordinals, both included."""

    code: str
    when: Judge | None
    holds: Test | None
    lines: Test | None
    measure: Measure | Times
    given: Given
    bases: tuple[str, ...]
    group: str
    is_exclusive: bool
    nth: CompiledNth | None
    caps: tuple[CompiledCap, ...]
    budget: CompiledBudget | None
    first_day: int
    last_day: int
    pending_days: int
    awaits_event: str
    expires_days: int
    counts_for_tier: bool
    unit_cost: int | None


@dataclass(frozen=True, slots=True)
class CompiledGoal:
    """A challenge (counts to `goal` in a period), or a streak (`goal` periods in a row)."""

    code: str
    when: Judge | None
    lines: Test | None
    counts: str  # times, amount, items; "streak"
    goal: int
    period: Period
    repeats: bool
    first_day: int
    last_day: int
    given: Given
    amount: int
    unit_cost: int | None

    def key(self, day: date) -> str:
        """Return the key of the counter for a day."""
        if self.counts == "streak":
            return self.key_of(ordinal(self.period, day))
        return f"challenge:{self.code}:{period_key(self.period, day)}"

    def key_of(self, number: int) -> str:
        """Return the key of a streak's day, week or month of that number."""
        return f"streak:{self.code}:{self.period}:{number}"

    def given_keys(self, day: date) -> list[str]:
        """Return the keys of what was given already and still stands, which this must not give a second time.

        Of a challenge, and of a streak that is rewarded once: how often. Of a streak that repeats: the ends of rewarded
        rows that would share a day, week or month with one ending now; this one's own comes first.
        """
        if self.counts != "streak":
            return [f"given:{self.key(day)}"]
        if not self.repeats:
            return [f"given:streak:{self.code}:"]
        number = ordinal(self.period, day)
        return [f"given:{self.key_of(number - back)}" for back in range(self.goal)]


@dataclass(frozen=True, slots=True)
class Happening:
    """What an order, or one kind of event, may bring: rules by priority, best first, and goals."""

    rules: tuple[CompiledRule, ...]
    order: tuple[str, ...]  # codes as the document has them
    goals: tuple[CompiledGoal, ...]
    caps: tuple[CompiledCap, ...]
    budgets: tuple[CompiledBudget, ...]


@dataclass(frozen=True, slots=True)
class CompiledProgramme:
    """A programme ready to evaluate. questions: comparisons over the customer that the state answers, by key.

    conditions: every part of the rules' conditions as JSON, by `judging.condition_name`.
    """

    document: ProgrammeDocument
    currency: str
    happenings: Mapping[str, Happening]
    groups: Mapping[str, str]
    parts: DayParts
    is_excluded: IsExcluded | None
    deducts: tuple[bool, bool, bool, bool]
    deducts_any: bool
    counts_visits: bool
    questions: Mapping[str, Comparison]
    conditions: Mapping[str, Mapping[str, Any]]
    segments: frozenset[str]
    asks_birthday: bool

    def counters_for(self, on: str, day: date, counters: Mapping[str, int]) -> dict[str, int]:
        """Return those of a member's counters that evaluating such a thing on that day reads: what a state keeps."""
        happening = self.happenings.get(on)
        if happening is None:
            return {}
        keys = [cap.key(day, None) for cap in happening.caps if cap.per == "member"]
        keys += [key for rule in happening.rules if rule.nth for key in (rule.nth.key(day), rule.nth.given_key(day))]
        if self.counts_visits and on == "order":
            keys.append(visit_key(day))
        for goal in happening.goals:
            keys += goal.given_keys(day)
            keys += _row_keys(goal, day, counters) if goal.counts == "streak" else [goal.key(day)]
        return {key: counters[key] for key in keys if counters.get(key)}

    def shared_sizes(self, on: str, day: date, store_id: int | None) -> dict[str, int]:
        """Return the keys of every shared budget that such a thing may draw on, with its size."""
        happening = self.happenings.get(on)
        if happening is None:
            return {}
        found = {cap.key(day, store_id): cap.points or cap.times for cap in happening.caps if cap.per == "store"}
        found.update((budget.key(day, store_id), budget.size) for budget in happening.budgets)
        return found


STREAK_LIMIT = 366
"""As far as a streak is counted; a longer one earns no more."""


def _row_keys(goal: CompiledGoal, day: date, counters: Mapping[str, int]) -> list[str]:
    """Return the keys of a streak's unbroken row up to a day."""
    number = ordinal(goal.period, day)
    found = [goal.key_of(number)]
    while len(found) <= STREAK_LIMIT and counters.get(goal.key_of(number - len(found)), 0) > 0:
        found.append(goal.key_of(number - len(found)))
    return found


VISIT = "visit:"


def visit_key(day: date) -> str:
    """Return the key of the counter of a day's visits."""
    return f"{VISIT}{day.isoformat()}"
