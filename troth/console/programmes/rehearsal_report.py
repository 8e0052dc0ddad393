"""A rehearsal's result for a screen: figures, pictures with their tables, people, two results beside each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.access.actors import Actor
from troth.console import charts, formats
from troth.console.components import Cell, Change, ChartCard, Column, Figure, Table
from troth.console.segments.sample import PersonRow, sample_rows
from troth.insights.models import Band
from troth.kit.money import SCALE
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.models import Programme
from troth.programs.words import Speaker, changes
from troth.sales.rehearsal_result import MemberResult, RehearsalResult, SideResult
from troth.segments import queries as segments

from .telling import shown

NONE = SideResult("")
LATEST_BUDGETS = 6


@dataclass(frozen=True, slots=True)
class Fate:
    """A customer who gains or loses."""

    person: PersonRow
    draft_points: int
    compared_points: int
    difference: str


def told(
    actor: Actor, programme: Programme, document: ProgrammeDocument | None, result: RehearsalResult
) -> dict[str, Any]:
    """Return the report of one result."""
    names = _tier_names(document)
    return {
        "result": result,
        "figures": figures(result),
        "bands_chart": _bands(result),
        "tiers_chart": _tiers(result, names) if result.draft.tiers else None,
        "rules_table": _rules(result, document),
        "budgets": _budgets(result, document),
        "gainers": _fates(actor, result.gainers),
        "losers": _fates(actor, result.losers),
        "moves": _moves(actor, result, names),
        "segments_table": _segments(result) if result.segments else None,
        "tier_url": reverse("programmes:tiers", args=[programme.id]),
    }


def changed(draft: ProgrammeDocument | None, compared: ProgrammeDocument | None) -> dict[str, Any]:
    """Return what the draft changes in words, nothing where one of the two is missing."""
    return {"changes": changes(compared, draft)} if draft is not None and compared is not None else {}


def _tier_names(document: ProgrammeDocument | None) -> dict[str, str]:
    tiers = document.tiers.ladder if document and document.tiers else ()
    return {tier.code: shown(tier.name) for tier in tiers}


# --- figures


def _points(side: SideResult) -> int:
    return sum(side.points.values())


def figures(result: RehearsalResult) -> list[Figure]:
    """Return the figures that matter most, each with its change."""
    draft, compared, currency = result.draft, result.compared, result.currency
    sales = Decimal(result.sales)
    share = Decimal(draft.cost) / sales if sales else Decimal(0)
    found = [
        Figure(
            _("Points"),
            formats.compact(_points(draft)),
            _change(_points(draft), _points(compared) if compared else None),
            help=_("All points of the draft, in every point currency."),
        ),
        Figure(
            _("Cost of the points"),
            formats.money_compact(Decimal(draft.cost), currency),
            _change(Decimal(draft.cost), Decimal(compared.cost) if compared else None, is_cost=True),
            note=_("%(share)s of sales; owed to members while nothing is spent") % {"share": formats.percent(share)},
        ),
        Figure(
            _("Given away anyway"),
            formats.money_compact(Decimal(result.extra_cost), currency),
            note=_("what it costs more on orders that came without it"),
        ),
        Figure(
            _("On reduced orders"),
            formats.money_compact(Decimal(draft.discounted_cost), currency),
            note=_("cost of points for what was discounted already"),
        ),
        Figure(
            _("Members who get something"),
            formats.count(draft.members_awarded),
            _change(draft.members_awarded, compared.members_awarded if compared else None),
            note=_("of %(count)s who bought") % {"count": formats.count(result.members)},
        ),
    ]
    if compared is not None:
        found.append(
            Figure(
                _("Members who gain"),
                formats.count(result.gaining),
                url="#gainers",
                note=_("%(count)s lose") % {"count": formats.count(result.losing)},
            )
        )
    if result.break_even_sales is not None:
        found.append(
            Figure(
                _("Pays back from"),
                formats.money_compact(Decimal(result.break_even_sales), currency),
                note=_("further sales, at a margin of %(margin)s")
                % {"margin": formats.percent(Decimal(result.margin or "0"))},
            )
        )
    return found


def _change(draft: int | Decimal, compared: int | Decimal | None, *, is_cost: bool = False) -> Change | None:
    if not compared:
        return None
    ratio = Decimal(draft) / Decimal(compared) - 1
    direction: Literal["up", "down", "flat"] = "up" if ratio > 0 else "down" if ratio < 0 else "flat"
    is_good = (ratio < 0) if is_cost and ratio else None
    return Change(formats.change(ratio), direction, is_good, note=_("against the version in force"))


# --- pictures


def _bands(result: RehearsalResult) -> ChartCard:
    labels = [band(one.band) for one in result.bands]
    series = {_("Draft"): [float(one.draft_cost) for one in result.bands]}
    if result.compared is not None:
        series[_("In force")] = [float(one.compared_cost) for one in result.bands]
    symbol = formats.currency_symbol(result.currency)
    return ChartCard(
        id="rehearsal-bands",
        title=_("Who the cost goes to"),
        subtitle=_("By value band, as customers stand today"),
        option=charts.bars(labels, series, axis_format=charts.money_compact(symbol), value_format=charts.money(symbol))
        if result.bands
        else None,
        table=Table(
            [
                _("Value band"),
                *(
                    Column(label, is_number=True)
                    for label in (pgettext("programme", "Members"), _("Spend"), _("Draft"), _("In force"))
                ),
                Column(_("Draft, of spend"), is_number=True),
            ],
            [
                [
                    Cell(band(one.band), one.band, _band_url(one.band)),
                    one.members,
                    Cell(formats.money(Decimal(one.spend), result.currency), one.spend),
                    Cell(formats.money(Decimal(one.draft_cost), result.currency), one.draft_cost),
                    Cell(formats.money(Decimal(one.compared_cost), result.currency), one.compared_cost),
                    formats.percent(Decimal(one.draft_cost) / Decimal(one.spend)) if Decimal(one.spend) else "–",
                ]
                for one in result.bands
            ],
        ),
        csv_name="rehearsal-bands",
        empty=_("Run the analysis first: it says who stands in which value band."),
    )


def band(code: str) -> str:
    """Return the name of a value band."""
    return str(Band(code).label) if code in Band.values else _("without a band")


def _band_url(code: str) -> str:
    return f"{reverse('customers:index')}?band={code}" if code in Band.values else ""


def _tiers(result: RehearsalResult, names: Mapping[str, str]) -> ChartCard:
    compared = result.compared.tiers if result.compared else {}
    codes = [*reversed(list(names)), *(code for code in (*result.draft.tiers, *compared) if code not in names)]
    codes = list(dict.fromkeys(codes))
    labels = [names.get(code, code) or _("no tier") for code in codes]
    numbers = [(result.draft.tiers.get(code, 0), compared.get(code, 0)) for code in codes]
    series = {_("Draft"): [draft for draft, _other in numbers]}
    if compared:
        series[_("In force")] = [other for _draft, other in numbers]
    return ChartCard(
        id="rehearsal-tiers",
        title=_("Tiers at the end"),
        subtitle=_("Of those who bought, as they stand after these days"),
        option=charts.bars(labels, series, horizontal=True, value_format=charts.count()),
        table=Table(
            [_("Tier"), Column(_("Draft"), is_number=True), Column(_("In force"), is_number=True)],
            [[label, draft, other] for label, (draft, other) in zip(labels, numbers, strict=True)],
        ),
        csv_name="rehearsal-tiers",
    )


def _rules(result: RehearsalResult, document: ProgrammeDocument | None) -> Table:
    speaker = Speaker(document) if document else None
    compared = {(one.rule, one.kind, one.code): one for one in (result.compared.rules if result.compared else ())}
    drawn = {(one.rule, one.kind, one.code): one for one in result.draft.rules}
    rows = []
    for key in dict.fromkeys([*drawn, *compared]):
        one, other = drawn.get(key), compared.get(key)
        rows.append(
            [
                Cell(speaker.name_of(key[0]) if speaker else key[0], key[0]),
                key[2],
                one.times if one else 0,
                one.amount if one else 0,
                other.amount if other else 0,
                Cell(formats.money(Decimal(one.cost if one else "0"), result.currency), one.cost if one else "0"),
            ]
        )
    labels = (_("Orders"), _("Draft"), _("In force"), _("Cost of the draft"))
    return Table([_("Rule"), _("Point currency"), *(Column(label, is_number=True) for label in labels)], _counted(rows))


def _counted(rows: list[list[Any]]) -> list[list[Any]]:
    """Return the rows with whole numbers as people write them, the raw ones kept for the CSV."""
    return [[Cell(formats.count(one), one) if isinstance(one, int) else one for one in row] for row in rows]


def _budgets(result: RehearsalResult, document: ProgrammeDocument | None) -> list[dict[str, Any]]:
    names = {one.code: shown(one.name) if one.name else one.code for one in (document.budgets if document else ())}
    in_money = {one.code for one in (document.budgets if document else ()) if one.money is not None}
    found = []
    for one in result.draft.budgets[-LATEST_BUDGETS:]:
        parts = one.key.split(":")
        code, scale = parts[1] if len(parts) > 1 else one.key, 1
        if code in in_money:
            scale = SCALE
        found.append(
            {
                "name": names.get(code, code),
                "period": parts[-1] if len(parts) > 2 else "",
                "used": formats.count(one.used // scale),
                "size": formats.count(one.size // scale),
                "ratio": one.used / one.size if one.size else 0.0,
            }
        )
    return found


def _fates(actor: Actor, members: tuple[MemberResult, ...]) -> list[Fate]:
    by_id = {UUID(one.customer_id): one for one in members}
    return [
        Fate(
            person,
            by_id[person.customer.id].draft_points,
            by_id[person.customer.id].compared_points,
            _signed(by_id[person.customer.id].difference),
        )
        for person in sample_rows(actor, list(by_id))
    ]


def _signed(number: int) -> str:
    return f"+{formats.count(number)}" if number > 0 else formats.count(number)


@dataclass(frozen=True, slots=True)
class Move:
    """Members who would hold another tier, some of them by name."""

    before: str
    after: str
    count: int
    people: list[PersonRow]


def _moves(actor: Actor, result: RehearsalResult, names: Mapping[str, str]) -> list[Move]:
    people = {(one.before, one.after): [UUID(found) for found in one.customer_ids[:5]] for one in result.movers}
    return [
        Move(
            names.get(before, before) or _("no tier"),
            names.get(after, after) or _("no tier"),
            count,
            sample_rows(actor, people.get((before, after), [])),
        )
        for before, after, count in sorted(result.changed_tiers, key=lambda one: -one[2])
        if before != after
    ]


def _segments(result: RehearsalResult) -> Table:
    names = {str(one.id): str(one) for one in segments.segments()}
    labels = (pgettext("programme", "Members"), _("Spend"), _("Draft"), _("In force"))
    return Table(
        [
            _("Segment"),
            *(Column(label, is_number=True) for label in labels),
            Column(_("Draft, of spend"), is_number=True),
        ],
        [
            [
                Cell(
                    names.get(one.segment_id, _("a segment that has gone")),
                    one.segment_id,
                    reverse("segments:members", args=[one.segment_id]) if one.segment_id in names else "",
                ),
                Cell(formats.count(one.members), one.members),
                Cell(formats.money(Decimal(one.spend), result.currency), one.spend),
                Cell(formats.money(Decimal(one.draft_cost), result.currency), one.draft_cost),
                Cell(formats.money(Decimal(one.compared_cost), result.currency), one.compared_cost),
                formats.percent(Decimal(one.draft_cost) / Decimal(one.spend)) if Decimal(one.spend) else "–",
            ]
            for one in result.segments
        ],
    )


# --- all of one


def rows(result: RehearsalResult) -> Iterator[list[str | int]]:
    """Yield every figure of a result: part, what, measure, draft, compared."""
    draft, other = result.draft, result.compared or NONE
    yield ["all", "", "orders", result.orders, result.orders]
    yield ["all", "", "sales", result.sales, result.sales]
    yield ["all", "", "cost", draft.cost, other.cost]
    yield ["all", "", "cost on reduced orders", draft.discounted_cost, other.discounted_cost]
    yield ["all", "", "extra cost", result.extra_cost, ""]
    yield ["all", "", "orders awarded", draft.orders_awarded, other.orders_awarded]
    yield ["all", "", "members awarded", draft.members_awarded, other.members_awarded]
    for code in dict.fromkeys([*draft.points, *other.points]):
        yield ["points", code, "points", draft.points.get(code, 0), other.points.get(code, 0)]
    compared_rules = {(one.rule, one.code): one for one in other.rules}
    for one in draft.rules:
        was = compared_rules.get((one.rule, one.code))
        yield ["rule", one.rule, one.code or one.kind, one.amount, was.amount if was else 0]
    for tier in dict.fromkeys([*draft.tiers, *other.tiers]):
        yield ["tier", tier, "members", draft.tiers.get(tier, 0), other.tiers.get(tier, 0)]
    for band in result.bands:
        yield ["band", band.band, "cost", band.draft_cost, band.compared_cost]
    for budget in draft.budgets:
        yield ["budget", budget.key, "used", budget.used, ""]
    for segment in result.segments:
        yield ["segment", segment.segment_id, "cost", segment.draft_cost, segment.compared_cost]
    yield ["all", "", "members who gain", result.gaining, ""]
    yield ["all", "", "members who lose", result.losing, ""]
    for member in (*result.gainers, *result.losers):
        yield ["member", member.customer_id, "points", member.draft_points, member.compared_points]
