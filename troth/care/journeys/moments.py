"""When a wait ends: lengths of time, and times of the person's day across clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .document.shapes import Wait

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def ends_at(step: Wait, since: datetime, zone: str) -> datetime:
    """Return when a wait that began at `since` is over for a person in a zone.

    Days are days of the person's calendar: a day over a clock change is 23 or 25 hours long. With a time of day it
    goes on until the next such time, that very moment included, on one of the weekdays.
    """
    place = _zone(zone)
    local = since.astimezone(place).replace(tzinfo=None) + timedelta(days=step.days)
    over = _utc(local, place) if step.days else since
    over += timedelta(hours=step.hours, minutes=step.minutes)
    return over if step.at is None else _next(over, step.at, step.weekdays, place)


def local_moment(day: date, at: time, zone: str) -> datetime:
    """Return the moment of a time of day in a zone; one that a clock change skips is as long after the change."""
    return _utc(datetime.combine(day, at), _zone(zone))


def _next(after: datetime, at: time, weekdays: tuple[str, ...], place: ZoneInfo) -> datetime:
    day = after.astimezone(place).date()
    for offset in range(9):
        found = day + timedelta(days=offset)
        moment = _utc(datetime.combine(found, at), place)
        if moment >= after and (not weekdays or _DAYS[found.weekday()] in weekdays):
            return moment
    raise AssertionError("every week has every weekday")


def _utc(local: datetime, place: ZoneInfo) -> datetime:
    """Return the moment of a local time; of two by that name the first."""
    return local.replace(tzinfo=place).astimezone(UTC)


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
