"""Recency, frequency, money: the grid of scores and the named groups in it."""

from typing import Any

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.insights.models import RfmSegment

from . import cells, links
from .report import Report

SCORES = (5, 4, 3, 2, 1)


def grid(report: Report) -> ChartCard:
    """Return how many customers have which scores of recency and frequency."""
    counts = {(row["r_score"], row["f_score"]): row["customers"] for row in report.rows("rfm_grid")}
    columns = tuple(reversed(SCORES))
    option = charts.heatmap(
        [_("Frequency %(score)s") % {"score": f} for f in SCORES],
        [_("Recency %(score)s") % {"score": r} for r in columns],
        [[counts.get((r, f)) for r in columns] for f in SCORES],
        name=_("Customers"),
        value_format=charts.count(),
        urls=[[links.people(r=r, f=f) for r in columns] for f in SCORES],
    )
    return ChartCard(
        id="rfm-grid",
        title=_("Recency and frequency"),
        subtitle=_("5 is best. Customers in each pair of scores"),
        option=option if counts else None,
        table=Table(
            columns=cells.numbers(_("Recency"), _("Frequency"), _("Customers"), _("Revenue"), _("Mean money score")),
            rows=[_grid_row(report, row) for row in report.rows("rfm_grid")],
        ),
        note=rule_text(report),
        empty=_("Nobody has bought yet."),
    )


def rule_text(report: Report) -> str:
    """Return how the scores are made by the settings of the analysis."""
    rules = report.run.settings.rfm
    fixed = [name for name in ("recency_days", "purchases", "revenue") if rules.get(name)]
    if not fixed:
        return _("Each score is the customer's fifth among all; equal values share a score.")
    return _("Scores follow fixed thresholds where they are set, else fifths of all customers.")


def segments(report: Report) -> ChartCard:
    """Return the named groups: how many people, what they bring, how long they have been silent."""
    rows = report.rows("rfm_segments")
    labels = [str(RfmSegment(row["rfm_segment"]).label) for row in rows]
    urls = [links.people(rfm_segment=row["rfm_segment"]) for row in rows]
    option = charts.bars(
        labels,
        {_("Revenue of the last %(days)s days") % {"days": report.run.settings.bands["window_days"]}: [
            float(row["window_revenue"]) for row in rows
        ]},
        horizontal=True,
        axis_format=charts.money_compact(report.symbol),
        value_format=charts.money(report.symbol, 0),
        urls=urls,
    )  # fmt: skip
    columns = [
        _("Customers"),
        _("Revenue, all time"),
        _("Revenue, period"),
        _("Median days since"),
        _("Mean purchases"),
    ]
    return ChartCard(
        id="rfm-segments",
        title=_("Groups by recency, frequency and money"),
        option=option if rows else None,
        table=Table(
            columns=[Column(_("Group")), *cells.numbers(*columns)],
            rows=[_segment_row(report, *row) for row in zip(labels, urls, rows, strict=True)],
        ),
        height="lg",
        empty=_("Nobody has bought yet."),
    )


def _grid_row(report: Report, row: dict[str, Any]) -> list[Cell]:
    return [
        cells.count(row["r_score"]),
        cells.count(row["f_score"]),
        cells.count(row["customers"], links.people(r=row["r_score"], f=row["f_score"])),
        cells.money(report, row["revenue"]),
        Cell(formats.count(row["m_score"], 1), row["m_score"]),
    ]


def _segment_row(report: Report, label: str, url: str, row: dict[str, Any]) -> list[Cell]:
    return [
        Cell(label, url=url),
        cells.count(row["customers"], url),
        cells.money(report, row["revenue"]),
        cells.money(report, row["window_revenue"]),
        Cell(formats.count(row["median_days"]), row["median_days"]),
        Cell(formats.count(row["mean_purchases"], 1), row["mean_purchases"]),
    ]
