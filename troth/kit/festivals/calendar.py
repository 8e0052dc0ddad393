"""One interface to all calendars: what is kept on which day, and who works on it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from troth.kit.festivals import abroad, chinese, trade
from troth.kit.festivals.days import DayKind, Festival, FestivalKind, Gap, Missing

CHINA = "CN"
_ORDER = list(FestivalKind)
_OTHER_NAMES = {"chinese_new_year": "春", "chinese_new_years_eve": "除夕"}
# Kinds that a journey can be hung on; the others are days around them.
_NAMED = frozenset({FestivalKind.TRADITIONAL, FestivalKind.STATUTORY, FestivalKind.OBSERVANCE, FestivalKind.COMMERCIAL})


def between(since: date, until: date, *, country: str = CHINA) -> list[Festival]:
    """Return the festivals, days off and make-up workdays from one day to another, both included, by date.

    country: ISO 3166 code. What a year's calendar does not know is left out, never guessed: `gaps` names it.
    """
    found = [one for year in range(since.year, until.year + 1) for one in _of_year(year, country)]
    found = [one for one in found if since <= one.date <= until]
    if country == CHINA:
        taken = frozenset(one.date for one in found if one.is_day_off)
        found += chinese.moved_days(since, until, apart_from=taken)
    return sorted(found, key=lambda one: (one.date, _ORDER.index(one.kind), one.code))


def _of_year(year: int, country: str) -> list[Festival]:
    """Return a year's festivals of one country, each day's own name once."""
    lunar = chinese.traditional(year) if country in chinese.COUNTRIES else ()
    legal = chinese.statutory(year) if country == CHINA else abroad.year_of(country, year).festivals
    if country == CHINA:
        off = chinese.legal_days(year)
        named = [replace(one, is_day_off=one.date in off and day_off_kind(one.date).is_off) for one in lunar]
        return _once([*named, *(replace(one, is_day_off=True) for one in legal), *trade.kept(year, country)])
    return _once([*_with_days_off(lunar, legal), *legal, *trade.kept(year, country)])


def _with_days_off(lunar: Iterable[Festival], legal: Iterable[Festival]) -> Iterator[Festival]:
    off = {one.date for one in legal}
    return (replace(one, is_day_off=one.date in off) for one in lunar)


def _once(found: list[Festival]) -> list[Festival]:
    """Leave out a festival that stands on its day already under its other name: 春节, Chinese New Year."""
    kept: dict[tuple[date, str], Festival] = {}
    for one in found:
        kept.setdefault((one.date, _OTHER_NAMES.get(one.code, one.label_zh.removesuffix("节"))), one)
    return list(kept.values())


def day_off_kind(day: date, country: str = CHINA) -> DayKind:
    """Return whether a country works on a day, and if not, why.

    Of a year that China has not arranged yet only the legal days are off, and no make-up workday is known: ask
    `is_arranged` where that matters.
    """
    return chinese.day_kind(day) if country == CHINA else abroad.day_kind(day, country)


def is_arranged(year: int, country: str = CHINA) -> bool:
    """Return whether a year's days off and make-up workdays are all known."""
    return year in chinese.arranged_years() if country == CHINA else abroad.year_of(country, year).is_known


def gaps(since: date, until: date, *, country: str = CHINA) -> list[Gap]:
    """Return what is not known of the years from one day to another, for a screen to say so."""
    found = []
    for year in range(since.year, until.year + 1):
        if not is_arranged(year, country):
            missing = Missing.ARRANGEMENT if country == CHINA else Missing.HOLIDAYS
            found.append(Gap(year, country, missing))
        if country in chinese.COUNTRIES and year not in chinese.LUNAR_YEARS:
            found.append(Gap(year, country, Missing.LUNAR))
    return found


def occurrences(code: str, since: date, until: date, *, country: str = CHINA) -> list[date]:
    """Return the days on which a festival falls from one day to another, both included.

    The country's own days come first; a festival it does not have is found where it is kept, for customers who
    keep it far from home.
    """
    years = range(since.year, until.year + 1)
    own = [one for year in years for one in _of_year(year, country)]
    elsewhere = [one for year in years for one in (*chinese.traditional(year), *trade.kept(year, CHINA))]
    for found in (own, elsewhere):
        days = sorted({one.date for one in found if one.code == code})
        if days:
            return [day for day in days if since <= day <= until]
    return []


def choices(country: str = CHINA, *, year: int) -> list[Festival]:
    """Return the festivals that a journey can be hung on, each with its (first) day in a year, by date.

    The lunar ones are offered in every country, after the country's own.
    """
    own = [one for one in between(date(year, 1, 1), date(year, 12, 31), country=country) if one.kind in _NAMED]
    codes = {one.code for one in own}
    first: dict[str, Festival] = {}
    for one in [*own, *(lunar for lunar in chinese.traditional(year) if lunar.code not in codes)]:
        first.setdefault(one.code, one)
    return list(first.values())
