"""Seats: never one too many, and the waiting list in the order in which people came, however many come at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.events import services as events
from troth.events.services import NewEvent

from ..models import Seat, SeatState, SessionState, TrainingSession
from . import telling
from .errors import TrainingNotFoundError, TrainingStateError

HOLDING = (SeatState.TAKEN, SeatState.ATTENDED, SeatState.MISSED)


@transaction.atomic
def register(
    session_id: UUID, customer_id: UUID, *, source: str = "staff", is_told: bool = True, actor: Actor, now: datetime
) -> Seat:
    """Give a customer a seat, or the next place on the waiting list, and tell them; who has one keeps it.

    is_told: False for what is written down long after it happened.

    Raises:
        TrainingNotFoundError: no such session.
        TrainingStateError: it was held or cancelled.
        CustomerNotFoundError: no such customer.
        CustomerErasedError: the customer's data were erased.
    """
    owner_id = customer_services.hold_customer(customer_id).id
    session = locked(session_id)
    refuse_closed(session)
    seat = _seat(session, owner_id)
    if seat is not None and seat.state in (*HOLDING, SeatState.WAITING):
        return seat
    seat = seat or Seat(session=session, owner_id=owner_id, source=source[:40])
    seat.registered_at = seat.updated_at = now
    data: dict[str, Any] = {"session": str(session.id), "course": session.course.code}
    if _free(session) > 0:
        seat.state, seat.place = SeatState.TAKEN, 0
        name = "care.seat.taken"
        data["promoted"] = False
    else:
        seat.state, seat.place = SeatState.WAITING, session.next_place
        session.next_place += 1
        session.save(update_fields=["next_place"])
        name = "care.seat.waiting"
        data["place"] = seat.place
    seat.save()
    events.append(name, customer_id=owner_id, actor=actor, now=now, data=data)
    if is_told:
        telling.tell_registered(session, seat, actor=actor, now=now)
    return seat


@transaction.atomic
def give_up(session_id: UUID, customer_id: UUID, *, actor: Actor, now: datetime) -> Seat:
    """Take a customer's seat or place back; a free seat goes to the first who waits.

    Raises:
        TrainingNotFoundError: no such session.
        TrainingStateError: it was held or cancelled, or the customer has neither seat nor place.
    """
    session = locked(session_id)
    refuse_closed(session)
    owner_id = customers.customer(customer_id).id
    seat = _seat(session, owner_id)
    if seat is None or seat.state not in (SeatState.TAKEN, SeatState.WAITING):
        raise TrainingStateError(_("This customer has no seat there."), customer=str(owner_id))
    seat.state, seat.place, seat.updated_at = SeatState.GIVEN_UP, 0, now
    seat.save()
    data = {"session": str(session.id), "course": session.course.code}
    events.append("care.seat.given_up", customer_id=owner_id, actor=actor, now=now, data=data)
    promote(session, actor=actor, now=now)
    return seat


@transaction.atomic
def note_attendance(
    session_id: UUID, came: Mapping[UUID, bool], *, is_over: bool = True, actor: Actor, now: datetime
) -> int:
    """Note who came of those with a seat, by customer; return how many were noted. is_over: the session is held.

    Raises:
        TrainingNotFoundError: no such session.
        TrainingStateError: it was cancelled, or has not begun.
    """
    session = locked(session_id)
    if session.state == SessionState.CANCELLED or session.starts_at > now:
        raise TrainingStateError(_("Attendance is noted once the session has begun."), session=str(session.id))
    seats = list(Seat.objects.filter(session=session, owner_id__in=list(came), state__in=HOLDING))
    data = {"session": str(session.id), "course": session.course.code}
    news = []
    for seat in seats:
        state = SeatState.ATTENDED if came[seat.owner_id] else SeatState.MISSED
        if seat.state != state:
            news.append(NewEvent(f"care.seat.{state}", seat.owner_id, data))
        seat.state, seat.noted_at, seat.updated_at = state, now, now
    Seat.objects.bulk_update(seats, ["state", "noted_at", "updated_at"], batch_size=500)
    events.append_many(news, actor=actor, now=now)
    if is_over and session.state != SessionState.HELD:
        session.state, session.updated_at = SessionState.HELD, now
        session.save(update_fields=["state", "updated_at"])
    return len(seats)


def promote(session: TrainingSession, *, actor: Actor, now: datetime) -> list[Seat]:
    """Give free seats of a locked session to the first who wait, tell them, and return whose luck it was."""
    lucky = list(Seat.objects.filter(session=session, state=SeatState.WAITING).order_by("place")[: _free(session)])
    for seat in lucky:
        seat.state, seat.place, seat.promoted_at, seat.updated_at = SeatState.TAKEN, 0, now, now
    Seat.objects.bulk_update(lucky, ["state", "place", "promoted_at", "updated_at"], batch_size=500)
    data = {"session": str(session.id), "course": session.course.code, "promoted": True}
    events.append_many([NewEvent("care.seat.taken", seat.owner_id, data) for seat in lucky], actor=actor, now=now)
    telling.tell_moved_up(session, lucky, actor=actor, now=now)
    return lucky


def note_invited(session: TrainingSession, customer_ids: Iterable[UUID], *, actor: Actor, now: datetime) -> int:
    """Keep that these were invited, once each; who has a seat already is left alone. Return how many are new."""
    ids = list(customer_ids)
    known = set(Seat.objects.filter(session=session, owner_id__in=ids).values_list("owner_id", flat=True))
    fresh = [
        Seat(session=session, owner_id=one, state=SeatState.INVITED, source="message", invited_at=now, updated_at=now)
        for one in ids
        if one not in known
    ]
    Seat.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    data = {"session": str(session.id), "course": session.course.code}
    events.append_many([NewEvent("care.seat.invited", seat.owner_id, data) for seat in fresh], actor=actor, now=now)
    return len(fresh)


def locked(session_id: UUID) -> TrainingSession:
    """Return a session, locked until the transaction ends.

    Raises:
        TrainingNotFoundError: no such session.
    """
    rows = TrainingSession.objects.select_for_update(of=("self",)).select_related("course")
    session = rows.filter(id=session_id).first()
    if session is None:
        raise TrainingNotFoundError(session_id)
    return session


def refuse_closed(session: TrainingSession) -> None:
    """Refuse what needs an open session.

    Raises:
        TrainingStateError: it was held or cancelled.
    """
    if session.state != SessionState.OPEN:
        raise TrainingStateError(_("This session is over: %(state)s.") % {"state": session.get_state_display()})


def _seat(session: TrainingSession, customer_id: UUID) -> Seat | None:
    """Return the seat of a customer under whichever of their records, one that holds something before any other."""
    seats = list(Seat.objects.filter(session=session, owner_id__in=customers.record_ids(customer_id)).order_by("id"))
    return next((seat for seat in seats if seat.state in (*HOLDING, SeatState.WAITING)), seats[0] if seats else None)


def _free(session: TrainingSession) -> int:
    return max(session.capacity - Seat.objects.filter(session=session, state__in=HOLDING).count(), 0)
