"""Periods and anniversaries, against counting day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.kit.conditions import days
from troth.kit.conditions.checks import DayOfYear


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("today", "2026-03-01", "2026-03-01"),
        ("tomorrow", "2026-03-02", "2026-03-02"),
        ("this_week", "2026-02-23", "2026-03-01"),  # 1 March 2026 is a Sunday
        ("next_week", "2026-03-02", "2026-03-08"),
        ("last_month", "2026-02-01", "2026-02-28"),
        ("this_month", "2026-03-01", "2026-03-31"),
        ("last_quarter", "2025-10-01", "2025-12-31"),
        ("next_quarter", "2026-04-01", "2026-06-30"),
        ("last_year", "2025-01-01", "2025-12-31"),
    ],
)
def test_periods(code: str, first: str, last: str):
    found = days.period(code, date(2026, 3, 1))
    assert [day.isoformat() for day in found] == [first, last]


def celebrated(born: date, year: int) -> date:
    """Return the birthday in a year; 29 February falls on 28 February where it is missing."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


near = st.dates(date(2019, 1, 1), date(2029, 12, 31))


@given(born=st.dates(date(1940, 1, 1), date(2020, 12, 31)), start=near, length=st.integers(0, 400))
def test_anniversaries_are_those_that_a_calendar_shows(born: date, start: date, length: int):
    end = start + timedelta(days=length)
    check = DayOfYear(days.year_day_ranges(start, end))
    comes_round = any(start <= celebrated(born, year) <= end for year in range(start.year, end.year + 1))
    assert check.holds(born) is comes_round


@given(start=near, length=st.integers(0, 364))
def test_the_leap_day_counts_where_its_substitute_does(start: date, length: int):
    end = start + timedelta(days=length)
    check = DayOfYear(days.year_day_ranges(start, end))
    years = range(start.year, end.year + 1)
    assert check.holds(date(2000, 2, 29)) is any(start <= celebrated(date(2000, 2, 29), year) <= end for year in years)


def test_days_stop_at_the_ends_of_the_calendar():
    assert days.before(date(1, 1, 3), 36_500) == date.min
    assert days.after(date(9999, 12, 1), 36_500) == date(9999, 12, 30)
