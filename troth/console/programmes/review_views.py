"""From a draft to a version: submitted by one person, reviewed by another, published with its effect shown first."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access import queries as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console import formats
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.console.segments.sample import sample_rows
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger
from troth.programs import nearness, services
from troth.programs import queries as programs
from troth.programs.document.reading import read_document
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.errors import DocumentInvalidError, ProgrammeRefusedError
from troth.programs.models import DraftState, Programme
from troth.programs.naming import shown
from troth.staff import queries as staff

from . import cost_views, telling
from .edit_views import checked
from .frame import frame, is_own_draft

STEPS = (DraftState.EDITING, DraftState.SUBMITTED, DraftState.APPROVED)


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def review(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Show what the draft changes, and the next step of its way into force."""
    programme = programs.programme(programme_id)
    context = frame(request, programme, "edit")
    if context["draft"] is None:
        return redirect("programmes:detail", programme_id)
    found = checked(programme, programme.draft_text)
    context |= {
        "checked": found,
        "step": _step(programme),
        "is_own": is_own_draft(programme, request.actor),
        "reviewers": _reviewers(programme, request.actor),
        "may_invite": request.actor.may(Permission.STAFF_EDIT),
        "lacks_currency": not ledger.currencies().exists() and request.actor.may(Permission.POINTS_CONFIGURE),
    }
    context |= cost_views.costed(request, programme)
    if not found["problems"]:
        context |= telling.told(read_document(programme.draft_text))
    return render(request, "console/programmes/review.html", context)


def _reviewers(programme: Programme, actor: Actor) -> list[str]:
    """Return who else may review it."""
    own = {programme.draft_saved_by, programme.submitted_by, actor.code}
    return [
        str(one)
        for one in access.users().filter(is_active=True)
        if one.actor.may(Permission.PROGRAMS_REVIEW) and one.actor.code not in own
    ]


def _step(programme: Programme) -> int:
    """Return the number of the step that is due: 1 submit, 2 review, 3 publish."""
    state = DraftState(programme.draft_state)
    return STEPS.index(state) + 1 if state in STEPS else 1


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def effect(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Answer the review page: who would hold which tier under the draft."""
    programme = programs.programme(programme_id)
    try:
        document = read_document(programme.draft_text)
    except DocumentInvalidError as error:
        return render(request, "console/programmes/effect.html", {"refusal": str(error)})
    if not nearness.is_live(programme_id):
        return render(request, "console/programmes/effect.html", {"is_large": True, "programme_id": programme_id})
    found = programs.preview_tiers(programme_id, document, staff.company().moment(utc_now()))
    return render(
        request,
        "console/programmes/effect.html",
        _effect(request.actor, document, found) | {"programme_id": programme_id},
    )


def _effect(actor: Actor, document: ProgrammeDocument, found: programs.TierPreview) -> dict[str, Any]:
    names = {tier.code: shown(tier.name) for tier in (document.tiers.ladder if document.tiers else ())}
    codes = [*names, *(code for code in found.counts_now if code not in names)]
    rank = {code: at for at, code in enumerate(codes)}
    rows = [
        (names.get(code, code) or _("no tier"), found.counts_now.get(code, 0), found.counts_then.get(code, 0))
        for code in reversed(codes)
    ]
    moves = [
        {
            "before": names.get(before, before) or _("no tier"),
            "after": names.get(after, after) or _("no tier"),
            "count": count,
            "is_up": rank[after] > rank[before],
            "sample": sample_rows(actor, found.sample.get((before, after), [])[:3]),
        }
        for (before, after), count in sorted(found.moves.items(), key=lambda one: -one[1])
    ]
    return {"rows": rows, "moves": moves, "members": sum(found.counts_now.values())}


def _revision(request: ConsoleRequest) -> int | None:
    return whole(request.POST.get("revision", ""))


@require_POST
@requires(Permission.PROGRAMS_EDIT)
def submit(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Hand the draft to another person."""
    programme = services.submit_draft(
        actor=request.actor, now=utc_now(), programme_id=programme_id, expected_revision=_revision(request)
    )
    if cost_views.latest(programme) is None:  # whoever reviews it shall know what it costs
        cost_views.start(programme, request.actor, utc_now())
    messages.success(request, _("Submitted. Another person with the right to review finds it on this page."))
    return redirect("programmes:review", programme_id)


@require_POST
@requires(Permission.PROGRAMS_REVIEW)
def decide(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Approve the draft, or send it back with what is wrong."""
    is_approved = request.POST.get("decision") == "approve"
    note = request.POST.get("note", "")
    if not is_approved and not note.strip():
        raise ProgrammeRefusedError(_("Say what should change, so that the writer knows."), field="note")
    services.review_draft(
        actor=request.actor,
        now=utc_now(),
        programme_id=programme_id,
        is_approved=is_approved,
        note=note,
        expected_revision=_revision(request),
    )
    messages.success(request, _("Approved. It can be published now.") if is_approved else _("Sent back."))
    return redirect("programmes:review", programme_id)


@require_POST
@requires(Permission.PROGRAMS_REVIEW)
def publish(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Make the approved draft a version, in force at once or from a stated moment."""
    effective_at = _moment(request.POST.get("effective_at", "")) if request.POST.get("when") == "later" else None
    row = services.publish(
        actor=request.actor,
        now=utc_now(),
        programme_id=programme_id,
        effective_at=effective_at,
        note=request.POST.get("note", ""),
    )
    said = {"number": row.number, "when": formats.moment(row.effective_at)}
    messages.success(request, _("Version %(number)d is published, in force from %(when)s.") % said)
    return redirect("programmes:detail", programme_id)


@require_POST
@requires(Permission.PROGRAMS_EDIT)
def discard(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Throw the draft away; what is in force stays."""
    services.discard_draft(actor=request.actor, now=utc_now(), programme_id=programme_id)
    messages.success(request, _("The draft is gone; what is in force stays."))
    return redirect("programmes:detail", programme_id)


@require_POST
@requires(Permission.PROGRAMS_REVIEW)
def archive(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """End the programme."""
    programme = services.archive_programme(actor=request.actor, now=utc_now(), programme_id=programme_id)
    messages.success(request, _("“%(name)s” has ended. It is kept under Archived.") % {"name": programme})
    return redirect("programmes:index")


def _moment(given: str) -> datetime:
    try:
        return timezone.make_aware(datetime.fromisoformat(given))
    except ValueError:
        message = _("“%(value)s” is no day and time; choose one from the calendar.") % {"value": given[:40]}
        raise ProgrammeRefusedError(message, field="effective_at", value=given[:40]) from None
