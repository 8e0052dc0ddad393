"""Segments side by side: how many, how active, what they bring and will bring."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.console.guard import ConsoleRequest, requires
from troth.insights import queries as insights
from troth.insights.queries import Summary
from troth.segments import queries as segments
from troth.segments.models import Segment

MOST = 4
Group = tuple[str, str, Summary]  # what it is called, where it leads, its figures


@require_safe
@requires(Permission.SEGMENTS_VIEW, Permission.INSIGHTS_VIEW)
def compare(request: ConsoleRequest) -> HttpResponse:
    """Show the chosen segments beside everybody; without a choice, the largest ones."""
    known = [one for one in segments.segments() if one.is_published]
    asked = [one for one in known if str(one.id) in set(request.GET.getlist("segment"))]
    chosen = (asked or sorted(known, key=lambda one: -(one.member_count or 0)))[:MOST]
    run = insights.latest_run()
    context = {
        "choices": [(one, one in chosen) for one in known],
        "most": MOST,
        "too_many": len(asked) > MOST,
        "as_of": run.as_of_date if run else None,
    }
    if run and chosen:
        groups = [
            *(_group(one) for one in chosen),
            (_("All customers"), reverse("customers:index"), insights.summary()),
        ]
        context |= {"table": _table(groups, run.currency), "worth": _worth(groups, run.currency)}
    return render(request, "console/segments/compare.html", context)


def _group(segment: Segment) -> Group:
    found = insights.summary(segments.member_ids(segment.id))
    return str(segment), reverse("segments:members", args=[segment.id]), found


def _table(groups: Sequence[Group], currency: str) -> Table:
    """A row a measure, a column a group."""
    rows = [
        [Cell(label), *(Cell(text(one), url=url if place == 0 else "") for _name, url, one in groups)]
        for place, (label, text) in enumerate(_measures(currency, groups[-1][2]))
    ]
    columns = [Column(_("Measure")), *(Column(name, is_number=True) for name, _url, _one in groups)]
    return Table(columns=columns, rows=rows)


def _measures(currency: str, everybody: Summary) -> list[tuple[str, Callable[[Summary], str]]]:
    def money(amount: Decimal | None) -> str:
        return "–" if amount is None else formats.money(amount, currency)

    def number(given: Decimal | None, places: int = 1) -> str:
        return "–" if given is None else formats.count(given, places)

    def share(part: Decimal | int, whole: Decimal | int) -> str:
        return formats.percent(Decimal(part) / Decimal(whole)) if whole else "–"

    return [
        (_("Customers with purchases"), lambda one: formats.count(one.customers)),
        (_("Still active"), lambda one: share(one.active, one.customers)),
        (_("Revenue of the last year"), lambda one: money(one.revenue)),
        (_("Share of all revenue"), lambda one: share(one.revenue, everybody.revenue)),
        (_("Revenue a head"), lambda one: money(one.a_head(one.revenue))),
        (_("Profit a head"), lambda one: money(one.a_head(one.profit))),
        (_("Days with a purchase, mean"), lambda one: number(one.purchases)),
        (_("Days of silence, mean"), lambda one: number(one.silence)),
        (_("Loyalty index, mean"), lambda one: number(one.index)),
        (_("Chance to be there, mean"), lambda one: "–" if one.alive is None else formats.percent(one.alive)),
        (_("Value to come"), lambda one: money(one.potential)),
        (_("Value to come a head"), lambda one: money(one.a_head(one.potential))),
    ]


def _worth(groups: Sequence[Group], currency: str) -> ChartCard:
    """Return profit of the last year and of the coming one, a head."""
    symbol = formats.currency_symbol(currency)
    series = {
        _("Profit of the last year"): [_float(one.a_head(one.profit)) for _name, _url, one in groups],
        _("Value to come"): [_float(one.a_head(one.potential)) for _name, _url, one in groups],
    }
    names = [name for name, _url, _one in groups]
    option = charts.bars(
        names,
        series,
        axis_format=charts.money_compact(symbol),
        value_format=charts.money(symbol),
        urls=[url for _name, url, _one in groups],
    )
    return ChartCard(
        id="segments-worth",
        title=_("What one customer brings"),
        subtitle=_("Profit a head: of the last year, and expected of the coming one"),
        option=option if any(one.customers for _name, _url, one in groups) else None,
        table=Table(
            columns=[Column(_("Segment")), *(Column(label, is_number=True) for label in series)],
            rows=[
                [Cell(name, url=url), *(_money(values[place], currency) for values in series.values())]
                for place, (name, url, _one) in enumerate(groups)
            ],
        ),
        empty=_("Nobody of these segments has bought yet."),
    )


def _float(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _money(given: float | None, currency: str) -> Cell:
    return Cell("–", "") if given is None else Cell(formats.money(given, currency), round(given, 2))
