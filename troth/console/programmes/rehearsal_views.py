"""The time machine: a draft replayed over the company's own past; saved runs, their report, two of them compared."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Progress, Tone
from troth.console.guard import ConsoleRequest, requires
from troth.console.jobs import pictures as job_pictures
from troth.jobs import queries as jobs
from troth.jobs.errors import JobNotFoundError
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.programs import queries as programs
from troth.programs.document.reading import read_document, stored_document, to_json
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.errors import ProgrammeNotFoundError
from troth.programs.models import Programme
from troth.sales import queries as sales
from troth.sales import services as sales_services
from troth.sales.errors import RehearsalRefusedError
from troth.sales.models import Rehearsal, RehearsalState
from troth.staff import queries as staff

from . import rehearsal_report as report
from .frame import frame, who
from .rehearsal_compare import blocks

SHOWN = 50
TONES: dict[str, Tone] = {
    RehearsalState.QUEUED: "neutral",
    RehearsalState.RUNNING: "info",
    RehearsalState.DONE: "good",
    RehearsalState.CANCELLED: "warn",
    RehearsalState.FAILED: "bad",
}


@require_http_methods(["GET", "POST"])
@requires(Permission.PROGRAMS_VIEW)
def index(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """List the saved rehearsals, and take a new one."""
    programme = programs.programme(programme_id)
    context = frame(request, programme, "rehearsals")
    error: TrothError | None = None
    if request.method == "POST":
        try:
            return _started(request, programme)
        except TrothError as refusal:
            error = refusal
    today = staff.company().today(utc_now())
    runs = list(sales.rehearsals(programme.code)[:SHOWN])
    context |= {
        "rows": [(run, TONES[run.state], who(run.created_by)) for run in runs],
        "finished": [run for run in runs if run.state == RehearsalState.DONE],
        "may_start": context["may_edit"] and (programme.draft_text or context["in_force"]),
        "uses_draft": bool(programme.draft_text),
        "error": error,
        "filled": {
            "name": request.POST.get("name", ""),
            "from_date": request.POST.get("from_date", (today - timedelta(days=364)).isoformat()),
            "to_date": request.POST.get("to_date", today.isoformat()),
        },
    }
    return render(request, "console/programmes/rehearsals.html", context, status=422 if error else 200)


def _started(request: ConsoleRequest, programme: Programme) -> HttpResponse:
    if not request.actor.may(Permission.PROGRAMS_EDIT):
        return redirect("programmes:rehearsals", programme.id)
    newest = programs.versions(programme.id).first()
    run = sales_services.start_rehearsal(
        actor=request.actor,
        now=utc_now(),
        programme_id=programme.id,
        draft_text=programme.draft_text or (newest.text if newest else ""),
        from_date=_day(request.POST.get("from_date", ""), "from_date"),
        to_date=_day(request.POST.get("to_date", ""), "to_date"),
        name=request.POST.get("name", ""),
    )
    return redirect("programmes:rehearsal", programme.id, run.id)


def _day(given: str, name: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        message = _("“%(value)s” is no day; choose one from the calendar.") % {"value": given[:40]}
        raise RehearsalRefusedError(message, field=name, value=given[:40]) from None


def _run(programme: Programme, rehearsal_id: UUID) -> Rehearsal:
    """Return a rehearsal of this very programme."""
    run = sales.rehearsal(rehearsal_id)
    if run.programme != programme.code:
        raise ProgrammeNotFoundError(programme.code)
    return run


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def detail(request: ConsoleRequest, programme_id: UUID, rehearsal_id: UUID) -> HttpResponse:
    """Show a rehearsal: how far it is, or what it found."""
    programme = programs.programme(programme_id)
    run = _run(programme, rehearsal_id)
    context = frame(request, programme, "rehearsals") | {
        "run": run,
        "state_tone": TONES[run.state],
        "asked_by": who(run.created_by),
        "is_active": run.state in (RehearsalState.QUEUED, RehearsalState.RUNNING),
        "may_cancel": request.actor.may(Permission.PROGRAMS_EDIT),
        "progress": _progress(programme, run),
    }
    result = sales.result_of(run)
    if result is not None:
        context |= report.told(request.actor, programme, _document(run), result)
        context |= report.changed(_document(run), _compared(programme, run))
    return render(request, "console/programmes/rehearsal.html", context)


def _document(run: Rehearsal) -> ProgrammeDocument | None:
    """Return the document that was rehearsed; None where it names what has gone since."""
    try:
        return stored_document(to_json(read_document(run.draft_text)))
    except TrothError:
        return None


def _compared(programme: Programme, run: Rehearsal) -> ProgrammeDocument | None:
    rows = [row for row in programs.versions(programme.id) if row.effective_at.date() <= run.to_date]
    return programs.document_of(rows[0]) if rows else None


def _progress(programme: Programme, run: Rehearsal) -> Progress | None:
    if run.job_id is None:
        return None
    try:
        found = job_pictures.progress_of(jobs.job(run.job_id), utc_now())
    except JobNotFoundError:
        return None
    poll = reverse("programmes:rehearsal_progress", args=[programme.id, run.id]) if found.poll_url else ""
    return replace(found, poll_url=poll)


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def progress(request: ConsoleRequest, programme_id: UUID, rehearsal_id: UUID) -> HttpResponse:
    """Answer the bar that asks again; when the run is over the page comes anew."""
    programme = programs.programme(programme_id)
    run = _run(programme, rehearsal_id)
    found = _progress(programme, run)
    if found is None or not found.poll_url or run.state not in (RehearsalState.QUEUED, RehearsalState.RUNNING):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "console/components/progress.html", {"progress": found})


@require_POST
@requires(Permission.PROGRAMS_EDIT)
def cancel(request: ConsoleRequest, programme_id: UUID, rehearsal_id: UUID) -> HttpResponse:
    """Stop a rehearsal."""
    run = _run(programs.programme(programme_id), rehearsal_id)
    sales_services.cancel_rehearsal(actor=request.actor, now=utc_now(), rehearsal_id=run.id)
    messages.success(request, _("It stops at its next step."))
    return redirect("programmes:rehearsal", programme_id, rehearsal_id)


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def compare(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Show two saved rehearsals beside each other."""
    programme = programs.programme(programme_id)
    runs = [run for run in sales.rehearsals(programme.code)[:SHOWN] if run.state == RehearsalState.DONE]
    if len(runs) < 2:
        return redirect("programmes:rehearsals", programme_id)
    by_id = {str(run.id): run for run in runs}
    one = by_id.get(request.GET.get("a", ""), runs[1])
    other = by_id.get(request.GET.get("b", ""), runs[0])
    context = frame(request, programme, "rehearsals") | {"runs": runs, "one": one, "other": other}
    first, second = sales.result_of(one), sales.result_of(other)
    if first is not None and second is not None:
        context["blocks"] = blocks(first, second, _document(other))
        context |= report.changed(_document(other), _document(one))
    context["is_same_time"] = (one.from_date, one.to_date) == (other.from_date, other.to_date)
    return render(request, "console/programmes/rehearsal_compare.html", context)


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def download(request: ConsoleRequest, programme_id: UUID, rehearsal_id: UUID) -> HttpResponse:
    """Return every figure of a rehearsal as CSV: part, what, measure, draft, compared."""
    run = _run(programs.programme(programme_id), rehearsal_id)
    result = sales.result_of(run)
    if result is None:
        raise RehearsalRefusedError(_("This rehearsal has no result."), field="state", value=run.state)
    name = f"rehearsal-{run.programme}-{run.from_date}-{run.to_date}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    answer = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    answer.write("\ufeff")
    writer = csv.writer(answer)
    writer.writerow(["part", "what", "measure", "draft", "compared"])
    writer.writerows(report.rows(result))
    return answer
