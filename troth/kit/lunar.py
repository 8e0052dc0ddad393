"""The Chinese lunar calendar: days and birthdays. A table says how long each month is; the rest is counting.

The table was made from lunar-python; years that it does not hold are asked of that library, once each.
"""

from bisect import bisect_right
from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from lunar_python import LunarYear

from .lunar_years import FIRST_DAY, FIRST_YEAR, YEARS

_JULIAN_DAY_OF_ORDINAL_0: Final = 1_721_425
_MONTHS: Final = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_OLDEST: Final = 130
_WHOLE_YEAR: Final = 385
"""No lunar year is longer: every lunar birthday falls into that many days."""

_DIGITS: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar calendar. is_leap: it lies in the second month of that number in its year."""

    year: int
    month: int
    day: int
    is_leap: bool = False

    @property
    def month_name(self) -> str:
        """Return the month as people say it: 正月, 闰六月, 冬月, 腊月."""
        return f"{'闰' if self.is_leap else ''}{_MONTHS[self.month - 1]}月"

    @property
    def day_name(self) -> str:
        """Return the day as people say it: 初一, 十五, 廿三, 三十."""
        if self.day in {10, 20, 30}:
            return {10: "初十", 20: "二十", 30: "三十"}[self.day]
        return ("初", "十", "廿")[self.day // 10] + _DIGITS[self.day % 10 - 1]


@dataclass(frozen=True, slots=True)
class _Month:
    number: int
    is_leap: bool
    first: int  # ordinal of its first day
    length: int


@lru_cache(maxsize=1)
def _known_years() -> dict[int, tuple[_Month, ...]]:
    """Return the months of the years of the table."""
    found: dict[int, tuple[_Month, ...]] = {}
    first = FIRST_DAY
    for year, packed in enumerate(YEARS, FIRST_YEAR):
        months: list[_Month] = []
        for number, is_leap in _numbers(packed >> 13):
            length = 29 + (packed >> len(months) & 1)
            months.append(_Month(number, is_leap, first, length))
            first += length
        found[year] = tuple(months)
    return found


def _numbers(leap: int) -> Iterator[tuple[int, bool]]:
    for number in range(1, 13):
        yield number, False
        if number == leap:
            yield number, True


def _months(lunar_year: int) -> tuple[_Month, ...]:
    return _known_years().get(lunar_year) or _asked(lunar_year)


@lru_cache(maxsize=1024)
def _asked(lunar_year: int) -> tuple[_Month, ...]:
    return tuple(
        _Month(abs(one.getMonth()), one.getMonth() < 0, int(one.getFirstJulianDay()) - _JULIAN_DAY_OF_ORDINAL_0,
               one.getDayCount())
        for one in LunarYear.fromYear(lunar_year).getMonthsInYear()
    )  # fmt: skip


def lunar_date(day: date) -> LunarDate:
    """Return the lunar day of a solar one."""
    ordinal = day.toordinal()
    months = _months(day.year)
    year = day.year
    if ordinal < months[0].first:  # the lunar year begins between late January and late February
        year -= 1
        months = _months(year)
    month = months[bisect_right([one.first for one in months], ordinal) - 1]
    return LunarDate(year, month.number, ordinal - month.first + 1, month.is_leap)


def solar_date(lunar_year: int, month: int, day: int) -> date:
    """Return the solar day of a lunar one; the 30th of a short month is its 29th. A leap month is not meant."""
    found = next(one for one in _months(lunar_year) if one.number == month and not one.is_leap)
    return date.fromordinal(found.first + min(day, found.length) - 1)


def birthday_in(birth_date: date, year: int, *, is_lunar: bool) -> date:
    """Return the day of a solar year on which a birthday is kept.

    is_lunar: kept on the same day of the same lunar month, so it moves in the solar year. Whoever was born in a
    leap month keeps it in the plain month of that number; the 30th of a month falls on the 29th where the month
    is short; 29 February falls on 28 February in other years.
    """
    if is_lunar:
        return _lunar_birthday(birth_date, year)
    if birth_date.month == 2 and birth_date.day == 29 and not isleap(year):
        return date(year, 2, 28)
    return birth_date.replace(year=year)


def _lunar_birthday(birth_date: date, year: int) -> date:
    """Return the lunar birthday that falls into the solar year; of two the first, of none the nearest after."""
    born = lunar_date(birth_date)
    return _kept_in(year, born.month, born.day)


def _kept_in(year: int, month: int, day: int) -> date:
    candidates = [solar_date(lunar_year, month, day) for lunar_year in (year - 1, year)]
    return next((one for one in candidates if one.year == year), candidates[-1])


@lru_cache(maxsize=256)
def births_kept_between(start: date, end: date) -> tuple[tuple[date, date], ...]:
    """Return the days of birth whose lunar birthday falls between two days, both included, as spans of days.

    Of births up to 130 years before; in all years the same days of the same months, leap months among them.
    """
    if (end - start).days >= _WHOLE_YEAR:
        return ((date.min, date.max),)
    years = range(start.year - 1, end.year + 1)
    kept = {
        (month, day)
        for month in range(1, 13)
        for day in range(1, 31)
        if any(start <= _kept_in(year, month, day) <= end for year in years)
    }
    return tuple(_spans(_births(kept, range(end.year - _OLDEST, end.year + 1))))


def _births(kept: set[tuple[int, int]], years: range) -> Iterator[int]:
    """Yield the ordinals of the days of these lunar months and days, in order."""
    for year in years:
        for month in _months(year):
            yield from (month.first + day - 1 for day in range(1, month.length + 1) if (month.number, day) in kept)


def _spans(ordinals: Iterator[int]) -> Iterator[tuple[date, date]]:
    """Yield unbroken runs of days as their first and last."""
    first = last = 0
    for ordinal in ordinals:
        if first and ordinal != last + 1:
            yield date.fromordinal(first), date.fromordinal(last)
            first = 0
        first, last = first or ordinal, ordinal
    if first:
        yield date.fromordinal(first), date.fromordinal(last)
