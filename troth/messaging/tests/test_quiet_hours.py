from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.messaging.policies import EVERY_DAY, Hours
from troth.messaging.quiet_hours import is_open, next_open

NIGHT = Hours(time(22), time(6))
SIESTA = Hours(time(12), time(14))
SHANGHAI, BERLIN, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def local(zone, year, month, day, hour, minute=0, *, fold=0):
    return datetime(year, month, day, hour, minute, tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hour", "minute", "opens"),
    [
        (21, 59, (2, 21, 59)),
        (22, 0, (3, 6, 0)),
        (23, 30, (3, 6, 0)),
        (0, 0, (2, 6, 0)),
        (5, 59, (2, 6, 0)),
        (6, 0, (2, 6, 0)),
    ],
)
def test_a_night_is_read_over_midnight(hour, minute, opens):
    """lesson: a window across midnight (22–06) read as 06–22."""
    moment = local(SHANGHAI, 2026, 3, 2, hour, minute)
    assert next_open(moment, NIGHT, SHANGHAI) == local(SHANGHAI, 2026, 3, *opens)
    assert is_open(moment, NIGHT, SHANGHAI) is (6 <= hour < 22)


def test_hours_are_those_of_the_persons_wall():
    """lesson: hours read in UTC."""
    moment = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)  # 20:30 in Shanghai, 13:30 in Berlin, 07:30 in New York
    assert next_open(moment, NIGHT, SHANGHAI) == moment
    assert next_open(moment, SIESTA, BERLIN) == local(BERLIN, 2026, 3, 2, 14)
    assert next_open(moment, Hours(time(21), time(9)), NEW_YORK) == local(NEW_YORK, 2026, 3, 2, 9)
    assert next_open(moment + timedelta(hours=2), NIGHT, SHANGHAI) == local(SHANGHAI, 2026, 3, 3, 6)


def test_the_night_when_clocks_go_forward_is_an_hour_shorter():
    """lesson: hour ranges misfire at a clock change."""
    evening = local(BERLIN, 2026, 3, 28, 23)
    assert next_open(evening, NIGHT, BERLIN) == local(BERLIN, 2026, 3, 29, 6) == evening + timedelta(hours=6)


def test_the_night_when_clocks_go_back_is_an_hour_longer():
    evening = local(BERLIN, 2026, 10, 24, 23)
    assert next_open(evening, NIGHT, BERLIN) == local(BERLIN, 2026, 10, 25, 6) == evening + timedelta(hours=8)


def test_an_end_that_the_clock_jumps_over_is_the_jump_itself():
    hours = Hours(time(22), time(2, 30))  # there is no 02:30 on that day: 02:00 is 03:00
    assert next_open(local(BERLIN, 2026, 3, 29, 0), hours, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_open_both_times():
    hours = Hours(time(2, 30), time(9))
    assert is_open(local(BERLIN, 2026, 10, 25, 2, 15), hours, BERLIN)
    assert next_open(local(BERLIN, 2026, 10, 25, 2, 45), hours, BERLIN) == local(BERLIN, 2026, 10, 25, 2, fold=1)


def test_a_zone_without_midnight_that_day_opens_when_the_day_begins():
    cairo = ZoneInfo("Africa/Cairo")  # 24 April 2026 begins at 01:00
    only_friday = Hours(weekdays=(5,))
    assert next_open(local(cairo, 2026, 4, 23, 20), only_friday, cairo) == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_weekdays_are_those_of_the_person():
    weekdays = Hours(time(21), time(9), (1, 2, 3, 4, 5))
    friday_night = local(NEW_YORK, 2026, 3, 6, 22)  # Saturday already in Shanghai
    assert next_open(friday_night, weekdays, NEW_YORK) == local(NEW_YORK, 2026, 3, 9, 9)
    assert next_open(local(NEW_YORK, 2026, 3, 6, 20), weekdays, NEW_YORK) == local(NEW_YORK, 2026, 3, 6, 20)


def test_no_weekday_never_opens():
    assert next_open(local(SHANGHAI, 2026, 3, 2, 12), Hours(weekdays=()), SHANGHAI) is None


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
quarters = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
zones = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu"]
).map(ZoneInfo)
days = st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(lambda found: tuple(sorted(found)))


@given(moment=moments, start=quarters, end=quarters, zone=zones, weekdays=days)
def test_the_first_open_minute_is_found(moment, start, end, zone, weekdays):
    hours = Hours(start, end, weekdays) if start != end else Hours(weekdays=weekdays)
    found = next_open(moment, hours, zone)
    assert found is not None
    assert is_open(found, hours, zone)
    minutes = int((found - moment) / timedelta(minutes=1))
    assert not any(is_open(moment + timedelta(minutes=one), hours, zone) for one in range(0, minutes, 5))
    if found > moment:
        assert not is_open(found - timedelta(seconds=1), hours, zone)
