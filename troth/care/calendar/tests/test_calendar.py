"""A month of the care calendar: whose day it is, what ends, and who may see it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.access.actors import Actor, system_actor
from troth.access.permissions import Permission
from troth.care.calendar import queries as calendar
from troth.care.journeys import services as journeys
from troth.customers import services as customers
from troth.kit.festivals import DayKind
from troth.staff import services as staff
from troth.worklist import services as worklist

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
    assert set(calendar.people(day.entries[0], actor=SYSTEM, now=NOW)) == {lin.id, wang.id}
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


@pytest.mark.slow
def test_what_is_not_published_yet_is_said(company):
    month = calendar.month(date(2050, 1, 1), actor=SYSTEM, now=NOW)
    assert [(gap.year, gap.missing.value) for gap in month.gaps] == [(2050, "arrangement")]


@pytest.mark.slow
def test_who_goes_on_by_time_and_whose_day_will_let_them_in(company):
    lin = person("Lin", birth_date=date(1990, 9, 25))
    moon = person("Moon", birth_date=date(1988, 9, 25), is_lunar_birthday=True)
    birthday = running("birthday", "{type: date, of: birthday, days: -3}")
    lunar = running("lunar", "{type: date, of: lunar_birthday, days: -3}")
    feast = running("feast", "{type: date, of: festival, festival: mid_autumn, days: -5}")
    waiting = running("waiting", "{type: list}")
    journeys.enter(actor=SYSTEM, now=NOW, journey_id=waiting.id, customer_ids=[lin.id])
    journeys.advance(actor=SYSTEM, now=NOW)
    month = calendar.month(date(2026, 9, 1), actor=SYSTEM, now=NOW)
    found = {
        (entry.tally.date.day, entry.source.code, entry.tally.ref): entry
        for day in month.days
        for entry in day.entries
        if entry.source.code in ("journey", "entry")
    }
    assert {place: entry.tally.count for place, entry in found.items()} == {
        (22, "entry", str(birthday.id)): 1,
        (22, "entry", str(lunar.id)): 1,
        (20, "entry", str(feast.id)): 2,
        (3, "journey", str(waiting.id)): 1,
    }
    behind = {place[2]: set(calendar.people(entry, actor=SYSTEM, now=NOW)) for place, entry in found.items()}
    assert behind == {
        str(birthday.id): {lin.id}, str(lunar.id): {moon.id}, str(feast.id): {lin.id, moon.id},
        str(waiting.id): {lin.id},
    }  # fmt: skip


@pytest.mark.slow
def test_days_gone_by_promise_nothing(company):
    person("Lin", birth_date=date(1990, 8, 25))
    running("birthday", "{type: date, of: birthday}")
    month = calendar.month(date(2026, 8, 1), actor=SYSTEM, now=NOW)
    assert {entry.source.code for day in month.days for entry in day.entries} == {"birthday"}


def running(code: str, entry: str):
    text = f"journey: {code}\nname: {code}\nentry: {entry}\nsteps:\n  - {{id: rest, type: wait, days: 2}}\n"
    made = journeys.create_journey(actor=SYSTEM, now=NOW, text=text)
    journeys.publish(actor=SYSTEM, now=NOW, journey_id=made.id)
    return made


def test_tasks_and_messages_that_wait_count_customers(company):
    lin = person("Lin")
    drafts = [
        worklist.TaskDraft(
            key=key, kind="call", title="Call", customer_id=owner, team="", assignee_id=None,
            due_at=NOW + timedelta(days=3), script="", facts={}, source="test",
        )
        for key, owner in (("a", lin.id), ("b", lin.id), ("c", None))
    ]  # fmt: skip
    worklist.create_tasks(drafts, actor=SYSTEM, now=NOW)
    month = calendar.month(date(2026, 9, 1), actor=SYSTEM, now=NOW)
    entries = [entry for day in month.days for entry in day.entries]
    assert [(entry.source.code, entry.tally.date, entry.tally.count) for entry in entries] == [
        ("tasks", date(2026, 9, 4), 1)
    ]
    assert list(calendar.people(entries[0], actor=SYSTEM, now=NOW)) == [lin.id]


@pytest.mark.slow
def test_whose_day_will_let_them_in_are_those_of_the_audience(company):
    lin = person("Lin", birth_date=date(1990, 9, 25))
    person("Wang", birth_date=date(2001, 9, 25))
    person("Zhao", birth_date=date(2001, 9, 26))
    text = (
        "journey: cheers\nname: Cheers\n"
        "audience: {field: customer.age, operator: at_least, value: 30}\n"
        "entry: {type: date, of: birthday, days: 1}\nsteps:\n  - {id: a, type: wait, days: 1}\n"
    )
    journey = journeys.create_journey(actor=SYSTEM, now=NOW, text=text)
    journeys.publish(actor=SYSTEM, now=NOW, journey_id=journey.id)
    month = calendar.month(date(2026, 9, 1), actor=SYSTEM, now=NOW)
    found = [(day.date, one) for day in month.days for one in day.entries if one.source.code == "entry"]
    assert [(day, one.tally.count) for day, one in found] == [(date(2026, 9, 26), 1)]
    assert list(calendar.people(found[0][1], actor=SYSTEM, now=NOW)) == [lin.id]
