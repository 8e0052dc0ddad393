"""The event log, read by cursor."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router
from pydantic import BaseModel, Field, StringConstraints

from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.events import queries, registry
from troth.events.models import Event

from ..fields import MomentText, Response
from ..keys import ApiRequest
from ..operations import reads
from ..paging import PagingQuery, cursor_after, page

router = Router(tags=["Events"])
KEYS = ("id",)
SETTLED_AFTER = timedelta(seconds=30)
EventName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$", max_length=80)]


class EventOut(Response):
    """Something that happened: ids and codes, never names or free text."""

    id: UUID = Field(description="The event's id; sorts by time.")
    name: str = Field(description="Dotted name, as listed by /event-types.")
    customer_id: UUID | None = Field(description="The customer record, null for the company's own events.")
    occurred_at: MomentText = Field(description="When it was true.")
    recorded_at: MomentText = Field(description="When we knew.")
    actor: str = Field(description="Who did it: kind and id.")
    data: dict[str, Any] = Field(description="What changed; the fields of each name are listed by /event-types.")


class EventPage(Response):
    """A page of the log."""

    items: list[EventOut] = Field(description="In the order of writing, oldest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null when there is nothing new.")
    resume_cursor: str | None = Field(
        description="Keep it and ask with it later: only what is newer comes. Null while the log is empty."
    )


class EventTypeOut(Response):
    """A kind of event."""

    name: str = Field(description="Dotted name.")
    label: str = Field(description="Its name on screens.")
    fields: dict[str, str] = Field(description="What its data hold.")


class EventTypes(Response):
    """Every kind of event."""

    items: list[EventTypeOut] = Field(description="By name.")


class EventNarrowing(BaseModel):
    """What the log is narrowed to."""

    name: EventName | None = Field(None, description="Events of this name only.")
    customer_id: UUID | None = Field(None, description="Of this customer, all merged records included.")


@reads(router, "/events", scope=Permission.EVENTS_VIEW, response=EventPage)
def list_events(
    request: ApiRequest, narrowing: Annotated[EventNarrowing, Query(...)], paging: PagingQuery
) -> EventPage:
    """Read the event log.

    In the order of writing, oldest first; follow it with `resume_cursor`. Events of all customers are shown
    half a minute after they were written, so that none is overtaken by one whose transaction ended sooner;
    those of one customer are shown at once.
    """
    found = queries.after(None, names=None if narrowing.name is None else [narrowing.name])
    if narrowing.customer_id is not None:
        found = found.filter(owner_id__in=customers.record_ids(narrowing.customer_id))
    else:
        found = found.filter(id__lt=_first_id_at(request.now - SETTLED_AFTER))
    rows, cursor = page(found, paging, keys=KEYS)
    resume = cursor_after(rows[-1], KEYS) if rows else paging.cursor
    return EventPage(items=[_event(row) for row in rows], next_cursor=cursor, resume_cursor=resume)


@reads(router, "/event-types", scope=Permission.EVENTS_VIEW, response=EventTypes)
def list_event_types(request: ApiRequest) -> EventTypes:
    """List the kinds of events and what their data hold."""
    return EventTypes(
        items=[EventTypeOut(name=kind.name, label=str(kind.label), fields=kind.fields) for kind in registry.all_types()]
    )


def _first_id_at(moment: datetime) -> UUID:
    """Return the smallest UUIDv7 of the moment's millisecond: ids are made when events are written."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _event(row: Event) -> EventOut:
    return EventOut(
        id=row.id,
        name=row.name,
        customer_id=row.customer_id,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        actor=row.actor,
        data=row.data,
    )
