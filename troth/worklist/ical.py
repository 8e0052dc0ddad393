"""Tasks as a calendar (RFC 5545). It says what kind of work is due when, and where to open it: no name, no phone."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from .kinds import Kind, kinds_by_code
from .models import Task

LENGTH = timedelta(minutes=15)


def calendar_of(tasks: Iterable[Task], *, address: Callable[[UUID], str], now: datetime) -> bytes:
    """Return the tasks as a calendar file. address: gives the page of a task."""
    rows = list(tasks)
    kinds = kinds_by_code({task.task_kind for task in rows})
    calendar = Calendar()
    calendar.add("prodid", "-//Troth//Tasks//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Tasks"))
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"value": "DURATION"})
    for task in rows:
        calendar.add_component(_event(task, kinds, address(task.id), now))
    return bytes(calendar.to_ical())


def _event(task: Task, kinds: dict[str, Kind], url: str, now: datetime) -> Event:
    kind = kinds.get(task.task_kind)
    name = str(kind) if kind else task.task_kind
    event = Event()
    event.add("uid", f"{task.id}@troth")
    event.add("dtstamp", now)
    event.add("last-modified", task.updated_at)
    event.add("sequence", task.revision)
    event.add("summary", name)
    starts_at = task.due_at or task.created_at
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + LENGTH)
    event.add("url", url)
    event.add("description", url)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    if task.remind_at is not None:
        event.add_component(_alarm(task.remind_at, name))
    return event


def _alarm(at: datetime, name: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", name)
    alarm.add("trigger", at)
    return alarm
