"""From a document to a programme ready to evaluate. The document was checked before (`document.reading`)."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_CEILING
from typing import Any

from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import Comparison, Condition, comparisons

from .baskets import BasketLine
from .compiled import (
    CompiledBudget,
    CompiledCap,
    CompiledGoal,
    CompiledNth,
    CompiledProgramme,
    CompiledRule,
    Happening,
)
from .document import shapes
from .document.shapes import ProgrammeDocument
from .effects import given_by, measure_of, once, stored
from .fields import Readable, line_catalogue, line_fields, scene_catalogue, scene_fields
from .judging import Judge, Test, answer_key, asked_of_customer, compile_condition, compile_test, named_parts
from .outcomes import AwardKind
from .scene import IsExcluded

FIRST_DAY, LAST_DAY = 0, date.max.toordinal()


def compile_programme(document: ProgrammeDocument) -> CompiledProgramme:
    """Return the programme ready to evaluate; reads the catalogue of fields, so do it once a version.

    Raises:
        ConditionInvalidError: a condition uses what no longer exists.
    """
    return _Compiler(document).compile()


class _Compiler:
    """One compilation: gathers what the conditions ask of the member's state."""

    def __init__(self, document: ProgrammeDocument) -> None:
        self.document = document
        self.questions: dict[str, Comparison] = {}
        self.conditions: dict[str, Mapping[str, Any]] = {}
        self.segments: set[str] = set()
        self.asks_birthday = False
        self.line_fields = line_fields()
        self.line_catalogue = line_catalogue()
        self.scenes: dict[str, tuple[Mapping[str, Readable], Catalogue]] = {}
        self.budgets = {budget.code: self._budget(budget) for budget in document.budgets}
        self.base_codes = tuple(
            rule.code for rule in document.rules if rule.effect.type == "points_per_amount" and not rule.group
        )

    def compile(self) -> CompiledProgramme:
        document, excludes = self.document, self.document.excludes
        names = [rule.on for rule in document.rules]
        names += [one.on for one in document.challenges] + [one.on for one in document.streaks]
        happenings = {on: self._happening(on) for on in dict.fromkeys(["order", *names])}
        deducts = (excludes.tax, excludes.shipping, excludes.gift_cards, excludes.points)
        return CompiledProgramme(
            document=document,
            currency=document.currency,
            happenings=happenings,
            groups={group.code: group.take for group in document.groups},
            parts=tuple((code, part.start, part.until) for code, part in document.dayparts.items()),
            is_excluded=self._excluded(),
            deducts=deducts,
            deducts_any=any(deducts),
            counts_visits=_asks_visits(document),
            questions=self.questions,
            conditions=self.conditions,
            segments=frozenset(self.segments),
            asks_birthday=self.asks_birthday,
        )

    def _happening(self, on: str) -> Happening:
        shaped = [rule for rule in self.document.rules if rule.on == on]
        rules = [self._rule(rule) for rule in sorted(shaped, key=lambda rule: -rule.priority)]
        goals = [self._challenge(one) for one in self.document.challenges if one.on == on]
        goals += [self._streak(one) for one in self.document.streaks if one.on == on]
        budgets = {rule.budget.code: rule.budget for rule in rules if rule.budget}
        caps = {cap.code: cap for rule in rules for cap in rule.caps}
        codes = tuple(rule.code for rule in shaped)
        return Happening(tuple(rules), codes, tuple(goals), tuple(caps.values()), tuple(budgets.values()))

    def _rule(self, rule: shapes.Rule) -> CompiledRule:
        given = given_by(rule.effect, self.document.points)
        measure = measure_of(rule.effect)
        nth = rule.nth
        bases: tuple[str, ...] = ()
        if isinstance(rule.effect, shapes.Multiplier):
            bases = rule.effect.of or self._bases_of(given.currency)
        when = self._condition(rule.on, rule.when)
        fields = self.scenes[rule.on][0] if when is not None else {}
        return CompiledRule(
            code=rule.code,
            when=None if when is None else compile_condition(when, fields),
            holds=None if when is None else compile_test(when, fields),
            lines=self._lines(rule.lines),
            measure=measure,
            given=given,
            bases=bases,
            group=rule.group,
            is_exclusive=rule.exclusive,
            nth=CompiledNth(rule.code, nth.at or 0, nth.every or 0, nth.period) if nth else None,
            caps=self._caps(rule, given.kind, given.currency),
            budget=self.budgets.get(rule.budget),
            first_day=rule.valid.start.toordinal() if rule.valid.start else FIRST_DAY,
            last_day=rule.valid.until.toordinal() if rule.valid.until else LAST_DAY,
            pending_days=(rule.pending.days or rule.pending.within_days or 0) if rule.pending else 0,
            awaits_event=rule.pending.event if rule.pending else "",
            expires_days=rule.expires_days or 0,
            counts_for_tier=rule.counts_for_tier,
            unit_cost=self._unit_cost(given.currency),
        )

    def _bases_of(self, currency: str) -> tuple[str, ...]:
        """Return the rules that a multiplier multiplies where it names none."""
        effects = {rule.code: rule.effect for rule in self.document.rules}
        return tuple(
            code for code in self.base_codes if given_by(effects[code], self.document.points).currency == currency
        )

    def _caps(self, rule: shapes.Rule, kind: AwardKind, currency: str) -> tuple[CompiledCap, ...]:
        own = [_cap(f"{rule.code}.{number}", cap) for number, cap in enumerate(rule.caps, start=1)]
        for cap in self.document.caps:
            meant = rule.code in cap.rules if cap.rules else kind in (AwardKind.POINTS, AwardKind.STAMPS)
            if meant and (cap.rules or (cap.currency or self.document.points) == currency):
                own.append(_cap(cap.code, cap))
        return tuple(own)

    def _budget(self, budget: shapes.Budget) -> CompiledBudget:
        per_unit: dict[str, int] = {}
        if budget.points:
            size, once = budget.points, 0
            per_unit = dict.fromkeys(self._currencies(), 1)
        elif budget.money:
            size, once = stored(budget.money), 0
            per_unit = {code: self._unit_cost(code) or 0 for code in self._currencies()}
        else:
            size, once = budget.times or 0, 1
        return CompiledBudget(budget.code, size, per_unit, once, budget.period, budget.per == "store")

    def _currencies(self) -> set[str]:
        effects: Iterable[Any] = [rule.effect for rule in self.document.rules]
        return {given_by(effect, self.document.points).currency for effect in effects} - {""}

    def _unit_cost(self, currency: str) -> int | None:
        cost = self.document.unit_costs.get(currency)
        return None if cost is None else int(cost.scaleb(4).to_integral_value(ROUND_CEILING))

    def _challenge(self, one: shapes.Challenge) -> CompiledGoal:
        goal = int(one.goal) if one.counts == "times" else stored(one.goal)
        lines = self._lines(one.lines)
        return self._goal(one, lines, one.counts, goal, one.period)

    def _streak(self, one: shapes.Streak) -> CompiledGoal:
        return self._goal(one, None, "streak", one.length, one.every)

    def _goal(
        self,
        one: shapes.Challenge | shapes.Streak,
        lines: Test | None,
        counts: str,
        goal: int,
        period: shapes.Period,
    ) -> CompiledGoal:
        given = given_by(one.reward, self.document.points)
        return CompiledGoal(
            code=one.code,
            when=self._when(one.on, one.when),
            lines=lines,
            counts=counts,
            goal=goal,
            period=period,
            repeats=one.repeats,
            first_day=one.valid.start.toordinal() if one.valid.start else FIRST_DAY,
            last_day=one.valid.until.toordinal() if one.valid.until else LAST_DAY,
            given=given,
            amount=once(one.reward),
            unit_cost=self._unit_cost(given.currency),
        )

    def _when(self, on: str, raw: dict[str, Any] | None) -> Judge | None:
        condition = self._condition(on, raw)
        return None if condition is None else compile_condition(condition, self.scenes[on][0])

    def _condition(self, on: str, raw: dict[str, Any] | None) -> Condition | None:
        """Read a condition over an order or event, and note what it asks of the member's state."""
        if raw is None:
            return None
        if on not in self.scenes:
            self.scenes[on] = (scene_fields(self.document, on), scene_catalogue(self.document, on))
        fields, catalogue = self.scenes[on]
        condition = read(raw, catalogue, is_stored=True)
        self.conditions.update(named_parts(condition))
        for one in asked_of_customer(condition, fields):
            self.questions[answer_key(one)] = one
        self._note(condition)
        return condition

    def _note(self, condition: Condition) -> None:
        for one in comparisons(condition):
            if one.field == "member.segments" and isinstance(one.value, tuple):
                self.segments.update(str(code) for code in one.value)
            self.asks_birthday = self.asks_birthday or one.field == "member.birthday"

    def _lines(self, raw: dict[str, Any] | None) -> Test | None:
        if raw is None:
            return None
        return compile_test(read(raw, self.line_catalogue, is_stored=True), self.line_fields)

    def _excluded(self) -> IsExcluded | None:
        excludes = self.document.excludes
        test = self._lines(excludes.lines)
        categories, brands, skus = frozenset(excludes.categories), frozenset(excludes.brands), frozenset(excludes.skus)
        if not (categories or brands or skus):
            return test

        def is_excluded(line: BasketLine) -> bool:
            if line.category in categories or line.brand in brands or line.sku in skus:
                return True
            return test is not None and test(line)

        return is_excluded


def _cap(code: str, cap: shapes.Cap) -> CompiledCap:
    return CompiledCap(code, cap.per, cap.period, cap.points or 0, cap.times or 0)


def _asks_visits(document: ProgrammeDocument) -> bool:
    if document.tiers is None:
        return False
    asked = [one for tier in document.tiers.ladder for one in (tier.reach, tier.keep) if one]
    return any(one.visits or any(part.visits for part in one.any) for one in asked)
