"""Workload and results per person, with their pictures and as a file."""

import csv
import io
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console import charts, formats
from troth.console.components import ChartCard, Column, Figure, Table
from troth.console.customers.exporting import escaped
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.kit import clock
from troth.kit.clock import utc_now
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist.queries import PersonResults, Results, Workload

from .shown import area_tabs, outcome_text

PERIODS = (7, 30, 90)
MOST_PEOPLE = 15


@require_safe
@requires(Permission.TASKS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show what everybody has to do, and what was done in a period."""
    now, days = staff.moment(utc_now()), _days(request)
    found, since = _results(request, days)
    team = request.GET.get("team", "")
    loads = worklist.workload(now, team=team)
    context = {
        "tabs": area_tabs(request, "results"),
        "periods": PERIODS,
        "days": days,
        "team": team,
        "kind": request.GET.get("kind", ""),
        "teams": worklist.teams(),
        "kinds": worklist.all_kinds(),
        "figures": _figures(found.total, loads),
        "charts": [
            _workload_chart(loads),
            _daily_chart(found, since, days),
            _people_chart(found),
            _outcome_chart(found),
        ],
        "people": found.people,
        "has_data": bool(found.people or loads),
    }
    return render(request, "console/tasks/results.html", context)


@require_safe
@requires(Permission.TASKS_VIEW)
def file(request: ConsoleRequest) -> HttpResponse:
    """Answer with the results per person as a file; no cell of it is a formula."""
    found, _since = _results(request, _days(request))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [pgettext("task", "Person"), _("Went well"), _("In vain"), _("Tries"), _("On time"), _("Hours on average")]
    )
    for one in found.people:
        hours = "" if one.hours is None else f"{one.hours:.2f}"
        name = one.member.name if one.member else _("Nobody in particular")
        writer.writerow([escaped(str(cell)) for cell in (name, one.done, one.failed, one.attempts, one.on_time, hours)])
    headers = {"Content-Disposition": 'attachment; filename="task-results.csv"'}
    return HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _days(request: HttpRequest) -> int:
    days = whole(request.GET.get("days", ""))
    return days if days in PERIODS else 30


def _results(request: HttpRequest, days: int) -> tuple[Results, date]:
    """Return what was done in so many days up to today, and the first of them."""
    now, company = staff.moment(utc_now()), staff.company()
    today = clock.business_date(now, company.time_zone)
    first = today - timedelta(days=days - 1)
    since = clock.day_start(first, company.time_zone)
    until = clock.day_start(today + timedelta(days=1), company.time_zone)
    narrowed = {"team": request.GET.get("team", ""), "kind": request.GET.get("kind", "")}
    return worklist.results(since, until, zone=company.time_zone, **narrowed), first


def _figures(total: PersonResults, loads: list[Workload]) -> list[Figure]:
    waiting = sum(load.open for load in loads)
    late = sum(load.overdue for load in loads)
    free = sum(load.open for load in loads if load.member is None)
    return [
        Figure(_("Waiting"), formats.count(waiting), note=_("%(count)s of them free") % {"count": formats.count(free)}),
        Figure(_("Late"), formats.count(late)),
        Figure(
            _("Ended"),
            formats.count(total.closed),
            note=""
            if total.success is None
            else _("%(share)s went well") % {"share": formats.percent(total.success, 0)},
        ),
        Figure(
            _("On time"),
            "–" if total.punctuality is None else formats.percent(total.punctuality, 0),
            note=""
            if total.hours is None
            else _("%(hours)s h from taking to the end") % {"hours": f"{total.hours:.1f}"},
        ),
    ]


def _name(one: Workload | PersonResults) -> str:
    return one.member.name if one.member else _("Not taken yet")


def _workload_chart(loads: list[Workload]) -> ChartCard:
    shown = loads[:MOST_PEOPLE]
    names = [_name(one) for one in shown]
    late, rest = [one.overdue for one in shown], [one.open - one.overdue for one in shown]
    option = charts.bars(names, {_("Waiting"): rest, _("Late"): late}, horizontal=True, stacked=True) if shown else None
    rows: list[Any] = [[_name(one), one.open, one.overdue, one.to_come] for one in loads]
    columns = [
        Column(pgettext("task", "Person")),
        *(Column(text, is_number=True) for text in (_("Waiting"), _("Late"), _("Due later"))),
    ]
    return ChartCard(
        id="workload", title=_("Who has how much to do"), option=option, table=Table(columns, rows),
        empty=_("Nothing is waiting."), height="md",
    )  # fmt: skip


def _daily_chart(found: Results, since: date, days: int) -> ChartCard:
    by_day = {day: (done, failed) for day, done, failed in found.days}
    every = [since + timedelta(days=offset) for offset in range(days)]
    labels = [formats.day(day) for day in every]
    done, failed = ([by_day.get(day, (0, 0))[place] for day in every] for place in (0, 1))
    series = {_("Went well"): done, _("In vain"): failed}
    columns = [Column(_("Day")), Column(_("Went well"), is_number=True), Column(_("In vain"), is_number=True)]
    rows: list[Any] = [[label, *pair] for label, *pair in zip(labels, done, failed, strict=True)]
    return ChartCard(
        id="daily", title=_("Ended day by day"), option=charts.bars(labels, series, stacked=True) if by_day else None,
        table=Table(columns, rows), empty=_("Nothing was ended in this time."), height="md",
    )  # fmt: skip


def _people_chart(found: Results) -> ChartCard:
    shown = found.people[:MOST_PEOPLE]
    series = {
        _("Went well"): [one.done for one in shown],
        _("In vain"): [one.failed for one in shown],
        _("Tries"): [one.attempts for one in shown],
    }
    option = charts.bars([_name(one) for one in shown], series, horizontal=True, stacked=True) if shown else None
    texts = (_("Went well"), _("In vain"), _("Tries"), _("On time"))
    columns = [Column(pgettext("task", "Person")), *(Column(text, is_number=True) for text in texts)]
    rows: list[Any] = [[_name(one), one.done, one.failed, one.attempts, one.on_time] for one in found.people]
    return ChartCard(
        id="people", title=_("What everybody did"), option=option, table=Table(columns, rows),
        empty=_("Nothing was ended in this time."),
    )  # fmt: skip


def _outcome_chart(found: Results) -> ChartCard:
    kinds = worklist.kinds_by_code({kind for kind, _outcome, _count in found.outcomes})
    rows = []
    for code, outcome, count in found.outcomes[:20]:
        kind = kinds.get(code) or worklist.kind_of(code)
        rows.append((f"{kind}: {outcome_text(kind, outcome)}", count))
    option = charts.bars([name for name, _n in rows], {_("Tasks"): [n for _name, n in rows]}, horizontal=True)
    columns = [Column(_("Outcome")), Column(_("Tasks"), is_number=True)]
    return ChartCard(
        id="outcomes", title=_("How they went"), option=option if rows else None,
        table=Table(columns, [list(row) for row in rows]), empty=_("Nothing was ended in this time."),
    )  # fmt: skip
