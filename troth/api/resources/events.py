"""The event log, read by cursor."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field, StringConstraints

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.customers.errors import CustomerNotFoundError
from troth.events import queries, services
from troth.events.models import MAX_FIELDS, Event, FieldType
from troth.events.services import NewEvent
from troth.kit.errors import TrothError

from ..fields import NO_NUL, Moment, MomentText, Request, Response, Text80, Whole, example
from ..keys import ApiRequest
from ..operations import Reply, reads, writes, writes_gathered
from ..paging import PagingQuery, cursor_after, page
from .order_schemas import CustomerRef
from .order_views import References

router = Router(tags=["Events"])
KEYS = ("id",)
SETTLED_AFTER = timedelta(seconds=30)
EventName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$", max_length=80)]
CustomName = Annotated[str, StringConstraints(pattern=r"^custom\.[a-z][a-z0-9_]{0,29}\.[a-z][a-z0-9_]{0,39}$")]
FieldCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
FieldText = Annotated[str, StringConstraints(max_length=64, pattern=NO_NUL)]


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


class EventIn(CustomerRef):
    """An event of the company's own, of a customer."""

    model_config = example(
        {
            "identity": {"kind": "phone", "value": "+8613800138000"},
            "name": "custom.app.opened",
            "data": {"version": "5.2.0"},
        }
    )

    name: CustomName = Field(description="Name of a kind that was defined.")
    occurred_at: Moment | None = Field(None, description="When it was true; left out: now.")
    data: dict[FieldCode, bool | Whole | FieldText] = Field(
        default_factory=dict, max_length=MAX_FIELDS, description="Values by the codes of the kind's fields."
    )


class EventTypeIn(Request):
    """A kind of event of the company's own."""

    model_config = example(
        {"label": "Opened the app", "label_zh": "打开 App", "fields": {"version": "code", "minutes": "whole"}}
    )

    label: Text80 = Field(description="Its name on the timeline.")
    label_zh: Text80 = Field("", description="Its name in Chinese.")
    fields: dict[FieldCode, FieldType] = Field(
        default_factory=dict, max_length=MAX_FIELDS, description="What its data hold: type by code."
    )


@writes_gathered(router, "/events", scope=Permission.EVENTS_APPEND, item=EventIn, response=EventOut)
def append_event(events: Sequence[EventIn], *, actor: Actor, now: datetime) -> list[Reply | TrothError]:
    """Record an event of your own.

    Something that happened to a customer outside of orders: the app opened, a lesson attended, a charger used. Its
    kind is defined once (PUT /event-types). It stands in the customer's history and in the log, for good; so its
    data are codes, numbers and days, never names or free text.
    """
    found: dict[int, NewEvent] = {}
    outcomes: dict[int, Reply | TrothError] = {}
    references = References(events)
    known = set(customers.canonical_ids(one.customer_id for one in events if one.customer_id is not None))
    for place, one in enumerate(events):
        try:
            if one.customer_id is not None and one.customer_id not in known:
                raise CustomerNotFoundError(one.customer_id)
            found[place] = NewEvent(one.name, references.customer(one), dict(one.data), one.occurred_at)
        except TrothError as error:
            outcomes[place] = error
    results = services.append_custom(list(found.values()), actor=actor, now=now)
    for place, result in zip(found, results, strict=True):
        outcomes[place] = result if isinstance(result, TrothError) else Reply(201, _event(result))
    return [outcomes[place] for place in range(len(events))]


@writes(
    router,
    "PUT",
    "/event-types/{name}",
    scope=Permission.EVENTS_APPEND,
    response=EventTypeOut,
    other_statuses=(201,),
)
def define_event_type(request: ApiRequest, name: Path[CustomName], kind: EventTypeIn) -> Reply:
    """Define a kind of event of your own.

    201 if it is new. Sent again it changes the labels and adds fields; a field that is there keeps its type and
    stays, because events were written under it.
    """
    is_new = queries.event_type(name) is None
    row, _is_changed = services.define_event_type(
        name=name,
        label=kind.label,
        label_zh=kind.label_zh,
        fields={code: str(one.value) for code, one in kind.fields.items()},
        actor=request.auth,
        now=request.now,
    )
    shown = EventTypeOut(name=row.name, label=row.label, fields=row.fields)
    return Reply(201 if is_new else 200, shown)


@reads(router, "/event-types", scope=Permission.EVENTS_VIEW, response=EventTypes)
def list_event_types(request: ApiRequest) -> EventTypes:
    """List the kinds of events, ours and your own, and what their data hold."""
    kinds = queries.event_types()
    return EventTypes(items=[EventTypeOut(name=kind.name, label=str(kind.label), fields=kind.fields) for kind in kinds])


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
