"""Reading the care calendar: the days of a month with their festivals and numbers, and the people behind a number."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from troth.access.actors import Actor
from troth.kit import festivals
from troth.kit.festivals import DayKind, Festival, Gap
from troth.kit.lunar import LunarDate, lunar_date
from troth.staff import queries as staff

from .source import Frame, People, Source, Tally, find, registered

_MONDAY_TO_SUNDAY = 7
LUNAR_UNTIL = date(2100, 12, 31)
LUNAR_SINCE = date(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A number of a day: what it counts, and where it comes from."""

    source: Source
    tally: Tally

    @property
    def label(self) -> str:
        """Return what is counted."""
        return str(self.tally.label or self.source.label)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar. festivals: without days off and make-up workdays, which `kind` says."""

    date: date
    kind: DayKind
    lunar: LunarDate | None
    festivals: Sequence[Festival]
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a month, filled up to whole weeks; gaps: what no calendar knows of its year yet."""

    first: date
    weeks: Sequence[Sequence[Day]]
    gaps: Sequence[Gap]

    @property
    def days(self) -> list[Day]:
        """Return the days that belong to the month itself."""
        return [day for week in self.weeks for day in week if day.date.month == self.first.month]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing at all is due."""
        return not any(day.entries for day in self.days)


def frame(actor: Actor, now: datetime) -> Frame:
    """Return in whose days the calendar counts."""
    company = staff.company()
    return Frame(actor, company.time_zone, company.country, company.moment(now), company.today(now))


def month(first: date, *, actor: Actor, now: datetime) -> Month:
    """Return a month as somebody may see it; first: its first day."""
    since = first - timedelta(days=first.weekday())
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    until = last + timedelta(days=_MONDAY_TO_SUNDAY - 1 - last.weekday())
    seen = frame(actor, now)
    days = _days(since, until, seen)
    weeks = [days[index : index + _MONDAY_TO_SUNDAY] for index in range(0, len(days), _MONDAY_TO_SUNDAY)]
    return Month(first, weeks, festivals.gaps(first, last, country=seen.country))


def day(wanted: date, *, actor: Actor, now: datetime) -> Day:
    """Return one day as somebody may see it."""
    return _days(wanted, wanted, frame(actor, now))[0]


def entry(code: str, wanted: date, ref: str, *, actor: Actor, now: datetime) -> Entry | None:
    """Return one number of a day, None where there is none or it may not be seen."""
    source = find(code)
    if source is None or not actor.may(source.permission):
        return None
    tallies = source.count(wanted, wanted, frame(actor, now))
    return next((Entry(source, tally) for tally in tallies if tally.ref == ref), None)


def people(found: Entry, *, actor: Actor, now: datetime) -> People:
    """Return the ids of the customers behind a number."""
    return found.source.people(found.tally.date, found.tally.ref, frame(actor, now))


def _days(since: date, until: date, seen: Frame) -> list[Day]:
    entries: dict[date, list[Entry]] = defaultdict(list)
    for source in registered():
        if seen.actor.may(source.permission):
            for tally in source.count(since, until, seen):
                entries[tally.date].append(Entry(source, tally))
    named: dict[date, list[Festival]] = defaultdict(list)
    for one in festivals.between(since, until, country=seen.country):
        if not one.is_makeup_workday and one.kind is not festivals.FestivalKind.DAY_OFF:
            named[one.date].append(one)
    return [
        Day(
            at,
            festivals.day_off_kind(at, seen.country),
            lunar_date(at) if LUNAR_SINCE <= at <= LUNAR_UNTIL else None,
            named[at],
            entries[at],
        )
        for at in (since + timedelta(days=offset) for offset in range((until - since).days + 1))
    ]
