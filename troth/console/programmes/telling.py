"""A programme in words for a screen: its rules, limits, tiers and goals, each as a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.console import formats
from troth.kit.documents.source import Path
from troth.kit.money import in_words
from troth.programs import effect_words as effects
from troth.programs.document.shapes import Challenge, ProgrammeDocument, Streak
from troth.programs.naming import shown
from troth.programs.queries import BudgetUse
from troth.programs.tiers import Figures, Ladder
from troth.programs.words import Speaker, limit

__all__ = ["BudgetRow", "Part", "asked_figures", "budgets", "shown", "told"]


@dataclass(frozen=True, slots=True)
class Part:
    """A rule, tier, challenge … by name, and what there is to say of it: heading and text."""

    code: str
    name: str
    lead: str
    facets: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget of a period with what is used of it."""

    name: str
    period: str
    used: str
    size: str
    ratio: float


def told(document: ProgrammeDocument) -> dict[str, Any]:
    """Return everything that a programme says, in the language in force."""
    speaker = Speaker(document)
    goals: list[Challenge | Streak] = [*document.challenges, *document.streaks]
    tiers = document.tiers
    return {
        "document": document,
        "head": _head(document, speaker),
        "rules": [_part(one.code, shown(one.name), speaker.rule_facets(one)) for one in document.rules],
        "goals": [_part(one.code, shown(one.name), speaker.goal_facets(one)) for one in goals],
        "tiers": [
            _part(one.code, shown(one.name), speaker.tier_facets(one)) for one in (tiers.ladder if tiers else ())
        ],
        "window": [*effects.window(tiers).items()] if tiers else [],
        "groups": groups(document),
    }


def _part(code: str, name: str, facets: dict[str, str]) -> Part:
    """Return a row whose first facet leads: the effect, the goal, what a tier asks for."""
    lead, *rest = facets.items() or [("", "")]
    return Part(code, name, lead[1], rest)


def part_of(speaker: Speaker, kind: str, path: Path) -> Part | None:
    """Return one part of a document in words. kind: of its form; path: where it stands."""
    document, index = speaker.document, path[-1] if path and isinstance(path[-1], int) else 0
    match kind:
        case "head":
            return Part("", shown(document.name), "", _basics(document))
        case "excludes":
            return Part("", "", "", [(_("Earns nothing"), _excluded(document, speaker) or _("nothing is left out"))])
        case "tier" | "ladder":
            return _tier_part(speaker, kind, index)
        case "group" | "cap" | "budget" | "badge":
            return _small_part(document, kind, index)
    return _giver_part(speaker, kind, index)


def _giver_part(speaker: Speaker, kind: str, index: int) -> Part:
    document = speaker.document
    if kind == "rule":
        rule = document.rules[index]
        return _part(rule.code, shown(rule.name), speaker.rule_facets(rule))
    goal = document.challenges[index] if kind == "challenge" else document.streaks[index]
    return _part(goal.code, shown(goal.name), speaker.goal_facets(goal))


def _tier_part(speaker: Speaker, kind: str, index: int) -> Part | None:
    tiers = speaker.document.tiers
    if tiers is None:
        return None
    if kind == "ladder":
        return Part("", _("Tiers"), "", [*effects.window(tiers).items()])
    tier = tiers.ladder[index]
    return _part(tier.code, shown(tier.name), speaker.tier_facets(tier))


def _small_part(document: ProgrammeDocument, kind: str, index: int) -> Part:
    if kind == "group":
        return groups(document)[index]
    if kind == "cap":
        return caps(document)[index]
    if kind == "badge":
        badge = document.badges[index]
        return Part(badge.code, shown(badge.name), "", [])
    budget = document.budgets[index]
    name = shown(budget.name) if budget.name else budget.code
    return Part(budget.code, name, effects.budget(budget, document.currency), [])


def groups(document: ProgrammeDocument) -> list[Part]:
    """Return the groups with the rules in them."""
    found = []
    for one in document.groups:
        inside = [shown(rule.name) for rule in document.rules if rule.group == one.code]
        facets = [(_("Rules"), pgettext("list", ", ").join(inside))] if inside else []
        found.append(Part(one.code, one.code, effects.TAKES[one.take](), facets))
    return found


def caps(document: ProgrammeDocument) -> list[Part]:
    """Return the caps over several rules."""
    names = {rule.code: shown(rule.name) for rule in document.rules}
    found = []
    for one in document.caps:
        over = pgettext("list", ", ").join(names.get(code, code) for code in one.rules) or _("all")
        found.append(Part(one.code, one.code, limit(one), [(_("Rules"), over)]))
    return found


def _head(document: ProgrammeDocument, speaker: Speaker) -> list[tuple[str, str]]:
    found = [*_basics(document), (_("Earns nothing"), _excluded(document, speaker))]
    return [(label, text) for label, text in found if text]


def _basics(document: ProgrammeDocument) -> list[tuple[str, str]]:
    costs = [f"{code}: {in_words(cost, document.currency)}" for code, cost in document.unit_costs.items()]
    dayparts = [f"{code} {part.start:%H:%M}–{part.until:%H:%M}" for code, part in document.dayparts.items()]
    found = [
        (_("Orders in"), document.currency),
        (_("Points"), document.points),
        (_("What a point costs"), ", ".join(costs)),
        (_("Time zone"), document.time_zone),
        (_("Parts of the day"), ", ".join(dayparts)),
    ]
    return [(label, text) for label, text in found if text]


def _excluded(document: ProgrammeDocument, speaker: Speaker) -> str:
    excludes = document.excludes
    parts = {
        _("tax"): excludes.tax,
        _("shipping"): excludes.shipping,
        _("what gift cards paid"): excludes.gift_cards,
        _("what points paid"): excludes.points,
    }
    outside = [name for name, is_out in parts.items() if is_out]
    outside += [*excludes.categories, *excludes.brands, *excludes.skus]
    if excludes.lines is not None:
        outside.append(speaker.lines(excludes.lines))
    return pgettext("list", ", ").join(outside)


def budgets(document: ProgrammeDocument, used: Sequence[BudgetUse]) -> list[BudgetRow]:
    """Return the budgets of the document that were drawn on, each of its latest period."""
    latest: dict[str, BudgetUse] = {}
    for one in used:
        kind, _colon, rest = one.key.partition(":")
        if kind == "budget":
            latest[rest.split(":")[0]] = one
    found = []
    for budget in document.budgets:
        name = shown(budget.name) if budget.name else budget.code
        use = latest.get(budget.code)
        if use is None:
            found.append(BudgetRow(name, "", "0", effects.budget(budget, document.currency), 0.0))
            continue
        scale = 10_000 if budget.money is not None else 1
        size, taken = use.size / scale, use.used / scale
        found.append(
            BudgetRow(
                name,
                use.key.rpartition(":")[2],
                formats.count(round(taken)),
                formats.count(round(size)),
                taken / size if size else 0.0,
            )
        )
    return found


def asked_figures(ladder: Ladder | None) -> Figures:
    """Return which figures a ladder asks for at all: those above 0."""
    ways = [way for step in (ladder.steps if ladder else ()) for goal in (step.reach, step.keep) for way in goal.ways]
    return Figures(*(max(column) for column in zip(*ways, strict=True))) if ways else Figures()
