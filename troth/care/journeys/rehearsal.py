"""A draft replayed over the past, in memory: who would have got what and when, what would have stopped it, the cost.

Who enters and which events happened are those of the past; conditions over customers are judged by what is known of
them now, and every message alone, as if the others of the rehearsal had not been sent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from troth.care.models import JourneyRehearsal, RehearsedAct, RunState
from troth.kit import clock
from troth.kit.ids import new_id
from troth.messaging import services as messaging
from troth.staff import queries as staff

from . import past, sweeping
from .acts import Done, intent_of, invitation_of, with_numbers
from .asking import Asked, answers
from .compiled import CompiledJourney, compile_journey
from .document import shapes
from .document.reading import read_document
from .entering import Candidate, Earlier, place_of
from .keeping_out import kept_out
from .log_reading import entry_event, meant
from .people import people
from .travelling import Happening, Person, Traveller
from .walking import walk

PAGE = 2_000
MOST_PEOPLE = 200_000
MOST_ROWS = 20_000
"""So many single acts are kept to look at; the totals count all."""


@dataclass(slots=True)
class _Totals:
    """What came out, as it is stored."""

    entered: int = 0
    finished: int = 0
    turned_away: Counter[str] = field(default_factory=Counter)
    steps: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    gates: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    coupons: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    exits: Counter[str] = field(default_factory=Counter)
    is_cut: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "entered": self.entered,
            "finished": self.finished,
            "turned_away": dict(self.turned_away),
            "steps": {step: dict(counts) for step, counts in self.steps.items()},
            "gates": dict(self.gates),
            "channels": dict(self.channels),
            "points": dict(self.points),
            "coupons": dict(self.coupons),
            "days": dict(sorted(self.days.items())),
            "exits": dict(self.exits),
            "is_cut": self.is_cut,
        }


@dataclass(slots=True)
class Act:
    """One thing that somebody would have got. intent: of a message, to be judged."""

    owner_id: UUID
    step: str
    act: str
    happened_at: datetime
    outcome: str = "done"
    channel: str = ""
    gate: str = ""
    intent: messaging.Intent | None = None


def play(rehearsal: JourneyRehearsal, *, now: datetime, report: sweeping.Report = lambda _done: None) -> dict[str, Any]:
    """Replay a rehearsal's document, store single acts, and return the totals.

    report: called now and then with how many people were gone through; may raise to stop.

    Raises:
        JourneyInvalidError: the document cannot be a journey.
    """
    document = read_document(rehearsal.text)
    journey = compile_journey(document, journey_id=rehearsal.journey_id, version_id=rehearsal.id, number=0)
    totals, kept, done = _Totals(), 0, 0
    RehearsedAct.objects.filter(rehearsal=rehearsal).delete()
    entering = iter(_enter(journey, rehearsal, totals, now))
    while page := list(islice(entering, PAGE)):
        acts = _go(page, journey, rehearsal.until_at, totals, now)
        _judge(acts, totals)
        rows = [_row(rehearsal, one) for one in acts[: max(0, MOST_ROWS - kept)]]
        RehearsedAct.objects.bulk_create(rows, batch_size=1_000)
        kept, done = kept + len(rows), done + len(page)
        totals.is_cut = totals.is_cut or len(rows) < len(acts)
        report(done)
    return totals.as_json() | {"message_cost": _cost(totals.channels, rehearsal.prices)}


def _cost(channels: Mapping[str, int], prices: Mapping[str, str]) -> str | None:
    """Return what the messages would have cost, None where no channel has a price."""
    if not prices:
        return None
    return format(sum((Decimal(prices.get(code, "0")) * count for code, count in channels.items()), Decimal(0)), "f")


# --- who would have entered


def _enter(
    journey: CompiledJourney, rehearsal: JourneyRehearsal, totals: _Totals, now: datetime
) -> Iterator[Traveller]:
    """Yield whoever would have entered, by the rule of re-entry among themselves, in the order of their moments."""
    earlier: dict[UUID, list[Earlier]] = defaultdict(list)
    candidates = iter(sorted(_candidates(journey, rehearsal, now), key=lambda one: (one.moment, one.owner_id)))
    while page := list(islice(candidates, PAGE)):
        whose = people(one.owner_id for one in page)
        for one, holds in zip(page, _is_audience(journey, page, whose, now), strict=True):
            reason = _reason(journey, one, whose.get(one.owner_id), holds=holds)
            place = None if reason else place_of(journey, one.key, one.moment, earlier[whose[one.owner_id].id])
            if reason or isinstance(place, str) or place is None:
                totals.turned_away[reason or str(place)] += 1
                continue
            if totals.entered >= MOST_PEOPLE:
                totals.is_cut = True
                return
            totals.entered += 1
            person = whose[one.owner_id]
            # Whoever is still under way is not known before the walk: within it, each occasion stands for itself.
            earlier[person.id].append(Earlier(place.entry_key, place.lane, False, one.moment))
            yield _traveller(journey, one, place.entry_key, person)


def _candidates(journey: CompiledJourney, rehearsal: JourneyRehearsal, now: datetime) -> Iterator[Candidate]:
    entry, since, until = journey.document.entry, rehearsal.since_at, rehearsal.until_at
    if event := entry_event(journey):
        key = entry.key if isinstance(entry, shapes.EventEntry) else ""
        for found in meant(journey, past.happened(event, since, until), now):
            value = str(found.data.get(key, "")) if key else ""
            yield Candidate(found.owner_id, found.occurred_at, value, found.data, found.id)
    elif isinstance(entry, shapes.DateEntry | shapes.MatchEntry):
        zone = staff.company().time_zone
        day, last = clock.business_date(since, zone), clock.business_date(until, zone)
        while day <= last:
            yield from sweeping.candidates(journey, sorted(sweeping.whose_day(journey, day, now)), day)
            if isinstance(entry, shapes.MatchEntry):
                return  # who met it on past days is not known any more: those of now enter on the first day
            day += timedelta(days=1)


def _is_audience(
    journey: CompiledJourney, page: Sequence[Candidate], whose: Mapping[UUID, Person], now: datetime
) -> list[bool]:
    if journey.audience is None:
        return [True] * len(page)
    asked = [
        Asked(whose[one.owner_id].records if one.owner_id in whose else (one.owner_id,), one.facts) for one in page
    ]
    return answers(journey.audience, asked, journey.fields, now)


def _reason(journey: CompiledJourney, one: Candidate, person: Person | None, *, holds: bool) -> str:
    if person is None or person.is_erased:
        return "unknown" if person is None else "erased"
    if person.refuses_automation and not journey.document.service_only:
        return "automation_refused"
    return "" if holds else "audience"


def _traveller(journey: CompiledJourney, one: Candidate, entry_key: str, person: Person) -> Traveller:
    return Traveller(
        run_id=new_id(),
        owner_id=person.id,
        journey=journey,
        entry_key=entry_key,
        facts=one.facts,
        step=journey.first,
        step_at=one.moment,
        moment=one.moment,
        entered_at=one.moment,
        person=person,
        entry_event_id=one.event_id,
    )


# --- what they would have got


def _go(
    page: Sequence[Traveller], journey: CompiledJourney, until: datetime, totals: _Totals, now: datetime
) -> list[Act]:
    world = _Past(until, _exits(page, journey, until), totals, now)
    walk(page, world)
    for one in page:
        for visit in one.visits:
            totals.steps[visit.step][visit.outcome] += 1
        if one.state == RunState.FINISHED:
            totals.finished += 1
        elif one.is_over:
            totals.exits[one.end_reason] += 1
    return world.acts


class _Past:
    """The past: nothing is done, only noted; whoever would have left by an event leaves."""

    def __init__(
        self, until: datetime, exits: Mapping[UUID, tuple[datetime, str]], totals: _Totals, now: datetime
    ) -> None:
        self.now = until
        self.asked_at = now
        self.acts: list[Act] = []
        self._exits = exits
        self._totals = totals

    def is_late(self, one: Traveller) -> bool:
        """Tell whether an act comes too late: never, in the past everything was in time."""
        return False

    def act(self, step: Any, journey: CompiledJourney, travellers: Sequence[Traveller]) -> list[Done]:
        intents: dict[UUID, messaging.Intent] = {}
        there = [one for one in travellers if not self._has_left(one)]
        if isinstance(step, shapes.Message | shapes.Webhook):
            found = with_numbers([intent_of(step, journey, one) for one in there])
            intents = {one.run_id: intent for one, intent in zip(there, found, strict=True)}
        elif isinstance(step, shapes.AskSurvey):
            intents = {one.run_id: invitation_of(step, journey, one) for one in there}
        if isinstance(step, shapes.Points | shapes.Coupon):
            return self._give(step, journey, there, travellers)
        for one in there:
            self.acts.append(Act(one.owner_id, step.id, step.type, one.moment, intent=intents.get(one.run_id)))
        return [Done("invited" if isinstance(step, shapes.AskSurvey) else "done")] * len(travellers)

    def _give(
        self,
        step: shapes.Points | shapes.Coupon,
        journey: CompiledJourney,
        there: Sequence[Traveller],
        travellers: Sequence[Traveller],
    ) -> list[Done]:
        """Note who would get it and who would be kept out by chance, by the rules of now."""
        whose = [one.person.id for one in there]
        out = kept_out(step, journey.code, whose, now=self.asked_at, is_noted=False)
        came = {one.run_id: Done("kept_out" if one.person.id in out else "done") for one in there}
        for one in there:
            self.acts.append(Act(one.owner_id, step.id, step.type, one.moment, came[one.run_id].outcome))
        given = sum(found.outcome == "done" for found in came.values())
        if isinstance(step, shapes.Points):
            self._totals.points[step.currency] += step.amount * given
        else:
            self._totals.coupons[step.campaign] += given
        return [came.get(one.run_id, Done()) for one in travellers]

    def start(self, journey: str, travellers: Sequence[Traveller]) -> list[Done]:
        self.acts += [Act(one.owner_id, one.step, "start", one.moment) for one in travellers if not self._has_left(one)]
        return [Done()] * len(travellers)

    def stop(self, journey: str, travellers: Sequence[Traveller]) -> list[Done]:
        self.acts += [Act(one.owner_id, one.step, "stop", one.moment) for one in travellers if not self._has_left(one)]
        return [Done()] * len(travellers)

    def happened(self, event: str, travellers: Sequence[Traveller]) -> Mapping[UUID, Sequence[Happening]]:
        since = min(one.step_at for one in travellers)
        by_person = past.of_people(event, {one.person.id: one.person.records for one in travellers}, since, self.now)
        return {one.run_id: by_person.get(one.person.id, []) for one in travellers}

    def _has_left(self, one: Traveller) -> bool:
        leaving = self._exits.get(one.run_id)
        if leaving is None or leaving[0] > one.moment:
            return False
        if not one.is_over:
            one.end(RunState.EXITED, leaving[1])
        return True


def _exits(page: Sequence[Traveller], journey: CompiledJourney, until: datetime) -> dict[UUID, tuple[datetime, str]]:
    """Return when each would have left by an event, and by which exit."""
    rules = [(found.code, found.event, found.same_key) for found in journey.exits if found.event]
    goal = journey.document.goal
    if goal is not None and goal.ends:
        rules.append(("goal", goal.event, goal.same_key))
    found: dict[UUID, tuple[datetime, str]] = {}
    if not rules or not page:
        return found
    records = {one.person.id: one.person.records for one in page}
    since = min(one.entered_at for one in page)
    for code, event, same_key in rules:
        by_person = past.of_people(event, records, since, until)
        for one in page:
            for happening in by_person.get(one.person.id, []):
                is_same = not same_key or str(happening.data.get(same_key, "")) == one.entry_value
                if happening.occurred_at > one.entered_at and happening.id != one.entry_event_id and is_same:
                    known = found.get(one.run_id)
                    if known is None or happening.occurred_at < known[0]:
                        found[one.run_id] = (happening.occurred_at, code)
                    break
    return found


# --- which gate would have stopped it


def _judge(acts: list[Act], totals: _Totals) -> None:
    """Ask the send decision about every message, as of its hour, and count."""
    zone = staff.company().time_zone
    messages = sorted((one for one in acts if one.intent is not None), key=lambda one: one.happened_at)
    for hour, together in groupby(messages, key=lambda one: _hour(one.happened_at)):
        batch = list(together)
        decisions = messaging.decide([one.intent for one in batch if one.intent], now=hour)
        for one, decision in zip(batch, decisions, strict=True):
            one.outcome, one.channel = decision.outcome.value, decision.channel
            stopping = [verdict.gate for verdict in decision.verdicts if verdict.result is messaging.Result.STOP]
            delaying = [verdict.gate for verdict in decision.verdicts if verdict.result is messaging.Result.DELAY]
            one.gate = next(iter([*stopping, *delaying]), "")
    for one in messages:
        totals.steps[one.step][f"message_{one.outcome}"] += 1
        if one.gate:
            totals.gates[one.gate] += 1
        if one.channel:
            totals.channels[one.channel] += 1
            totals.days[clock.business_date(one.happened_at, zone).isoformat()] += 1


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _row(rehearsal: JourneyRehearsal, one: Act) -> RehearsedAct:
    return RehearsedAct(
        rehearsal=rehearsal,
        owner_id=one.owner_id,
        step=one.step,
        act=one.act,
        happened_at=one.happened_at,
        outcome=one.outcome,
        channel=one.channel,
        gate=one.gate,
    )
