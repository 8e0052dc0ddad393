"""Days belong to a zone."""

from datetime import UTC, date, datetime

from troth.kit import clock


def test_the_business_day_is_the_zones_day():
    late_evening_utc = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
    assert clock.business_date(late_evening_utc, "Asia/Shanghai") == date(2026, 3, 2)
    assert clock.business_date(late_evening_utc, "America/New_York") == date(2026, 3, 1)


def test_a_day_starts_at_its_zones_midnight():
    assert clock.day_start(date(2026, 3, 2), "Asia/Shanghai") == datetime(2026, 3, 1, 16, tzinfo=UTC)


def test_a_day_whose_midnight_is_skipped_starts_when_the_clock_goes_on():
    # Beirut 2026-03-29: the clock goes from 00:00 straight to 01:00.
    start = clock.day_start(date(2026, 3, 29), "Asia/Beirut")
    assert clock.business_date(start, "Asia/Beirut") == date(2026, 3, 29)
    assert start == datetime(2026, 3, 28, 22, tzinfo=UTC)
