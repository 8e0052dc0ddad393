"""Cohorts by month of first purchase: how many came back in each month after, and what they brought."""

from datetime import date
from typing import Any, Literal

from django.urls import reverse
from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table

from . import cells, links
from .report import Report, month_label

Measure = Literal["retention", "revenue_to_date"]
SHOWN_MONTHS = 12
STEPS = 6


def card(
    report: Report, measure: Measure = "retention", *, is_short: bool = False, months: int = SHOWN_MONTHS
) -> ChartCard:
    """Return the cohorts as a heat map; each cell leads to the people who bought in that month."""
    grid = _grid(report, months)
    titles = {"retention": _("Retention by cohort"), "revenue_to_date": _("Revenue a head by cohort, to date")}
    subtitles = {
        "retention": _("Share of those who first bought in a month that bought again in the months after"),
        "revenue_to_date": _("What a customer of each starting month has brought so far"),
    }
    return ChartCard(
        id=f"cohorts-{measure.replace('_', '-')}",
        title=titles[measure],
        subtitle=subtitles[measure],
        option=_option(report, grid, measure) if grid else None,
        table=_table(report, grid, measure),
        height="lg" if len(grid) > 7 else "md",
        empty=_("Cohorts appear when the first month after a first purchase is complete."),
        note=_note(report),
        url=reverse("value:cohorts") if is_short else "",
        url_label=_("All cohorts") if is_short else "",
    )


def _note(report: Report) -> str:
    first = min((row["cohort_month"] for row in report.rows("cohorts")), default="")
    if not first:
        return ""
    text = _("Orders begin in %(month)s: the first cohort also holds people who had bought before.")
    return text % {"month": formats.month(date.fromisoformat(first))}


Grid = dict[str, dict[int, dict[str, Any]]]


def _grid(report: Report, months: int) -> Grid:
    """Return complete cells by cohort month and month index; the newest cohorts, the first months of each."""
    grid: Grid = {}
    for row in report.rows("cohorts"):
        if row["is_complete"] and row["month_index"] <= months:
            grid.setdefault(row["cohort_month"], {})[row["month_index"]] = row
    return dict(sorted(grid.items())[-months:])


def _value(row: dict[str, Any], measure: Measure) -> float:
    if measure == "retention":
        return float(row["retention"])
    return float(row["revenue_to_date"]) / row["cohort_size"] if row["cohort_size"] else 0.0


def _url(row: dict[str, Any]) -> str:
    return links.people(first_month=row["cohort_month"], bought_month=row["month"])


def _option(report: Report, grid: Grid, measure: Measure) -> dict[str, Any]:
    width = max(index for row in grid.values() for index in row) + 1
    indexes = range(width)
    is_retention = measure == "retention"
    option = charts.heatmap(
        [f"{month_label(month)}  ({formats.count(row[0]['cohort_size'])})" for month, row in grid.items()],
        [str(index) for index in indexes],
        [[_value(row[index], measure) if index in row else None for index in indexes] for row in grid.values()],
        name=_("Bought again") if is_retention else _("Revenue a head"),
        value_format=charts.percent() if is_retention else charts.money_compact(report.symbol),
        bounds=_bounds(grid) if is_retention else None,
        urls=[[_url(row[index]) if index in row else "" for index in indexes] for row in grid.values()],
    )
    # Twelve months are too many for figures on a phone: there the colours speak, and the table.
    return option | {"$narrow": {"series": [{"label": {"show": False}}]}}


def _bounds(grid: Grid) -> list[float] | None:
    """Return where the colours change: even steps over the months after the first, in which all bought."""
    shares = [float(cell["retention"]) for row in grid.values() for index, cell in row.items() if index]
    if not shares or min(shares) == max(shares):
        return None
    low, high = min(shares), max(shares)
    return [low + (high - low) * step / STEPS for step in range(1, STEPS)]


def _table(report: Report, grid: Grid, measure: Measure) -> Table:
    width = max((index for row in grid.values() for index in row), default=-1) + 1
    heads = [_("Month %(number)s") % {"number": index} for index in range(width)]
    return Table(
        columns=[Column(_("First purchase in")), *cells.numbers(_("Customers"), *heads)],
        rows=[
            [
                Cell(month_label(month), month, links.people(first_month=month)),
                cells.count(row[0]["cohort_size"], links.people(first_month=month)),
                *(_cell(report, row.get(index), measure) for index in range(width)),
            ]
            for month, row in grid.items()
        ],
    )


def _cell(report: Report, row: dict[str, Any] | None, measure: Measure) -> Cell:
    if row is None:
        return Cell("", "")
    value = _value(row, measure)
    text = formats.percent(value, 0) if measure == "retention" else report.money_compact(round(value, 2))
    return Cell(text, round(value, 4), _url(row) if row["customers"] else "")
