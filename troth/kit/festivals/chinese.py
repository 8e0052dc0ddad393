"""China's calendar: lunar festivals (lunar-python), and the days off arranged anew each year (chinesecalendar)."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar
from lunar_python import Solar

from troth.kit.festivals.days import DayKind, Festival, FestivalKind
from troth.kit.lunar import solar_date

# Where the lunar festivals are kept by most people.
COUNTRIES: Final = frozenset({"CN", "HK", "MO", "TW", "SG", "MY"})
# lunar-python computes further, but its months are checked against printed almanacs for these years.
LUNAR_YEARS: Final = range(1900, 2101)
SATURDAY: Final = 5


def _term(name: str) -> Callable[[int], date]:
    """Return what finds the day of a solar term in a solar year."""

    def found(year: int) -> date:
        # The table of a lunar year runs from the winter before to the one after; asked in summer, it is this year's.
        moment = Solar.fromYmd(year, 6, 1).getLunar().getJieQiTable()[name]
        return date(moment.getYear(), moment.getMonth(), moment.getDay())

    return found


def _lunar(month: int, day: int, *, is_year_before: bool = False) -> Callable[[int], date]:
    """Return what finds a lunar day in a solar year; the twelfth month belongs to the lunar year before."""
    return lambda year: solar_date(year - is_year_before, month, day)


def _new_years_eve(year: int) -> date:
    return solar_date(year, 1, 1) - timedelta(days=1)


# code, English, Chinese, the day in a solar year, off by law in mainland China.
_TRADITIONAL: Final[tuple[tuple[str, str, str, Callable[[int], date]], ...]] = (
    ("laba", "Laba Festival", "腊八节", _lunar(12, 8, is_year_before=True)),
    ("little_new_year", "Little New Year (North)", "北方小年", _lunar(12, 23, is_year_before=True)),
    ("little_new_year_south", "Little New Year (South)", "南方小年", _lunar(12, 24, is_year_before=True)),
    ("new_years_eve_lunar", "Chinese New Year's Eve", "除夕", _new_years_eve),
    ("spring_festival", "Spring Festival", "春节", _lunar(1, 1)),
    ("lantern", "Lantern Festival", "元宵节", _lunar(1, 15)),
    ("dragon_head", "Dragon-Head Day", "龙抬头", _lunar(2, 2)),
    ("qingming", "Tomb-Sweeping Day", "清明节", _term("清明")),
    ("dragon_boat", "Dragon Boat Festival", "端午节", _lunar(5, 5)),
    ("qixi", "Qixi Festival", "七夕节", _lunar(7, 7)),
    ("ghost", "Ghost Festival", "中元节", _lunar(7, 15)),
    ("mid_autumn", "Mid-Autumn Festival", "中秋节", _lunar(8, 15)),
    ("double_ninth", "Double Ninth Festival", "重阳节", _lunar(9, 9)),
    ("winter_solstice", "Winter Solstice", "冬至", _term("DONG_ZHI")),
)
_STATUTORY: Final = (
    ("new_years_day", "New Year's Day", "元旦", 1, 1),
    ("labour_day", "Labour Day", "劳动节", 5, 1),
    ("national_day", "National Day", "国庆节", 10, 1),
)
# Off by the regulation on public holidays as revised for 2025: (code, how many days from the festival on).
_LEGAL: Final = (
    ("new_years_day", 1),
    ("new_years_eve_lunar", 1),
    ("spring_festival", 3),
    ("qingming", 1),
    ("labour_day", 2),
    ("dragon_boat", 1),
    ("mid_autumn", 1),
    ("national_day", 3),
)


@lru_cache(maxsize=512)
def traditional(year: int) -> tuple[Festival, ...]:
    """Return the lunar festivals that fall into a solar year; nothing beyond the tables."""
    if year not in LUNAR_YEARS:
        return ()
    return tuple(
        Festival(code, english, chinese, day, FestivalKind.TRADITIONAL)
        for code, english, chinese, find in _TRADITIONAL
        # The eighth of the twelfth month can fall just before New Year: it then belongs to the year before.
        for day in _in_year(find, year)
    )


def _in_year(find: Callable[[int], date], year: int) -> list[date]:
    """Return the days of a yearly festival that fall into the solar year: mostly one, of Laba none or two."""
    candidates = {find(one) for one in (year - 1, year, year + 1) if one in LUNAR_YEARS}
    return sorted(day for day in candidates if day.year == year)


@lru_cache(maxsize=512)
def statutory(year: int) -> tuple[Festival, ...]:
    """Return the public holidays of the solar calendar."""
    return tuple(
        Festival(code, english, chinese, date(year, month, day), FestivalKind.STATUTORY)
        for code, english, chinese, month, day in _STATUTORY
    )


@lru_cache(maxsize=1)
def arranged_years() -> frozenset[int]:
    """Return the years whose days off and make-up workdays are published."""
    return frozenset(day.year for day in chinese_calendar.holidays)


@lru_cache(maxsize=512)
def legal_days(year: int) -> dict[date, str]:
    """Return the days off that the law itself names, with the festival's code: all that is known of a coming year."""
    first = {one.code: one.date for one in (*statutory(year), *traditional(year))}
    return {
        first[code] + timedelta(days=offset): code for code, count in _LEGAL if code in first for offset in range(count)
    }


