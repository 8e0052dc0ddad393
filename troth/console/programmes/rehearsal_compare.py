"""Two rehearsals beside each other: every measure, value band, segment, tier, rule and budget with its difference."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from troth.console import formats
from troth.insights.models import Band
from troth.kit.money import SCALE
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.words import Speaker
from troth.sales.rehearsal_result import RehearsalResult
from troth.segments import queries as segments

from .rehearsal_report import band
from .telling import shown

Read = Callable[[RehearsalResult], Decimal]


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing in both results. share: of the difference, "–" where there was nothing before."""

    label: str
    first: str
    second: str
    difference: str
    share: str


@dataclass(frozen=True, slots=True)
class Block:
    """Measures of one kind."""

    title: str
    rows: list[Measure]


def blocks(first: RehearsalResult, second: RehearsalResult, document: ProgrammeDocument | None) -> list[Block]:
    """Return everything that two results say, kind by kind. document: whose names are used."""
    currency = first.currency
    tiers = {tier.code: shown(tier.name) for tier in (document.tiers.ladder if document and document.tiers else ())}
    found = [
        Block(_("Altogether"), [_measure(label, read(first), read(second), currency if is_money else "")
                                for label, read, is_money in _measures()]),
        Block(_("Owed by value band"), _of({one.band: Decimal(one.draft_cost) for one in first.bands},
                                           {one.band: Decimal(one.draft_cost) for one in second.bands},
                                           band, currency, order=Band.values)),
        Block(_("Owed by segment"), _of({one.segment_id: Decimal(one.draft_cost) for one in first.segments},
                                        {one.segment_id: Decimal(one.draft_cost) for one in second.segments},
                                        _segment_namer(), currency)),
        Block(_("Members by tier at the end"), _of(_decimals(first.draft.tiers), _decimals(second.draft.tiers),
                                                   lambda code: tiers.get(code, code) or _("no tier"))),
        Block(_("Points by rule"), _of(_rules(first), _rules(second), _rule_namer(document))),
        Block(_("Used of budgets"), _of(_budgets(first, document), _budgets(second, document),
                                        lambda key: " ".join(key.split(":")[1:]))),
    ]  # fmt: skip
    return [one for one in found if one.rows]


def _measures() -> list[tuple[str, Read, bool]]:
    return [
        (_("Orders replayed"), lambda one: Decimal(one.orders), False),
        (_("Sales"), lambda one: Decimal(one.sales), True),
        (_("Points"), lambda one: Decimal(sum(one.draft.points.values())), False),
        (_("Cost of the points"), lambda one: Decimal(one.draft.cost), True),
        (_("On reduced orders"), lambda one: Decimal(one.draft.discounted_cost), True),
        (_("Given away anyway"), lambda one: Decimal(one.extra_cost), True),
        (_("Orders that get something"), lambda one: Decimal(one.draft.orders_awarded), False),
        (_("Members who get something"), lambda one: Decimal(one.draft.members_awarded), False),
        (_("Members who gain"), lambda one: Decimal(one.gaining), False),
        (_("Members who lose"), lambda one: Decimal(one.losing), False),
        (_("Moves up and down"), lambda one: Decimal(sum(count for _from, _to, count in one.draft.moves)), False),
    ]


def _of(
    first: Mapping[str, Decimal],
    second: Mapping[str, Decimal],
    name: Callable[[str], str],
    currency: str = "",
    *,
    order: Sequence[str] = (),
) -> list[Measure]:
    """Return what either has. order: in which keys stand; those that it does not name come last."""
    keys = sorted({**first, **second}, key=lambda key: order.index(key) if key in order else len(order))
    nothing = Decimal(0)
    return [_measure(name(key), first.get(key, nothing), second.get(key, nothing), currency) for key in keys]


def _measure(label: str, one: Decimal, other: Decimal, currency: str) -> Measure:
    def written(value: Decimal) -> str:
        return formats.money(value, currency) if currency else formats.count(int(value))

    return Measure(
        label, written(one), written(other), written(other - one), formats.change((other - one) / one) if one else "–"
    )


def _decimals(numbers: Mapping[str, int]) -> dict[str, Decimal]:
    return {key: Decimal(number) for key, number in numbers.items()}


def _rules(result: RehearsalResult) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in result.draft.rules:
        found[one.rule] = found.get(one.rule, Decimal(0)) + one.amount
    return found


def _rule_namer(document: ProgrammeDocument | None) -> Callable[[str], str]:
    return Speaker(document).name_of if document else str


def _budgets(result: RehearsalResult, document: ProgrammeDocument | None) -> dict[str, Decimal]:
    in_money = {one.code for one in (document.budgets if document else ()) if one.money is not None}
    return {
        one.key: Decimal(one.used) / (SCALE if one.key.split(":")[1:2] and one.key.split(":")[1] in in_money else 1)
        for one in result.draft.budgets
    }


def _segment_namer() -> Callable[[str], str]:
    names: dict[str, Any] = {str(one.id): str(one) for one in segments.segments()}
    return lambda code: str(names.get(str(UUID(code)), _("a segment that has gone")))
