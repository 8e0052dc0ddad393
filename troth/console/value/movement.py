"""How the active customers came to be as many as they are, and where everybody stands in the life cycle."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.insights.models import Rung, Status
from troth.insights.queries import ACTIVE, SILENT, UNKNOWN

from . import cells, links, prospects
from .report import Report, month_label


def waterfall(report: Report, *, is_short: bool = False) -> ChartCard:
    """Return the way from the customers active a month ago to those active now."""
    facts, rows = report.facts("waterfall"), report.rows("waterfall")
    steps = {row["step"]: row["customers"] for row in rows}
    labels, urls = _step_labels(), step_urls()
    inner = [name for name in steps if name not in ("start", "end")]
    option = charts.waterfall(
        (labels["start"], steps.get("start", 0)),
        [(labels[name], steps[name]) for name in inner],
        labels["end"],
        urls=[urls[name] for name in ("start", *inner, "end")],
    )
    days = {name: formats.day(date.fromisoformat(facts[name])) for name in ("start", "end")}
    return ChartCard(
        id="waterfall",
        title=_("Active customers, ups and downs"),
        subtitle=_("From %(start)s to %(end)s") % days,
        option=option if steps.get("start") or steps.get("end") else None,
        table=Table(
            columns=[Column(_("Step")), *cells.numbers(_("Customers"))],
            rows=[[Cell(labels[name], url=urls[name]), cells.count(steps[name], urls[name])] for name in steps],
        ),
        empty=_("Nobody was active in this month."),
        note=_("Active is who is not silent for longer than usual, by their own rhythm of buying."),
        url=reverse("value:lifecycle") if is_short else "",
        url_label=_("The whole life cycle") if is_short else "",
    )


def step_urls() -> dict[str, str]:
    """Return where each step of the waterfall leads."""
    return {
        "start": links.people(status_before=ACTIVE),
        "new": links.people(status_before=UNKNOWN, status=ACTIVE),
        "won_back": links.people(status_before=SILENT, status=ACTIVE),
        "to_sleeping": links.people(status_before=ACTIVE, status="sleeping"),
        "to_lost": links.people(status_before=ACTIVE, status="lost"),
        "end": links.people(status=ACTIVE),
    }


def _step_labels() -> dict[str, str]:
    return {
        "start": _("Active a month ago"),
        "new": _("New"),
        "won_back": _("Came back"),
        "to_sleeping": _("Fell asleep"),
        "to_lost": _("Lost"),
        "end": _("Active now"),
    }


def statuses(report: Report) -> ChartCard:
    """Return how many customers stand where in the life cycle."""
    return _bars(report, "status", Status, _("Life cycle"), "life-cycle")


def ladder(report: Report) -> ChartCard:
    """Return the rungs of the ladder as far as orders can tell."""
    told = {row["rung"] for row in report.rows("ladder") if row["customers"]}
    if told & {Rung.REPEAT_BUYER, Rung.CLIENT, Rung.ADVOCATE}:
        note = _(
            "Clients buy most of what they need from us, by share of wallet; advocates also brought others who bought."
            " Whose share of wallet is not known is “at least repeat buyer”."
        )
    else:
        note = _(
            "Clients buy most of what they need from us, advocates bring others: orders alone do not tell that, so the"
            " highest rung here is “at least repeat buyer”. Ask what customers spend elsewhere, or set what such"
            " customers spend, under Settings → How we measure."
        )
    return prospects.below(report, _bars(report, "ladder", Rung, _("Loyalty ladder"), "ladder", note=note))


def _bars(
    report: Report, frame: str, kind: type[Status | Rung], title: str, card_id: str, *, note: str = ""
) -> ChartCard:
    column = "rung" if frame == "ladder" else frame
    rows = report.rows(frame)
    urls = [links.people(**{column: row[column]}) for row in rows]
    labels = [str(kind(row[column]).label) for row in rows]
    option = charts.bars(labels, {_("Customers"): [row["customers"] for row in rows]}, horizontal=True, urls=urls)
    columns = [Column(title), *cells.numbers(_("Customers"), _("Share"), _("Revenue"), _("Share of revenue"))]
    return ChartCard(
        id=card_id,
        title=title,
        option=option if any(row["customers"] for row in rows) else None,
        table=Table(columns=columns, rows=[_bar_row(report, *row) for row in zip(labels, urls, rows, strict=True)]),
        height="sm",
        note=note,
        empty=_("Nobody has bought yet."),
    )


def _bar_row(report: Report, label: str, url: str, row: dict[str, Any]) -> list[Cell]:
    return [
        Cell(label, url=url),
        cells.count(row["customers"], url),
        cells.share(row["customers_share"]),
        cells.money(report, row["revenue"]),
        cells.share(row["revenue_share"]),
    ]


def over_time(report: Report) -> ChartCard:
    """Return how many were active, sleeping and lost at the end of each month."""
    rows = sorted(report.rows("standing"), key=lambda row: row["day"])
    days = [date.fromisoformat(row["day"]) for row in rows]
    series = {"active_now": _("Active"), "sleeping": str(Status.SLEEPING.label), "lost": str(Status.LOST.label)}
    option = charts.trend(
        [formats.day(day) for day in days], {label: [row[name] for row in rows] for name, label in series.items()}
    )
    return ChartCard(
        id="life-cycle-trend",
        title=_("Active, sleeping, lost"),
        subtitle=_("At the end of each month, by what was known then"),
        option=option if len(rows) > 1 else None,
        table=Table(
            columns=[Column(_("Day")), *cells.numbers(*series.values())],
            rows=[
                [Cell(formats.day(day), day), *(cells.count(row[name]) for name in series)]
                for day, row in zip(days, rows, strict=True)
            ],
        ),
        empty=_("The line begins when there are two months of orders."),
        note=_("Who stood where on an earlier day is not kept by name; those of today are behind the bars above."),
    )


def trend(report: Report) -> ChartCard:
    """Return revenue and profit by month."""
    rows = [row for row in report.rows("trend") if row["is_complete"]]
    labels = [month_label(row["month"]) for row in rows]
    names = {"revenue": _("Revenue"), "profit": _("Profit")}
    option = charts.trend(
        labels,
        {label: [float(row[name]) for row in rows] for name, label in names.items()},
        axis_format=charts.money_compact(report.symbol),
        value_format=charts.money(report.symbol, 0),
        urls=[links.people(bought_month=row["month"]) for row in rows],
    )
    columns = [_("Customers"), _("New"), _("Orders"), _("Revenue"), _("Profit")]
    return ChartCard(
        id="months",
        title=_("Revenue and profit by month"),
        subtitle=_("Complete months"),
        option=option if rows else None,
        table=Table(
            columns=[Column(_("Month")), *cells.numbers(*columns)],
            rows=[_month_row(report, label, row) for label, row in zip(labels, rows, strict=True)],
        ),
        note=report.margin_note,
        empty=_("The line begins with the first complete month."),
    )


def _month_row(report: Report, label: str, row: dict[str, Any]) -> list[Cell]:
    return [
        Cell(label, row["month"]),
        cells.count(row["customers"], links.people(bought_month=row["month"])),
        cells.count(row["new_customers"], links.people(first_month=row["month"])),
        cells.count(row["orders"]),
        cells.money(report, row["revenue"]),
        cells.money(report, row["profit"]),
    ]
