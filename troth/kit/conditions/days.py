"""Days relative to today: periods by name, and anniversaries as ranges of the year."""

from calendar import isleap, monthrange
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from .fields import Text

PERIODS: dict[str, Text] = {
    "today": _("today"),
    "yesterday": _("yesterday"),
    "tomorrow": _("tomorrow"),
    "this_week": _("this week"),
    "last_week": _("last week"),
    "next_week": _("next week"),
    "this_month": _("this month"),
    "last_month": _("last month"),
    "next_month": _("next month"),
    "this_quarter": _("this quarter"),
    "last_quarter": _("last quarter"),
    "next_quarter": _("next quarter"),
    "this_year": _("this year"),
    "last_year": _("last year"),
    "next_year": _("next year"),
}
"""Periods by code. Weeks begin on Monday (ISO 8601)."""

_SHIFT = {"this": 0, "last": -1, "next": 1}


def before(day: date, count: int) -> date:
    """Return the day `count` days earlier, or the first day there is."""
    return date.fromordinal(max(1, day.toordinal() - count))


def after(day: date, count: int) -> date:
    """Return the day `count` days later, or the last day there is but one."""
    return date.fromordinal(min(date.max.toordinal() - 1, day.toordinal() + count))


def period(code: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a period of `PERIODS`."""
    if code in ("today", "yesterday", "tomorrow"):
        day = today + timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[code])
        return day, day
    which, unit = code.split("_")
    shift = _SHIFT[which]
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    index = (today.year * 12 + today.month - 1) // months * months + shift * months
    return _first_day(index), _first_day(index + months) - timedelta(days=1)


def _first_day(month_index: int) -> date:
    """Return the first day of the month counted from year 0."""
    return date(month_index // 12, month_index % 12 + 1, 1)


def month(year: int, number: int) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def year_day_ranges(start: date, end: date) -> tuple[tuple[int, int], ...]:
    """Return the days of the year from start to end as ranges of month × 100 + day, ends included.

    29 February falls on 28 February in years that lack it.
    """
    if (end - start).days >= 365:
        return ((101, 1231),)
    first, last = start.month * 100 + start.day, end.month * 100 + end.day
    if last == 228 and not isleap(end.year):
        last = 229
    return ((first, last),) if start.year == end.year else ((first, 1231), (101, last))
