"""Loyalty against value: four quarters, each with its own treatment."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.access.actors import Actor
from troth.console import charts, formats
from troth.console.charts.points import Point
from troth.console.components import Cell, ChartCard, Column, Table
from troth.insights.models import Quarter

from . import cells, links, scatter
from .loyalty import is_fitted
from .report import Report


def card(report: Report, actor: Actor) -> ChartCard:
    """Return a sample of customers between the quarters; the table counts all of them and says how to treat them."""
    rows = report.rows("quadrant_sample")
    everybody = sum(row["customers"] for row in report.rows("quadrant"))
    return ChartCard(
        id="loyalty-value",
        title=_("Loyalty against value"),
        subtitle=_sample_text(len(rows), everybody),
        option=_option(report, rows, actor) if rows else None,
        table=_table(report, everybody),
        height="lg",
        empty=_("Nobody has bought yet."),
        note=_edges_text(report) if rows else "",
    )


def treatments() -> dict[str, str]:
    """Return how to treat the customers of each quarter."""
    return {
        Quarter.BEST: _("Thank them, ask what they think, let them bring others."),
        Quarter.HIDDEN: _("Sell the next product; serve them at low cost."),
        Quarter.WAVERING: _("Find out why, call in person, hold them."),
        Quarter.PASSING: _("Self-service; no costly offers."),
    }


def _sample_text(shown: int, everybody: int) -> str:
    if shown >= everybody:
        return ngettext("%(count)s customer", "%(count)s customers", shown) % {"count": formats.count(shown)}
    return _("A sample of %(shown)s of %(all)s customers") % {
        "shown": formats.count(shown), "all": formats.count(everybody),
    }  # fmt: skip


def _value_name(report: Report) -> str:
    if is_fitted(report):
        return _("Value to come")
    return _("Profit, last %(days)s days") % {"days": report.run.settings.bands["window_days"]}


def _edges_text(report: Report) -> str:
    facts = report.facts("quadrant")
    text = _(
        "To the right: loyal, with an index of %(loyal)s or more. Up: the best %(share)s by value, from %(value)s on."
    )
    return text % {
        "loyal": formats.count(facts["loyal_from"]),
        "share": formats.percent(facts["valuable_share"], 0),
        "value": report.money(facts["valuable_from"]),
    }


def _option(report: Report, rows: list[dict[str, Any]], actor: Actor) -> dict[str, Any]:
    names = scatter.names_of([row["customer_id"] for row in rows], actor)
    edge = report.facts("quadrant")["valuable_from"]
    # Values lie several powers of ten apart; nothing and less has no logarithm and stands at the foot.
    above = [row["value"] for row in rows if row["value"] > 0]
    is_log = bool(above) and edge > 0 and min(row["value"] for row in rows) >= 0
    foot = max(min(above, default=1.0), edge / 1000) if is_log else 0.0
    groups: dict[str, list[Point]] = {}
    for quarter in Quarter:
        points = [_point(row, names) for row in rows if row["quarter"] == quarter]
        if points:
            groups[str(quarter.label)] = points
    option = charts.quadrant(
        groups,
        x_name=_("Loyalty index"),
        y_name=_value_name(report),
        x_split=report.facts("quadrant")["loyal_from"],
        y_split=edge,
        corners=(
            str(Quarter.WAVERING.label), str(Quarter.BEST.label), str(Quarter.PASSING.label), str(Quarter.HIDDEN.label),
        ),
        x_format=charts.count(),
        y_format=charts.money_compact(report.symbol),
        y_log=is_log,
        url_pattern=links.customer_pattern(),
    )  # fmt: skip
    for cloud in option["series"]:
        cloud["data"] = [[x, max(y, foot) if is_log else y, name, who, y] for x, y, name, who in cloud["data"]]
        cloud["$tip"]["rows"][1][1] = 4
        cloud["$tip"]["rows"][1][2] = charts.money(report.symbol, 0)
    option["xAxis"] |= {"min": 0, "max": 100}
    option["yAxis"]["name"] = ""
    # On a phone the corners' names would run into each other; the legend has them, too.
    return option | {"$narrow": {"graphic": [{"style": {"text": ""}} for _corner in option["graphic"]]}}


def _point(row: dict[str, Any], names: dict[str, str]) -> Point:
    return row["loyalty"], row["value"], names.get(row["customer_id"], ""), row["customer_id"]


def _table(report: Report, everybody: int) -> Table:
    found, fitted, told = {row["quarter"]: row for row in report.rows("quadrant")}, is_fitted(report), treatments()
    heads = [_("Customers"), _("Share"), _("Mean index"), _("Made value")]
    heads += [_("Value to come"), _("Lower end"), _("Upper end")] if fitted else []
    rows = []
    for quarter in Quarter:
        if (row := found.get(quarter)) is None:
            continue
        url = links.people(quarter=quarter)
        money = ["made", *(["potential", "potential_low", "potential_high"] if fitted else [])]
        rows.append(
            [
                Cell(quarter.label, url=url),
                cells.count(row["customers"], url),
                cells.share(row["customers"] / everybody),
                Cell(formats.count(row["loyalty_index"], 1), row["loyalty_index"]),
                *(cells.money(report, row[name]) for name in money),
                Cell(told[quarter]),
            ]
        )
    return Table(columns=[Column(_("Quarter")), *cells.numbers(*heads), Column(_("What to do"))], rows=rows)


def summaries(report: Report) -> list[dict[str, Any]]:
    """Return each quarter in short, for the list beside the picture: name, customers, treatment, where they are."""
    found, told = {row["quarter"]: row for row in report.rows("quadrant")}, treatments()
    return [
        {
            "label": str(quarter.label),
            "customers": found[quarter]["customers"] if quarter in found else 0,
            "url": links.people(quarter=quarter) if quarter in found else "",
            "text": told[quarter],
        }
        for quarter in Quarter
    ]
