"""Writing working calendars."""

import re
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from ..models import WorkCalendar, WorkCalendarVersion
from .documents import CalendarFields, OwnDay, document_of, fields_of, split_spans
from .errors import CalendarRefusedError

__all__ = ["CalendarFields", "OwnDay", "fields_of", "save_calendar", "split_spans"]

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@transaction.atomic
def save_calendar(*, actor: Actor, now: datetime, fields: CalendarFields) -> WorkCalendarVersion:
    """Make a working calendar, or publish new hours of one; what was opened before keeps counting by its own.

    Saved with the hours that hold already, nothing new is published.

    Raises:
        CalendarRefusedError: a field breaks its rule.
    """
    if not _CODE.fullmatch(fields.code):
        text = _("The code of a calendar has 1 to 40 small letters, digits and hyphens.")
        raise CalendarRefusedError(text, field="code", value=fields.code)
    if not 1 <= len(fields.name.strip()) <= 120 or len(fields.name_zh) > 120:
        raise CalendarRefusedError(_("Give the calendar a name of 1 to 120 characters."), field="name")
    document = document_of(fields)
    calendar, _is_new = WorkCalendar.objects.update_or_create(
        code=fields.code,
        defaults={"name": fields.name.strip(), "name_zh": fields.name_zh.strip()},
        create_defaults={"name": fields.name.strip(), "name_zh": fields.name_zh.strip(), "created_at": now},
    )
    newest = calendar.versions.order_by("-number").first()
    if newest is not None and newest.document == document:
        return newest
    number = (calendar.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = WorkCalendarVersion.objects.create(
        calendar=calendar, number=number, document=document, created_at=now, created_by=actor.code
    )
    data = {"calendar": calendar.code, "number": number}
    events.append("voice.calendar.published", actor=actor, now=now, data=data)
    return version
