"""Working time, exactly: a moment works if its wall-clock time in the calendar's zone lies within a span of its day.

Pure: no database, no clock. Where the clock is put back, the hour that comes twice counts twice if it lies within a
span; where it is put forward, the hour that does not exist does not count. All moments are aware; results are in UTC.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
LOOK_AHEAD = timedelta(days=3 * 366)
"""A calendar that does not offer the wanted time within so long offers it never, as far as people are concerned."""

_MIDNIGHT = time()
_STEP = timedelta(days=1)


class DayKind(StrEnum):
    """What a country makes of a day, apart from its weekday."""

    USUAL = "usual"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"  # a day of the weekend that is worked, so that a holiday could be longer


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a day's wall clock in minutes after midnight, `start` in and `end` out; 0 to 1440."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= DAY_MINUTES:
            raise ValueError(f"a span from minute {self.start} to {self.end} of a day")


Spans = tuple[Span, ...]
Pieces = list[tuple[datetime, datetime]]


def usual_days(day: date) -> DayKind:
    """Return that a day is a usual one, for calendars that follow no country."""
    return DayKind.USUAL


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When people work.

    week: the spans of Monday to Sunday, in order and apart; makeup: those of a make-up workday; holiday: those of a
    statutory holiday, usually none; exceptions: the company's own days, which go before everything else; day_kind:
    what the country makes of a day.
    """

    zone: ZoneInfo
    week: tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]
    makeup: Spans = ()
    holiday: Spans = ()
    exceptions: Mapping[date, Spans] = field(default_factory=dict)
    day_kind: Callable[[date], DayKind] = usual_days

    def spans_of(self, day: date) -> Spans:
        """Return when a day is worked."""
        if day in self.exceptions:
            return self.exceptions[day]
        kind = self.day_kind(day)
        if kind is DayKind.HOLIDAY:
            return self.holiday
        return self.makeup if kind is DayKind.MAKEUP else self.week[day.weekday()]


class NoWorkingTimeError(ValueError):
    """The calendar does not offer so much working time within three years."""


def is_working(calendar: WorkingCalendar, moment: datetime) -> bool:
    """Tell whether people work at a moment."""
    local = moment.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute
    return any(span.start <= minute < span.end for span in calendar.spans_of(local.date()))


def working_time_between(calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    """Return how much working time lies between two moments; none if the second is not after the first."""
    pieces = working_pieces(calendar, start, end)
    return sum((after - before for before, after in pieces), timedelta())


def add_working_time(calendar: WorkingCalendar, start: datetime, amount: timedelta) -> datetime:
    """Return the first moment by which so much working time has passed since `start`.

    An hour from Friday 17:00 is over on Friday at 18:00, where that is the end of work, not on Monday morning.

    Raises:
        NoWorkingTimeError: there is not so much within three years.
    """
    left, begin = amount, start.astimezone(UTC)
    if left <= timedelta():
        return begin
    end = begin + LOOK_AHEAD + amount
    while begin < end:
        for before, after in working_pieces(calendar, begin, begin + _STEP):
            if after - before >= left:
                return before + left
            left -= after - before
        begin += _STEP
    raise NoWorkingTimeError(f"{amount} of working time after {start.isoformat()}")


def due_at(
    calendar: WorkingCalendar, start: datetime, amount: timedelta, pauses: Sequence[tuple[datetime, datetime]] = ()
) -> datetime:
    """Return when so much working time has passed, not counting what fell into the pauses (ended ones, in order).

    A pause gives back the working time that passed within it and nothing else: a pause over a holiday gives none.
    """
    left, begin = amount, start
    for paused_at, resumed_at in pauses:
        if paused_at <= begin:
            begin = max(begin, resumed_at)
            continue
        passed = working_time_between(calendar, begin, paused_at)
        if passed >= left:
            break
        left, begin = left - passed, resumed_at
    return add_working_time(calendar, begin, left)


def used_time(
    calendar: WorkingCalendar, start: datetime, end: datetime, pauses: Sequence[tuple[datetime, datetime]] = ()
) -> timedelta:
    """Return the working time between two moments without what fell into the pauses, in order."""
    used, begin = timedelta(), start
    for paused_at, resumed_at in pauses:
        used += working_time_between(calendar, begin, min(paused_at, end))
        begin = max(begin, resumed_at)
    return used + working_time_between(calendar, begin, end)


def working_pieces(calendar: WorkingCalendar, start: datetime, end: datetime) -> Pieces:
    """Return the worked stretches between two moments, in order, as moments in UTC."""
    found: Pieces = []
    for begin, stop, offset in _steady(calendar.zone, start.astimezone(UTC), end.astimezone(UTC)):
        local, local_stop = begin + offset, stop + offset
        day = local.date()
        while datetime.combine(day, _MIDNIGHT, UTC) < local_stop:
            midnight = datetime.combine(day, _MIDNIGHT, UTC)
            for span in calendar.spans_of(day):
                before = max(local, midnight + timedelta(minutes=span.start))
                after = min(local_stop, midnight + timedelta(minutes=span.end))
                if before < after:
                    found.append((before - offset, after - offset))
            day += timedelta(days=1)
    return found


def _steady(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Yield the stretches from start to end in which the zone's offset from UTC stays the same, with the offset."""
    begin, at = start, start
    while at < end:
        following = min(at + _STEP, end)
        offset = _offset(zone, at)
        if _offset(zone, following) != offset:
            following = _change(zone, at, following)
            yield begin, following, offset
            begin = following
        at = following
    if begin < end:
        yield begin, end, _offset(zone, begin)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first whole second of the new offset between two moments whose offsets differ."""
    old = _offset(zone, before)
    early, late = int(before.timestamp()), -int(-after.timestamp() // 1)
    while late - early > 1:
        middle = (early + late) // 2
        if _offset(zone, datetime.fromtimestamp(middle, UTC)) == old:
            early = middle
        else:
            late = middle
    return datetime.fromtimestamp(late, UTC)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    found = moment.astimezone(zone).utcoffset()
    assert found is not None, "a zone knows its offset"
    return found
