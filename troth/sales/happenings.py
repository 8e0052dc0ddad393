"""Any event of the log can earn: a sign-up, a completed profile, an answered survey, an event of the company's own.

A job looks through the log for the names that rules ask for. Every event is judged once under each programme, by the
version in force at its moment; that it was judged is stored with what it brought, also if that is nothing. Each look
begins a day before the last one, so that a transaction that committed late is not passed over.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from troth.access.actors import Actor
from troth.access.idempotency import rounds
from troth.customers import queries as customers
from troth.events import queries as events
from troth.events.models import COMPANY_OWNER, Event
from troth.kit import rows
from troth.programs import queries as programs_queries
from troth.programs import services as programs
from troth.programs.baskets import event_basket
from troth.programs.evaluation import evaluate
from troth.programs.outcomes import Evaluation
from troth.programs.queries import Timeline, Version
from troth.programs.services import Seeker

from .models import EventCursor, EventEvaluation
from .moving import Account, Moves
from .postings import differences
from .steps import figures

CURSOR = "programmes"
BATCH = 500
LOOK_BACK = timedelta(days=1)
_COLUMNS = (
    "id", "owner_id", "event_id", "happening", "programme", "version_id", "occurred_at", "recorded_at", "awards",
    "outcomes", "figures", "postings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Judged:
    """One event under one programme."""

    event: Event
    version: Version
    evaluation: Evaluation
    account: Account


def reward_events(*, actor: Actor, now: datetime) -> Iterator[int]:
    """Judge what happened since the last time; yield how many events were judged, batch by batch."""
    timeline = programs_queries.versions_in_force()
    names = sorted({name for version in timeline.versions() for name in version.compiled.happenings if name != "order"})
    if not names:
        return
    cursor = EventCursor.objects.filter(name=CURSOR).first()
    since = timeline.begins_at() if cursor is None else cursor.recorded_at - LOOK_BACK
    while batch := _unjudged(names, since):
        with transaction.atomic(), customers.groups_remembered():
            _reward(batch, timeline, actor, now)
        yield len(batch)
    EventCursor.objects.update_or_create(name=CURSOR, defaults={"recorded_at": now, "updated_at": now})


def _unjudged(names: Sequence[str], since: datetime) -> list[Event]:
    judged = EventEvaluation.objects.filter(owner_id=OuterRef("owner_id"), event_id=OuterRef("id"))
    found = events.after(None, names=names).filter(~Exists(judged), recorded_at__gte=since)
    return list(found.exclude(owner_id=COMPANY_OWNER)[:BATCH])


def _reward(batch: Sequence[Event], timeline: Timeline, actor: Actor, now: datetime) -> None:
    groups = customers.canonical_ids(event.owner_id for event in batch)
    pairs = [(event, version) for event in batch for version in timeline.at(event.occurred_at)]
    known = [pair for pair in pairs if pair[0].owner_id in groups]
    moves, judged = Moves(), list[_Judged]()
    for wave in rounds(known, lambda pair: (groups[pair[0].owner_id], pair[1].programme_id)):
        judged += _wave(wave, moves, actor, now)
    moves.post(actor=actor, now=now)
    done = {one.event.id for one in judged}
    nothing = [event for event in batch if event.id not in done]
    rows.insert(EventEvaluation, _COLUMNS, [*map(_row, judged), *map(_row_of_nothing, nothing)])


def _wave(wave: Sequence[tuple[Event, Version]], moves: Moves, actor: Actor, now: datetime) -> list[_Judged]:
    seekers = [
        Seeker(event.owner_id, version, event_basket(event.name, event.occurred_at, zone=version.zone, data=event.data))
        for event, version in wave
    ]
    standings = programs.open_standings(seekers, now=now)
    asked = [
        evaluate(seeker.version.compiled, seeker.basket, state)
        for seeker, state in zip(seekers, standings.states, strict=True)
    ]
    given = programs.claim(standings, asked)
    changes = [
        programs.change_of(
            one,
            index=index,
            operation_key=f"event:{event.id}",
            source_kind="event",
            source_id=event.id,
            occurred_at=event.occurred_at,
        )
        for index, ((event, _version), one) in enumerate(zip(wave, given, strict=True))
    ]
    programs.apply(standings, changes, actor=actor, now=now)
    found = []
    for place, ((event, version), evaluation) in enumerate(zip(wave, given, strict=True)):
        account = _account(place, event, version)
        moves.add(account, differences(evaluation.awards, ()))
        found.append(_Judged(event, version, evaluation, account))
    return found


def _account(place: int, event: Event, version: Version) -> Account:
    return Account(
        place=place,
        name=f"event:{event.id}:{version.programme_code}",
        owner_id=event.owner_id,
        cause="event",
        subject={"event": str(event.id), "name": event.name, "programme": version.programme_code},
        given_at=event.occurred_at,
        taken_at=event.occurred_at,
        version_id=version.id,
        money_currency=version.compiled.currency,
    )


def _row(one: _Judged) -> tuple[Any, ...]:
    evaluation, event = one.evaluation, one.event
    return (
        rows.new_id_text(),
        event.owner_id,
        event.id,
        event.name,
        one.version.programme_code,
        one.version.id,
        event.occurred_at,
        event.recorded_at,
        json.dumps([award.to_json() for award in evaluation.awards]),
        json.dumps([outcome.to_json() for outcome in evaluation.outcomes]),
        json.dumps(figures(evaluation)),
        json.dumps([posting.to_json() for posting in one.account.postings]),
    )


def _row_of_nothing(event: Event) -> tuple[Any, ...]:
    """Return the row of an event that no programme in force then judges, or whose customer is gone."""
    nobody = UUID(int=0)
    at = (event.occurred_at, event.recorded_at)
    return (rows.new_id_text(), event.owner_id, event.id, event.name, "", nobody, *at, "[]", "[]", "{}", "[]")
