"""Reading working calendars."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from ..models import WorkCalendar, WorkCalendarVersion
from .documents import compiled
from .errors import CalendarNotFoundError
from .working import WorkingCalendar

_ready: dict[UUID, WorkingCalendar] = {}


def calendars() -> QuerySet[WorkCalendarVersion]:
    """Return the newest version of every calendar, by code."""
    newest = WorkCalendarVersion.objects.filter(calendar=OuterRef("calendar")).order_by("-number").values("id")[:1]
    found = WorkCalendarVersion.objects.filter(id=Subquery(newest)).select_related("calendar")
    return found.order_by("calendar__code")


def calendar(code: str) -> WorkCalendarVersion:
    """Return the newest version of a calendar.

    Raises:
        CalendarNotFoundError: no such calendar.
    """
    found = calendars().filter(calendar__code=code).first()
    if found is None:
        raise CalendarNotFoundError(code)
    return found


def calendar_codes() -> set[str]:
    """Return the codes of all calendars."""
    return set(WorkCalendar.objects.values_list("code", flat=True))


def working_calendar(version: WorkCalendarVersion) -> WorkingCalendar:
    """Return a version ready to count; versions never change, so each is made ready once."""
    if version.id not in _ready:
        _ready[version.id] = compiled(version.document)
    return _ready[version.id]
