"""Names of the periods in which counters count: readable, sortable within a kind, and the day each ends."""

from datetime import date, timedelta
from functools import lru_cache

from .document.shapes import Period

_EPOCH_MONDAY = date(1970, 1, 5).toordinal()


@lru_cache(maxsize=10_000)
def period_key(period: Period, day: date) -> str:
    """Return the period that a day lies in: 2026-11-22, 2026-W47, 2026-11, 2026-Q4, 2026; "" for a lifetime."""
    if period is Period.DAY:
        return day.isoformat()
    if period is Period.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    if period is Period.MONTH:
        return f"{day.year:04}-{day.month:02}"
    if period is Period.QUARTER:
        return f"{day.year:04}-Q{(day.month + 2) // 3}"
    return f"{day.year:04}" if period is Period.YEAR else ""


def last_day(key: str) -> date:
    """Return the last day of the period that a key of `period_key` names; the end of time for a lifetime."""
    if not key:
        return date.max
    if "W" in key:
        return date.fromisocalendar(int(key[:4]), int(key[6:]), 7)
    if "Q" in key:
        return _month_end(int(key[:4]), int(key[6:]) * 3)
    if len(key) == 10:
        return date.fromisoformat(key)
    return _month_end(int(key[:4]), int(key[5:]) if len(key) == 7 else 12)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def ordinal(period: Period, day: date) -> int:
    """Return the number of the day, week or month: neighbours differ by 1."""
    if period is Period.DAY:
        return day.toordinal()
    if period is Period.WEEK:
        return (day.toordinal() - _EPOCH_MONDAY) // 7
    return day.year * 12 + day.month - 1
