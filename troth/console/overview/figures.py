"""The cards at the top of the overview: each a number, how it moved, and the people behind it."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from troth.console import formats
from troth.console.components import Change, Figure
from troth.console.value import links
from troth.console.value.report import Report
from troth.insights.models import Status
from troth.insights.queries import ACTIVE

MONTH_DAYS, YEAR_DAYS = 30, 365
FIRST_MONTHS = 2
"""Left out of the line of new customers where orders begin: there everybody is new to us."""


def figures(report: Report) -> list[Figure]:
    """Return the cards, the most asked-for first."""
    spans = {row["span"]: row for row in report.rows("kpis")}
    return [
        _active(report),
        _money(report, spans, "revenue", "year"),
        _money(report, spans, "profit", "year"),
        _money(report, spans, "revenue", "month"),
        _repeat_rate(spans),
        _new(report, spans),
        _silent(report, Status.SLEEPING),
        _silent(report, Status.LOST),
    ]


def _active(report: Report) -> Figure:
    steps = {row["step"]: row["customers"] for row in report.rows("waterfall")}
    return Figure(
        label=_("Active customers"),
        value=formats.count(steps.get("end", 0)),
        change=_change(steps.get("end", 0), steps.get("start", 0), note=_("in 30 days")),
        trend=_month_ends(report, "active_now"),
        trend_note=_("Active customers at the end of each month"),
        url=links.people(status=ACTIVE),
        icon="activity",
        help=_("Who is not silent for longer than usual, by their own rhythm of buying."),
    )


def _money(report: Report, spans: dict[str, dict[str, Any]], measure: str, span: str) -> Figure:
    now, before = spans[span], spans[f"{span}_before"]
    is_year, is_profit = span == "year", measure == "profit"
    labels = {
        ("revenue", "year"): _("Revenue, 12 months"),
        ("profit", "year"): _("Profit, 12 months"),
        ("revenue", "month"): _("Revenue, 30 days"),
    }
    known = _is_known(report, before)
    return Figure(
        label=labels[measure, span],
        value=report.money_compact(now[measure]),
        change=_change(float(now[measure]), float(before[measure]), note=_before(span)) if known else None,
        trend=_months(report, measure),
        trend_note=_("By month, complete months"),
        url=links.people(bought_within=YEAR_DAYS if is_year else MONTH_DAYS),
        icon="coins" if is_profit else "cash",
        note="" if known else _("No orders to compare with"),
        help=report.margin_note if is_profit else "",
    )


def _repeat_rate(spans: dict[str, dict[str, Any]]) -> Figure:
    now = spans["year"]
    return Figure(
        label=_("Repeat rate"),
        value=formats.percent(now["repeat_rate"]),
        note=_("of those who bought in 12 months"),
        url=links.people(rung="at_least_repeat_buyer", bought_within=YEAR_DAYS),
        icon="refresh",
        help=_("Share of the customers of the last 12 months who bought on two days or more."),
    )


def _new(report: Report, spans: dict[str, dict[str, Any]]) -> Figure:
    now, before = spans["month"], spans["month_before"]
    known = _is_known(report, before)
    change = _change(now["new_customers"], before["new_customers"], note=_before("month"))
    return Figure(
        label=_("New customers, 30 days"),
        value=formats.count(now["new_customers"]),
        change=change if known else None,
        trend=_months(report, "new_customers")[FIRST_MONTHS:],
        trend_note=_("By month, complete months"),
        url=links.people(first_within=MONTH_DAYS),
        icon="user-plus",
    )


def _silent(report: Report, status: Status) -> Figure:
    row = next((row for row in report.rows("status") if row["status"] == status), {})
    now, before = row.get("customers", 0), row.get("customers_before", 0)
    return Figure(
        label=status.label,
        value=formats.count(now),
        change=_change(now, before, note=_("in 30 days"), is_more_good=False),
        trend=_month_ends(report, status),
        trend_note=_("At the end of each month"),
        url=links.people(status=status.value),
        icon="zzz" if status == Status.SLEEPING else "user-minus",
        help=_limit(report, status),
    )


def _limit(report: Report, status: Status) -> str:
    gaps = Decimal(report.run.settings.rhythm["sleeping_after" if status == Status.SLEEPING else "lost_after"])
    text = _("Silent for longer than %(gaps)s of their own usual gaps between purchases.")
    return text % {"gaps": format(gaps.normalize(), "f")}


def _is_known(report: Report, before: dict[str, Any]) -> bool:
    """Tell whether there were orders from the first day of the span compared with: else it would look like
    growth.
    """
    first = report.facts("kpis").get("first_order_date")
    return first is not None and first <= before["start"]


def _before(span: str) -> str:
    return _("against the year before") if span == "year" else _("against the 30 days before")


def _change(now: float, before: float, *, note: str, is_more_good: bool = True) -> Change | None:
    """Return how a number moved: in percent, or from nothing in plain numbers."""
    if now == before:
        return Change(_("unchanged"), "flat", note=note)
    if not before:
        return None
    is_up = now > before
    text = formats.change((now - before) / abs(before))
    return Change(text, "up" if is_up else "down", is_good=is_up == is_more_good, note=note)


def _months(report: Report, column: str) -> list[float]:
    return [float(row[column]) for row in report.rows("trend") if row["is_complete"]][-13:]


def _month_ends(report: Report, column: str) -> list[float]:
    rows = sorted(report.rows("standing"), key=lambda row: row["day"])
    return [float(row[column]) for row in rows]
