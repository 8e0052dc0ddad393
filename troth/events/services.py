"""The log's one writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.kit import rows
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.kit.json_text import json_text
from troth.kit.transactions import joining
from troth.value.later import later, pl

from . import custom, registry
from .models import COMPANY_OWNER, CustomEventType, Event

if TYPE_CHECKING:
    from troth.kit import frames
else:
    frames = later("troth.kit.frames")


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
    """Append one event and return it; see `append_many`."""
    new = NewEvent(name=name, customer_id=customer_id, data=data or {}, occurred_at=occurred_at)
    _refuse_undeclared(new)
    return Event.objects.create(
        owner_id=new.customer_id or COMPANY_OWNER,
        name=name,
        occurred_at=occurred_at or now,
        recorded_at=now,
        actor=actor.code,
        data=new.data,
    )


def append_many(new_events: Iterable[NewEvent], *, actor: Actor, now: datetime) -> None:
    """Append events in the caller's transaction, so that a change and its event stand or fall together.

    Raises:
        LookupError: an event's name is not declared.
        TypeError: data holds a key that the declaration does not name.
    """
    written = []
    for new in new_events:
        _refuse_undeclared(new)
        owner_id, occurred_at = new.customer_id or COMPANY_OWNER, new.occurred_at or now
        written.append((rows.new_id_text(), owner_id, new.name, occurred_at, now, actor.code, json_text(new.data)))
    with joining():
        rows.insert(Event, ("id", "owner_id", "name", "occurred_at", "recorded_at", "actor", "data"), written)


def _refuse_undeclared(new: NewEvent) -> None:
    declared = registry.get(new.name)
    if unknown := new.data.keys() - declared.fields.keys():
        raise TypeError(f"event {new.name}: data has undeclared fields {sorted(unknown)}")


def append_frame(happened: pl.DataFrame, *, name: str, actor: Actor, now: datetime) -> None:
    """Append an event for every row of a frame, in the caller's transaction: imports write a million at a
    time.

    Args:
        happened: customer_id (text), occurred_at (Datetime in UTC), and one column for each field of `data`.

    Raises:
        LookupError: the name is not declared.
        TypeError: a column is no field of the event.
    """
    fields = [column for column in happened.columns if column not in ("customer_id", "occurred_at")]
    if unknown := set(fields) - registry.get(name).fields.keys():
        raise TypeError(f"event {name}: data has undeclared fields {sorted(unknown)}")
    if happened.is_empty():
        return
    written = happened.select(
        frames.new_ids(len(happened)).alias("id"),
        pl.col("customer_id").alias("owner_id"),
        pl.lit(name).alias("name"),
        "occurred_at",
        pl.lit(now).dt.convert_time_zone("UTC").alias("recorded_at"),
        pl.lit(actor.code).alias("actor"),
        pl.struct(fields).struct.json_encode().alias("data"),
    )
    frames.insert(Event, written)


@transaction.atomic
def define_event_type(
    *, name: str, label: str, label_zh: str = "", fields: Mapping[str, str], actor: Actor, now: datetime
) -> tuple[CustomEventType, bool]:
    """Define a kind of event of the company's own, or change its labels and add fields; tell if anything changed.

    Args:
        name: "custom.thing.happened".
        fields: type (`FieldType`) by code; those that are there stay.

    Raises:
        EventTypeRefusedError: a name, label or field breaks its rule.
        EventTypeChangedError: a field would get another type, or go.
    """
    row, is_changed = custom.define(name=name, label=label, label_zh=label_zh, fields=fields, now=now)
    if is_changed:
        append("events.type.defined", data={"name": name}, actor=actor, now=now)
    return row, is_changed


@transaction.atomic
def append_custom(new_events: Sequence[NewEvent], *, actor: Actor, now: datetime) -> list[Event | TrothError]:
    """Append events of the company's own kinds and return each as it stands in the log, or why it was refused.

    A refused one holds up none of the others. The caller knows that the customers exist.

    Errors in results:
        EventTypeUnknownError: nobody defined the kind.
        EventRefusedError: data or moment do not fit it.
    """
    types = {row.name: row for row in CustomEventType.objects.filter(name__in={new.name for new in new_events})}
    results: list[Event | TrothError] = []
    for new in new_events:
        occurred_at = new.occurred_at or now
        try:
            data = custom.checked(new.name, new.data, occurred_at, types, now)
        except TrothError as error:
            results.append(error)
            continue
        row = Event(id=new_id(), owner_id=new.customer_id or COMPANY_OWNER, name=new.name, data=data)
        row.occurred_at, row.recorded_at, row.actor = occurred_at, now, actor.code
        results.append(row)
    Event.objects.bulk_create([result for result in results if isinstance(result, Event)])
    return results
