"""Journeys: who goes on by time on a day, and whose day lets them in."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.care.journeys.asking import members
from troth.care.journeys.compiled import CompiledJourney
from troth.care.journeys.document.shapes import DateEntry
from troth.care.journeys.engine import newest
from troth.care.journeys.sweeping import whose_day
from troth.care.models import Journey, JourneyRun, JourneyState, RunState
from troth.customers import queries as customers
from troth.insights import queries as insights
from troth.kit import festivals
from troth.ledger import queries as ledger

from .. import source
from ..source import Frame, People, Source, Tally

MOST_ASKED = 50_000
"""Up to so many people of a month the audience is asked about: a calendar is looked at, not waited for."""


def register() -> None:
    """Register both."""
    source.register(
        Source("journey", _("Journeys"), "route", Permission.JOURNEYS_VIEW, _due, _due_people, 40, is_sent=True),
        Source("entry", _("Enter a journey"), "login-2", Permission.JOURNEYS_VIEW, _entries, _entry_people, 35),
    )


# --- on the way


def _due(since: date, until: date, frame: Frame) -> Sequence[Tally]:
    start, end = frame.moments(since, until)
    rows = (
        _moving()
        .filter(due_at__gte=start, due_at__lt=end)
        .annotate(day=TruncDate("due_at", tzinfo=ZoneInfo(frame.zone)))
        .values_list("day", "journey_id")
        .annotate(count=Count("owner_id", distinct=True))
    )
    names = _names({journey_id for _day, journey_id, _count in rows})
    return [Tally(day, count, str(journey_id), names[journey_id]) for day, journey_id, count in rows]


def _due_people(day: date, ref: str, frame: Frame) -> QuerySet[Any, Any]:
    start, end = frame.moments(day, day)
    found = _moving().filter(due_at__gte=start, due_at__lt=end, journey_id=ref)
    return found.order_by("owner_id").values_list("owner_id", flat=True).distinct()


def _moving() -> QuerySet[JourneyRun]:
    return JourneyRun.objects.filter(state=RunState.ACTIVE, journey__state=JourneyState.RUNNING).order_by()


def _names(journey_ids: set[Any]) -> dict[Any, str]:
    return {one.id: str(one) for one in Journey.objects.filter(id__in=journey_ids)}


# --- whose day it will be


def _entries(since: date, until: date, frame: Frame) -> Sequence[Tally]:
    """Return whom running journeys will look at on the days to come, before their audience and re-entry are asked."""
    since = max(since, frame.today + timedelta(days=1))
    found = []
    for row, entry in _by_date():
        shift = timedelta(days=entry.days)
        counts = _COUNTS[entry.of](entry, since - shift, until - shift, frame).items()
        days = {day + shift: count for day, count in counts if count and since <= day + shift <= until}
        asked = _of_audience(newest(row), days, frame)
        label = gettext("Enter “%(journey)s”") % {"journey": row}
        for day, count in (days if asked is None else asked).items():
            if count:
                found.append(Tally(day, count, str(row.id), label, _NOTE if asked is None else _ASKED))
    return found


def _of_audience(journey: CompiledJourney, days: Iterable[date], frame: Frame) -> dict[date, int] | None:
    """Return how many of those whose day it is are in the audience; None if they are too many to ask, or all are."""
    if journey.audience is None:
        return None
    people = {day: whose_day(journey, day, frame.now) for day in days}
    everybody = set().union(*people.values())
    if len(everybody) > MOST_ASKED:
        return None
    meant = _meant(journey, everybody, frame)
    return {day: len(found & meant) for day, found in people.items()}


def _meant(journey: CompiledJourney, people: set[UUID], frame: Frame) -> set[UUID]:
    """Return those of the customers that are in the journey's audience."""
    if journey.audience is None or not people:
        return people
    records = {record for group in customers.record_groups(people).values() for record in group}
    return members(journey.audience, journey.fields, frame.now, records) & people


def _entry_people(day: date, ref: str, frame: Frame) -> People:
    row = next((one for one, _entry in _by_date() if str(one.id) == ref), None)
    if row is None:
        return []
    journey = newest(row)
    people = whose_day(journey, day, frame.now)
    return sorted(_meant(journey, people, frame) if len(people) <= MOST_ASKED else people)


def _by_date() -> list[tuple[Journey, DateEntry]]:
    rows = Journey.objects.filter(state=JourneyState.RUNNING).order_by("code")
    found = [(row, newest(row).document.entry) for row in rows]
    return [(row, entry) for row, entry in found if isinstance(entry, DateEntry)]


def _birthdays(entry: DateEntry, since: date, until: date, _frame: Frame) -> dict[date, int]:
    return customers.birthday_counts(since, until, by_lunar=entry.of == "lunar_birthday")


def _anniversaries(_entry: DateEntry, since: date, until: date, _frame: Frame) -> dict[date, int]:
    return customers.anniversary_counts(since, until)


def _festival(entry: DateEntry, since: date, until: date, frame: Frame) -> dict[date, int]:
    days = festivals.occurrences(entry.festival, since, until, country=frame.country)
    return dict.fromkeys(days, customers.customers_matching(customers.CustomerFilter()).count()) if days else {}


def _points(entry: DateEntry, since: date, until: date, frame: Frame) -> dict[date, int]:
    days = ledger.ending_days(*frame.moments(since, until), zone=frame.zone)
    return {one.date: one.owners for one in days if one.currency == entry.currency}


def _purchases(entry: DateEntry, since: date, until: date, frame: Frame) -> dict[date, int]:
    """Return by the last analysis whose first or last purchase was when; later purchases move the last one."""
    column = f"{entry.of.split('_')[0]}_purchase_date"
    rows = insights.people(insights.People(), as_of=frame.today).filter(**{f"{column}__range": (since, until)})
    return dict(rows.order_by().values_list(column).annotate(count=Count("pk")))


_COUNTS: dict[str, Callable[[DateEntry, date, date, Frame], dict[date, int]]] = {
    "birthday": _birthdays,
    "lunar_birthday": _birthdays,
    "anniversary": _anniversaries,
    "first_purchase": _purchases,
    "last_purchase": _purchases,
    "festival": _festival,
    "points_expiry": _points,
}
_ASKED = _("Whose day it is and who is in the audience, before how often one may enter is asked.")
_NOTE = _("Whose day it is, before the audience and how often one may enter are asked.")
