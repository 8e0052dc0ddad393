"""Reading the event log: who enters, who is woken, who leaves by an exit, who reached the goal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.care.models import Journey, JourneyCursor, JourneyRun, JourneyState, RunState
from troth.customers import queries as customers
from troth.events import queries as event_log
from troth.events import services as events
from troth.events.models import Event
from troth.events.services import NewEvent
from troth.kit.conditions.evaluating import holds
from troth.kit.conditions.reading import read
from troth.segments import queries as segments

from . import compiled, recalling
from .compiled import CompiledJourney
from .document import shapes
from .engine import newest
from .entering import Candidate, admit
from .fields import event_catalogue, record_of
from .tallies import ENTRY, GOAL, LEFT, Tallies
from .travelling import Happening

H = TypeVar("H", bound=Happening)

PAGE = 2_000
CURSOR = "journeys"
SEGMENT_ENTERED = "segments.member.entered"


@dataclass(frozen=True, slots=True)
class _Open:
    """A journey that lets people in by events: its newest version, and from when on."""

    journey: CompiledJourney
    since: datetime
    event: str


@dataclass(frozen=True, slots=True)
class _Interest:
    """What the log is read for. moving: versions that have steps, exits or goals by events."""

    entries: Mapping[str, Sequence[_Open]]
    moving: Mapping[UUID, CompiledJourney]
    moving_names: frozenset[str]

    @property
    def names(self) -> set[str]:
        return {*self.entries, *self.moving_names}


def place_cursor(now: datetime) -> None:
    """Begin to read the log here, if nobody has begun yet: the past lets nobody in."""
    JourneyCursor.objects.get_or_create(name=CURSOR, defaults={"last_event_id": event_log.newest_id(), "read_at": now})


@transaction.atomic
def read_log(*, actor: Actor, now: datetime, limit: int = PAGE) -> int | None:
    """Read on in the log, at most so many events that concern journeys; None if there is nothing more to read.

    What the events cause and the new place in the log stand in one transaction, so that no event counts twice. Where
    another worker reads already there is nothing to do.
    """
    cursor = JourneyCursor.objects.select_for_update(skip_locked=True).filter(name=CURSOR).first()
    if cursor is None:
        return None
    interest = _interest()
    found, last = event_log.appended(cursor.last_event_id, event_log.newest_id(), names=interest.names, limit=limit)
    if found:
        whose = customers.canonical_ids(event.owner_id for event in found)
        concerning = [event for event in found if event.owner_id in whose]
        tallies = Tallies()
        _move(interest, concerning, whose, actor, now, tallies)
        _let_in(interest, concerning, actor, now, tallies)
        tallies.write()
    cursor.last_event_id, cursor.read_at = last, now
    cursor.save(update_fields=["last_event_id", "read_at"])
    return len(found) if len(found) == limit else None


def _interest() -> _Interest:
    entries: dict[str, list[_Open]] = defaultdict(list)
    moving: dict[UUID, CompiledJourney] = {}
    names: set[str] = set()
    rows = Journey.objects.filter(state__in=[JourneyState.RUNNING, JourneyState.PAUSED]).order_by("code")
    for row in rows.prefetch_related("versions"):
        for version in row.versions.all():
            journey = compiled.version(version.id)
            if wanted := set(journey.events()):
                moving[version.id] = journey
                names |= wanted
        if row.state == JourneyState.RUNNING and row.open_since_at is not None:
            journey = newest(row)
            if event := entry_event(journey):
                entries[event].append(_Open(journey, row.open_since_at, event))
    return _Interest(entries, moving, frozenset(names))


def entry_event(journey: CompiledJourney) -> str:
    """Return the event by which people enter, "" where they enter otherwise."""
    entry = journey.document.entry
    if isinstance(entry, shapes.SegmentEntry):
        return SEGMENT_ENTERED
    return entry.event if isinstance(entry, shapes.EventEntry) else ""


# --- entries


def _let_in(interest: _Interest, found: Sequence[Event], actor: Actor, now: datetime, tallies: Tallies) -> None:
    by_name: dict[str, list[Event]] = defaultdict(list)
    for event in found:
        by_name[event.name].append(event)
    for name, journeys in interest.entries.items():
        for one in journeys if name in by_name else ():
            happened = [event for event in by_name[name] if event.recorded_at >= one.since]
            candidates = candidates_of(one.journey, happened, now, tallies)
            if candidates:
                admit(one.journey, candidates, actor=actor, now=now, tallies=tallies)


def candidates_of(
    journey: CompiledJourney, happened: Sequence[Event], now: datetime, tallies: Tallies
) -> list[Candidate]:
    """Return who might enter by these events: by those that are meant and not long past."""
    entry = journey.document.entry
    assert isinstance(entry, shapes.EventEntry | shapes.SegmentEntry), "others enter by no event"
    oldest = now - timedelta(days=entry.stale_days)
    found = []
    for event in meant(journey, happened, now):
        if event.occurred_at < oldest:
            tallies.add(journey.version_id, ENTRY, "stale")
            continue
        key = str(event.data.get(entry.key, "")) if isinstance(entry, shapes.EventEntry) and entry.key else ""
        found.append(Candidate(event.owner_id, event.occurred_at, key, event.data, event.id))
    return found


def meant(journey: CompiledJourney, happened: Iterable[H], now: datetime) -> list[H]:
    """Return those of the entry's events that it means: of its segment, with the data it asks for."""
    entry = journey.document.entry
    if isinstance(entry, shapes.SegmentEntry):
        return [event for event in happened if event.data.get("segment") == entry.segment]
    if not isinstance(entry, shapes.EventEntry) or entry.where is None:
        return list(happened)
    fields = event_catalogue(entry.event)
    condition, when = read(entry.where, fields, is_stored=True), segments.as_of(now)
    return [event for event in happened if holds(condition, record_of(event.data), fields, when)]


