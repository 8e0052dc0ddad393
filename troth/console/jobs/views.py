"""The list of jobs, one job, its progress, stopping it, starting it again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Progress, Tab, Tone
from troth.console.guard import ConsoleRequest, requires
from troth.jobs import queries as jobs_queries
from troth.jobs import services as jobs_services
from troth.jobs.models import Job, JobStatus
from troth.kit.clock import utc_now

from . import pictures

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Row:
    """A job as the list draws it."""

    job: Job
    label: str
    lane: str
    tone: Tone
    asked_by: str
    duration: str
    progress: Progress


@require_safe
@requires(Permission.JOBS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the jobs, newest first, of one state or of all; routine work that went well only when asked for."""
    wanted = request.GET.get("status", "")
    with_routine = request.GET.get("routine") == "1"
    found = jobs_queries.latest() if with_routine else jobs_queries.without_routine(jobs_queries.latest())
    if wanted in JobStatus.values:
        found = found.filter(status=wanted)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(job) for job in page],
        "tabs": _tabs(wanted, "&routine=1" if with_routine else ""),
        "wanted": wanted if wanted in JobStatus.values else "",
        "with_routine": with_routine,
    }
    return render(request, "console/jobs/index.html", context)


@require_safe
@requires(Permission.JOBS_VIEW)
def detail(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """Show one job: how far, who asked, what came out, what went wrong."""
    return render(request, "console/jobs/detail.html", _detail_context(request, job_id))


@require_safe
@requires(Permission.JOBS_VIEW)
def progress(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """Answer the bar that asks again; when the job is over, the page around it is told to come anew."""
    job = jobs_queries.job(job_id)
    response = render(request, "console/jobs/progress.html", {"progress": pictures.progress_of(job, utc_now())})
    if not job.is_active:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@requires(Permission.JOBS_CONTROL)
def cancel(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """Ask the job to stop."""
    jobs_services.cancel(job_id, actor=request.actor, now=utc_now())
    messages.success(request, _("The job stops at its next step; what is done so far stays."))
    return redirect("jobs:detail", job_id)


@require_POST
@requires(Permission.JOBS_CONTROL)
def retry(request: ConsoleRequest, job_id: UUID) -> HttpResponse:
    """Start the job again where it stopped."""
    jobs_services.retry(job_id, actor=request.actor, now=utc_now())
    messages.success(request, _("The job goes on from where it stopped."))
    return redirect("jobs:detail", job_id)


def _row(job: Job) -> Row:
    now = utc_now()
    return Row(
        job=job,
        label=pictures.label(job),
        lane=pictures.lane(job),
        tone=pictures.tone(job),
        asked_by=pictures.asked_by(job),
        duration=pictures.duration(job, now),
        progress=pictures.progress_of(job, now),
    )


def _tabs(wanted: str, kept: str) -> list[Tab]:
    states = [Tab(state.label, f"?status={state.value}{kept}", wanted == state.value) for state in JobStatus]
    return [Tab(_("All"), f"?status={kept}", wanted not in JobStatus.values), *states]


def _detail_context(request: ConsoleRequest, job_id: UUID) -> dict[str, Any]:
    job = jobs_queries.job(job_id)
    may = request.actor.may(Permission.JOBS_CONTROL)
    return {
        "row": _row(job),
        "job": job,
        "outcome": pictures.outcome(job),
        "next_step": pictures.next_step(job),
        "may_cancel": may and job.is_active and job.cancel_requested_at is None,
        "may_retry": may and job.status in (JobStatus.FAILED, JobStatus.CANCELLED),
    }
