"""Working time against a model that asks every minute, and the cases that broke others."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.voice.calendars.working import (
    DayKind,
    NoWorkingTimeError,
    Span,
    WorkingCalendar,
    add_working_time,
    due_at,
    is_working,
    used_time,
    working_time_between,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OFFICE = (Span(9 * 60, 12 * 60), Span(13 * 60, 18 * 60))
NATIONAL_DAY = {date(2026, 10, day): DayKind.HOLIDAY for day in range(1, 8)} | {
    date(2026, 9, 20): DayKind.MAKEUP,
    date(2026, 10, 10): DayKind.MAKEUP,
}
WEEK = (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ())


def kind_of(day: date) -> DayKind:
    return NATIONAL_DAY.get(day, DayKind.USUAL)


CALENDAR = WorkingCalendar(zone=SHANGHAI, week=WEEK, makeup=OFFICE, day_kind=kind_of)


def at(text: str, zone: ZoneInfo = SHANGHAI, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def test_the_weekend_and_the_night_do_not_count():
    """lesson: an SLA ignores business hours, lunch, weekends."""
    assert add_working_time(CALENDAR, at("2026-11-20T17:30"), HOUR) == at("2026-11-23T09:30")
    assert working_time_between(CALENDAR, at("2026-11-20T17:30"), at("2026-11-23T09:30")) == HOUR


def test_lunch_does_not_count():
    assert add_working_time(CALENDAR, at("2026-11-19T11:30"), HOUR) == at("2026-11-19T13:30")
    assert working_time_between(CALENDAR, at("2026-11-19T12:10"), at("2026-11-19T12:50")) == timedelta()


def test_what_ends_with_the_day_is_due_with_the_day():
    assert add_working_time(CALENDAR, at("2026-11-20T17:00"), HOUR) == at("2026-11-20T18:00")
    assert add_working_time(CALENDAR, at("2026-11-20T19:00"), timedelta()) == at("2026-11-20T19:00")


def test_a_holiday_is_left_out_and_a_makeup_workday_counts():
    """Wednesday evening before the National Day week of 2026; Saturday 10 October is worked."""
    assert add_working_time(CALENDAR, at("2026-09-30T17:00"), 2 * HOUR) == at("2026-10-08T10:00")
    assert working_time_between(CALENDAR, at("2026-10-10T00:00"), at("2026-10-12T00:00")) == 8 * HOUR


def test_the_companys_own_day_goes_before_the_countrys():
    own = WorkingCalendar(
        zone=SHANGHAI,
        week=WEEK,
        makeup=OFFICE,
        day_kind=kind_of,
        exceptions={date(2026, 10, 10): (), date(2026, 10, 1): (Span(600, 660),)},
    )
    assert working_time_between(own, at("2026-10-10T00:00"), at("2026-10-12T00:00")) == timedelta()
    assert add_working_time(own, at("2026-09-30T18:00"), HOUR) == at("2026-10-01T11:00")


def test_a_pause_over_a_holiday_gives_back_working_time_only():
    """lesson: hold time added wrongly across holidays.

    Asked on 30 September at 17:00, answered on 8 October at 10:00: two working hours passed, not 185.
    """
    pause = (at("2026-09-30T17:00"), at("2026-10-08T10:00"))
    assert due_at(CALENDAR, at("2026-09-30T16:00"), 4 * HOUR, [pause]) == at("2026-10-08T14:00")
    assert used_time(CALENDAR, at("2026-09-30T16:00"), at("2026-10-08T14:00"), [pause]) == 4 * HOUR


def test_a_pause_before_the_start_or_after_the_end_changes_nothing():
    early = (at("2026-11-18T09:00"), at("2026-11-18T10:00"))
    late = (at("2026-11-19T16:00"), at("2026-11-19T17:00"))
    assert due_at(CALENDAR, at("2026-11-19T09:00"), HOUR, [early, late]) == at("2026-11-19T10:00")


NEW_YORK = ZoneInfo("America/New_York")
NIGHT = WorkingCalendar(zone=NEW_YORK, week=((Span(0, 240),),) * 7)


def test_an_hour_that_does_not_exist_does_not_count():
    """On 8 March 2026 two o'clock is three o'clock: midnight to four are three hours."""
    assert working_time_between(NIGHT, at("2026-03-08T00:00", NEW_YORK), at("2026-03-08T04:00", NEW_YORK)) == 3 * HOUR
    assert add_working_time(NIGHT, at("2026-03-08T01:00", NEW_YORK), 2 * HOUR) == at("2026-03-08T04:00", NEW_YORK)


def test_an_hour_that_comes_twice_counts_twice():
    """On 1 November 2026 it is one o'clock twice."""
    assert working_time_between(NIGHT, at("2026-11-01T00:00", NEW_YORK), at("2026-11-01T04:00", NEW_YORK)) == 5 * HOUR
    assert add_working_time(NIGHT, at("2026-11-01T00:30", NEW_YORK), HOUR) == at("2026-11-01T01:30", NEW_YORK)
    second = at("2026-11-01T01:30", NEW_YORK, fold=1)
    assert add_working_time(NIGHT, at("2026-11-01T00:30", NEW_YORK), 2 * HOUR) == second


