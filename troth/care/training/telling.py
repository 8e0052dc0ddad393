"""What customers are told as a service, by the send decision: a seat is theirs, a session is moved or cancelled."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.messaging import services as messaging
from troth.messaging import starters
from troth.messaging.services import Intent
from troth.staff import queries as staff

from ..models import Seat, SeatState, TrainingSession
from .links import address_of

BOOKED, WAITING = "training_booked", "training_waiting"
SEAT, CHANGED, CANCELLED = "training_seat", "training_changed", "training_cancelled"
"""Ready-made texts, the company's to change."""

BATCH = 500
PRIORITY = 90
"""Somebody plans their day by it: it goes before what nobody asked for."""


def tell_registered(session: TrainingSession, seat: Seat, *, actor: Actor, now: datetime) -> None:
    """Tell somebody who signed up that the seat is theirs, or that they wait for one, each time they sign up."""
    template = WAITING if seat.state == SeatState.WAITING else BOOKED
    keys = {seat.owner_id: f"training:{session.id}:{template}:{seat.id}:{now.isoformat()}"}
    _send(session, template, keys, actor=actor, now=now)


def tell_moved_up(session: TrainingSession, lucky: Sequence[Seat], *, actor: Actor, now: datetime) -> None:
    """Tell those who waited that a seat is theirs, each time one is."""
    keys = {seat.owner_id: f"training:{session.id}:seat:{seat.id}:{now.isoformat()}" for seat in lucky}
    _send(session, SEAT, keys, actor=actor, now=now)


def tell_changed(session: TrainingSession, owner_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    """Tell those who have a seat or wait for one that the session has another time or place, each time it has."""
    keys = {owner_id: f"training:{session.id}:changed:{owner_id}:{now.isoformat()}" for owner_id in owner_ids}
    _send(session, CHANGED, keys, actor=actor, now=now)


def tell_cancelled(session: TrainingSession, owner_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    """Tell those who have a seat or wait for one that the session does not take place."""
    keys = {owner_id: f"training:{session.id}:cancelled:{owner_id}" for owner_id in owner_ids}
    _send(session, CANCELLED, keys, actor=actor, now=now)


def _send(session: TrainingSession, template: str, keys: dict[UUID, str], *, actor: Actor, now: datetime) -> None:
    if not keys or session.starts_at <= now:
        return
    with suppress(IntegrityError), transaction.atomic():  # of two who make the texts at once, one does
        starters.install(actor=actor, now=now, codes=[BOOKED, WAITING, SEAT, CHANGED, CANCELLED])
    facts = facts_of(session)
    wanted = [
        Intent(
            key=key,
            customer_id=owner_id,
            purpose=ConsentPurpose.SERVICE,
            template=template,
            facts={**facts, "training_url": address_of(session.id, owner_id)},
            source=f"training:{session.id}",
            priority=PRIORITY,
            relevant_until=session.starts_at,
        )
        for owner_id, key in keys.items()
    ]
    for start in range(0, len(wanted), BATCH):
        messaging.send(wanted[start : start + BATCH], actor=actor, now=now)


def facts_of(session: TrainingSession) -> dict[str, Any]:
    """Return what texts may say of a session."""
    zone, course = ZoneInfo(staff.company().time_zone), session.course
    start, end = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
    return {
        "course": course.name,
        "course_zh": course.name_zh or course.name,
        "training_date": start.date().isoformat(),
        "training_hours": f"{start:%H:%M}–{end:%H:%M}",
        "place": session.place,
    }
