"""From a programme, a basket and a member's state to awards with reasons. Pure: no clock, no database."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from . import goals
from .baskets import NO_DEDUCTIONS, Basket, EventBasket
from .compiled import CompiledCap, CompiledNth, CompiledProgramme, CompiledRule, Happening, visit_key
from .effects import NO_SHARES, PerAmount, PerItem, Shares, Times, shared_lines
from .judging import Judge
from .outcomes import NOTHING, Award, AwardKind, Draw, Evaluation, Reason, RuleOutcome
from .scene import EligibleLine, Picked, Scene
from .state import MemberState


def evaluate(
    programme: CompiledProgramme, basket: Basket | EventBasket, state: MemberState, *, explains: bool = True
) -> Evaluation:
    """Return what an order or event brings a member, and why every rule did or did not fire.

    The same arguments give the same answer. In a programme without groups, exclusive rules and nth orders, more
    of the same goods never earns less. explains: False leaves the reasons (`outcomes`) out, for a third of the time.
    """
    happening = programme.happenings.get(basket.on)
    return NOTHING if happening is None else Run(programme, happening, basket, state, explains).evaluate()


class Candidate:
    """A rule whose conditions hold, with what it would give."""

    __slots__ = ("amount", "picked", "rule", "shares")

    def __init__(self, rule: CompiledRule, picked: Picked) -> None:
        self.rule = rule
        self.picked = picked
        self.amount = 0
        self.shares: Shares = NO_SHARES


class Run:
    """One evaluation: what was found so far and what it has drawn already."""

    __slots__ = (
        "awards",
        "counters",
        "drawn",
        "explains",
        "happening",
        "keys",
        "ordered",
        "outcomes",
        "programme",
        "scene",
        "sizes",
    )

    def __init__(
        self,
        programme: CompiledProgramme,
        happening: Happening,
        basket: Basket | EventBasket,
        state: MemberState,
        explains: bool,
    ) -> None:
        self.programme = programme
        self.explains = explains
        self.happening = happening
        self.scene = Scene(basket, state, _eligible(programme, basket), programme.parts)
        self.outcomes: dict[str, RuleOutcome] = {}
        self.awards: list[Award] = []
        self.counters: dict[str, int] = {}
        self.ordered: dict[str, int] = {}  # what caps per order have let through
        self.drawn: dict[str, int] = {}
        self.sizes: dict[str, int] = {}
        self.keys: dict[str, str] = {}

    def evaluate(self) -> Evaluation:
        basket = self.scene.basket
        is_order = isinstance(basket, Basket)
        if is_order and basket.currency != self.programme.currency:
            return self._wrong_currency(basket.currency)
        candidates = self._candidates(is_order)
        for candidate in self._stacked(candidates):
            self._award(candidate)
        outcomes = [self.outcomes[code] for code in self.happening.order] if self.explains else []
        if self.happening.goals:
            outcomes += goals.pursue(self, is_order)
        visits, orders = self._visit() if is_order else (0, 0)
        return Evaluation(
            awards=tuple(self.awards),
            outcomes=tuple(outcomes),
            eligible_amount=self.scene.everything.amount,
            tier_points=self._tier_points(),
            tier_spend=self.scene.everything.amount,
            tier_visits=visits,
            orders=orders,
            counters=self.counters,
            budgets=self.drawn,
            budget_sizes=self.sizes,
        )

    def _wrong_currency(self, currency: str) -> Evaluation:
        values = {"currency": currency, "wanted": self.programme.currency}
        codes = [*self.happening.order, *(goal.code for goal in self.happening.goals)]
        return Evaluation((), tuple(RuleOutcome(code, Reason.CURRENCY, 0, values) for code in codes))

    # --- which rules meet their conditions, and what they would give

    def _candidates(self, is_order: bool) -> list[Candidate]:
        today = self.scene.local_date.toordinal()
        found: list[Candidate] = []
        multipliers: list[Candidate] = []
        for rule in self.happening.rules:
            picked = self._meets(rule, today, is_order)
            if picked is None:
                continue
            candidate = Candidate(rule, picked)
            found.append(candidate)
            if rule.bases:
                multipliers.append(candidate)
            elif not isinstance(rule.measure, Times):
                candidate.amount, candidate.shares = rule.measure.units(picked)
        if multipliers:
            self._multiply(multipliers, {one.rule.code: one for one in found})
        return [one for one in found if self._gives(one)]

    def _meets(self, rule: CompiledRule, today: int, is_order: bool) -> Picked | None:
        """Return the lines that count for the rule, None (with the reason noted) where it does not fire."""
        if not rule.first_day <= today <= rule.last_day:
            self._fails(rule, Reason.NOT_VALID)
            return None
        if rule.when is not None and not self._holds(rule, rule.when):
            return None
        picked = self.scene.everything
        if rule.lines is not None:
            counts = rule.lines
            picked = Picked([one for one in picked.lines if counts(one.line)])
        if is_order and picked.amount <= 0:
            self._fails(rule, Reason.NO_LINES)
            return None
        return picked if rule.nth is None or self._is_nth(rule, rule.nth) else None

    def _holds(self, rule: CompiledRule, when: Judge) -> bool:
        if not self.explains:
            return rule.holds is None or rule.holds(self.scene)
        failure = when(self.scene)
        if failure is not None:
            self._fails(rule, Reason.CONDITION, failure())
        return failure is None

    def _is_nth(self, rule: CompiledRule, nth: CompiledNth) -> bool:
        """Count the order among those that meet the rule's conditions; tell whether it is one of those meant."""
        key = nth.key(self.scene.local_date)
        number = self.scene.state.counters.get(key, 0) + 1
        self.counters[key] = 1
        if not nth.is_due(number):
            self._fails(rule, Reason.NOT_NTH, {"number": number})
            return False
        given = nth.given_key(self.scene.local_date)
        if nth.is_given(number, self.scene.state.counters.get(given, 0)):
            self._fails(rule, Reason.DONE)
            return False
        self.counters[given] = 1
        return True

    def _fails(self, rule: CompiledRule, reason: Reason, values: Mapping[str, Any] | None = None) -> None:
        if self.explains:
            code = rule.code
            self.outcomes[code] = RuleOutcome(code, reason, 0, values) if values else _plain_outcome(code, reason)

    def _multiply(self, multipliers: list[Candidate], found: Mapping[str, Candidate]) -> None:
        for one in multipliers:
            bases: list[tuple[PerAmount | PerItem, Picked]] = []
            for code in one.rule.bases:
                base = found.get(code)
                if base is not None and isinstance(base.rule.measure, PerAmount | PerItem):
                    bases.append((base.rule.measure, shared_lines(base.picked, one.picked)))
            if bases and isinstance(one.rule.measure, Times):
                one.amount = one.rule.measure.units(bases)

    def _gives(self, candidate: Candidate) -> bool:
        rule = candidate.rule
        if candidate.amount <= 0:
            self._fails(rule, Reason.NOTHING_DUE)
        elif rule.given.kind is AwardKind.BADGE and rule.given.reference in self.scene.state.badges:
            self._fails(rule, Reason.DONE)
        else:
            return True
        return False

    # --- which of them count together

    def _stacked(self, candidates: list[Candidate]) -> list[Candidate]:
        grouped = [one for one in candidates if one.rule.group]
        if not grouped:
            return candidates
        lone = next((one for one in grouped if one.rule.is_exclusive and self._limited(one)[0] > 0), None)
        if lone is not None:
            self._drop(grouped, lone, Reason.EXCLUSIVE_RULE)
            return [one for one in candidates if not one.rule.group or one is lone]
        dropped: set[str] = set()
        for group in dict.fromkeys(one.rule.group for one in grouped):
            take = self.programme.groups.get(group, "all")
            if take == "all":
                continue
            members = [one for one in grouped if one.rule.group == group]
            winner = self._winner(members, take)
            if winner is not None:
                reason = Reason.BETTER_RULE if take == "best" else Reason.EARLIER_RULE
                self._drop(members, winner, reason)
                dropped.update(one.rule.code for one in members if one is not winner)
        return [one for one in candidates if one.rule.code not in dropped]

    def _winner(self, members: list[Candidate], take: str) -> Candidate | None:
        """Return the one that counts: the first that gives anything, or the first of those that give most."""
        winner, most = None, 0
        for one in members:
            amount = self._limited(one)[0]
            if amount > most:
                winner, most = one, amount
                if take == "first":
                    break
        return winner

    def _drop(self, members: list[Candidate], winner: Candidate, reason: Reason) -> None:
        for one in members:
            if one is not winner:
                self._fails(one.rule, reason, {"rule": winner.rule.code})

    # --- caps, budgets, and the award itself

    def _limited(self, one: Candidate) -> tuple[int, Reason, Mapping[str, Any]]:
        """Return how much of a candidate the caps and the budget leave, and which of them cut it."""
        amount, reason, values = one.amount, Reason.FIRED, _NO_VALUES
        for cap in one.rule.caps:
            left = self._left(cap)
            allowed = left if cap.points else amount if left > 0 else 0
            if allowed < amount:
                amount = max(allowed, 0)
                reason = Reason.CAPPED if amount else Reason.CAP_REACHED
                values = {"cap": cap.code, "limit": cap.points or cap.times, "of": one.amount}
        if one.rule.budget is not None and amount:
            draw = self._draw(one.rule)
            left = self._shared_left(draw.key, one.rule.budget.size)
            allows = draw.allows(left)
            if allows is not None and allows < amount:
                amount = 0 if one.rule.given.is_whole else allows
                reason = Reason.CAPPED if amount else Reason.BUDGET_EXHAUSTED
                values = {"budget": one.rule.budget.code, "left": allows, "of": one.amount}
        return amount, reason, values

    def _left(self, cap: CompiledCap) -> int:
        size = cap.points or cap.times
        if cap.per == "order":
            return size - self.ordered.get(cap.code, 0)
        key = self._key(cap)
        if cap.per == "store":
            return self._shared_left(key, size)
        return size - self.scene.state.counters.get(key, 0) - self.counters.get(key, 0)

    def _key(self, cap: CompiledCap) -> str:
        key = self.keys.get(cap.code)
        if key is None:
            key = self.keys[cap.code] = cap.key(self.scene.local_date, self.scene.basket.store_id)
        return key

    def _shared_left(self, key: str, size: int) -> int:
        return self.scene.state.left.get(key, size) - self.drawn.get(key, 0)

    def _draw(self, rule: CompiledRule) -> Draw:
        budget = rule.budget
        assert budget is not None
        key = budget.key(self.scene.local_date, self.scene.basket.store_id)
        return Draw(key, budget.per_unit.get(rule.given.currency, 0), budget.once)

    def _award(self, one: Candidate) -> None:
        rule = one.rule
        amount, reason, values = self._limited(one)
        if self.explains:
            self.outcomes[rule.code] = RuleOutcome(rule.code, reason, amount, values)
        if amount == 0:
            return
        draws = self._take(rule, amount)
        self.awards.append(
            Award(
                rule=rule.code,
                kind=rule.given.kind,
                amount=amount,
                currency=rule.given.currency,
                reference=rule.given.reference,
                lines=one.shares if amount == one.amount else NO_SHARES,
                pending_days=rule.pending_days,
                awaits_event=rule.awaits_event,
                expires_days=rule.expires_days,
                unit_cost=rule.unit_cost,
                counts_for_tier=rule.counts_for_tier,
                is_whole=rule.given.is_whole,
                draws=draws,
            )
        )

    def _take(self, rule: CompiledRule, amount: int) -> tuple[Draw, ...]:
        """Note what an award takes from counters and shared budgets; return the shared part."""
        draws: list[Draw] = []
        for cap in rule.caps:
            used = amount if cap.points else 1
            if cap.per == "order":
                self.ordered[cap.code] = self.ordered.get(cap.code, 0) + used
                continue
            key = self._key(cap)
            if cap.per == "store":
                draws.append(Draw(key, 1, 0) if cap.points else Draw(key, 0, 1))
                self.sizes[key] = cap.points or cap.times
            else:
                self.counters[key] = self.counters.get(key, 0) + used
        if rule.budget is not None:
            draw = self._draw(rule)
            draws.append(draw)
            self.sizes[draw.key] = rule.budget.size
        for draw in draws:
            self.drawn[draw.key] = self.drawn.get(draw.key, 0) + draw.needs(amount)
        return tuple(draws)

    # --- what counts for the tier

    def _tier_points(self) -> int:
        currency = self.programme.document.points
        return sum(
            award.amount
            for award in self.awards
            if award.kind is AwardKind.TIER_POINTS
            or (award.counts_for_tier and award.kind is AwardKind.POINTS and award.currency == currency)
        )

    def _visit(self) -> tuple[int, int]:
        """Return visits and orders that this order counts as: of several orders of a day one is the visit."""
        if self.scene.net_amount <= 0:
            return 0, 0
        if not self.programme.counts_visits:
            return 0, 1
        key = visit_key(self.scene.local_date)
        self.counters[key] = 1
        return int(self.scene.state.counters.get(key, 0) == 0), 1


_plain_outcome = lru_cache(maxsize=5_000)(RuleOutcome)  # most rules fail most orders for a reason without values
_NO_VALUES: Mapping[str, Any] = {}
_NO_LINES = Picked(())


def _eligible(programme: CompiledProgramme, basket: Basket | EventBasket) -> Picked:
    """Return the lines that may earn, with the part of each that is neither excluded nor paid otherwise."""
    if not basket.lines:
        return _NO_LINES
    is_excluded, found = programme.is_excluded, []
    for line in basket.lines:
        if is_excluded is not None and is_excluded(line):
            continue
        amount = line.net_amount
        if programme.deducts_any and line.deductions is not NO_DEDUCTIONS and any(line.deductions):
            amount -= sum(part for part, counts in zip(line.deductions, programme.deducts, strict=True) if counts)
        if amount > 0:
            found.append(EligibleLine(line, amount))
    return Picked(found)
