"""The calendar feed: a secret that can be withdrawn, no names, nothing injected."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from troth.worklist import feeds, ical, services
from troth.worklist.models import CalendarFeed, TaskKind

from .conftest import ACTOR, LATER, NOW, fresh, make

pytestmark = pytest.mark.django_db


def address(task_id):
    return f"https://troth.example/tasks/{task_id}/"


def read(tasks):
    return ical.calendar_of(tasks, address=address, now=NOW)


def test_the_secret_opens_the_calendar_until_it_is_withdrawn(li, wu):
    secret = services.open_feed(li.id, actor=ACTOR, now=NOW)
    assert services.read_feed(secret, now=LATER) == li
    assert services.read_feed(secret + "x", now=LATER) is None
    assert services.read_feed("", now=LATER) is None
    newer = services.open_feed(li.id, actor=ACTOR, now=NOW)
    assert services.read_feed(secret, now=LATER) is None
    assert services.close_feed(li.id, actor=ACTOR, now=NOW) is True
    assert services.close_feed(li.id, actor=ACTOR, now=NOW) is False
    assert services.read_feed(newer, now=LATER) is None


def test_the_secret_is_long_and_not_kept(li):
    secret = services.open_feed(li.id, actor=ACTOR, now=NOW)
    assert len(secret) >= 43
    assert secret not in str(CalendarFeed.objects.values().get())


def test_who_has_left_reads_nothing(li):
    secret = services.open_feed(li.id, actor=ACTOR, now=NOW)
    li.left_date = NOW.date()
    li.save()
    assert services.read_feed(secret, now=LATER) is None


def test_a_shut_login_reads_nothing_until_let_in_again(li):
    secret = services.open_feed(li.id, actor=ACTOR, now=NOW)
    for is_active in (False, True):
        li.user.is_active = is_active
        li.user.save()
        assert (services.read_feed(secret, now=LATER) == li) is is_active


def test_the_calendar_says_when_and_where_but_not_whom(li, ann):
    task = make(customer_id=ann.id, title="Call Ann 13800138000", facts={"phone": "13800138000"}, assignee_id=li.id)
    services.remind(task.id, at=NOW + timedelta(hours=3), actor=ACTOR, now=NOW)
    make("other", title="not mine")
    found = feeds.feed_tasks(li, NOW)
    text = read(found).decode()
    assert "Ann" not in text
    assert "13800138000" not in text
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event["summary"] == "Call"
    assert event["dtstart"].dt == task.due_at
    assert event["url"] == address(task.id)
    (alarm,) = event.walk("VALARM")
    assert alarm["trigger"].dt == NOW + timedelta(hours=3)


def test_closed_and_others_tasks_are_not_in_it(li, wu):
    make("a", assignee_id=wu.id)
    done = make("b", assignee_id=li.id)
    services.cancel(done.id, actor=ACTOR, now=NOW)
    assert list(feeds.feed_tasks(li, NOW)) == []


@pytest.mark.parametrize(
    "evil",
    [
        "Call\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:mine",
        "Call\nATTACH:https://evil.example/",
        "Call;X=1:2,3\\n\\",
        "Call\u2028BEGIN:VALARM",
    ],
)
def test_a_name_opens_no_line_of_its_own(li, evil):
    TaskKind.objects.create(code="evil", name=evil, outcomes=[{"code": "done", "label": "Done"}])
    make(kind="evil", assignee_id=li.id)
    text = read(feeds.feed_tasks(li, NOW)).decode()
    lines = text.replace("\r\n ", "").split("\r\n")
    assert [line.split(":")[0] for line in lines].count("BEGIN") == 2
    assert not [line for line in lines if line.startswith(("ATTACH", "BEGIN:VALARM"))]
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert str(event["summary"]).replace("\n", "").startswith("Call")


def test_the_reading_is_noted_now_and_then(li):
    secret = services.open_feed(li.id, actor=ACTOR, now=NOW)
    for minutes, noted in ((0, 0), (30, 0), (60, 0), (61, 61)):
        services.read_feed(secret, now=NOW + timedelta(minutes=minutes))
        found = CalendarFeed.objects.get().last_read_at
        assert found is not None
        assert found - NOW == timedelta(minutes=noted)


def test_a_task_that_changed_says_so(li):
    task = make(assignee_id=li.id)
    services.snooze(task.id, until=NOW + timedelta(days=4), actor=ACTOR, now=NOW)
    (event,) = Calendar.from_ical(read([fresh(task)]).decode()).walk("VEVENT")
    assert event["sequence"] == 2
    assert event["dtstart"].dt == NOW + timedelta(days=4)
