"""What customers have brought and what they are expected to bring: layers by band, concentration, spread, people."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Table
from troth.console.customers.outlook import chance
from troth.insights import queries as insights
from troth.insights.models import Band, CustomerOutlook

from . import cells, links, net, scatter
from .concentration import best_url
from .concentration import table as best_customers
from .report import Report

SHOWN_PEOPLE = 20


def figures(report: Report) -> list[Figure]:
    """Return the whole value in its two layers, and what a customer brings."""
    rows, facts = report.rows("value_layers"), report.facts("potential_curve")
    sums = {name: sum(row[name] for row in rows) for name in ("potential", "potential_low", "potential_high")}
    return [
        Figure(
            _("Value to come"),
            report.money_compact(sums["potential"]),
            note=interval_text(report, sums["potential_low"], sums["potential_high"]),
            help=terms_text(report),
        ),
        *([net.figure(report)] if net.is_known(report) else []),
        Figure(
            _("Made value"),
            report.money_compact(sum(float(row["made"]) for row in rows)),
            note=_("profit of all time"),
            help=report.margin_note,
        ),
        Figure(
            _("Value to come a head"),
            report.money(facts["mean"]),
            note=_("half bring %(median)s or more") % {"median": report.money(facts["median"])},
        ),
    ]


def interval_text(report: Report, low: Any, high: Any) -> str:
    """Return an interval in words."""
    return _("%(low)s to %(high)s") % {"low": _whole(report, low), "high": _whole(report, high)}


def _whole(report: Report, amount: Any) -> str:
    """An amount without its small coins: close ends of an interval must not look the same."""
    return f"{report.symbol}{formats.count(amount)}"


def terms_text(report: Report) -> str:
    """Return how the value to come is made."""
    facts = report.facts("model_trials")
    text = _(
        "Expected profit of the next %(months)s calendar months, until %(until)s: purchases × spend × a margin of"
        " %(margin)s, discounted by %(rate)s a year, month by month. The interval tells how surely what is expected is"
        " known; what one customer does varies more."
    )
    # An analysis of before the day was told counted a year of 365 days and a quarter.
    until = date.fromisoformat(facts["until"]) if "until" in facts else report.run.as_of_date + timedelta(days=365)
    return text % {
        "months": facts["months"],
        "until": formats.day(until),
        "margin": formats.percent(facts["margin"]),
        "rate": formats.percent(facts["annual_discount"], 0),
    }


def layers(report: Report) -> ChartCard:
    """Return made value and value to come of each band, with the interval of what is to come."""
    found = {row["band"]: row for row in report.rows("value_layers")}
    rows = [found[band] for band in Band if band in found]
    labels = [str(Band(row["band"]).label) for row in rows]
    option = charts.layers(
        labels,
        {
            _("Made value"): [float(row["made"]) for row in rows],
            _("Value to come"): [row["potential"] for row in rows],
        },
        interval=([row["potential_low"] for row in rows], [row["potential_high"] for row in rows]),
        axis_format=charts.money_compact(report.symbol),
        value_format=charts.money(report.symbol, 0),
        urls=[links.people(band=row["band"]) for row in rows],
    )
    heads = [_("Customers"), _("Made value"), _("Value to come"), _("Lower end"), _("Upper end")]
    heads += [_("Net of points and rewards")] if net.is_known(report) else []
    return ChartCard(
        id="value-layers",
        title=_("Value in layers, by band"),
        subtitle=_("What they have brought, and what is expected of the next %(months)s months")
        % {"months": report.facts("potential_curve")["months"]},
        option=option if rows else None,
        table=Table(
            columns=[Column(_("Band")), *cells.numbers(*heads, _("Still there"))],
            rows=[_layer(report, row) for row in rows],
        ),
        note=terms_text(report),
    )


def _layer(report: Report, row: dict[str, Any]) -> list[Cell]:
    url = links.people(band=row["band"])
    return [
        Cell(Band(row["band"]).label, url=url),
        cells.count(row["customers"], url),
        *(cells.money(report, row[name]) for name in ("made", "potential", "potential_low", "potential_high")),
        *([cells.money(report, round(row["net_value"], 4))] if net.is_known(report) else []),
        cells.share(row["alive"]),
    ]


def concentration(report: Report) -> ChartCard:
    """Return of the best so many customers, what share of the value to come they bring."""
    rows = report.rows("potential_curve")
    people, value = ([row[name] for row in rows] for name in ("customers_share", "value_share"))
    option = charts.pareto(
        people[1:],
        value[1:],
        people=_("Share of customers"),
        value=_("Share of the value to come"),
        even=_("If all brought the same"),
        mark=(0.2, read_at(rows, 0.2)) if rows else None,
        url=best_url(report, "potential_curve", "potential_from"),
    )
    return ChartCard(
        id="potential-concentration",
        title=_("How concentrated the value to come is"),
        subtitle=_("The best 20%% of customers are expected to bring %(share)s of it.")
        % {"share": formats.percent(read_at(rows, 0.2))}
        if rows
        else "",
        option=option if rows else None,
        table=best_customers(
            report, "potential_curve", "potential_from", _("Share of the value to come"), partial(read_at, rows)
        )
        if rows
        else Table(columns=[], rows=[]),
        empty=_("No profit is expected of anybody."),
    )


def read_at(rows: list[dict[str, Any]], share: float) -> float:
    """Read the curve at a share of customers, straight between its points."""
    before = (0.0, 0.0)
    for row in rows:
        point = (row["customers_share"], row["value_share"])
        if point[0] >= share:
            width = point[0] - before[0]
            return float(before[1] + (share - before[0]) / width * (point[1] - before[1]) if width else point[1])
        before = point
    return 1.0


def spread(report: Report) -> ChartCard:
    """Return how many customers are expected to bring how much."""
    rows = report.facts("potential_curve").get("histogram", [])
    labels = [_step(report, place, len(rows), *row[:2]) for place, row in enumerate(rows)]
    urls = [_step_url(place, len(rows), *row[:2]) for place, row in enumerate(rows)]
    option = charts.bars(labels, {_("Customers"): [row[2] for row in rows]}, urls=urls)
    if rows:
        option["series"][0] |= {"barCategoryGap": "4%", "itemStyle": {"borderRadius": [2, 2, 0, 0]}}
    return ChartCard(
        id="potential-spread",
        title=_("How the value to come is spread"),
        subtitle=_("Customers by what is expected of each"),
        option=option if rows else None,
        table=Table(
            columns=[Column(_("Value to come")), *cells.numbers(_("Customers"))],
            rows=[
                [Cell(label, row[0]), cells.count(row[2], url)]
                for label, row, url in zip(labels, rows, urls, strict=True)
            ],
        ),
    )


def _step_url(place: int, count: int, low: float, high: float) -> str:
    """Return where a step leads; the first one holds what is less, the last one what is more."""
    return links.people(
        potential_from=_amount(low) if place else None, potential_below=_amount(high) if place < count - 1 else None
    )


def _amount(given: float) -> Decimal:
    """Return an amount of a report as it is stored."""
    return Decimal(str(round(given, 4)))


def _step(report: Report, place: int, count: int, low: float, high: float) -> str:
    if place == count - 1:
        return _("%(low)s and more") % {"low": report.money_compact(low)}
    return f"{report.money_compact(low)}–{report.money_compact(high)}"


def people(report: Report, actor: Actor) -> Table:
    """Return the customers of whom most is expected."""
    found = insights.most_expected(SHOWN_PEOPLE)
    names = scatter.names_of([str(one.owner_id) for one in found], actor)
    heads = cells.numbers(_("Value to come"), _("Lower end"), _("Upper end"), _("Made value"), _("Still there"))
    return Table(
        columns=[Column(_("Customer")), *heads, Column(_("Next best action"))],
        rows=[_person(report, one, names) for one in found],
    )


def _person(report: Report, one: CustomerOutlook, names: dict[str, str]) -> list[Cell]:
    money = (one.potential_value, one.potential_low, one.potential_high, one.made_value)
    return [
        Cell(names.get(str(one.owner_id)) or "–", url=links.customer(one.owner_id)),
        *(cells.money(report, amount) for amount in money),
        Cell(chance(one.probability_alive or 0), one.probability_alive),
        Cell(one.get_action_display(), url=links.people(action=one.action) if one.action else ""),
    ]
