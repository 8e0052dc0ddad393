"""One session: who has a seat, who waits, who came; invitations."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.care.models import Seat, SeatState, SessionState
from troth.care.training import queries as training
from troth.care.training import services
from troth.console.components import Figure, Tone
from troth.console.customers.people import shown_name
from troth.console.formats import count
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.segments import queries as segments
from troth.staff import queries as staff

P = Permission
MOST_SHOWN = 500
TONES: dict[str, Tone] = {
    SeatState.INVITED: "info", SeatState.TAKEN: "brand", SeatState.WAITING: "warn", SeatState.GIVEN_UP: "neutral",
    SeatState.ATTENDED: "good", SeatState.MISSED: "bad",
}  # fmt: skip


@require_safe
@requires(P.CASES_VIEW)
def detail(request: ConsoleRequest, session_id: UUID) -> HttpResponse:
    """Show a session with its people."""
    session, now = training.session(session_id), staff.moment(utc_now())
    seated = list(training.seats_of(session_id, SeatState.TAKEN, SeatState.ATTENDED, SeatState.MISSED)[:MOST_SHOWN])
    waiting = list(training.seats_of(session_id, SeatState.WAITING)[:MOST_SHOWN])
    may_work = request.actor.may(P.CASES_WORK)
    is_open = session.state == SessionState.OPEN
    query = request.GET.get("q", "")
    found = customers.find(query, limit=8) if query and may_work else []
    may_see = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    context: dict[str, Any] = {
        "session": session,
        "figures": _figures(session),
        "seated": _rows(seated, may_see),
        "waiting": _rows(waiting, may_see),
        "may_work": may_work and is_open,
        "may_note": may_work and session.state != SessionState.CANCELLED and session.starts_at <= now,
        "may_invite": may_work and is_open and bool(session.template) and request.actor.may(P.MESSAGES_SEND),
        "segments": segments.segments().filter(version_number__gt=0) if request.actor.may(P.SEGMENTS_VIEW) else [],
        "query": query,
        "found": [(one.id, shown_name(one, may_see)) for one in found],
    }
    return render(request, "console/requests/session.html", context)


@require_POST
@requires(P.CASES_VIEW, P.CASES_WORK)
def act(request: ConsoleRequest, session_id: UUID) -> HttpResponse:
    """Give a seat, take one back, note who came, invite a segment, cancel the session."""
    given, name = request.POST, request.POST.get("act", "")
    who: dict[str, Any] = {"actor": request.actor, "now": staff.moment(utc_now())}
    if name == "register":
        seat = services.register(session_id, _uuid(given.get("customer", "")), **who)
        messages.success(request, seat.get_state_display())
    elif name == "give_up":
        services.give_up(session_id, _uuid(given.get("customer", "")), **who)
    elif name == "attendance":
        came = {_uuid(one) for one in given.getlist("came")[:MOST_SHOWN]}
        listed = {_uuid(one) for one in given.getlist("listed")[:MOST_SHOWN]}
        services.note_attendance(session_id, {one: one in came for one in listed}, **who)
        messages.success(request, _("Noted who came."))
    elif name == "cancel":
        services.cancel_session(session_id, **who)
    elif name == "invite" and request.actor.may(P.MESSAGES_SEND) and request.actor.may(P.SEGMENTS_VIEW):
        job = services.invite_segment(session_id, _uuid(given.get("segment", "")), **who)
        return redirect("jobs:detail", job.id)
    else:
        raise Http404
    return redirect("requests:session", session_id)


def _figures(session: Any) -> list[Figure]:
    seats = _("%(taken)s of %(capacity)s") % {"taken": count(session.taken), "capacity": count(session.capacity)}
    return [
        Figure(_("Seats taken"), seats),
        Figure(_("Waiting for a seat"), count(session.waiting)),
        Figure(_("Invited"), count(session.invited)),
        Figure(pgettext("training", "Came"), count(session.attended)),
    ]


def _rows(seats: list[Seat], may_see: bool) -> list[dict[str, Any]]:
    people = customers.records([seat.owner_id for seat in seats])
    return [
        {
            "seat": seat,
            "name": shown_name(people[seat.owner_id], may_see) if seat.owner_id in people else "",
            "tone": TONES[seat.state],
        }
        for seat in seats
    ]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error
