"""Recency against value: a sample of customers, each a point that leads to the person."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.access.actors import Actor
from troth.console import charts, formats
from troth.console.charts.points import Point
from troth.console.components import Cell, ChartCard, Column, Table
from troth.console.customers.people import Faces
from troth.customers import queries as customers
from troth.insights.models import Status

from . import cells, links
from .report import Report

SHOWN_IN_TABLE = 200


def card(report: Report, actor: Actor) -> ChartCard:
    """Return who bought how lately and how much, by status; a press on a point opens the customer."""
    rows = [row for row in report.rows("scatter") if Decimal(row["window_revenue"]) > 0]
    names = names_of([row["customer_id"] for row in rows], actor)
    everybody = report.facts("scatter").get("customers", 0)
    return ChartCard(
        id="recency-value",
        title=_("Recency and value"),
        subtitle=_sample_text(len(rows), everybody),
        option=_option(report, rows, names) if rows else None,
        table=_table(report, rows, names),
        height="lg",
        empty=_("Nobody bought in the measured period."),
        note=_(
            "To the right: bought lately. Up: brought much in the last %(days)s days. The dashed lines are the medians."
        )
        % {"days": report.run.settings.bands["window_days"]},
    )


def names_of(customer_ids: Sequence[str], actor: Actor) -> dict[str, str]:
    """Return names by id, masked for who may not see them."""
    found = customers.records(UUID(found) for found in customer_ids)
    faces = Faces(actor, [])
    return {str(customer_id): faces.name(customer) for customer_id, customer in found.items()}


def _sample_text(shown: int, everybody: int) -> str:
    if shown >= everybody:
        return ngettext("%(count)s customer", "%(count)s customers", shown) % {"count": formats.count(shown)}
    return _("A sample of %(shown)s of %(all)s customers") % {
        "shown": formats.count(shown), "all": formats.count(everybody),
    }  # fmt: skip


def _option(report: Report, rows: list[dict[str, Any]], names: dict[str, str]) -> dict[str, Any]:
    groups: dict[str, list[Point]] = {}
    for status in Status:
        points = [_point(row, names) for row in rows if row["status"] == status]
        if points:
            groups[str(status.label)] = points
    facts = report.facts("scatter")
    option = charts.quadrant(
        groups,
        x_name=_("Days since the last purchase"),
        y_name=_("Revenue, last %(days)s days") % {"days": report.run.settings.bands["window_days"]},
        x_split=max(facts["median_days"] or 0, 1),
        y_split=max(facts["median_revenue"] or 0, 1),
        corners=(_("Brought much, silent"), _("The best"), _("Little and silent"), _("Lately, little")),
        y_format=charts.money_compact(report.symbol),
        y_log=True,
        x_inverse=True,
        url_pattern=links.customer_pattern(),
    )
    return _with_days_by_powers(option, groups)


def _with_days_by_powers(option: dict[str, Any], groups: dict[str, list[Point]]) -> dict[str, Any]:
    """Lay the days out by powers of ten: most customers bought within days, a few a year ago.

    No logarithm knows today's purchase, so it stands at one day; the tooltip still tells the true number.
    """
    for cloud, points in zip(option["series"], groups.values(), strict=True):
        cloud["data"] = [[max(days, 1), amount, name, who, days] for days, amount, name, who in points]
        cloud["$tip"]["rows"][0][1] = 4
    option["xAxis"] |= {"type": "log", "logBase": 10, "min": 1}
    option["yAxis"]["name"] = ""
    return option


def _point(row: dict[str, Any], names: dict[str, str]) -> tuple[float, float, str, str]:
    name = names.get(row["customer_id"], "")
    return row["days_since_last_purchase"], float(row["window_revenue"]), name, row["customer_id"]


def _table(report: Report, rows: list[dict[str, Any]], names: dict[str, str]) -> Table:
    best = sorted(rows, key=lambda row: Decimal(row["window_revenue"]), reverse=True)[:SHOWN_IN_TABLE]
    return Table(
        columns=[Column(_("Customer")), *cells.numbers(_("Days since"), _("Revenue")), Column(_("Life cycle"))],
        rows=[
            [
                Cell(names.get(row["customer_id"]) or "–", url=links.customer(row["customer_id"])),
                cells.count(row["days_since_last_purchase"]),
                cells.money(report, row["window_revenue"]),
                Cell(Status(row["status"]).label),
            ]
            for row in best
        ],
        caption=_("The %(count)s who brought most") % {"count": len(best)},
    )
