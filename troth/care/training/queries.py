"""Reading courses, sessions and seats."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from troth.customers import queries as customers
from troth.kit.languages import in_language
from troth.messaging.templates import reading as texts

from ..models import Course, Seat, SeatState, TrainingSession
from .errors import TrainingNotFoundError
from .links import Invited, address_of, opened_by
from .seats import HOLDING

INVITATION = "training_invitation"
"""The ready-made invitation, the company's to change."""

__all__ = [
    "INVITATION",
    "Invited",
    "address_of",
    "course",
    "courses",
    "free_seats",
    "invitations",
    "opened_by",
    "seat_of",
    "seats_of",
    "seats_of_customer",
    "session",
    "sessions",
    "sessions_past",
    "sessions_to_come",
]


def courses(*, is_active: bool | None = True) -> QuerySet[Course]:
    """Return courses by name; None for those out of use too."""
    rows = Course.objects.order_by("name", "code")
    return rows if is_active is None else rows.filter(is_active=is_active)


def invitations() -> dict[str, str]:
    """Return the templates that invitations can be written with: what each is called, by code."""
    return {one.code: in_language(one.name, one.name_zh) for one in texts.templates().exclude(published_number=None)}


def course(code: str) -> Course:
    """Return one course.

    Raises:
        TrainingNotFoundError: no such course.
    """
    found = Course.objects.filter(code=code).first()
    if found is None:
        raise TrainingNotFoundError(code)
    return found


def sessions() -> QuerySet[TrainingSession]:
    """Return sessions with how many seats are taken, wait, are invited and came."""
    return TrainingSession.objects.select_related("course", "trainer").annotate(
        taken=Count("seats", filter=Q(seats__state__in=HOLDING)),
        waiting=Count("seats", filter=Q(seats__state=SeatState.WAITING)),
        invited=Count("seats", filter=Q(seats__invited_at__isnull=False)),
        attended=Count("seats", filter=Q(seats__state=SeatState.ATTENDED)),
    )


def sessions_to_come(now: datetime) -> QuerySet[TrainingSession]:
    """Return the sessions that have not ended, the first one first."""
    return sessions().filter(ends_at__gte=now).order_by("starts_at", "id")


def sessions_past(now: datetime) -> QuerySet[TrainingSession]:
    """Return the sessions that have ended, the last one first."""
    return sessions().filter(ends_at__lt=now).order_by("-starts_at", "-id")


def session(session_id: UUID) -> TrainingSession:
    """Return one session with its counts.

    Raises:
        TrainingNotFoundError: no such session.
    """
    found = sessions().filter(id=session_id).first()
    if found is None:
        raise TrainingNotFoundError(session_id)
    return found


def seats_of(session_id: UUID, *states: str) -> QuerySet[Seat]:
    """Return the seats of a session in these states, those on the waiting list in their order."""
    rows = Seat.objects.filter(session_id=session_id, state__in=states or SeatState.values)
    return rows.order_by("place", "registered_at", "invited_at", "id")


def seats_of_customer(customer_id: UUID) -> QuerySet[Seat]:
    """Return every seat of a customer, the newest session first."""
    rows = Seat.objects.filter(owner_id__in=customers.record_ids(customer_id))
    return rows.select_related("session", "session__course").order_by("-session__starts_at")


def seat_of(session_id: UUID, customer_id: UUID) -> Seat | None:
    """Return a customer's seat in a session, under whichever of their records; None if there is none."""
    rows = Seat.objects.filter(session_id=session_id, owner_id__in=customers.record_ids(customer_id))
    return rows.order_by("-updated_at").first()


def free_seats(session_id: UUID) -> int:
    """Return how many seats of a session are free."""
    found = TrainingSession.objects.get(id=session_id)
    return max(found.capacity - Seat.objects.filter(session=found, state__in=HOLDING).count(), 0)
