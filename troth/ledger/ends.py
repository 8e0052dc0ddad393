"""When points end, by the rule they were earned under."""

from datetime import date, datetime, timedelta

from troth.kit import clock

from .models import ExpiryKind


def end_of(kind: str, count: int, start: datetime, zone: str) -> datetime | None:
    """Return the first moment at which points that began at `start` are no longer usable, or None.

    Months and years end at midnight in the zone. Points that end by inactivity have no end of their own.
    """
    if kind == ExpiryKind.DAYS:
        return start + timedelta(days=count)
    day = clock.business_date(start, zone)
    if kind == ExpiryKind.MONTH_END:
        months = day.year * 12 + day.month + count  # the month after the last one
        return clock.day_start(date(months // 12, months % 12 + 1, 1), zone)
    if kind == ExpiryKind.YEAR_END:
        return clock.day_start(date(day.year + count + 1, 1, 1), zone)
    return None
