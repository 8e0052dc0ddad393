"""Rehearsals: a draft replayed over past events; how far it is, what it found, as table and CSV."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.care.journeys import known, services
from troth.care.journeys import queries as journeys
from troth.care.journeys.errors import JourneyRefusedError
from troth.care.models import Journey, JourneyRehearsal, RehearsalState
from troth.console.components import Progress, Tone
from troth.console.customers.people import Faces
from troth.console.guard import ConsoleRequest, requires
from troth.console.jobs import pictures as job_pictures
from troth.console.numbers import decimal
from troth.customers import queries as customers
from troth.jobs import queries as jobs
from troth.jobs.errors import JobNotFoundError
from troth.kit.clock import day_start, utc_now
from troth.kit.errors import TrothError
from troth.messaging import queries as messaging
from troth.staff import queries as staff

from . import rehearsal_report as report
from .frame import frame, who

VIEW = Permission.JOURNEYS_VIEW
SHOWN, PAGE_SIZE, CHUNK = 40, 40, 500
TONES: dict[str, Tone] = {
    RehearsalState.WAITING: "neutral",
    RehearsalState.RUNNING: "info",
    RehearsalState.FINISHED: "good",
    RehearsalState.FAILED: "bad",
}
ACTIVE = (RehearsalState.WAITING, RehearsalState.RUNNING)


@require_http_methods(["GET", "POST"])
@requires(VIEW)
def index(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """List the rehearsals, and take a new one."""
    journey = journeys.journey(journey_id)
    error: TrothError | None = None
    if request.method == "POST" and request.actor.may(Permission.JOURNEYS_EDIT):
        try:
            return _started(request, journey)
        except TrothError as refusal:
            error = refusal
    today = staff.company().today(utc_now())
    rows = list(journeys.rehearsals(journey_id)[:SHOWN])
    before = rows[0].prices if rows else {}
    context = frame(request, journey, "rehearsals") | {
        "rows": [{"run": row, "tone": TONES[row.state], "by": who(row.created_by)} for row in rows],
        "error": error,
        "since": request.POST.get("since", (today - timedelta(days=30)).isoformat()),
        "until": request.POST.get("until", today.isoformat()),
        "prices": [
            (code, label, request.POST.get(f"price-{code}", before.get(code, "")))
            for code, label in known.channels().items()
        ],
        "currency": staff.company().currency,
    }
    return render(request, "console/journeys/rehearsals.html", context, status=422 if error else 200)


@require_safe
@requires(VIEW)
def detail(request: ConsoleRequest, journey_id: UUID, rehearsal_id: UUID) -> HttpResponse:
    """Show a rehearsal: how far it is, or what it found."""
    journey, run = _run(journey_id, rehearsal_id)
    context = frame(request, journey, "rehearsals") | {
        "run": run,
        "tone": TONES[run.state],
        "by": who(run.created_by),
        "is_active": run.state in ACTIVE,
        "progress": _progress(run),
        "is_of_draft": journey.has_draft and run.text == journey.draft_text,
    }
    if run.state == RehearsalState.FINISHED:
        context |= report.told(run, staff.company().currency) | _acts(request, run)
    return render(request, "console/journeys/rehearsal.html", context)


@require_safe
@requires(VIEW)
def progress(request: ConsoleRequest, journey_id: UUID, rehearsal_id: UUID) -> HttpResponse:
    """Answer the bar that asks again; when the run is over the page comes anew."""
    _journey, run = _run(journey_id, rehearsal_id)
    found = _progress(run)
    if found is None or not found.poll_url or run.state not in ACTIVE:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "console/components/progress.html", {"progress": found})


@require_safe
@requires(VIEW, Permission.CUSTOMERS_EXPORT)
def download(request: ConsoleRequest, journey_id: UUID, rehearsal_id: UUID) -> HttpResponseBase:
    """Return what each would have got as CSV: customer, moment, step, what, outcome, channel, gate."""
    journey, run = _run(journey_id, rehearsal_id)
    if run.state != RehearsalState.FINISHED:
        raise Http404
    name = f"rehearsal-{journey.code}-{run.since_at:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_lines(run), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(run: JourneyRehearsal) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(["customer", "happened_at", "step", "act", "outcome", "channel", "gate"])
    for row in journeys.rehearsed_acts(run.id).iterator(chunk_size=CHUNK):
        cells = [row.owner_id, row.happened_at.isoformat(), row.step, row.act, row.outcome, row.channel, row.gate]
        yield writer.writerow(cells)


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def _started(request: ConsoleRequest, journey: Journey) -> HttpResponse:
    zone = staff.company().time_zone
    until = _day(request, "until") + timedelta(days=1)
    run = services.rehearse(
        actor=request.actor,
        now=_now(),
        journey_id=journey.id,
        since=day_start(_day(request, "since"), zone),
        until=day_start(until, zone),
        prices=_prices(request),
    )
    return redirect("journeys:rehearsal", journey.id, run.id)


def _now() -> datetime:
    """Return what counts as now: a demonstration looks back from its own day."""
    return staff.company().moment(utc_now())


def _day(request: ConsoleRequest, name: str) -> date:
    given = request.POST.get(name, "")
    try:
        return date.fromisoformat(given)
    except ValueError:
        message = _("“%(value)s” is no day; choose one from the calendar.") % {"value": given[:40]}
        raise JourneyRefusedError(message, field=name, value=given[:40]) from None


def _prices(request: ConsoleRequest) -> dict[str, Decimal]:
    found = {}
    for code in known.channels():
        given = request.POST.get(f"price-{code}", "").strip()
        if not given:
            continue
        price = decimal(given)
        if price is None or not 0 <= price < 1000:
            message = _("“%(value)s” is no price of a message; give a number such as 0.05.") % {"value": given[:20]}
            raise JourneyRefusedError(message, field=f"price-{code}", value=given[:20])
        found[code] = price
    return found


def _run(journey_id: UUID, rehearsal_id: UUID) -> tuple[Journey, JourneyRehearsal]:
    run = journeys.rehearsal(rehearsal_id)
    if run.journey_id != journey_id:
        raise Http404
    return run.journey, run


def _progress(run: JourneyRehearsal) -> Progress | None:
    if run.job_id is None:
        return None
    try:
        found = job_pictures.progress_of(jobs.job(run.job_id), utc_now())
    except JobNotFoundError:
        return None
    poll = reverse("journeys:rehearsal_progress", args=[run.journey_id, run.id]) if found.poll_url else ""
    return replace(found, poll_url=poll)


def _acts(request: ConsoleRequest, run: JourneyRehearsal) -> dict[str, Any]:
    """Return a page of what single people would have got."""
    step, gate = request.GET.get("step", ""), request.GET.get("gate", "")
    page = Paginator(journeys.rehearsed_acts(run.id, step=step, gate=gate), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    records = customers.records([one.owner_id for one in rows])
    faces = Faces(request.actor, records)
    labels = report.labels(run)
    return {
        "page": page,
        "step": step,
        "gate": gate,
        "gate_label": messaging.gate_label(gate) if gate else "",
        "step_label": labels.get(step, step),
        "acts": [
            {
                "customer": records.get(one.owner_id),
                "name": faces.name(records[one.owner_id]) if one.owner_id in records else _("Erased customer"),
                "happened_at": one.happened_at,
                "step": labels.get(one.step, one.step),
                "outcome": report.outcome(one),
                "channel": messaging.channel_label(one.channel) if one.channel else "",
                "gate": messaging.gate_label(one.gate) if one.gate else "",
            }
            for one in rows
        ],
        "may_export": request.actor.may(Permission.CUSTOMERS_EXPORT),
    }
