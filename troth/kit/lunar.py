"""The Chinese lunar calendar, as far as birthdays need it (computed by lunar-python)."""

from calendar import isleap
from datetime import date
from functools import lru_cache

from lunar_python import Lunar, LunarMonth, Solar


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


@lru_cache(maxsize=50_000)
def _lunar_birthday(birth_date: date, year: int) -> date:
    """Return the lunar birthday that falls into the solar year; of two the first, of none the nearest after."""
    born = Solar.fromYmd(birth_date.year, birth_date.month, birth_date.day).getLunar()
    month, day = abs(born.getMonth()), born.getDay()
    candidates = [_solar(lunar_year, month, day) for lunar_year in (year - 1, year)]
    return next((one for one in candidates if one.year == year), candidates[-1])


def _solar(lunar_year: int, month: int, day: int) -> date:
    length = LunarMonth.fromYm(lunar_year, month).getDayCount()
    found = Lunar.fromYmd(lunar_year, month, min(day, length)).getSolar()
    return date(found.getYear(), found.getMonth(), found.getDay())
