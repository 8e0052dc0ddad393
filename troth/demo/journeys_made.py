"""Journeys of the demonstration: the ready-made ones, gone through by its people over the last weeks.

Every message goes to the sink, never out. That people bought, and when, is the data's; the rest is made up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.activity import queries as activity
from troth.care.journeys import queries, services, starters, sweeping
from troth.care.journeys.asking import members
from troth.care.journeys.compiled import CompiledJourney
from troth.care.journeys.document import shapes
from troth.care.journeys.document.reading import as_text, draft_values
from troth.care.journeys.engine import newest
from troth.care.journeys.entering import Candidate, admit
from troth.care.journeys.errors import JourneyNotFoundError
from troth.care.journeys.tallies import Tallies
from troth.care.models import Journey
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.customers.models import ConsentPurpose
from troth.insights import queries as insights
from troth.kit import clock
from troth.messaging import queries as messaging
from troth.messaging import services as messages
from troth.messaging.delivering import deliver
from troth.staff import queries as staff

WEEKS = 4
SINK = "sink"
MARKETING = ConsentPurpose.MARKETING.value
RUNNING = (
    "first-repeat", "birthday", "lunar-birthday", "anniversary", "spring-festival", "mid-autumn", "points-expiring",
    "sleeping", "lost", "welcome", "after-complaint", "after-low-score", "after-high-score",
)  # fmt: skip
REHEARSED = "first-repeat"
MEASURED = ("sleeping", "first-repeat")
MEASURED_DAYS = 7
CONTROL_PERCENT = 10
PAGE = 1_000


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Publish the ready-made journeys and let the last weeks' people go through them; done again, it adds nothing."""
    now = staff.company().moment(now)  # the day on which the demonstration stands still
    started_at = now - timedelta(weeks=WEEKS)
    journeys = [
        newest(row)
        for code in RUNNING
        if not _is_there(code) and not starters.missing(code)
        if (row := _begun(code, actor, started_at, now)) is not None
    ]
    if not journeys:
        return
    _keep_some_out(actor, started_at)
    buyers = _audiences(journeys, now)
    for days in range(WEEKS * 7 + 1):
        # Conditions know only today, so that a look a week is enough for them.
        due = [one for one in journeys if days % 7 == 0 or not isinstance(one.document.entry, shapes.MatchEntry)]
        _day(due, started_at + timedelta(days=days), actor, buyers)
    for code in MEASURED:
        _measure(code, actor, now)
    if spans := messaging.control_group().spans:
        messages.measure_control(days=spans[-1], actor=actor, now=now)


def _keep_some_out(actor: Actor, at: datetime) -> None:
    """Keep some out of all offers from the first week on, so that there is something to compare with."""
    version, terms = messaging.in_force()
    if not terms.control_percent:
        kept = replace(terms, control_percent=CONTROL_PERCENT)
        messages.save_policy(terms=kept, note="", expected_version=version, actor=actor, now=at)


def _measure(code: str, actor: Actor, now: datetime) -> None:
    """Have the groups of a journey's split compared over the days that the weeks leave."""
    if not _is_there(code) or insights.latest_run() is None:
        return
    row = services.measure(
        actor=actor, now=now, journey_id=queries.journey_by_code(code).id, days=MEASURED_DAYS, in_background=False
    )
    services.work_out(actor=actor, now=now, trial_id=row.id)


def _audiences(journeys: Sequence[CompiledJourney], now: datetime) -> dict[UUID, set[UUID]]:
    """Return who is meant at all by each journey that orders let people into: asked once, not for every order."""
    return {
        one.journey_id: members(one.audience, one.fields, now, None)
        for one in journeys
        if isinstance(one.document.entry, shapes.EventEntry) and one.audience is not None
    }


def _is_there(code: str) -> bool:
    try:
        queries.journey_by_code(code)
    except JourneyNotFoundError:
        return False
    return True


def _begun(code: str, actor: Actor, at: datetime, now: datetime) -> Journey | None:
    raw = draft_values(starters.text_of(code))
    _to_the_sink(raw["steps"])
    journey = services.create_journey(actor=actor, now=at, text=as_text(raw))
    if code == REHEARSED:
        row = services.rehearse(
            actor=actor, now=now, journey_id=journey.id, since=now - timedelta(days=14), in_background=False
        )
        services.play_rehearsal(actor=actor, now=now, rehearsal_id=row.id)
    services.publish(actor=actor, now=at, journey_id=journey.id)
    return queries.journey(journey.id)


def _to_the_sink(steps: Sequence[dict[str, Any]]) -> None:
    """Have every message of these steps, and of those within them, sent to the sink."""
    for step in steps:
        if step["type"] in ("message", "survey"):
            step["channels"] = [SINK]
        for part in (*step.get("ways", ()), *step.get("arms", ())):
            _to_the_sink(part.get("steps", ()))
        for name in shapes.FIXED_LISTS:
            _to_the_sink(step.get(name, ()))


def _day(journeys: Sequence[CompiledJourney], now: datetime, actor: Actor, buyers: Mapping[UUID, set[UUID]]) -> None:
    """Let in whose day it is, move everybody on, and hand over what is due."""
    for journey in journeys:
        found = iter(_candidates(journey, now, buyers))
        while page := list(islice(found, PAGE)):
            _agree([one.owner_id for one in page], actor, now)
            with transaction.atomic():
                tallies = Tallies()
                admit(journey, page, actor=actor, now=now, tallies=tallies)
                tallies.write()
    while services.advance(actor=actor, now=now).people:
        pass
    while deliver(SINK, actor=actor, now=now):
        pass


def _agree(owner_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Let two of three of those who were never asked agree to offers; that they did is made up."""
    people = customers.contactables(owner_ids, purposes=[MARKETING], kinds=())
    for owner_id, person in people.items():
        if not person.consents and owner_id.int % 3:
            customer_services.record_consent(
                actor=actor,
                now=now,
                customer_id=owner_id,
                purpose=MARKETING,
                is_given=True,
                source="demo",
                proof="made up",
            )


def _candidates(journey: CompiledJourney, now: datetime, buyers: Mapping[UUID, set[UUID]]) -> Iterator[Candidate]:
    """Yield whom the day lets in; orders of the day stand for the events that history has none of."""
    entry = journey.document.entry
    day = clock.business_date(now, staff.company().time_zone)
    if isinstance(entry, shapes.DateEntry | shapes.MatchEntry):
        yield from sweeping.candidates(journey, sorted(sweeping.whose_day(journey, day, now)), day)
    elif isinstance(entry, shapes.EventEntry) and entry.event == "activity.order.recorded":
        orders = activity.orders().filter(order_date=day).order_by("occurred_at", "id")
        meant = buyers.get(journey.journey_id)
        for order_id, owner_id in orders.values_list("id", "owner_id"):
            if meant is None or owner_id in meant:
                yield _buyer(order_id, owner_id, now)


def _buyer(order_id: UUID, owner_id: UUID, now: datetime) -> Candidate:
    return Candidate(owner_id, now, facts={"order": str(order_id), "is_history": False})
