"""How customers moved in a month, and how soon new ones come back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.insights.models import Rung, Status
from troth.insights.prospect_models import ProspectRung
from troth.insights.prospects import FLOW
from troth.insights.queries import NO_BUYER, UNKNOWN

from . import cells, links, prospects
from .report import Report

FILLS: Mapping[str, str] = {
    "new": "var(--t-series-4)",
    "repeat": "var(--t-series-3)",
    "active": "var(--t-series-1)",
    "sleeping": "var(--t-series-2)",
    "lost": "var(--t-axis)",
    "": "var(--t-line-strong)",
}
RUNG_FILLS: Mapping[str, str] = {
    "first_time_buyer": "var(--t-series-4)",
    "repeat_buyer": "var(--t-series-3)",
    "at_least_repeat_buyer": "var(--t-series-1)",
    "client": "var(--t-series-5)",
    "advocate": "var(--t-series-6)",
    "suspect": "var(--t-axis)",
    "disqualified_prospect": "var(--t-line-strong)",
    "prospect": "var(--t-series-2)",
    "": "var(--t-line-strong)",
}


@dataclass(frozen=True, slots=True)
class Kinds:
    """What customers move among: the column of the frame that says where they are now, the name of every place with
    its colour ("" for before the first purchase), and the address of who went from one to another.
    """

    column: str
    labels: Mapping[str, str]
    fills: Mapping[str, str]
    url: Callable[[str, str], str]


def flow(report: Report) -> ChartCard:
    """Return from which status a month ago to which now how many customers went."""
    kinds = Kinds(
        "status",
        {"": _("Not yet here"), **{str(one): str(one.label) for one in Status}},
        FILLS,
        lambda before, now: links.people(status_before=before or UNKNOWN, status=now),
    )
    rows = report.rows("status_flow")
    return ChartCard(
        id="status-flow",
        title=_("Where everybody went in a month"),
        subtitle=_("On the left a month ago, on the right now; press a band for its people"),
        option=_picture(rows, kinds),
        table=_table(rows, kinds, _("A month ago"), _("Standing now")),
        height="lg",
        empty=_("The next analysis will show it."),
    )


def ladder(report: Report) -> ChartCard:
    """Return from which rung of the ladder a month ago to which now how many customers went."""
    below, bought = report.rows(FLOW), report.rows("ladder_flow")
    rows = [*below, *(row for row in bought if row["before"])] if below else bought
    rungs: dict[str, str] = {str(one): str(one.label) for one in (*(ProspectRung if below else ()), *Rung)}
    kinds = Kinds("rung", {"": _("Not yet known") if below else _("Not yet a buyer"), **rungs}, RUNG_FILLS, _step)
    return ChartCard(
        id="ladder-flow",
        title=_("Moves on the loyalty ladder in a month"),
        subtitle=_("On the left a month ago, on the right now; press a band for its people"),
        option=_picture(rows, kinds),
        table=_table(rows, kinds, _("Rung a month ago"), _("Rung now")),
        empty=_("The next analysis will show it."),
        note=_(
            "Buyers climb by buying; a step down comes where all orders of a rung were given back, or a client fell"
            " silent. A band that ends below the first purchase leads to all who stand there now; one that begins there"
            " and ends with a purchase, to all who made their first purchase in the month."
        ),
    )


def _step(before: str, now: str) -> str:
    """Return where a step on the ladder leads: no list knows who stood on which rung before the first purchase."""
    if now in ProspectRung.values:
        return prospects.page_of(now)
    stood = NO_BUYER if before in ("", *ProspectRung.values) else before
    return links.people(rung_before=stood, rung=now)


def _picture(rows: Sequence[Mapping[str, Any]], kinds: Kinds) -> dict[str, Any] | None:
    stops = [charts.Stop(f"before-{key}", label, kinds.fills[key]) for key, label in kinds.labels.items()]
    stops += [charts.Stop(f"now-{key}", label, kinds.fills[key]) for key, label in kinds.labels.items() if key]
    flows = [
        charts.Flow(
            f"before-{row['before']}", f"now-{row[kinds.column]}", row["customers"],
            kinds.url(row["before"], row[kinds.column]),
        )
        for row in rows
    ]  # fmt: skip
    return charts.sankey(stops, flows, name=_("Customers")) if rows else None


def _table(rows: Sequence[Mapping[str, Any]], kinds: Kinds, before: str, now: str) -> Table:
    return Table(
        columns=[Column(before), Column(now), *cells.numbers(_("Customers"))],
        rows=[
            [
                Cell(kinds.labels[row["before"]]),
                Cell(kinds.labels[row[kinds.column]]),
                cells.count(row["customers"], kinds.url(row["before"], row[kinds.column])),
            ]
            for row in rows
        ],
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
        url=links.people(rung="first_time_buyer") if rows else "",
        url_label=_("Who has not come back yet") if rows else "",
    )


def _median(days: float | None) -> str:
    if days is None:
        return _("Fewer than half have come back within the time watched.")
    return _("Half have come back within %(days)s days.") % {"days": formats.count(days)}
