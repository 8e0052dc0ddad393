"""A programme in words for a screen: its rules, limits, tiers and goals, each as a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from troth.console import formats
from troth.programs import effect_words as effects
from troth.programs.document.shapes import Challenge, ProgrammeDocument, Streak
from troth.programs.naming import shown
from troth.programs.queries import BudgetUse
from troth.programs.tiers import Figures, Ladder
from troth.programs.words import Speaker

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
        "groups": [Part(one.code, one.code, effects.TAKES[one.take](), []) for one in document.groups],
    }


def _part(code: str, name: str, facets: dict[str, str]) -> Part:
    """Return a row whose first facet leads: the effect, the goal, what a tier asks for."""
    lead, *rest = facets.items() or [("", "")]
    return Part(code, name, lead[1], rest)


def _head(document: ProgrammeDocument, speaker: Speaker) -> list[tuple[str, str]]:
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
    costs = [f"{code}: {effects.money(cost, document.currency)}" for code, cost in document.unit_costs.items()]
    found = [
        (_("Orders in"), document.currency),
        (_("Points"), document.points),
        (_("What a point costs"), ", ".join(costs)),
        (_("Earns nothing"), ", ".join(outside)),
    ]
    return [(label, text) for label, text in found if text]


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
