"""Programmes in words, in the language in force: what a rule does, why it did or did not fire, what a draft changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from troth.events import queries as events
from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.fields import ValueType
from troth.kit.conditions.reading import read
from troth.kit.conditions.wording import Words
from troth.kit.money import SCALE, in_words

from . import effect_words as effects
from .document import shapes
from .document.shapes import Period, ProgrammeDocument
from .fields import line_catalogue, scene_catalogue
from .naming import shown
from .outcomes import Reason, RuleOutcome


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two documents. part: the rule, tier … by name; before, after: "" where missing."""

    part: str
    facet: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """Return the change as one sentence."""
        said = {"part": self.part, "facet": self.facet, "before": self.before, "after": self.after}
        if not self.facet:
            return (_("%(part)s is new: %(after)s") if self.after else _("%(part)s has gone: %(before)s")) % said
        if not self.before:
            return _("%(part)s, %(facet)s: “%(after)s” was added") % said
        if not self.after:
            return _("%(part)s, %(facet)s: “%(before)s” was removed") % said
        return _("%(part)s, %(facet)s: “%(before)s” becomes “%(after)s”") % said


class Speaker:
    """Says one document; catalogues of fields are read once."""

    def __init__(self, document: ProgrammeDocument) -> None:
        self.document = document
        self._catalogues: dict[str, Catalogue] = {}

    # --- rules

    def rule(self, rule: shapes.Rule) -> str:
        """Return what a rule does as one sentence: its effect, then its conditions and limits."""
        facets = self.rule_facets(rule)
        return pgettext("joins facets", "; ").join(text for text in facets.values() if text)

    def rule_facets(self, rule: shapes.Rule) -> dict[str, str]:
        """Return what there is to say of a rule, by heading; nothing is said of what it leaves out."""
        found = {
            _("Effect"): effects.sentence(rule.effect, self.document),
            _("Happening"): "" if rule.on == "order" else _("on “%(name)s”") % {"name": _event_label(rule.on)},
            _("Condition"): self.condition(rule.when, rule.on),
            _("Lines"): self.lines(rule.lines),
            _("Group"): rule.group,
            _("Priority"): str(rule.priority) if rule.priority else "",
            _("Exclusive"): _("no other rule of a group counts with it") if rule.exclusive else "",
            _("Nth order"): _nth(rule.nth),
            _("Caps"): _list(limit(one) for one in rule.caps),
            _("Budget"): rule.budget,
            _("Valid"): _days(rule.valid),
            _("Pending"): _pending(rule.pending),
            _("Expires"): _("after %(days)d days") % {"days": rule.expires_days} if rule.expires_days else "",
            _("Counts for the tier"): "" if rule.counts_for_tier else _("no"),
        }
        return {facet: text for facet, text in found.items() if text}

    def condition(self, raw: Mapping[str, Any] | None, on: str = "order") -> str:
        """Return a condition over an order or event as a sentence, "" for none."""
        if raw is None:
            return ""
        if on not in self._catalogues:
            self._catalogues[on] = scene_catalogue(self.document, on)
        return self._say(raw, self._catalogues[on])

    def lines(self, raw: Mapping[str, Any] | None) -> str:
        """Return a condition over lines as a sentence, "" for none."""
        if raw is None:
            return ""
        return self._say(raw, self._catalogues.setdefault("", line_catalogue()))

    def _say(self, raw: Mapping[str, Any], catalogue: Catalogue) -> str:
        try:
            condition = read(dict(raw), catalogue, is_stored=True)
        except ConditionInvalidError as error:
            return str(error)
        return Words(catalogue, self.document.currency).sentence(condition)

    # --- the other parts

    def goal_facets(self, goal: shapes.Challenge | shapes.Streak) -> dict[str, str]:
        """Return what there is to say of a challenge or streak, by heading."""
        found = {
            _("Goal"): effects.goal(goal, self.document),
            pgettext("goal", "Reward"): effects.sentence(goal.reward, self.document),
            _("Happening"): "" if goal.on == "order" else _("on “%(name)s”") % {"name": _event_label(goal.on)},
            _("Condition"): self.condition(goal.when, goal.on),
            _("Lines"): self.lines(goal.lines) if isinstance(goal, shapes.Challenge) else "",
            _("Repeats"): _("yes") if goal.repeats else "",
            _("Valid"): _days(goal.valid),
        }
        return {facet: text for facet, text in found.items() if text}

    def tier_facets(self, tier: shapes.Tier) -> dict[str, str]:
        """Return what there is to say of a tier, by heading."""
        found = {
            _("To reach"): self.requirement(tier.reach) or _("everybody has it"),
            _("To keep"): self.requirement(tier.keep),
            _("Benefits"): _list(shown(one) for one in tier.benefits),
        }
        return {facet: text for facet, text in found.items() if text}

    def requirement(self, asked: shapes.Requirement | None) -> str:
        """Return what a tier asks for in words, "" for nothing."""
        if asked is None:
            return ""
        if asked.any:
            return pgettext("joins requirements", " or ").join(self.requirement(one) for one in asked.any)
        parts = []
        if asked.points:
            parts.append(ngettext("%(count)d point", "%(count)d points", asked.points) % {"count": asked.points})
        if asked.spend:
            parts.append(_("spend of %(amount)s") % {"amount": in_words(asked.spend, self.document.currency)})
        if asked.visits:
            parts.append(ngettext("%(count)d visit", "%(count)d visits", asked.visits) % {"count": asked.visits})
        return pgettext("joins requirements", " and ").join(parts)

    # --- reasons

    def outcome(self, outcome: RuleOutcome) -> str:
        """Return why a rule fired or did not, as a sentence without the rule's name."""
        values = dict(outcome.values)
        if outcome.reason is Reason.CONDITION:
            return self._unmet(outcome.rule, values)
        if "rule" in values:
            values["rule"] = self.name_of(str(values["rule"]))
        if outcome.reason is Reason.NOT_YET:  # what repeats goes on to its next time: ten weeks of four to twelve
            goal, reached = int(values["goal"]), int(values["reached"])
            values["goal"] = goal * max(1, -(-reached // goal))
        if values.get("counts") in ("amount", "items"):
            values["reached"] = effects.plain(Decimal(values["reached"]) / SCALE)
            values["goal"] = effects.plain(Decimal(values["goal"]) / SCALE)
        return effects.reason(outcome.reason, outcome.amount, values)

    def _unmet(self, code: str, values: Mapping[str, Any]) -> str:
        on = next((one.on for one in self._givers() if one.code == code), "order")
        said = {"condition": self.condition(values["condition"], on), "value": self._was(values, on)}
        if "value" in values:
            return _("not met: %(condition)s (it was: %(value)s)") % said
        return _("not met: %(condition)s") % said

    def _was(self, values: Mapping[str, Any], on: str) -> str:
        """Return the value that a condition found as the condition says it: a choice by its label, money as money."""
        raw, code = values.get("value"), values["condition"].get("field")
        catalogue = self._catalogues[on]
        if code in catalogue and catalogue[code].type is ValueType.MONEY and raw is not None:
            return in_words(Decimal(str(raw)), self.document.currency)
        if raw in (None, [], "") or code not in catalogue or not catalogue[code].choices:
            return _value(raw)
        return Words(catalogue, self.document.currency).value(raw, catalogue[code])

    def name_of(self, code: str) -> str:
        """Return the name of a rule, challenge or streak; of one that has gone the code."""
        return next((shown(one.name) for one in self._givers() if one.code == code), code)

    def _givers(self) -> list[Any]:
        return [*self.document.rules, *self.document.challenges, *self.document.streaks]


def changes(old: ProgrammeDocument, new: ProgrammeDocument) -> list[Change]:
    """Return what `new` changes, in words: part by part in the order of the document."""
    before, after = _parts(old), _parts(new)
    found: list[Change] = []
    for key in [*after, *(key for key in before if key not in after)]:
        if key not in before:
            name, facets = after[key]
            found.append(Change(name, "", "", pgettext("joins facets", "; ").join(facets.values())))
        elif key not in after:
            name, facets = before[key]
            found.append(Change(name, "", pgettext("joins facets", "; ").join(facets.values()), ""))
        else:
            found += _changed(before[key], after[key])
    order = [key for key in after if key in before and key[0] == "rules"]
    if order != [key for key in before if key in after and key[0] == "rules"]:
        found.append(Change(_("Rules"), _("Order"), _codes(before, order), _codes(after, order)))
    return found


_Part = tuple[str, dict[str, str]]
_Key = tuple[str, str]


def _codes(parts: Mapping[_Key, _Part], wanted: Sequence[_Key]) -> str:
    return ", ".join(key[1] for key in parts if key in wanted)


def _changed(before: _Part, after: _Part) -> list[Change]:
    name, old, new = after[0], before[1], after[1]
    found = []
    if before[0] != after[0]:
        found.append(Change(name, pgettext("thing", "Name"), before[0], after[0]))
    for facet in dict.fromkeys([*new, *old]):
        if old.get(facet, "") != new.get(facet, ""):
            found.append(Change(name, facet, old.get(facet, ""), new.get(facet, "")))
    return found


def _parts(document: ProgrammeDocument) -> dict[_Key, _Part]:
    """Return everything a document says: kind and code → name and facets."""
    speaker = Speaker(document)
    found: dict[_Key, _Part] = {("head", ""): (_("Programme"), _head(document, speaker))}
    for rule in document.rules:
        label = _("Rule “%(name)s”") % {"name": shown(rule.name)}
        found["rules", rule.code] = (label, speaker.rule_facets(rule))
    for group in document.groups:
        label = _("Group “%(name)s”") % {"name": group.code}
        found["groups", group.code] = (label, {_("What counts"): effects.TAKES[group.take]()})
    for cap in document.caps:
        label = _("Cap “%(name)s”") % {"name": cap.code}
        found["caps", cap.code] = (label, {_("Limit"): limit(cap), _("Rules"): ", ".join(cap.rules) or _("all")})
    for budget in document.budgets:
        label = _("Budget “%(name)s”") % {"name": shown(budget.name) if budget.name else budget.code}
        found["budgets", budget.code] = (label, {_("Limit"): effects.budget(budget, document.currency)})
    for challenge in document.challenges:
        label = _("Challenge “%(name)s”") % {"name": shown(challenge.name)}
        found["challenges", challenge.code] = (label, speaker.goal_facets(challenge))
    for streak in document.streaks:
        label = _("Streak “%(name)s”") % {"name": shown(streak.name)}
        found["streaks", streak.code] = (label, speaker.goal_facets(streak))
    for badge in document.badges:
        found["badges", badge.code] = (_("Badge “%(name)s”") % {"name": shown(badge.name)}, {})
    if document.tiers:
        found["tiers", ""] = (_("Tiers"), effects.window(document.tiers))
        for tier in document.tiers.ladder:
            label = _("Tier “%(name)s”") % {"name": shown(tier.name)}
            found["tiers", tier.code] = (label, speaker.tier_facets(tier))
    return found


def _head(document: ProgrammeDocument, speaker: Speaker) -> dict[str, str]:
    excludes = document.excludes
    parts = {_("tax"): excludes.tax, _("shipping"): excludes.shipping, _("gift cards"): excludes.gift_cards}
    parts[_("points")] = excludes.points
    costs = [f"{code} {effects.plain(cost)}" for code, cost in document.unit_costs.items()]
    dayparts = [f"{code} {part.start:%H:%M}–{part.until:%H:%M}" for code, part in document.dayparts.items()]
    found = {
        pgettext("thing", "Name"): shown(document.name),
        _("Currency"): document.currency,
        _("Point currency"): document.points,
        _("Time zone"): document.time_zone,
        _("What a point costs"): _list(costs),
        _("Categories that earn nothing"): _list(excludes.categories),
        _("Brands that earn nothing"): _list(excludes.brands),
        _("Articles that earn nothing"): _list(excludes.skus),
        _("Lines that earn nothing"): speaker.lines(excludes.lines),
        _("Parts of the amount that earn nothing"): _list(part for part, is_out in parts.items() if is_out),
        _("Parts of the day"): _list(dayparts),
    }
    return {facet: text for facet, text in found.items() if text}


def _list(texts: Iterable[str]) -> str:
    return pgettext("list", ", ").join(texts)


def limit(cap: shapes.Cap) -> str:
    """Return a cap in words."""
    given = {"period": effects.PERIODS[cap.period](), "per": effects.PER[cap.per]()}
    if cap.points:
        amount = ngettext("%(count)d point", "%(count)d points", cap.points) % {"count": cap.points}
    else:
        times = cap.times or 0
        amount = ngettext("%(count)d time", "%(count)d times", times) % {"count": times}
    if cap.per == "order" or cap.period is Period.LIFETIME:
        return _("at most %(amount)s per %(per)s") % {**given, "amount": amount}
    return _("at most %(amount)s per %(per)s and %(period)s") % {**given, "amount": amount}


def _nth(nth: shapes.Nth | None) -> str:
    if nth is None:
        return ""
    period = "" if nth.period is Period.LIFETIME else effects.PERIODS[nth.period]()
    if nth.at:
        text = _("only order number %(number)d") % {"number": nth.at}
    else:
        text = _("every %(number)d orders") % {"number": nth.every}
    return _("%(text)s of the %(period)s") % {"text": text, "period": period} if period else text


def _days(days: shapes.Days) -> str:
    given = {"start": _day(days.start), "until": _day(days.until)}
    if days.start and days.until:
        return _("from %(start)s to %(until)s") % given
    if days.start:
        return _("from %(start)s") % given
    return _("until %(until)s") % given if days.until else ""


def _day(day: date | None) -> str:
    return formats.date_format(day, "DATE_FORMAT") if day else ""


def _pending(pending: shapes.Pending | None) -> str:
    if pending is None:
        return ""
    if pending.days:
        return _("can be spent after %(days)d days") % {"days": pending.days}
    event = {"event": _event_label(pending.event)}
    if pending.within_days:
        days = {"days": pending.within_days}
        return _("can be spent once “%(event)s” has happened, within %(days)d days") % (event | days)
    return _("can be spent once “%(event)s” has happened") % event


def _event_label(on: str) -> str:
    """Return the name of an event as the timeline shows it."""
    return next((str(kind.label) for kind in events.event_types() if kind.name == on), on)


def _value(value: Any) -> str:
    if value is None:
        return _("unknown")
    if value == []:
        return _("none")
    return _list(str(one) for one in value) if isinstance(value, list) else str(value)