def day_kind(day: date) -> DayKind:
    """Return whether mainland China works on a day; in a year not arranged yet, only the legal days are off."""
    if day.year in arranged_years():
        if day in chinese_calendar.workdays:
            return DayKind.MAKEUP_WORKDAY
        if day in chinese_calendar.holidays:
            return DayKind.IN_LIEU if day in chinese_calendar.in_lieu_days else DayKind.HOLIDAY
    elif day in legal_days(day.year):
        return DayKind.HOLIDAY
    return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY


# The names that chinesecalendar gives the holiday a moved day belongs to.
_ARRANGED_NAMES: Final = {
    "New Year's Day": ("new_years_day", "New Year's Day", "元旦"),
    "Spring Festival": ("spring_festival", "Spring Festival", "春节"),
    "Tomb-sweeping Day": ("qingming", "Tomb-Sweeping Day", "清明节"),
    "Labour Day": ("labour_day", "Labour Day", "劳动节"),
    "Dragon Boat Festival": ("dragon_boat", "Dragon Boat Festival", "端午节"),
    "National Day": ("national_day", "National Day", "国庆节"),
    "Mid-autumn Festival": ("mid_autumn", "Mid-Autumn Festival", "中秋节"),
    "Anti-Fascist 70th Day": ("victory_day_70", "Victory Day", "抗战胜利纪念日"),
}


def moved_days(since: date, until: date, *, apart_from: frozenset[date]) -> list[Festival]:
    """Return the other days off around the festivals, and the make-up workdays, of two days and between them."""
    found: list[Festival] = []
    for offset in range((until - since).days + 1):
        day = since + timedelta(days=offset)
        kind = day_kind(day)
        if kind is DayKind.MAKEUP_WORKDAY:
            code, english, chinese = _ARRANGED_NAMES[chinese_calendar.workdays[day]]
            label = (f"Make-up workday ({english})", f"{chinese}调休上班")
            found.append(Festival(f"{code}_makeup", *label, day, FestivalKind.MAKEUP_WORKDAY, is_makeup_workday=True))
        elif kind in {DayKind.HOLIDAY, DayKind.IN_LIEU} and day not in apart_from:
            code, english, chinese = _holiday_of(day)
            label = (f"{english} holiday", f"{chinese}假期")
            found.append(Festival(f"{code}_break", *label, day, FestivalKind.DAY_OFF, is_day_off=True))
    return found


def _holiday_of(day: date) -> tuple[str, str, str]:
    if day.year in arranged_years():
        return _ARRANGED_NAMES[chinese_calendar.holidays[day]]
    code = legal_days(day.year)[day]
    return next(names for names in _ARRANGED_NAMES.values() if names[0] == code)
