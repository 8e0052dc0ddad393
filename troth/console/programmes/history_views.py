"""Awarding past orders: which days, what it would give (a rehearsal), who asked and who approved, how far it is."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access import queries as access
from troth.access.permissions import Permission
from troth.console.components import Progress, Tone
from troth.console.guard import ConsoleRequest, requires
from troth.console.jobs import pictures as job_pictures
from troth.jobs import queries as jobs
from troth.jobs.errors import JobNotFoundError
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.programs import queries as programs
from troth.sales import queries as sales
from troth.sales import services as sales_services
from troth.sales.errors import HistoryAwardRefusedError, RehearsalRefusedError
from troth.sales.models import HistoryAward, HistoryAwardState, Rehearsal, RehearsalOccasion
from troth.staff import queries as staff

from .frame import who

SHOWN = 20
TONES: dict[str, Tone] = {
    HistoryAwardState.ASKED: "warn",
    HistoryAwardState.QUEUED: "neutral",
    HistoryAwardState.RUNNING: "info",
    HistoryAwardState.DONE: "good",
    HistoryAwardState.DECLINED: "warn",
    HistoryAwardState.CANCELLED: "warn",
    HistoryAwardState.FAILED: "bad",
}
RUNNING = (HistoryAwardState.QUEUED, HistoryAwardState.RUNNING)


@dataclass(frozen=True, slots=True)
class Row:
    """An award as the page draws it. rate: orders a second, 0 before there is one."""

    award: HistoryAward
    tone: Tone
    asked_by: str
    decided_by: str
    points: list[tuple[str, int]]
    rate: int
    progress: Progress | None
    may_decide: bool
    may_cancel: bool


@require_http_methods(["GET", "POST"])
@requires(Permission.PROGRAMS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """List what was awarded, and ask for more days."""
    error: TrothError | None = None
    if request.method == "POST":
        try:
            return _asked(request)
        except TrothError as refusal:
            error = refusal
    today, begun = staff.company().today(utc_now()), sales.first_programme_day()
    a_year_back = today - timedelta(days=364)
    first = max(a_year_back, begun) if begun is not None and begun <= today else a_year_back
    context = {
        "rows": [_row(request, award) for award in sales.history_awards()[:SHOWN]],
        "has_programme": begun is not None,
        "begun": begun,
        "may_ask": request.actor.may(Permission.PROGRAMS_EDIT),
        "error": error,
        "from_date": request.POST.get("from_date", first.isoformat()),
        "to_date": request.POST.get("to_date", today.isoformat()),
    }
    return render(request, "console/programmes/history.html", context, status=422 if error else 200)


def _asked(request: ConsoleRequest) -> HttpResponse:
    if not request.actor.may(Permission.PROGRAMS_EDIT):
        return redirect("programmes:history")
    first, last = _day(request, "from_date"), _day(request, "to_date")
    if "rehearse" in request.POST:
        return _rehearsed(request, first, last)
    sales_services.request_history_award(actor=request.actor, now=utc_now(), from_date=first, to_date=last)
    messages.success(request, _("Asked for. Another person must approve it before anything is given."))
    return redirect("programmes:history")


def _rehearsed(request: ConsoleRequest, first: date, last: date) -> HttpResponse:
    """Rehearse every programme that is in force on the last of the days, as it is; show the first of the runs."""
    started: list[tuple[UUID, Rehearsal]] = []
    for programme in programs.programmes():
        versions = [row for row in programs.versions(programme.id) if row.effective_at.date() <= last]
        if versions:
            run = sales_services.start_rehearsal(
                actor=request.actor,
                now=utc_now(),
                programme_id=programme.id,
                draft_text=versions[0].text,
                from_date=first,
                to_date=last,
                occasion=RehearsalOccasion.AWARDING,
            )
            started.append((programme.id, run))
    if not started:
        raise RehearsalRefusedError(_("No programme was in force on these days."), field="to_date")
    return redirect("programmes:rehearsal", started[0][0], started[0][1].id)


def _day(request: ConsoleRequest, name: str) -> date:
    given = request.POST.get(name, "")
    try:
        return date.fromisoformat(given)
    except ValueError:
        message = _("“%(value)s” is no day; choose one from the calendar.") % {"value": given[:40]}
        raise HistoryAwardRefusedError(message, field=name, value=given[:40]) from None


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def progress(request: ConsoleRequest, award_id: UUID) -> HttpResponse:
    """Answer the bar that asks again; when the run is over the page comes anew."""
    award = sales.history_award(award_id)
    found = _progress(award)
    if found is None or not found.poll_url:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "console/components/progress.html", {"progress": found})


@require_POST
@requires(Permission.PROGRAMS_REVIEW)
def decide(request: ConsoleRequest, award_id: UUID) -> HttpResponse:
    """Approve or decline what somebody else asked for."""
    is_approved = request.POST.get("decision") == "approve"
    try:
        sales_services.decide_history_award(
            actor=request.actor, now=utc_now(), award_id=award_id, is_approved=is_approved
        )
    except TrothError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Approved; it begins in a moment.") if is_approved else _("Declined."))
    return redirect("programmes:history")


@require_POST
@requires(Permission.PROGRAMS_EDIT)
def cancel(request: ConsoleRequest, award_id: UUID) -> HttpResponse:
    """Stop one that waits or runs."""
    try:
        sales_services.cancel_history_award(actor=request.actor, now=utc_now(), award_id=award_id)
    except TrothError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It stops at its next step."))
    return redirect("programmes:history")


def _row(request: ConsoleRequest, award: HistoryAward) -> Row:
    is_asked = award.state == HistoryAwardState.ASKED
    is_own = access.is_same_person(request.actor.code, award.asked_by)
    return Row(
        award,
        TONES[award.state],
        who(award.asked_by),
        who(award.decided_by) if award.decided_by else "",
        sorted(award.points.items()),
        award.orders // award.seconds if award.seconds else 0,
        _progress(award) if award.state in RUNNING else None,
        is_asked and not is_own and request.actor.may(Permission.PROGRAMS_REVIEW),
        (is_asked or award.state in RUNNING) and request.actor.may(Permission.PROGRAMS_EDIT),
    )


def _progress(award: HistoryAward) -> Progress | None:
    if award.job_id is None or award.state not in RUNNING:
        return None
    try:
        found = job_pictures.progress_of(jobs.job(award.job_id), utc_now())
    except JobNotFoundError:
        return None
    return replace(found, poll_url=reverse("programmes:history_progress", args=[award.id]) if found.poll_url else "")
