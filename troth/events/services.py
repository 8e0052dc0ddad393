"""The log's one writer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor

from . import registry
from .models import COMPANY_OWNER, Event


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be appended. `occurred_at` is when it was true; left out, it is now."""

    name: str
    customer_id: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None


def append(
    name: str,
    *,
    actor: Actor,
    now: datetime,
    customer_id: UUID | None = None,
    data: dict[str, Any] | None = None,
    occurred_at: datetime | None = None,
) -> Event:
    """Append one event; see `append_many`."""
    new = NewEvent(name=name, customer_id=customer_id, data=data or {}, occurred_at=occurred_at)
    return append_many([new], actor=actor, now=now)[0]


def append_many(new_events: Iterable[NewEvent], *, actor: Actor, now: datetime) -> list[Event]:
    """Append events in the caller's transaction, so that a change and its event stand or fall together.

    Raises:
        LookupError: an event's name is not declared.
        TypeError: data holds a key that the declaration does not name.
    """
    rows = []
    for new in new_events:
        declared = registry.get(new.name)
        if unknown := new.data.keys() - declared.fields.keys():
            raise TypeError(f"event {new.name}: data has undeclared fields {sorted(unknown)}")
        rows.append(
            Event(
                owner_id=new.customer_id or COMPANY_OWNER,
                name=new.name,
                occurred_at=new.occurred_at or now,
                recorded_at=now,
                actor=actor.code,
                data=new.data,
            )
        )
    with transaction.atomic():
        return Event.objects.bulk_create(rows)
