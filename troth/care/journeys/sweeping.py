"""Entries by days and conditions: looked for once for each day of the company's, each person at their own time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.care.models import Journey, JourneyState
from troth.customers import queries as customers
from troth.kit import clock, festivals
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import EVERYBODY
from troth.ledger import queries as ledger
from troth.staff import queries as staff

from .asking import members
from .compiled import CompiledJourney
from .document import shapes
from .engine import newest
from .entering import Candidate, admit
from .moments import local_moment
from .people import people
from .tallies import Tallies

PAGE = 2_000
CATCH_UP_DAYS = 3
"""A worker that stood still looks for those whose day was so many days ago; what is older is let pass."""

Report = Callable[[int], None]


def sweep(*, actor: Actor, now: datetime, report: Report = lambda _done: None) -> int:
    """Let in whoever's day has come in all journeys; return how many entered. Called again, nobody enters twice.

    report: called between transactions with how many were looked at; may raise to stop.
    """
    entered = looked_at = 0
    today = staff.company().today(now)
    for row in Journey.objects.filter(state=JourneyState.RUNNING).order_by("code"):
        journey = newest(row)
        if not isinstance(journey.document.entry, shapes.DateEntry | shapes.MatchEntry):
            continue
        for day in _days(row.last_swept_date, today):
            for count, is_in in _let_in(journey, day, today, actor, now):
                entered += is_in
                looked_at += count
                report(looked_at)
            Journey.objects.filter(id=row.id).update(last_swept_date=day)
    return entered


def _days(last: date | None, today: date) -> list[date]:
    first = today if last is None else max(last + timedelta(days=1), today - timedelta(days=CATCH_UP_DAYS))
    return [first + timedelta(days=offset) for offset in range((today - first).days + 1)]


def _let_in(journey: CompiledJourney, day: date, today: date, actor: Actor, now: datetime) -> Iterator[tuple[int, int]]:
    """Let in those whose day it is, page by page; yield how many were looked at and how many entered."""
    found = whose_day(journey, day, now) if day == today or _is_by_date(journey) else []
    pages = iter(sorted(found))
    while page := list(islice(pages, PAGE)):
        with transaction.atomic():
            tallies = Tallies()
            verdicts = admit(journey, candidates(journey, page, day), actor=actor, now=now, tallies=tallies)
            tallies.write()
        yield len(page), sum(verdict == "entered" for verdict in verdicts.values())


def _is_by_date(journey: CompiledJourney) -> bool:
    return isinstance(journey.document.entry, shapes.DateEntry)


def candidates(journey: CompiledJourney, owner_ids: Sequence[UUID], day: date) -> list[Candidate]:
    """Return them as candidates for a day, each at the entry's time of their own day."""
    entry = journey.document.entry
    assert isinstance(entry, shapes.DateEntry | shapes.MatchEntry), "asked only of these"
    whose = people(owner_ids)
    occasion = occasion_of(entry, day)
    key = "" if journey.document.reentry.rule == "never" else occasion.isoformat()
    facts = {"date": occasion.isoformat()}
    return [
        Candidate(owner_id, local_moment(day, entry.at, whose[owner_id].zone), key, facts)
        for owner_id in owner_ids
        if owner_id in whose
    ]


def occasion_of(entry: shapes.DateEntry | shapes.MatchEntry, day: date) -> date:
    """Return the day that an entry on `day` is about: the birthday some days later, the purchase some days ago."""
    return day - timedelta(days=entry.days) if isinstance(entry, shapes.DateEntry) else day


def whose_day(journey: CompiledJourney, day: date, now: datetime) -> set[UUID]:
    """Return the customers whom a journey means on a day; its audience is not asked here."""
    entry = journey.document.entry
    if isinstance(entry, shapes.MatchEntry):
        return members(read(entry.when, journey.fields, is_stored=True), journey.fields, now, None)
    assert isinstance(entry, shapes.DateEntry), "the others know no days"
    occasion = occasion_of(entry, day)
    match entry.of:
        case "birthday" | "lunar_birthday":
            people_ = customers.birthday_people(occasion).filter(is_lunar_birthday=entry.of == "lunar_birthday")
            return set(people_.values_list("id", flat=True))
        case "anniversary":
            return set(customers.anniversary_people(occasion).values_list("id", flat=True))
        case "points_expiry":
            return _points_ending(entry.currency, occasion)
        case "festival":
            country = staff.company().country
            is_kept = bool(festivals.occurrences(entry.festival, occasion, occasion, country=country))
            return members(EVERYBODY, journey.fields, now, None) if is_kept else set()
        case _:
            return _bought(f"orders.{entry.of.split('_')[0]}_date", occasion, journey, now)


def _bought(field: str, occasion: date, journey: CompiledJourney, now: datetime) -> set[UUID]:
    raw: dict[str, Any] = {"field": field, "operator": "on", "value": occasion.isoformat()}
    return members(read(raw, journey.fields, is_stored=True), journey.fields, now, None)


def _points_ending(currency: str, occasion: date) -> set[UUID]:
    """Return whose points can be spent on the day for the last time; an end at midnight is that of the day before."""
    zone, instant = ledger.currency(currency).time_zone, timedelta(microseconds=1)
    start = clock.day_start(occasion, zone) + instant
    end = clock.day_start(occasion + timedelta(days=1), zone) + instant
    return set(customers.canonical_ids(ledger.ending_owner_ids(currency, start, end)).values())
