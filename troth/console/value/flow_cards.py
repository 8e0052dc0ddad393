"""How customers moved in a month, and how soon new ones come back."""

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.insights.models import Rung, Status
from troth.insights.queries import NO_BUYER

from . import cells, links
from .report import Report

FILLS = {
    "new": "var(--t-series-4)",
    "repeat": "var(--t-series-3)",
    "active": "var(--t-series-1)",
    "sleeping": "var(--t-series-2)",
    "lost": "var(--t-axis)",
    "": "var(--t-line-strong)",
}


def flow(report: Report) -> ChartCard:
    """Return from which status a month ago to which now how many customers went."""
    rows = report.rows("status_flow")
    before = {"": _("Not yet here"), **{str(one): str(one.label) for one in Status}}
    stops = [charts.Stop(f"before-{key}", label, FILLS[key]) for key, label in before.items()]
    stops += [charts.Stop(f"now-{one}", str(one.label), FILLS[str(one)]) for one in Status]
    urls = [links.people(status_before=row["before"] or "none", status=row["status"]) for row in rows]
    flows = [
        charts.Flow(f"before-{row['before']}", f"now-{row['status']}", row["customers"], url)
        for row, url in zip(rows, urls, strict=True)
    ]
    return ChartCard(
        id="status-flow",
        title=_("Where everybody went in a month"),
        subtitle=_("On the left a month ago, on the right now; press a band for its people"),
        option=charts.sankey(stops, flows, name=_("Customers")) if rows else None,
        table=Table(
            columns=[Column(_("A month ago")), Column(_("Standing now")), *cells.numbers(_("Customers"))],
            rows=[
                [Cell(before[row["before"]]), Cell(before[row["status"]]), cells.count(row["customers"], url)]
                for row, url in zip(rows, urls, strict=True)
            ],
        ),
        height="lg",
        empty=_("The next analysis will show it."),
    )


RUNG_FILLS = {"first_time_buyer": "var(--t-series-4)", "at_least_repeat_buyer": "var(--t-series-1)"}


def ladder(report: Report) -> ChartCard:
    """Return from which rung of the ladder a month ago to which now how many customers went."""
    rows = report.rows("ladder_flow")
    labels = {"": _("Not yet a buyer"), **{str(one): str(one.label) for one in Rung}}
    stops = [charts.Stop("before-", labels[""], "var(--t-line-strong)")]
    stops += [charts.Stop(f"before-{one}", labels[one], RUNG_FILLS[one]) for one in Rung]
    stops += [charts.Stop(f"now-{one}", labels[one], RUNG_FILLS[one]) for one in Rung]
    urls = [links.people(rung_before=row["before"] or NO_BUYER, rung=row["rung"]) for row in rows]
    flows = [
        charts.Flow(f"before-{row['before']}", f"now-{row['rung']}", row["customers"], url)
        for row, url in zip(rows, urls, strict=True)
    ]
    return ChartCard(
        id="ladder-flow",
        title=_("Moves on the loyalty ladder in a month"),
        subtitle=_("On the left a month ago, on the right now; press a band for its people"),
        option=charts.sankey(stops, flows, name=_("Customers")) if rows else None,
        table=Table(
            columns=[Column(_("Rung a month ago")), Column(_("Rung now")), *cells.numbers(_("Customers"))],
            rows=[
                [Cell(labels[row["before"]]), Cell(labels[row["rung"]]), cells.count(row["customers"], url)]
                for row, url in zip(rows, urls, strict=True)
            ],
        ),
        empty=_("The next analysis will show it."),
        note=_("Buyers only ever climb by buying; a step down comes where all orders of a rung were given back."),
    )


def coming_back(report: Report) -> ChartCard:
    """Return the share of buyers who have come back, by days since the first purchase."""
    rows, facts = report.rows("coming_back"), report.facts("coming_back")
    option = charts.trend(
        [formats.count(row["days"]) for row in rows],
        {_("Came back"): [row["came_back"] for row in rows]},
        interval=([row["low"] for row in rows], [row["high"] for row in rows]),
        interval_name=_("Interval (95%)"),
        axis_format=charts.percent(),
        value_format=charts.percent(1),
    )
    heads = cells.numbers(_("Came back"), _("Low (95%)"), _("High (95%)"), _("Watched that long"))
    return ChartCard(
        id="coming-back",
        title=_("How soon a first buyer comes back"),
        subtitle=_("Share with a second purchase, by days since the first (Kaplan–Meier)"),
        option=option if rows else None,
        table=Table(
            columns=[*cells.numbers(_("Days since the first purchase")), *heads],
            rows=[
                [
                    cells.count(row["days"]),
                    *(cells.share(row[name], 1) for name in ("came_back", "low", "high")),
                    cells.count(row["at_risk"]),
                ]
                for row in rows
            ],
        ),
        empty=_("The next analysis will show it."),
        note=_median(facts.get("median_days")) if rows else "",
    )


def _median(days: float | None) -> str:
    if days is None:
        return _("Fewer than half have come back within the time watched.")
    return _("Half have come back within %(days)s days.") % {"days": formats.count(days)}
