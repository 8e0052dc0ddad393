"""What training erases of a person and hands out to one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from ..models import Seat, SeatState, SessionState
from .seats import locked, promote


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("care.training", erase))
    customers.register_export_step(customers.ExportStep("training", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Give up seats to come, so that others get them; what was attended stays, without a name."""
    mine = Seat.objects.filter(owner_id__in=list(customer_ids), session__state=SessionState.OPEN)
    held = mine.filter(state__in=(SeatState.INVITED, SeatState.TAKEN, SeatState.WAITING))
    for session_id in sorted(set(held.values_list("session_id", flat=True))):
        session = locked(session_id)
        held.filter(session=session).update(state=SeatState.GIVEN_UP, place=0, updated_at=now)
        promote(session, actor=actor, now=now)


def export(customer_ids: Sequence[UUID]) -> list[dict[str, str]]:
    """Return the person's seats as plain values."""
    rows = Seat.objects.filter(owner_id__in=list(customer_ids)).select_related("session__course")
    return [
        {"course": seat.session.course.code, "starts": seat.session.starts_at.isoformat(), "state": seat.state}
        for seat in rows.order_by("session__starts_at", "id")
    ]
