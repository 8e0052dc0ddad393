"""Reading the log."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from troth.kit import clock

from . import custom, registry
from .models import CustomEventType, Event
from .registry import EventType


def of_customers(customer_ids: Iterable[UUID], *, names: Iterable[str] | None = None) -> QuerySet[Event]:
    """Return the events of these customer records (a customer and those merged into it), newest first."""
    found = Event.objects.filter(owner_id__in=list(customer_ids)).order_by("-occurred_at", "-id")
    return found if names is None else found.filter(name__in=list(names))


def after(cursor: tuple[datetime, UUID] | None, *, names: Iterable[str] | None = None) -> QuerySet[Event]:
    """Return events recorded after the cursor (recorded_at, id), oldest first: how readers follow the log."""
    found = Event.objects.order_by("recorded_at", "id")
    if names is not None:
        found = found.filter(name__in=list(names))
    if cursor is not None:
        recorded_at, last_id = cursor
        found = found.filter(Q(recorded_at__gt=recorded_at) | Q(recorded_at=recorded_at, id__gt=last_id))
    return found


def event_types() -> list[EventType]:
    """Return every kind of event by name, ours and those that the company defined."""
    own = [custom.as_event_type(row) for row in CustomEventType.objects.all()]
    return sorted([*registry.all_types(), *own], key=lambda kind: kind.name)


def event_type(name: str) -> CustomEventType | None:
    """Return the company's own kind of this name."""
    return CustomEventType.objects.filter(name=name).first()


_AFTER_CLOCKS = timedelta(seconds=2)
"""By how much the clocks of a worker and of the database may differ."""

_LONGEST = timedelta(minutes=15)
"""Nobody waits longer than so for a transaction that goes on and on; what it still appends is passed over."""


def newest_id() -> UUID:
    """Return up to where the log may be read: no event with a smaller id can appear any more.

    Ids are made when events are appended, but seen when their transactions commit, which may be in another order. On
    PostgreSQL the oldest writing transaction says how far is safe; SQLite has one writer at a time: call this within
    the transaction that moves your place in the log.
    """
    time.sleep(0.002)  # ids count milliseconds: what was appended before this call lies before this moment
    moment = clock.utc_now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL"
                " AND backend_type = 'client backend'"  # the server's own vacuuming appends nothing
            )
            (oldest,) = cursor.fetchone()
        if oldest is not None:
            moment = max(min(moment, oldest - _AFTER_CLOCKS), moment - _LONGEST)
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def appended(after_id: UUID, before_id: UUID, *, names: Iterable[str], limit: int) -> "tuple[Sequence[Event], UUID]":
    """Return events with ids between the two, oldest first, and up to which id they go: where to read on."""
    found = list(
        Event.objects.filter(id__gt=after_id, id__lt=before_id, name__in=sorted(set(names))).order_by("id")[:limit]
    )
    return found, found[-1].id if len(found) == limit else max(after_id, before_id)
