"""A month of the care calendar: whose day it is, what ends, and who may see it."""

from datetime import UTC, date, datetime

import pytest

from troth.access.actors import Actor, system_actor
from troth.access.permissions import Permission
from troth.care.calendar import queries as calendar
from troth.customers import services as customers
from troth.kit.festivals import DayKind
from troth.staff import services as staff

NOW = datetime(2026, 9, 1, 2, tzinfo=UTC)
SYSTEM = system_actor("test")


@pytest.fixture
def company(db: None):
    return staff.set_up_company(actor=SYSTEM, now=NOW, name="Test & Co", time_zone="Asia/Shanghai", country="CN")


def person(name: str, **fields):
    return customers.create_customer(actor=SYSTEM, now=NOW, name=name, identities=[], **fields)


def test_a_month_has_whole_weeks_festivals_and_the_people_of_each_day(company):
    lin = person("Lin", birth_date=date(1988, 9, 25), is_lunar_birthday=True)
    wang = person("Wang", birth_date=date(1990, 9, 25))
    month = calendar.month(date(2026, 9, 1), actor=SYSTEM, now=NOW)
    assert [len(week) for week in month.weeks] == [7] * 5
    assert (month.weeks[0][0].date, month.weeks[-1][-1].date) == (date(2026, 8, 31), date(2026, 10, 4))
    day = next(one for one in month.days if one.date == date(2026, 9, 25))
    assert [one.label_zh for one in day.festivals] == ["中秋节"]
    assert day.kind is DayKind.HOLIDAY
    assert day.lunar is not None
    assert day.lunar.day_name == "十五"
    assert [(one.source.code, one.tally.count) for one in day.entries] == [("birthday", 2)]
    assert set(calendar.people(day.entries[0], now=NOW)) == {lin.id, wang.id}
    makeup = next(one for one in month.days if one.date == date(2026, 9, 20))
    assert makeup.kind is DayKind.MAKEUP_WORKDAY
    assert not month.is_empty
    assert month.gaps == []


def test_nobody_sees_what_he_has_no_right_to(company):
    person("Lin", birth_date=date(1990, 9, 25))
    stranger = Actor(kind="user", id="1", label="1", permissions=frozenset({Permission.JOURNEYS_VIEW}))
    assert calendar.month(date(2026, 9, 1), actor=stranger, now=NOW).is_empty
    assert calendar.entry("birthday", date(2026, 9, 25), "", actor=stranger, now=NOW) is None
    assert calendar.entry("no-such", date(2026, 9, 25), "", actor=SYSTEM, now=NOW) is None


def test_what_is_not_published_yet_is_said(company):
    month = calendar.month(date(2050, 1, 1), actor=SYSTEM, now=NOW)
    assert [(gap.year, gap.missing.value) for gap in month.gaps] == [(2050, "arrangement")]
