"""What a journey's random splits brought: measured when somebody asks, shown with what speaks against believing it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.journeys import services
from troth.care.journeys.errors import JourneyRefusedError
from troth.care.journeys.trials import MOST_DAYS, splits
from troth.care.models import Journey, JourneyTrial
from troth.console.components import Progress
from troth.console.guard import ConsoleRequest, requires
from troth.console.jobs import pictures
from troth.console.numbers import decimal
from troth.jobs import queries as jobs
from troth.jobs.errors import JobNotFoundError
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff

from .effect_cards import Effect
from .frame import frame

VIEW = Permission.JOURNEYS_VIEW


@require_http_methods(["GET", "POST"])
@requires(VIEW)
def effect(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Show what each group of the journey's splits did; have it measured."""
    journey = journeys.journey(journey_id)
    error: TrothError | None = None
    if request.method == "POST" and request.actor.may(Permission.INSIGHTS_RUN):
        try:
            return _asked(request, journey)
        except TrothError as refusal:
            error = refusal
    trial = journeys.trial(journey_id)
    context = frame(request, journey, "effect") | {
        "trial": trial,
        "has_splits": bool(splits(journey)),
        "effects": _effects(journey, trial),
        "progress": _progress(trial),
        "may_run": request.actor.may(Permission.INSIGHTS_RUN),
        "error": error,
        "most_days": MOST_DAYS,
        "days": request.POST.get("days") or (trial.days if trial else 30),
        "cost": request.POST.get("cost", format(trial.cost.normalize(), "f") if trial else "0"),
        "currency": staff.company().currency,
    }
    return render(request, "console/journeys/effect.html", context, status=422 if error else 200)


@require_safe
@requires(VIEW)
def progress(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Answer the bar that asks again; once it is measured the page comes anew."""
    found = _progress(journeys.trial(journey_id))
    if found is None or not found.poll_url:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "console/components/progress.html", {"progress": found})


def _asked(request: ConsoleRequest, journey: Journey) -> HttpResponse:
    services.measure(
        actor=request.actor,
        now=staff.company().moment(utc_now()),
        journey_id=journey.id,
        days=_days(request.POST.get("days", "")),
        cost=_cost(request.POST.get("cost", "")),
    )
    return redirect("journeys:effect", journey.id)


def _days(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0


def _cost(given: str) -> Decimal:
    cost = decimal(given.strip() or "0")
    if cost is None:
        message = _("“%(value)s” is no amount; give a number such as 0.05.") % {"value": given[:20]}
        raise JourneyRefusedError(message, field="cost", value=given[:20])
    return cost


def _effects(journey: Journey, trial: JourneyTrial | None) -> list[Effect]:
    if trial is None or trial.measured_at is None:
        return []
    return [Effect(trial, step, trial.result[code]) for code, step in splits(journey).items() if code in trial.result]


def _progress(trial: JourneyTrial | None) -> Progress | None:
    """The job's progress while it is under way, or how it failed; None once it is done."""
    if trial is None or trial.job_id is None:
        return None
    try:
        job = jobs.job(trial.job_id)
    except JobNotFoundError:
        return None
    found = pictures.progress_of(job, utc_now())
    if not found.poll_url:
        return None if _is_done(trial) else found
    return replace(found, poll_url=reverse("journeys:effect_progress", args=[trial.journey_id]))


def _is_done(trial: JourneyTrial) -> Any:
    return trial.measured_at is not None and trial.measured_at >= trial.asked_at