# --- those under way


def _move(
    interest: _Interest,
    found: Sequence[Event],
    whose: Mapping[UUID, UUID],
    actor: Actor,
    now: datetime,
    tallies: Tallies,
) -> None:
    """Wake, lead out and mark whoever these events concern."""
    moving = [event for event in found if event.name in interest.moving_names]
    if not moving:
        return
    by_person: dict[UUID, list[Event]] = defaultdict(list)
    for event in moving:
        by_person[whose[event.owner_id]].append(event)
    groups = customers.record_groups(by_person)
    owners = {record: person for person, group in groups.items() for record in group}
    rows = JourneyRun.objects.filter(
        owner_id__among=list(owners), state=RunState.ACTIVE, version_id__in=list(interest.moving)
    )
    changed: list[JourneyRun] = []
    news: list[NewEvent] = []
    for run in rows.select_for_update().order_by("id"):
        mover = _Mover(run, interest.moving[run.version_id], tallies, now)
        for event in by_person[owners[run.owner_id]]:
            mover.meet(event)
        if mover.is_changed:
            changed.append(run)
            news += mover.news
    JourneyRun.objects.bulk_update(
        changed,
        ["state", "due_at", "goal_at", "ended_at", "end_reason", "awaits_event", "awaits_value", "updated_at"],
        batch_size=500,
    )
    events.append_many(news, actor=actor, now=now)
    left: dict[UUID, list[UUID]] = defaultdict(list)
    for run in changed:
        if run.state == RunState.EXITED:
            left[run.journey_id].append(run.id)
    for journey_id, runs in left.items():
        recalling.call_back(journey_id, runs, owners, actor=actor, now=now)


class _Mover:
    """One run that meets events."""

    def __init__(self, run: JourneyRun, journey: CompiledJourney, tallies: Tallies, now: datetime) -> None:
        self.run = run
        self.journey = journey
        self.tallies = tallies
        self.now = now
        self.is_changed = False
        self.news: list[NewEvent] = []
        entry = journey.document.entry
        key = entry.key if isinstance(entry, shapes.EventEntry) else ""
        self._value = str(run.facts.get(key, "")) if key else ""

    def meet(self, event: Event) -> None:
        """Note what an event means for the run."""
        run = self.run
        if run.state != RunState.ACTIVE or event.id == run.entry_event_id or event.occurred_at < run.entered_at:
            return
        self._goal(event)
        for found in self.journey.exits:
            if found.event == event.name and self._is_same(found.same_key, event):
                self._end(found.code, event.occurred_at)
                return
        is_awaited = run.awaits_event == event.name and event.occurred_at >= run.step_at
        if is_awaited and run.awaits_value in ("", self._key_of(event)) and run.due_at and run.due_at > self.now:
            # The engine looks the event up itself; here the person is only called.
            run.due_at = self.now
            self.is_changed = True

    def _goal(self, event: Event) -> None:
        goal, run = self.journey.document.goal, self.run
        if goal is None or run.goal_at is not None or event.name != goal.event:
            return
        is_in_time = event.occurred_at <= run.entered_at + timedelta(days=goal.within_days)
        if not is_in_time or not self._is_same(goal.same_key, event):
            return
        run.goal_at = event.occurred_at
        self.is_changed = True
        self.tallies.add(run.version_id, GOAL, "reached")
        self._tell("care.journey.reached")
        if goal.ends:
            self._end("goal", event.occurred_at)

    def _end(self, reason: str, at: datetime) -> None:
        run = self.run
        run.state, run.end_reason, run.ended_at, run.due_at = RunState.EXITED, reason, at, None
        run.awaits_event = run.awaits_value = ""
        run.updated_at = self.now
        self.is_changed = True
        self.tallies.add(run.version_id, LEFT, reason)
        self._tell("care.journey.left", reason=reason)

    def _is_same(self, same_key: str, event: Event) -> bool:
        return not same_key or str(event.data.get(same_key, "")) == self._value

    def _key_of(self, event: Event) -> str:
        step = self.journey.nodes[self.run.step].step
        if isinstance(step, shapes.AskSurvey):
            return str(event.data.get("survey", ""))
        same_key = step.same_key if isinstance(step, shapes.WaitFor) else ""
        return str(event.data.get(same_key, "")) if same_key else ""

    def _tell(self, name: str, **more: str) -> None:
        data = {"journey": self.journey.code, "version": self.journey.number, **more}
        self.news.append(NewEvent(name, self.run.owner_id, data))
