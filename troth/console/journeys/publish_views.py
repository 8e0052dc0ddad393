"""Publishing a draft, its effect in sight; throwing it away."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.journeys import services
from troth.care.journeys.document.reading import read_document, to_json
from troth.care.journeys.document.shapes import walk
from troth.care.models import Journey, RehearsalState
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff

from . import comparing, rehearsal_report, telling
from . import draft as drafts
from .detail_views import step_label
from .frame import frame
from .names import STEP_KINDS

RECENT = 20


@require_http_methods(["GET", "POST"])
@requires(Permission.JOURNEYS_EDIT)
def review(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Show what publishing would do, then do it."""
    journey = journeys.journey(journey_id)
    if not journey.has_draft:
        return redirect("journeys:detail", journey_id)
    error: TrothError | None = None
    if request.method == "POST" and request.actor.may(Permission.JOURNEYS_PUBLISH):
        revision = request.POST.get("revision", "")
        try:
            services.publish(
                actor=request.actor,
                now=staff.moment(utc_now()),
                journey_id=journey_id,
                note=request.POST.get("note", ""),
                expected_revision=whole(revision),
            )
            messages.success(request, _("Published. Whoever enters from now on goes this way."))
            return redirect("journeys:detail", journey_id)
        except TrothError as refusal:
            error = refusal
    context = frame(request, journey, "edit") | _review(journey) | {"error": error}
    return render(request, "console/journeys/review.html", context, status=422 if error else 200)


@require_POST
@requires(Permission.JOURNEYS_EDIT)
def discard(request: ConsoleRequest, journey_id: UUID) -> HttpResponse:
    """Throw the draft away; the published version stays."""
    services.discard_draft(actor=request.actor, now=staff.moment(utc_now()), journey_id=journey_id)
    messages.success(request, _("The draft is gone; the published version stays as it is."))
    return redirect("journeys:detail", journey_id)


def _review(journey: Journey) -> dict[str, Any]:
    draft = drafts.draft_of(journey)
    newest = journeys.versions(journey.id).first()
    context: dict[str, Any] = {"problems": draft.problems, "newest": newest, "under_way": _under_way(journey)}
    if draft.problems:
        return context
    document = read_document(draft.text)
    values = to_json(document)
    acts = [step for step, _at in walk(document.steps) if STEP_KINDS[step.type].is_act]
    return (
        context
        | {
            "entry_text": telling.entry(values.get("entry", {}), draft.names),
            "audience_text": draft.names.condition(values.get("audience")),
            "reentry_text": telling.reentry(values.get("reentry")),
            "goal_text": telling.goal(values["goal"], draft.names) if values.get("goal") else "",
            "acts": [
                {
                    "icon": STEP_KINDS[step.type].icon,
                    "label": step_label(step),
                    "text": telling.step(step.model_dump(mode="json", exclude_defaults=True), draft.names),
                }
                for step in acts
            ],
            "changes": comparing.changes(dict(newest.document), values) if newest else [],
        }
        | _rehearsed(journey)
    )


def _rehearsed(journey: Journey) -> dict[str, Any]:
    """Return what the newest rehearsal of this very draft found; else what to begin one with."""
    rows = list(journeys.rehearsals(journey.id)[:RECENT])
    done = [row for row in rows if row.state == RehearsalState.FINISHED and row.text == journey.draft_text]
    company = staff.company()
    if done:
        return {"rehearsal": done[0], "rehearsal_figures": rehearsal_report.figures(done[0].result, company.currency)}
    today = company.today(utc_now())
    return {
        "since": (today - timedelta(days=30)).isoformat(),
        "until": today.isoformat(),
        "prices": rows[0].prices if rows else {},
    }


def _under_way(journey: Journey) -> int:
    found = journeys.totals([journey.id])[journey.id]
    return found.active + found.stuck