def test_a_day_that_an_island_left_out_does_not_count():
    """Samoa had no 30 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    always = WorkingCalendar(zone=apia, week=((Span(0, 1440),),) * 7, exceptions={date(2011, 12, 30): (Span(0, 60),)})
    assert working_time_between(always, at("2011-12-29T00:00", apia), at("2012-01-01T00:00", apia)) == 48 * HOUR


def test_a_calendar_without_work_refuses_instead_of_looking_for_ever():
    never = WorkingCalendar(zone=SHANGHAI, week=((),) * 7)
    with pytest.raises(NoWorkingTimeError):
        add_working_time(never, at("2026-11-19T09:00"), MINUTE)


def test_a_span_stays_within_its_day():
    with pytest.raises(ValueError, match="minute 600 to 600"):
        Span(600, 600)
    with pytest.raises(ValueError, match="minute 0 to 1441"):
        Span(0, 1441)


# --- against a model that asks every minute

ZONES = ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns", "UTC"]
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
TURNS = [
    datetime(2026, 3, 7, 20, tzinfo=UTC),
    datetime(2026, 4, 4, 5, tzinfo=UTC),
    datetime(2026, 4, 23, 12, tzinfo=UTC),
]
TURNS += [
    datetime(2026, 10, 3, 5, tzinfo=UTC),
    datetime(2026, 10, 31, 18, tzinfo=UTC),
    datetime(2026, 10, 29, tzinfo=UTC),
]


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    edges = sorted(draw(st.sets(st.sampled_from(range(0, 1441, 15)), max_size=6)))
    return tuple(Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    days = [BEGIN.date() + timedelta(days=n) for n in range(260)]
    kinds = draw(st.dictionaries(st.sampled_from(days), st.sampled_from(DayKind), max_size=20))
    return WorkingCalendar(
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        week=tuple(draw(spans()) for _ in range(7)),  # type: ignore[arg-type]
        makeup=draw(spans()),
        holiday=draw(spans()),
        exceptions=draw(st.dictionaries(st.sampled_from(days), spans(), max_size=5)),
        day_kind=lambda day: kinds.get(day, DayKind.USUAL),
    )


moments = st.builds(lambda turn, minutes: turn + minutes * MINUTE, st.sampled_from(TURNS), st.integers(0, 2000))


def plain(calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    """The model: ask every minute."""
    minutes = int((end - start) / MINUTE)
    return sum((MINUTE for n in range(minutes) if is_working(calendar, start + n * MINUTE)), timedelta())


@pytest.mark.slow
@given(calendars(), moments, st.integers(0, 2600))
def test_working_time_equals_what_asking_every_minute_finds(calendar, start, minutes):
    end = start + minutes * MINUTE
    assert working_time_between(calendar, start, end) == plain(calendar, start, end)


@pytest.mark.slow
@given(calendars(), moments, st.integers(1, 1500))
def test_adding_stops_at_the_first_minute_that_is_enough(calendar, start, minutes):
    try:
        end = add_working_time(calendar, start, minutes * MINUTE)
    except NoWorkingTimeError:
        assert working_time_between(calendar, start, start + timedelta(days=400)) < minutes * MINUTE
        return
    assert working_time_between(calendar, start, end) == minutes * MINUTE
    assert working_time_between(calendar, start, end - MINUTE) == (minutes - 1) * MINUTE
    assert is_working(calendar, end - MINUTE)


@pytest.mark.slow
@given(calendars(), moments, st.lists(st.integers(0, 400), min_size=4, max_size=4), st.integers(0, 600))
def test_pauses_take_away_exactly_the_minutes_within_them(calendar, start, gaps, minutes):
    edges = [start]
    for gap in gaps:
        edges.append(edges[-1] + gap * MINUTE)
    pauses = [(edges[1], edges[2]), (edges[3], edges[4])]
    end = edges[4] + minutes * MINUTE
    total = int((end - start) / MINUTE)
    counted = [start + n * MINUTE for n in range(total)]
    counted = [one for one in counted if not any(before <= one < after for before, after in pauses)]
    expected = sum((MINUTE for one in counted if is_working(calendar, one)), timedelta())
    assert used_time(calendar, start, end, pauses) == expected
    if expected:
        due = due_at(calendar, start, expected, pauses)
        assert due <= end
        assert used_time(calendar, start, due, pauses) == expected


@pytest.mark.slow
@given(calendars(), moments, st.integers(0, 10**9), st.integers(0, 10**9))
def test_parts_add_up_to_the_microsecond(calendar, start, first, second):
    middle = start + timedelta(microseconds=first * 97)
    end = middle + timedelta(microseconds=second * 97)
    whole = working_time_between(calendar, start, end)
    assert whole == working_time_between(calendar, start, middle) + working_time_between(calendar, middle, end)
