"""What has to hold between the parts of a document: names that lead somewhere, figures that can be meant."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from troth.kit.clock import time_zones
from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.reading import read
from troth.kit.documents.errors import Problem
from troth.kit.documents.source import Path, Source
from troth.programs.fields import event_fields, line_catalogue, scene_catalogue

from . import shapes
from .shapes import ProgrammeDocument

POINTS_EFFECTS = ("points_per_amount", "multiplier", "per_item", "fixed", "stepped", "stamps")
MULTIPLIED = ("points_per_amount", "per_item")


def check(document: ProgrammeDocument, source: Source) -> list[Problem]:
    """Return everything that contradicts itself or leads nowhere."""
    return _Checker(document, source).run()


class _Checker:
    """One check of a document."""

    def __init__(self, document: ProgrammeDocument, source: Source) -> None:
        self.document = document
        self.source = source
        self.problems: list[Problem] = []
        self.catalogues: dict[str, Catalogue] = {}
        self.badges = {badge.code for badge in document.badges}
        self.groups = {group.code for group in document.groups}
        self.budgets = {budget.code: budget for budget in document.budgets}
        self.rules = {rule.code: rule for rule in document.rules}

    def run(self) -> list[Problem]:
        self._head()
        self._codes_once()
        for index, rule in enumerate(self.document.rules):
            self._rule(rule, ("rules", index))
        for index, cap in enumerate(self.document.caps):
            self._programme_cap(cap, ("caps", index))
        for index, budget in enumerate(self.document.budgets):
            self._budget(budget, ("budgets", index))
        for index, challenge in enumerate(self.document.challenges):
            self._challenge(challenge, ("challenges", index))
        for index, streak in enumerate(self.document.streaks):
            self._goal(streak, ("streaks", index))
        if self.document.tiers:
            self._tiers(self.document.tiers)
        return self.problems

    def _refuse(self, path: Path, code: str, message: str) -> None:
        self.problems.append(self.source.problem(path, code, message))

    def _head(self) -> None:
        zone = self.document.time_zone
        if zone and zone not in time_zones():
            message = _("there is no time zone “%(zone)s”; write it like Asia/Shanghai") % {"zone": zone[:40]}
            self._refuse(("time_zone",), "unknown_zone", message)
        for code, part in self.document.dayparts.items():
            if part.start == part.until:
                message = _("it begins when it ends; let “until” be another time than “from”")
                self._refuse(("dayparts", code), "empty_part", message)
        self._condition(self.document.excludes.lines, self._lines(), ("excludes", "lines"))

    def _codes_once(self) -> None:
        document = self.document
        lists: dict[str, Sequence[Any]] = {
            "groups": document.groups,
            "budgets": document.budgets,
            "badges": document.badges,
            "caps": document.caps,
        }
        for key, parts in lists.items():
            self._once([(part.code, (key, index, "code")) for index, part in enumerate(parts)])
        # What gives awards is told apart by its code in reasons, so the three share one set of codes.
        self._once(
            [
                (part.code, (key, index, "code"))
                for key, parts in self._givers().items()
                for index, part in enumerate(parts)
            ]
        )
        if document.tiers:
            ladder = document.tiers.ladder
            self._once([(tier.code, ("tiers", "ladder", index, "code")) for index, tier in enumerate(ladder)])

    def _givers(self) -> dict[str, Sequence[Any]]:
        return {
            "rules": self.document.rules,
            "challenges": self.document.challenges,
            "streaks": self.document.streaks,
        }

    def _once(self, codes: Iterable[tuple[str, Path]]) -> None:
        listed = list(codes)
        count = Counter(code for code, _path in listed)
        seen: set[str] = set()
        for code, path in listed:
            if count[code] > 1 and code in seen:
                self._refuse(path, "code_twice", _("the code “%(code)s” is taken; choose another") % {"code": code})
            seen.add(code)

    # --- rules

    def _rule(self, rule: shapes.Rule, path: Path) -> None:
        self._on(rule.on, (*path, "on"))
        self._when(rule.on, rule.when, (*path, "when"))
        self._condition(rule.lines, self._lines(), (*path, "lines"))
        self._days(rule.valid, (*path, "valid"))
        self._effect(rule.effect, (*path, "effect"))
        if rule.on != "order":
            self._event_rule(rule, path)
        if rule.group and rule.group not in self.groups:
            self._unknown((*path, "group"), rule.group, self.groups)
        if rule.exclusive and not rule.group:
            message = _("only a rule of a group can be exclusive; add “group”")
            self._refuse((*path, "exclusive"), "exclusive_alone", message)
        self._nth(rule.nth, (*path, "nth"))
        for index, cap in enumerate(rule.caps):
            self._cap(cap, rule.effect.type, (*path, "caps", index))
        self._rule_budget(rule, (*path, "budget"))
        if rule.pending and (rule.pending.days is None) == (not rule.pending.event):
            self._refuse((*path, "pending"), "pending_one", _("give either “days” or “event”"))
        if rule.pending and rule.pending.event:
            self._on(rule.pending.event, (*path, "pending", "event"))
        elif rule.pending and rule.pending.within_days is not None:
            message = _("only points that wait for an event can wait in vain; add “event”")
            self._refuse((*path, "pending", "within_days"), "pending_within", message)
        if isinstance(rule.effect, shapes.Multiplier):
            self._multiplier(rule, rule.effect, (*path, "effect"))

    def _on(self, on: str, path: Path) -> None:
        if not self._is_known(on):
            message = _("there is no event “%(name)s” in the log; docs/events.md lists ours, or define one of your own")
            self._refuse(path, "unknown_event", message % {"name": on})

    def _when(self, on: str, raw: dict[str, Any] | None, path: Path) -> None:
        if raw is None or not self._is_known(on):
            return
        if on not in self.catalogues:
            self.catalogues[on] = scene_catalogue(self.document, on)
        self._condition(raw, self.catalogues[on], path)

    def _is_known(self, on: str) -> bool:
        return on == "order" or event_fields(on) is not None

    def _lines(self) -> Catalogue:
        if "" not in self.catalogues:
            self.catalogues[""] = line_catalogue()
        return self.catalogues[""]

    def _condition(self, raw: dict[str, Any] | None, catalogue: Catalogue, path: Path) -> None:
        if raw is None:
            return
        try:
            read(raw, catalogue)
        except ConditionInvalidError as error:
            for one in error.problems:
                self._refuse((*path, *_steps(one.path)), one.code, one.message)

    def _event_rule(self, rule: shapes.Rule, path: Path) -> None:
        counted = isinstance(rule.effect, shapes.PerItem | shapes.Stepped | shapes.PointsPerAmount | shapes.Multiplier)
        per_item = isinstance(rule.effect, shapes.Stamps) and rule.effect.per == "item"
        by_amount = isinstance(rule.effect, shapes.TierPoints) and rule.effect.amount is not None
        if counted or per_item or by_amount or rule.lines is not None:
            message = _("only an order has lines and amounts; give a fixed number, or let the rule be on: order")
            self._refuse((*path, "effect"), "needs_order", message)

    def _effect(self, effect: Any, path: Path) -> None:
        if isinstance(effect, shapes.BadgeEffect) and effect.badge not in self.badges:
            self._unknown((*path, "badge"), effect.badge, self.badges)
        if isinstance(effect, shapes.TierPoints) and effect.amount is None and effect.points % 1:
            self._refuse((*path, "points"), "not_whole", _("a fixed number of points has to be whole"))
        if isinstance(effect, shapes.Stepped):
            self._steps_ascend(effect, path)

    def _steps_ascend(self, effect: shapes.Stepped, path: Path) -> None:
        for index in range(1, len(effect.steps)):
            before, step = effect.steps[index - 1], effect.steps[index]
            if step.start <= before.start or step.points < before.points:
                message = _("every step begins higher and gives no less than the one before; put them in order")
                self._refuse((*path, "steps", index), "steps_descend", message)

    def _multiplier(self, rule: shapes.Rule, effect: shapes.Multiplier, path: Path) -> None:
        for index, code in enumerate(effect.of):
            base = self.rules.get(code)
            if base is None:
                self._unknown((*path, "of", index), code, self.rules)
            elif base.effect.type not in MULTIPLIED or base.group or base.on != rule.on:
                message = _(
                    "“%(code)s” cannot be multiplied: only rules of type points_per_amount or per_item"
                    " without a group can"
                )
                self._refuse((*path, "of", index), "not_multiplied", message % {"code": code})
        if not effect.of and not any(
            one.effect.type == "points_per_amount" and not one.group for one in self.document.rules
        ):
            message = _("there is nothing to multiply; add a rule of type points_per_amount without a group")
            self._refuse(path, "nothing_multiplied", message)

    def _nth(self, nth: shapes.Nth | None, path: Path) -> None:
        if nth is not None and (nth.at is None) == (nth.every is None):
            self._refuse(path, "nth_one", _("give either “at” or “every”"))

    def _cap(self, cap: shapes.Cap, effect: str, path: Path) -> None:
        if (cap.points is None) == (cap.times is None):
            self._refuse(path, "cap_one", _("give either “points” or “times”"))
        elif cap.points is not None and effect in ("coupon", "badge"):
            self._refuse(path, "cap_times", _("coupons and badges have no points; cap the “times”"))
        if cap.per == "order" and cap.times is not None:
            self._refuse(path, "cap_order_times", _("a rule gives once per order anyway; cap the “points”"))

    def _programme_cap(self, cap: shapes.ProgrammeCap, path: Path) -> None:
        effects = [self.rules[code].effect.type for code in cap.rules if code in self.rules]
        barred = next((effect for effect in effects if effect not in POINTS_EFFECTS), "fixed")
        self._cap(cap, barred, path)
        for index, code in enumerate(cap.rules):
            if code not in self.rules:
                self._unknown((*path, "rules", index), code, self.rules)
        if cap.code.split(".")[0] in self.rules:
            self._refuse((*path, "code"), "code_twice", _("a rule has this code; choose another"))

    def _rule_budget(self, rule: shapes.Rule, path: Path) -> None:
        if not rule.budget:
            return
        budget = self.budgets.get(rule.budget)
        if budget is None:
            self._unknown(path, rule.budget, self.budgets)
        elif budget.times is None and rule.effect.type not in POINTS_EFFECTS:
            message = _("a budget of points or money cannot pay for this; give the budget “times”")
            self._refuse(path, "budget_times", message)
        elif budget.money is not None and (getattr(rule.effect, "currency", "") or self.document.points) not in (
            self.document.unit_costs
        ):
            message = _("a budget of money needs what a point costs; add the currency to “unit_costs”")
            self._refuse(path, "unit_cost_missing", message)

    def _budget(self, budget: shapes.Budget, path: Path) -> None:
        if sum(part is not None for part in (budget.points, budget.money, budget.times)) != 1:
            self._refuse(path, "budget_one", _("give one of “points”, “money” and “times”"))

    def _challenge(self, one: shapes.Challenge, path: Path) -> None:
        self._goal(one, path)
        self._condition(one.lines, self._lines(), (*path, "lines"))
        if one.counts == "times" and one.goal % 1:
            self._refuse((*path, "goal"), "not_whole", _("how many times has to be a whole number"))
        if one.on != "order" and (one.counts != "times" or one.lines is not None):
            message = _("only an order has lines and amounts; count the “times”")
            self._refuse((*path, "counts"), "needs_order", message)

    def _goal(self, one: shapes.Challenge | shapes.Streak, path: Path) -> None:
        self._on(one.on, (*path, "on"))
        self._when(one.on, one.when, (*path, "when"))
        self._days(one.valid, (*path, "valid"))
        self._effect(one.reward, (*path, "reward"))
        if isinstance(one.reward, shapes.Stamps) and one.reward.per == "item":
            self._refuse((*path, "reward", "per"), "needs_order", _("a reward is given once; leave “per” out"))
        if isinstance(one.reward, shapes.TierPoints) and one.reward.amount is not None:
            self._refuse((*path, "reward", "amount"), "needs_order", _("a reward is given once; leave “amount” out"))

    def _days(self, days: shapes.Days, path: Path) -> None:
        if days.start and days.until and days.start > days.until:
            self._refuse(path, "days_swapped", _("“from” lies after “until”; swap them"))

    # --- tiers

    def _tiers(self, tiers: shapes.Tiers) -> None:
        before: shapes.Requirement | None = None
        for index, tier in enumerate(tiers.ladder):
            path: Path = ("tiers", "ladder", index)
            if tier.reach is None:
                if index:
                    self._refuse(path, "reach_missing", _("only the lowest tier may ask for nothing; add “reach”"))
                continue
            self._requirement(tier.reach, (*path, "reach"))
            if tier.keep is not None:
                self._requirement(tier.keep, (*path, "keep"))
                if _asks_less(tier.reach, tier.keep):
                    message = _("keeping the tier asks for more than reaching it; lower it, or leave “keep” out")
                    self._refuse((*path, "keep"), "keep_above_reach", message)
            if before is not None and _asks_less(before, tier.reach, strictly=False):
                message = _("this tier asks for no more than the one below it; put the ladder in order")
                self._refuse((*path, "reach"), "ladder_descends", message)
            before = tier.reach

    def _requirement(self, one: shapes.Requirement, path: Path) -> None:
        figures = [one.points, one.spend, one.visits]
        has_figures = any(figure is not None for figure in figures)
        if has_figures == bool(one.any):
            self._refuse(path, "requirement_one", _("give points, spend or visits, or several of them under “any”"))
        for index, part in enumerate(one.any):
            if part.any:
                self._refuse((*path, "any", index), "any_nested", _("“any” cannot stand within “any”"))
            else:
                self._requirement(part, (*path, "any", index))

    def _unknown(self, path: Path, code: str, known: Iterable[str]) -> None:
        message = _("there is no “%(code)s”; it is one of: %(known)s")
        listed = ", ".join(sorted(known)) or "-"
        self._refuse(path, "unknown_code", message % {"code": code[:60], "known": listed})


def _asks_less(low: shapes.Requirement, high: shapes.Requirement, *, strictly: bool = True) -> bool:
    """Tell whether `low`, of single figures, asks for less than `high` of the same figures; "any" is not judged.

    Not strictly: whether `high` asks for no more than `low`, in every figure that both name.
    """
    pairs: list[tuple[Decimal, Decimal]] = []
    for name in ("points", "spend", "visits"):
        one, other = getattr(low, name), getattr(high, name)
        if (one is None) != (other is None):
            return False
        if one is not None:
            pairs.append((Decimal(one), Decimal(other)))
    if not pairs:
        return False
    if strictly:
        return any(one < other for one, other in pairs)
    return all(other <= one for one, other in pairs)


def _steps(path: str) -> Path:
    """Return the steps of a condition's path such as all[1].value."""
    found: list[str | int] = []
    for part in path.replace("]", "").replace("[", ".").split("."):
        if part:
            found.append(int(part) if part.isdigit() else part)
    return tuple(found)
