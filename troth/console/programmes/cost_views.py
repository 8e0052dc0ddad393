"""What the draft would have cost in the last weeks: rehearsed before anybody decides, shown on the page of review."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console.components import Progress
from troth.console.guard import ConsoleRequest, requires
from troth.console.jobs import pictures as job_pictures
from troth.jobs import queries as jobs
from troth.jobs.errors import JobNotFoundError
from troth.kit.clock import utc_now
from troth.programs import queries as programs
from troth.programs.models import Programme
from troth.sales import queries as sales
from troth.sales import services as sales_services
from troth.sales.models import Rehearsal, RehearsalOccasion, RehearsalState
from troth.staff import queries as staff

from . import rehearsal_report as report

WEEKS = 4
SHOWN = 5


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def cost(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Answer the page of review: what this very text gave in its latest rehearsal, or how far that is."""
    programme = programs.programme(programme_id)
    return render(request, "console/programmes/cost.html", costed(request, programme))


@require_POST
@requires(Permission.PROGRAMS_VIEW)
def rehearse(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Rehearse the draft over the last weeks."""
    programme = programs.programme(programme_id)
    if may_rehearse(request.actor):
        start(programme, request.actor, utc_now())
    return redirect("programmes:review", programme_id)


def may_rehearse(actor: Actor) -> bool:
    """Tell whether somebody may have a draft rehearsed: who writes or reviews it."""
    return actor.may(Permission.PROGRAMS_EDIT) or actor.may(Permission.PROGRAMS_REVIEW)


def start(programme: Programme, actor: Actor, now: datetime) -> Rehearsal:
    """Have the draft of a programme rehearsed over the last weeks."""
    today = staff.company().today(now)
    return sales_services.start_rehearsal(
        actor=actor,
        now=now,
        programme_id=programme.id,
        draft_text=programme.draft_text,
        from_date=today - timedelta(days=7 * WEEKS - 1),
        to_date=today,
        occasion=RehearsalOccasion.PUBLISHING,
    )


def latest(programme: Programme) -> Rehearsal | None:
    """Return the latest rehearsal of this very text that has ended well or has not ended."""
    found = sales.rehearsals(programme.code).filter(draft_text=programme.draft_text)
    return found.exclude(state__in=(RehearsalState.CANCELLED, RehearsalState.FAILED)).first()


def costed(request: ConsoleRequest, programme: Programme) -> dict[str, Any]:
    """Return what the latest rehearsal of the draft says, how far it is, or that there is none."""
    run = latest(programme)
    context: dict[str, Any] = {
        "programme_id": programme.id,
        "run": run,
        "may_rehearse": may_rehearse(request.actor) and bool(programme.draft_text),
        "weeks": WEEKS,
    }
    if run is None:
        return context
    result = sales.result_of(run)
    if result is None:
        return context | {"is_active": True, "progress": _progress(run)}
    return context | {"result": result, "figures": report.figures(result)[:SHOWN]}


def _progress(run: Rehearsal) -> Progress | None:
    if run.job_id is None:
        return None
    try:
        return replace(job_pictures.progress_of(jobs.job(run.job_id), utc_now()), poll_url="")
    except JobNotFoundError:
        return None
