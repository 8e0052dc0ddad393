"""Why things went wrong, counted; how deadlines were kept; what recovery earns."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from math import isinf
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Tab, Table
from troth.console.guard import ConsoleRequest, requires
from troth.kit import clock
from troth.staff import queries as staff
from troth.value.recovery import RULE_UTMOST, RULE_WELL
from troth.voice.complaints import queries as complaints
from troth.voice.complaints import services
from troth.voice.complaints.queries import Pareto
from troth.voice.present import present

from . import choices

P = Permission
SPANS = {"30": 30, "90": 90, "365": 365}
OUTCOMES = {
    "well": gettext_lazy("Resolved well"),
    "unsaid": gettext_lazy("Resolved, no word"),
    "badly": gettext_lazy("Resolved badly"),
    "never": gettext_lazy("Never resolved"),
    "all": gettext_lazy("All together"),
}


@require_safe
@requires(P.CASES_VIEW)
def causes(request: ConsoleRequest) -> HttpResponse:
    """Show complaints by cause, the most first, and how deadlines were kept."""
    company = staff.company()
    today = company.today(present())
    days = SPANS.get(request.GET.get("days", ""), 90)
    since = today - timedelta(days=days - 1)
    category, store = request.GET.get("category", ""), request.GET.get("store", "")
    found = complaints.pareto(since, today, category=category, store=store)
    zone = company.time_zone
    span = clock.day_start(since, zone), clock.day_start(today + timedelta(days=1), zone)
    lines = complaints.clock_lines(*span, category=category, store=store)
    behind = {"since": since.isoformat(), "until": today.isoformat(), "category": category, "store": store}
    context = {
        "tabs": tabs("causes"),
        "days": str(days),
        "spans": [(key, _("Last %(days)d days") % {"days": count}) for key, count in SPANS.items()],
        "categories": choices.category_choices(),
        "stores": staff.stores(),
        "wanted": {"category": category, "store": store},
        "found": found,
        "chart": _chart(found, behind),
        "clock_lines": lines,
        "figures": _figures(found, behind),
        "may_work": request.actor.may(P.CASES_WORK),
    }
    return render(request, "console/complaints/causes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_VIEW, P.INSIGHTS_VIEW)
def recovery(request: ConsoleRequest) -> HttpResponse:
    """Show who came back after a complaint, beside similar customers without one."""
    may_run = request.actor.may(P.INSIGHTS_RUN)
    if request.method == "POST" and may_run:
        services.measure_recovery(now=present())
        messages.success(request, _("Measured anew."))
        return redirect("complaints:recovery")
    report = complaints.newest_report()
    context: dict[str, Any] = {"tabs": tabs("recovery"), "report": report, "well": RULE_WELL, "utmost": RULE_UTMOST}
    context["may_run"] = may_run
    if report is not None and report.result["rows"]:
        rows = report.result["rows"]
        context |= {"chart": _recovery_chart(rows, report.result["currency"]), "rows": _rows(rows, report.result)}
        context["own"] = next((row for row in rows if row["outcome"] == "well"), None)
    return render(request, "console/complaints/recovery.html", context)


def tabs(active: str) -> list[Tab]:
    """Return the views of the outer loop."""
    found = {
        "causes": (_("Causes"), "complaints:causes"),
        "improvements": (_("Improvements"), "complaints:improvements"),
        "recovery": (_("What recovery earns"), "complaints:recovery"),
    }
    return [Tab(label, reverse(name), key == active) for key, (label, name) in found.items()]


def _behind(cause: str, narrow: Mapping[str, str]) -> str:
    """Return the address of the complaints behind a count."""
    query = {"view": "all", "cause": cause} | {name: value for name, value in narrow.items() if value}
    return f"{reverse('complaints:index')}?{urlencode(query)}"


def _chart(found: Pareto, narrow: Mapping[str, str]) -> ChartCard:
    urls = [_behind(line.cause.code, narrow) for line in found.lines]
    labels = [complaints.named(line.cause) for line in found.lines]
    table = Table(
        columns=[
            _("Root cause"),
            Column(_("Complaints"), is_number=True),
            Column(_("Share"), is_number=True),
            Column(_("Share with those above"), is_number=True),
        ],
        rows=[
            [
                label,
                Cell(formats.count(line.count), line.count, url),
                Cell(formats.percent(line.share), line.share),
                Cell(formats.percent(line.cumulative), line.cumulative),
            ]
            for label, line, url in zip(labels, found.lines, urls, strict=True)
        ],
    )
    counts: list[float | None] = [float(line.count) for line in found.lines]
    option = charts.bars(labels, {_("Complaints"): counts}, horizontal=True, urls=urls) if found.lines else None
    return ChartCard(
        id="causes",
        title=_("Complaints by root cause"),
        subtitle=_("The most frequent first: mending those on top helps most."),
        option=option,
        table=table,
        height="lg" if len(labels) > 6 else "md",
        empty=_("No complaint of this time has a cause yet. Name it on the page of the case."),
    )


def _figures(found: Pareto, narrow: Mapping[str, str]) -> list[Figure]:
    vital = next((place for place, line in enumerate(found.lines, 1) if line.cumulative >= 0.8), 0)
    figures = [
        Figure(_("Complaints with a cause"), formats.count(found.total)),
        Figure(_("Cause not named yet"), formats.count(found.unknown), url=_behind(complaints.UNKNOWN, narrow)),
    ]
    if vital:
        text = _("of %(all)d causes bring 80 %% of the complaints") % {"all": len(found.lines)}
        figures.append(Figure(_("The vital few"), formats.count(vital), note=text))
    return figures


def _recovery_chart(rows: list[dict[str, Any]], currency: str) -> ChartCard:
    names = [str(OUTCOMES[row["outcome"]]) for row in rows]
    series = {
        _("Came back after the complaint"): [row["came_back"] for row in rows],
        _("Similar customers without complaint"): [row["control_came_back"] for row in rows],
    }
    option = charts.bars(names, series, axis_format=charts.percent(), value_format=charts.percent(1))
    heads = (_("Complainants"), _("Bought again"), _("Similar bought again"), _("Money spent"), _("Similar spent"))
    table = Table(
        columns=[_("How it ended"), *(Column(text, is_number=True) for text in heads)],
        rows=[
            [
                name,
                Cell(formats.count(row["people"]), row["people"]),
                Cell(formats.percent(row["came_back"]), row["came_back"]),
                Cell(formats.percent(row["control_came_back"]), row["control_came_back"]),
                Cell(formats.money(_rounded(row["spent"]), currency), row["spent"]),
                Cell(formats.money(_rounded(row["control_spent"]), currency), row["control_spent"]),
            ]
            for name, row in zip(names, rows, strict=True)
        ],
    )
    return ChartCard(id="recovery", title=_("Who came back"), option=option, table=table)


def _rows(rows: list[dict[str, Any]], result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each outcome in sentences with its intervals."""
    return [
        {
            "name": OUTCOMES[row["outcome"]],
            "people": row["people"],
            "came_back": row["came_back"],
            "range": f"{formats.percent(row['came_back_low'])} – {formats.percent(row['came_back_high'])}",
            "control": row["control_came_back"],
            "more": _points(row["came_back_more"]),
            "more_range": _range(row, "came_back_more", _points),
            "spent_more": _money(row["spent_more"], result["currency"]),
            "spent_range": _range(row, "spent_more", lambda amount: _money(amount, result["currency"])),
            "is_clear": row["people"] > 1 and (row["came_back_more_low"] > 0 or row["came_back_more_high"] < 0),
        }
        for row in rows
    ]


def _range(row: dict[str, Any], name: str, shown: Callable[[float], str]) -> str:
    """Return the interval in words, "" where a single person leaves nothing to draw again from."""
    return f"{shown(row[f'{name}_low'])} … {shown(row[f'{name}_high'])}" if row["people"] > 1 else ""


def _points(share: float) -> str:
    return pgettext("percentage points", "%(points)s pp") % {"points": formats.change(share).removesuffix("%")}


def _money(amount: float, currency: str) -> str:
    sign = "+" if amount > 0 else ""
    return f"{sign}{formats.money(_rounded(amount), currency)}"


def _rounded(amount: float) -> int:
    return 0 if isinf(amount) else round(amount)


def today() -> date:
    """Return the company's day."""
    return staff.company().today(present())
