"""The clock, asked once at the edge; everything below is told the time."""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def business_date(moment: datetime, zone: str) -> date:
    """Return the calendar day of an aware moment in the named zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def day_start(day: date, zone: str) -> datetime:
    """Return the UTC moment at which a day begins in the named zone, also where a clock change skips midnight."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


@cache
def time_zones() -> frozenset[str]:
    """Return the names of all time zones; walking the zone files takes a tenth of a second, so it is done once."""
    return frozenset(available_timezones())
