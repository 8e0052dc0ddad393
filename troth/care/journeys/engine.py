"""The engine: people whose time has come are claimed in batches and moved on, each batch in one transaction.

An act and the visit that tells of it stand or fall together, so a worker that is killed leaves nothing half done. On
PostgreSQL workers skip what another has locked; on SQLite there is one writer at a time, and its lock is the lease.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from troth.access.actors import Actor
from troth.care.models import Journey, JourneyRun, JourneyState, JourneyVisit, RunState
from troth.customers import services as customers
from troth.events import queries as event_log
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit import rows, updates
from troth.kit.deadlocks import again_after_deadlock
from troth.kit.errors import TrothError
from troth.kit.json_text import json_text
from troth.kit.reading import fetch

from . import acts, compiled, ending, recalling
from .acts import Done, Scene
from .compiled import CompiledJourney
from .entering import Candidate, admit
from .people import people
from .tallies import LEFT, Tallies
from .travelling import Happening, Traveller
from .walking import walk

BATCH = 1_000
MAX_FAILURES = 8

log = structlog.get_logger("troth.care")

_CLAIMED = (
    "id", "owner_id", "version_id", "entry_key", "facts", "step", "step_at", "due_at", "entered_at",
    "entry_event_id", "woken_event_id", "moved_at", "failures",
)  # fmt: skip
_CHANGED = (
    "id", "state", "step", "awaits_event", "awaits_value", "woken_event_id", "due_at", "step_at", "ended_at",
    "end_reason", "failures", "error", "updated_at",
)  # fmt: skip
_VISITED = (
    "owner_id", "run_id", "journey_id", "version_id", "step", "arrived_at", "left_at", "outcome", "detail",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advanced:
    """What was done: people moved on, steps they left, people who could not be moved this time."""

    people: int = 0
    steps: int = 0
    failed: int = 0

    def __add__(self, other: "Advanced") -> "Advanced":
        return Advanced(self.people + other.people, self.steps + other.steps, self.failed + other.failed)


def advance(*, actor: Actor, now: datetime, limit: int = BATCH) -> Advanced:
    """Move on at most one batch of those whose time has come; nobody is moved where nobody's has.

    Whom a step fails is tried again later, alone, and stays where they are: nobody falls out of a journey.
    """
    running = tuple(Journey.objects.filter(state=JourneyState.RUNNING).values_list("id", flat=True))
    if not running:
        return Advanced()
    ids = _due(running, now, limit)
    return _advance(ids, actor, now) if ids else Advanced()


def _due(running: Sequence[UUID], now: datetime, limit: int) -> list[UUID]:
    """Return whose time has come, those who have waited longest first; they may be gone when they are claimed."""
    due = JourneyRun.objects.filter(state=RunState.ACTIVE, due_at__lte=now, journey_id__in=running)
    with transaction.atomic():
        due = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "id")
        return [row[0] for row in fetch(due.values_list("id")[:limit])]


def _advance(ids: Sequence[UUID], actor: Actor, now: datetime) -> Advanced:
    """Move these on in one transaction; if that fails, in halves, so that one broken run holds up no other."""
    try:
        return again_after_deadlock(partial(_batch, ids, actor, now))
    except Exception as error:  # whatever a step raises must neither stop the others nor be lost
        if len(ids) > 1:
            half = len(ids) // 2
            return _advance(ids[:half], actor, now) + _advance(ids[half:], actor, now)
        _note_failure(ids[0], error, now)
        return Advanced(failed=1)


@transaction.atomic
def _batch(ids: Sequence[UUID], actor: Actor, now: datetime) -> Advanced:
    # The people before their runs, as an erasure takes them: nobody waits in a ring.
    customers.hold_customers(row[0] for row in fetch(JourneyRun.objects.filter(id__among=ids).values_list("owner_id")))
    travellers = _claim(ids, now)
    if not travellers:
        return Advanced()
    tallies = Tallies()
    world = _World(travellers, actor, now, tallies)
    walk(travellers, world)
    _write(travellers, actor, now, tallies)
    return Advanced(len(travellers), sum(len(one.visits) for one in travellers))


def _claim(ids: Sequence[UUID], now: datetime) -> list[Traveller]:
    due = JourneyRun.objects.filter(id__among=ids, state=RunState.ACTIVE, due_at__lte=now)
    due = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "id")
    found = fetch(due.values_list(*_CLAIMED))
    visited = _visited({row[0]: row[1] for row in found if row[11] is not None})
    whose = people({row[1] for row in found})
    return [_traveller(row, whose, visited) for row in found]


def _visited(moved: Mapping[UUID, UUID]) -> Mapping[UUID, set[str]]:
    """Return the steps that runs have left, by run; given are those put on another version, with their owners."""
    visited: dict[UUID, set[str]] = defaultdict(set)
    if moved:
        # Both, since the index of visits begins with the owner.
        left = JourneyVisit.objects.filter(owner_id__among=set(moved.values()), run_id__among=list(moved))
        for run_id, step in left.values_list("run_id", "step"):
            visited[run_id].add(step)
    return visited


def _traveller(row: Sequence[Any], whose: Mapping[UUID, Any], visited: Mapping[UUID, set[str]]) -> Traveller:
    run_id, owner_id, version_id, entry_key, facts, step, step_at, due_at, entered_at, entry_id, woken_id, *_rest = row
    return Traveller(
        run_id=run_id,
        owner_id=owner_id,
        journey=compiled.version(version_id),
        entry_key=entry_key,
        facts=facts if isinstance(facts, dict) else _values(facts),
        step=step,
        step_at=step_at,
        moment=due_at,
        entered_at=entered_at,
        person=whose[owner_id],
        entry_event_id=entry_id,
        woken_event_id=woken_id,
        visited=frozenset(visited.get(run_id, ())),
    )


class _World:
    """The real one: acts happen, other journeys let people in, the log is asked."""

    def __init__(self, travellers: Sequence[Traveller], actor: Actor, now: datetime, tallies: Tallies) -> None:
        self.now = self.asked_at = now
        self._travellers = travellers
        self._scene = Scene(actor, now)
        self._tallies = tallies

    def is_late(self, one: Traveller) -> bool:
        return one.moment < self.now - timedelta(hours=one.journey.document.late_hours)

    def act(self, step: Any, journey: CompiledJourney, travellers: Sequence[Traveller]) -> list[Done]:
        return acts.act(step, journey, travellers, self._scene)

    def start(self, journey: str, travellers: Sequence[Traveller]) -> list[Done]:
        other = open_version(journey)
        if other is None:
            return [Done("refused", {"reason": "not_running"})] * len(travellers)
        candidates = [
            Candidate(one.owner_id, self.now, f"run:{one.run_id}", {**one.facts, "from": one.journey.code})
            for one in travellers
        ]
        verdicts = admit(other, candidates, actor=self._scene.actor, now=self.now, tallies=self._tallies)
        return [
            Done("done") if verdicts[index] == "entered" else Done("refused", {"reason": verdicts[index]})
            for index in range(len(travellers))
        ]

    def stop(self, journey: str, travellers: Sequence[Traveller]) -> list[Done]:
        row = Journey.objects.filter(code=journey).first()
        if row is None:
            return [Done("refused", {"reason": "unknown"})] * len(travellers)
        records = {record for one in travellers for record in one.person.records}
        for one in self._travellers:
            if one.journey.journey_id == row.id and one.owner_id in records and not one.is_over:
                one.end(RunState.STOPPED, "stopped_by_journey")
        ending.stop_people(row.id, records, "stopped_by_journey", self._scene.actor, self.now)
        return [Done("done")] * len(travellers)

    def happened(self, event: str, travellers: Sequence[Traveller]) -> Mapping[UUID, Sequence[Happening]]:
        since = min(one.step_at for one in travellers)
        if since >= self.now:
            return {}
        records = {record: one.person.id for one in travellers for record in one.person.records}
        rows_ = event_log.of_customers(records, names=[event]).filter(occurred_at__gte=since, occurred_at__lte=self.now)
        by_person: dict[UUID, list[Happening]] = defaultdict(list)
        for found in rows_.order_by("occurred_at", "id"):
            by_person[records[found.owner_id]].append(found)
        return {one.run_id: by_person[one.person.id] for one in travellers if one.person.id in by_person}


def open_version(code: str) -> CompiledJourney | None:
    """Return the version that people enter a journey by, None where it does not run."""
    row = Journey.objects.filter(code=code, state=JourneyState.RUNNING).first()
    return None if row is None else newest(row)


def newest(row: Journey) -> CompiledJourney:
    """Return the newest version of a published journey."""
    version_id = row.versions.filter(number=row.version_number).values_list("id", flat=True).get()
    return compiled.version(version_id)


def _write(travellers: Sequence[Traveller], actor: Actor, now: datetime, tallies: Tallies) -> None:
    visits, changes, news = [], [], []
    for one in travellers:
        journey = one.journey
        for visit in one.visits:
            visits.append(
                (
                    one.owner_id, one.run_id, journey.journey_id, journey.version_id, visit.step, visit.arrived_at,
                    visit.left_at, visit.outcome, json_text(dict(visit.detail)),
                )
            )  # fmt: skip
            tallies.add(journey.version_id, visit.step, visit.outcome)
        changes.append(
            (
                one.run_id, str(one.state), one.step, one.awaits_event, one.awaits_value, one.woken_event_id,
                one.due_at, one.step_at, one.ended_at, one.end_reason, 0, "", now,
            )
        )  # fmt: skip
        if one.is_over:
            tallies.add(journey.version_id, LEFT, one.end_reason)
            data = {"journey": journey.code, "version": journey.number, "reason": one.end_reason}
            news.append(NewEvent("care.journey.left", one.person.id, data))
    rows.insert(JourneyVisit, _VISITED, visits)
    updates.update(JourneyRun, _CHANGED, changes)
    _call_back([one for one in travellers if one.state in (RunState.EXITED, RunState.STOPPED)], actor, now)
    events.append_many(news, actor=actor, now=now)
    tallies.write()


def _call_back(left: Sequence[Traveller], actor: Actor, now: datetime) -> None:
    """Call back what those who left before the end would still get."""
    by_journey: dict[UUID, list[Traveller]] = defaultdict(list)
    for one in left:
        by_journey[one.journey.journey_id].append(one)
    for journey_id, gone in by_journey.items():
        records = {record for one in gone for record in one.person.records}
        recalling.call_back(journey_id, [one.run_id for one in gone], records, actor=actor, now=now)


def _note_failure(run_id: UUID, error: Exception, now: datetime) -> None:
    """Keep why somebody could not be moved on, and try again later; after several times a person has to look."""
    run = JourneyRun.objects.filter(id=run_id, state=RunState.ACTIVE).first()
    if run is None:
        return
    log.error("journey.step_failed", run=str(run_id), step=run.step, error=repr(error))
    run.failures += 1
    run.error = (str(error) if isinstance(error, TrothError) else type(error).__name__)[:300]
    run.updated_at = now
    if run.failures >= MAX_FAILURES:
        run.state, run.due_at = RunState.STUCK, None
    else:
        run.due_at = now + timedelta(minutes=2**run.failures)
    run.save(update_fields=["failures", "error", "state", "due_at", "updated_at"])


def _values(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
