"""What waits for its moment: messages put off, tasks due, reminders of surveys. Each counts customers, not pieces."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.messaging import queries as messaging
from troth.voice.surveys import queries as surveys
from troth.worklist import queries as worklist
from troth.worklist.models import COMPANY_OWNER

from .. import source
from ..source import Frame, Source, Tally


def register() -> None:
    """Register the three."""
    source.register(
        Source("messages", _("Messages put off"), "mail", Permission.MESSAGES_VIEW,
               lambda since, until, frame: _by_day(_delayed(since, until, frame), "due_at", frame),
               lambda day, _ref, frame: _owners(_delayed(day, day, frame)), 50, is_sent=True),
        Source("tasks", _("Tasks due"), "phone-call", Permission.TASKS_VIEW,
               lambda since, until, frame: _by_day(_tasks(since, until, frame), "due_at", frame),
               lambda day, _ref, frame: _owners(_tasks(day, day, frame)), 60),
        Source("surveys", _("Survey reminders"), "clipboard-list", Permission.SURVEYS_VIEW,
               lambda since, until, frame: _by_day(_reminders(since, until, frame), "remind_at", frame),
               lambda day, _ref, frame: _owners(_reminders(day, day, frame)), 70, is_sent=True),
    )  # fmt: skip


def _delayed(since: date, until: date, frame: Frame) -> QuerySet[Any]:
    start, end = frame.moments(since, until)
    wanted = messaging.ContactFilter(states=("delayed",))
    return messaging.contacts(wanted).filter(due_at__gte=start, due_at__lt=end)


def _tasks(since: date, until: date, frame: Frame) -> QuerySet[Any]:
    """Return open tasks that concern a customer."""
    start, end = frame.moments(since, until)
    found = worklist.tasks(worklist.TaskFilter(state="open"), actor=frame.actor, now=frame.now)
    return found.filter(due_at__gte=start, due_at__lt=end).exclude(owner_id=COMPANY_OWNER)


def _reminders(since: date, until: date, frame: Frame) -> QuerySet[Any]:
    return surveys.reminders_due(*frame.moments(since, until))


def _by_day(found: QuerySet[Any], column: str, frame: Frame) -> Sequence[Tally]:
    rows = found.order_by().annotate(day=TruncDate(column, tzinfo=ZoneInfo(frame.zone))).values_list("day")
    return [Tally(day, count) for day, count in rows.annotate(count=Count("owner_id", distinct=True))]


def _owners(found: QuerySet[Any]) -> QuerySet[Any, Any]:
    return found.order_by("owner_id").values_list("owner_id", flat=True).distinct()
