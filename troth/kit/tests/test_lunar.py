import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lunar_python import Solar

from troth.kit import lunar
from troth.kit.lunar import LunarDate, birthday_in, births_kept_between, lunar_date, solar_date

YEARS = (1900, 2100)


def test_days_known_from_the_almanac():
    assert lunar_date(date(2026, 2, 17)) == LunarDate(2026, 1, 1)
    assert lunar_date(date(2026, 2, 16)) == LunarDate(2025, 12, 29)
    assert lunar_date(date(2025, 7, 25)) == LunarDate(2025, 6, 1, is_leap=True)
    assert solar_date(2026, 8, 15) == date(2026, 9, 25)
    assert solar_date(2025, 12, 30) == date(2026, 2, 16)  # that month has 29 days


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 2, 17), "正月初一"),
        (date(2025, 8, 3), "闰六月初十"),
        (date(2025, 12, 20), "冬月初一"),
        (date(2026, 1, 8), "冬月二十"),
        (date(2026, 2, 10), "腊月廿三"),
        (date(2026, 3, 18), "正月三十"),
        (date(2026, 3, 3), "正月十五"),
    ],
)
def test_a_day_is_said_as_people_say_it(day: date, words: str):
    found = lunar_date(day)
    assert found.month_name + found.day_name == words


@pytest.mark.slow
def test_counting_agrees_with_the_library_on_days_of_two_centuries():
    chosen = random.Random(7)
    first, last = date(YEARS[0], 3, 1), date(YEARS[1], 12, 31)
    for _number in range(300):
        day = first + timedelta(days=chosen.randrange((last - first).days))
        theirs = Solar.fromYmd(day.year, day.month, day.day).getLunar()
        found = lunar_date(day)
        assert (found.year, found.month, found.day, found.is_leap) == (
            theirs.getYear(), abs(theirs.getMonth()), theirs.getDay(), theirs.getMonth() < 0,
        )  # fmt: skip
        assert found.day_name == theirs.getDayInChinese()


def test_a_lunar_birthday_moves_with_the_moon():
    born = date(1988, 9, 25)  # 15th of the eighth month: Mid-Autumn
    assert [birthday_in(born, year, is_lunar=True) for year in (2025, 2026)] == [date(2025, 10, 6), date(2026, 9, 25)]
    in_leap_month = date(2025, 8, 3)  # tenth of the leap sixth month
    assert birthday_in(in_leap_month, 2026, is_lunar=True) == solar_date(2026, 6, 10)
    assert birthday_in(date(2000, 2, 29), 2026, is_lunar=False) == date(2026, 2, 28)


@pytest.mark.slow
def test_the_table_of_months_is_the_librarys():
    assert {year: lunar._asked(year) for year in lunar._known_years()} == lunar._known_years()


days = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(born=st.dates(date(1930, 1, 1), date(2014, 12, 31)), start=days, length=st.integers(0, 400))
def test_days_of_birth_are_those_whose_birthday_a_calendar_shows(born: date, start: date, length: int):
    end = start + timedelta(days=length)
    kept = [birthday_in(born, year, is_lunar=True) for year in range(start.year - 1, end.year + 1)]
    spans = births_kept_between(start, end)
    assert any(low <= born <= high for low, high in spans) is any(start <= day <= end for day in kept)


def test_a_lunar_day_has_few_days_of_birth():
    assert len(births_kept_between(date(2026, 9, 25), date(2026, 9, 25))) in range(125, 140)
    assert births_kept_between(date(2026, 1, 1), date(2027, 3, 31)) == ((date.min, date.max),)
