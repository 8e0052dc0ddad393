"""Letting people in: who may, how often, each occasion once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from troth.access.actors import Actor
from troth.care.models import JourneyRun, RunState
from troth.customers import services as customers
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit import rows
from troth.kit.json_text import json_text
from troth.kit.reading import fetch

from .asking import Asked, answers
from .compiled import CompiledJourney
from .people import people
from .tallies import ENTRY, Tallies
from .travelling import Person

MAX_KEY = 120
MOST_A_DAY = 50
"""So often somebody enters one journey within 24 hours. Journeys that start each other, or whose own acts let people in
again, would otherwise never come to rest.
"""
_COLUMNS = (
    "id", "owner_id", "journey_id", "version_id", "state", "entry_key", "lane", "entry_event_id", "facts", "step",
    "awaits_event", "awaits_value", "due_at", "step_at", "entered_at", "end_reason", "failures", "error", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might enter. key: the occasion, "" where there is none; moment: when it begins for them."""

    owner_id: UUID
    moment: datetime
    key: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run that somebody had before."""

    entry_key: str
    lane: str
    is_open: bool
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """What sets a new run apart from the person's others."""

    entry_key: str
    lane: str


def admit(
    journey: CompiledJourney, candidates: Sequence[Candidate], *, actor: Actor, now: datetime, tallies: Tallies
) -> dict[int, str]:
    """Let those in who may enter, in the caller's transaction; return for each, by its index, how it went.

    "entered"; or why not: "unknown", "erased", "automation_refused", "audience", "again" (was in before, and the rule
    says no), "under_way" (is in now), "too_often" (entered fifty times within a day).
    """
    customers.hold_customers(one.owner_id for one in candidates)
    found = people(one.owner_id for one in candidates)
    verdicts, meant = _barred(journey, candidates, found, now)
    records = {record for index in meant for record in found[candidates[index].owner_id].records}
    earlier = _earlier(journey.journey_id, records, found)
    places: dict[int, Place] = {}
    for index in meant:
        one = candidates[index]
        before = earlier[found[one.owner_id].id]
        place = place_of(journey, one.key[:MAX_KEY], one.moment, before)
        if isinstance(place, str):
            verdicts[index] = place
            continue
        places[index] = place
        before.append(Earlier(place.entry_key, place.lane, True, one.moment))
    entered = _insert(journey, [(candidates[index], found, place) for index, place in places.items()], now)
    for index, is_in in zip(places, entered, strict=True):
        verdicts[index] = "entered" if is_in else "under_way"
    _tell(journey, candidates, verdicts, actor, now)
    for verdict in verdicts.values():
        tallies.add(journey.version_id, ENTRY, verdict)
    return verdicts


def place_of(journey: CompiledJourney, key: str, moment: datetime, before: Sequence[Earlier]) -> Place | str:
    """Return the place of a new run by the rule of re-entry, or why there is none."""
    rule = journey.document.reentry
    lane = key if rule.rule == "each_key" else ""
    if any(one.is_open and one.lane == lane for one in before):
        return "under_way"
    if rule.rule == "never":
        return "again" if before else Place("", "")
    if key and any(one.entry_key == key for one in before):
        return "again"
    if rule.rule == "after_days" and before:
        last = max(one.entered_at for one in before)
        if moment < last + timedelta(days=rule.days or 0):
            return "again"
    if sum(one.entered_at > moment - timedelta(days=1) for one in before) >= MOST_A_DAY:
        return "too_often"
    return Place(key or f"#{len(before) + 1}", lane)


def _barred(
    journey: CompiledJourney, candidates: Sequence[Candidate], found: Mapping[UUID, Person], now: datetime
) -> tuple[dict[int, str], list[int]]:
    """Return why some may not enter, whatever the rule; and the indexes of the others."""
    verdicts: dict[int, str] = {}
    meant: list[int] = []
    for index, one in enumerate(candidates):
        person = found.get(one.owner_id)
        if person is None or person.is_erased:
            verdicts[index] = "erased" if person else "unknown"
        elif person.refuses_automation and not journey.document.service_only:
            verdicts[index] = "automation_refused"
        else:
            meant.append(index)
    if journey.audience is None or not meant:
        return verdicts, meant
    asked = [Asked(found[candidates[index].owner_id].records, candidates[index].facts) for index in meant]
    held = answers(journey.audience, asked, journey.fields, now)
    verdicts |= {index: "audience" for index, holds in zip(meant, held, strict=True) if not holds}
    return verdicts, [index for index, holds in zip(meant, held, strict=True) if holds]


def _earlier(
    journey_id: UUID, records: Iterable[UUID], found: Mapping[UUID, Person]
) -> defaultdict[UUID, list[Earlier]]:
    """Return the runs that each customer has had, on any record."""
    canonical = {record: person.id for person in found.values() for record in person.records}
    known = JourneyRun.objects.filter(owner_id__among=list(records), journey_id=journey_id)
    earlier: defaultdict[UUID, list[Earlier]] = defaultdict(list)
    for owner_id, key, lane, state, entered_at in fetch(
        known.values_list("owner_id", "entry_key", "lane", "state", "entered_at")
    ):
        is_open = state in (RunState.ACTIVE, RunState.STUCK)
        earlier[canonical[owner_id]].append(Earlier(key, lane, is_open, entered_at))
    return earlier


def _insert(
    journey: CompiledJourney, wanted: Sequence[tuple[Candidate, Mapping[UUID, Person], Place]], now: datetime
) -> list[bool]:
    """Store the runs and return which are new; what another worker stored meanwhile is left as it is."""
    if not wanted:
        return []
    made = [
        (
            rows.new_id_text(), found[one.owner_id].id, journey.journey_id, journey.version_id, RunState.ACTIVE.value,
            place.entry_key, place.lane, one.event_id, json_text(dict(one.facts)), journey.first,
            "", "", one.moment, one.moment, one.moment, "", 0, "", now,
        )
        for one, found, place in wanted
    ]  # fmt: skip
    rows.insert_missing(JourneyRun, _COLUMNS, sorted(made, key=lambda row: (str(row[1]), row[5])))
    ids = [UUID(str(row[0])) for row in made]
    stored = set(JourneyRun.objects.filter(Q(id__among=ids)).values_list("id", flat=True))
    return [run_id in stored for run_id in ids]


def _tell(
    journey: CompiledJourney,
    candidates: Sequence[Candidate],
    verdicts: Mapping[int, str],
    actor: Actor,
    now: datetime,
) -> None:
    data = {"journey": journey.code, "version": journey.number}
    news = [
        NewEvent("care.journey.entered", candidates[index].owner_id, {**data, "key": candidates[index].key})
        for index, verdict in verdicts.items()
        if verdict == "entered"
    ]
    events.append_many(news, actor=actor, now=now)
