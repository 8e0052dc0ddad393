"""Public holidays of other countries, from the `holidays` package."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from troth.kit.festivals.days import DayKind, Festival, FestivalKind
from troth.kit.festivals.names import chinese_name

if TYPE_CHECKING:
    from holidays import HolidayBase

_NOTE: Final = re.compile(r"\s*\((?P<note>[^)]*(?:observed|estimated|substituted)[^)]*)\)")
_MOVED: Final = ("observed", "substituted", "Substitute Holiday", "Day off")


@dataclass(frozen=True, slots=True)
class Year:
    """One country's year: its holidays, the weekdays that are its weekend, and weekend days worked all the same."""

    festivals: tuple[Festival, ...]
    days_off: frozenset[date]
    weekend: frozenset[int]
    workdays: frozenset[date]
    is_known: bool


@lru_cache(maxsize=256)
def year_of(country: str, year: int) -> Year:
    """Return what is known of a country's year; of a country that the package lacks, only the usual weekend."""
    # Its import takes longer than a whole page: only a company abroad pays for it.
    from holidays import country_holidays  # noqa: PLC0415  see above

    try:
        english = country_holidays(country, years=year, language="en_US", expand=False)
    except NotImplementedError:
        return Year((), frozenset(), frozenset({5, 6}), frozenset(), is_known=False)
    chinese = country_holidays(country, years=year, language="zh_CN", expand=False)
    has_chinese = "zh_CN" in english.supported_languages
    found = tuple(
        _festival(day, name, chinese.get_list(day)[index] if has_chinese else "")
        for day in sorted(english)
        if day.year == year
        for index, name in enumerate(english.get_list(day))
    )
    return Year(
        found,
        frozenset(one.date for one in found),
        frozenset(english.weekend),
        frozenset(day for day in english.weekend_workdays if day.year == year),
        is_known=_is_known(english, year),
    )


def _is_known(calendar: "HolidayBase", year: int) -> bool:
    return calendar.start_year <= year <= calendar.end_year


def _festival(day: date, name: str, chinese: str) -> Festival:
    notes = " ".join(found["note"] for found in _NOTE.finditer(name))
    plain = _NOTE.sub("", name).strip()
    is_moved = any(word in name for word in _MOVED)
    code = re.sub(r"[^a-z0-9]+", "_", plain.lower().replace("'", "").replace("’", "")).strip("_")
    return Festival(
        f"{code}_observed" if is_moved else code,
        f"{plain} (observed)" if "observed" in notes else plain,
        chinese.replace("观察日", "补假") or chinese_name(plain, is_moved="observed" in notes),
        day,
        FestivalKind.DAY_OFF if is_moved else FestivalKind.STATUTORY,
        is_day_off=True,
        is_estimated="estimated" in notes,
    )


def day_kind(day: date, country: str) -> DayKind:
    """Return whether a country works on a day."""
    year = year_of(country, day.year)
    if day in year.days_off:
        return DayKind.HOLIDAY
    if day in year.workdays:
        return DayKind.MAKEUP_WORKDAY
    return DayKind.WEEKEND if day.weekday() in year.weekend else DayKind.WORKDAY
