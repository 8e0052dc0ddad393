"""Reading the log."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

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
