"""The company's own kinds of events: defined once with a label and typed fields, then appended by its programs.

Their names begin with "custom.", so that they never meet one of ours. Data are small and typed: codes, numbers,
days. Free text is refused, because the log is never rewritten and must hold nothing that erasure would have to.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from troth.kit.languages import in_language

from .errors import EventRefusedError, EventTypeChangedError, EventTypeRefusedError, EventTypeUnknownError
from .models import MAX_FIELDS, CustomEventType, FieldType
from .registry import EventType

PREFIX = "custom."
MAX_TYPES = 500
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(days=1)  # the sender's clock may be ahead of ours, or set to another zone

_NAME = re.compile(r"custom\.[a-z][a-z0-9_]{0,29}\.[a-z][a-z0-9_]{0,39}")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,63}")
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,4})?")


def as_event_type(row: CustomEventType) -> EventType:
    """Return the kind in the form of the registry, its label in the language in force."""
    label = in_language(row.label, row.label_zh)
    return EventType(row.name, label, {code: str(FieldType(kind).label) for code, kind in row.fields.items()}, "bolt")


def check_type(name: str, label: str, fields: Mapping[str, str]) -> None:
    """Refuse a definition that breaks a rule, naming field, value and way out."""
    if not _NAME.fullmatch(name):
        text = _("Name it custom.thing.happened: lower-case letters, digits and _, for example custom.app.opened.")
        raise EventTypeRefusedError(text, field="name", value=name[:80])
    if not 1 <= len(label.strip()) <= 80:
        raise EventTypeRefusedError(
            _("Give it a label of 1 to 80 characters, as the timeline shows it."), field="label"
        )
    if len(fields) > MAX_FIELDS:
        text = _("%(count)s fields; at most %(limit)s are kept.") % {"count": len(fields), "limit": MAX_FIELDS}
        raise EventTypeRefusedError(text, field="fields", limit=MAX_FIELDS)
    for code, kind in fields.items():
        if not _FIELD.fullmatch(code):
            text = _("Field “%(code)s”: use lower-case letters, digits and _, beginning with a letter, at most 40.")
            raise EventTypeRefusedError(text % {"code": code[:60]}, field="fields", value=code[:60])
        if kind not in FieldType.values:
            text = _("Field “%(code)s” has no type “%(kind)s”; use one of: %(allowed)s.")
            names = {"code": code, "kind": str(kind)[:40], "allowed": ", ".join(FieldType.values)}
            raise EventTypeRefusedError(text % names, field="fields", value=str(kind)[:40])


@transaction.atomic
def define(
    *, name: str, label: str, label_zh: str, fields: Mapping[str, str], now: datetime
) -> tuple[CustomEventType, bool]:
    """Store the kind of this name and tell whether that changed anything; see `services.define_event_type`."""
    check_type(name, label, fields)
    row = CustomEventType.objects.select_for_update().filter(name=name).first()
    new = {"label": label.strip(), "label_zh": label_zh.strip()[:80], "fields": dict(fields)}
    if row is None:
        if CustomEventType.objects.count() >= MAX_TYPES:
            text = _("There are %(limit)s kinds of events already; put what differs into a field instead.")
            raise EventTypeRefusedError(text % {"limit": MAX_TYPES}, field="name", limit=MAX_TYPES)
        return CustomEventType.objects.create(name=name, created_at=now, updated_at=now, **new), True
    for code, kind in row.fields.items():
        if fields.get(code) != kind:
            text = _("Field “%(code)s” of %(name)s is of type %(kind)s and stays so. Add a field of another name.")
            raise EventTypeChangedError(text % {"code": code, "name": name, "kind": kind}, field="fields", value=code)
    if all(getattr(row, field) == value for field, value in new.items()):
        return row, False
    for field, value in new.items():
        setattr(row, field, value)
    row.updated_at = now
    row.save()
    return row, True


def checked(
    name: str, data: Mapping[str, Any], occurred_at: datetime, types: Mapping[str, CustomEventType], now: datetime
) -> dict[str, Any]:
    """Return the data of an event of the company's own, or refuse it."""
    row = types.get(name)
    if row is None:
        text = _("There is no kind of event “%(name)s”. Define it first: PUT /api/v1/event-types/%(name)s.")
        raise EventTypeUnknownError(text % {"name": name[:80]}, field="name", value=name[:80])
    if not EARLIEST <= occurred_at <= now + CLOCK_TOLERANCE:
        text = _("occurred_at %(value)s: must lie after 1970 and not in the future.")
        raise EventRefusedError(text % {"value": occurred_at.isoformat()}, field="occurred_at")
    for code, value in data.items():
        kind = row.fields.get(code)
        if kind is None:
            text = _("%(name)s has no field “%(code)s”; it has: %(known)s.")
            names = {"name": name, "code": code[:60], "known": ", ".join(sorted(row.fields)) or "–"}
            raise EventRefusedError(text % names, field=code[:60])
        if not _FITS[FieldType(kind)](value):
            text = _("%(name)s: %(code)s %(value)s: must be %(rule)s.")
            names = {"name": name, "code": code, "value": str(value)[:80], "rule": str(FieldType(kind).label)}
            raise EventRefusedError(text % names, field=code, value=str(value)[:80])
    return dict(data)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and date.fromisoformat(value) is not None
    except ValueError:
        return False


_FITS: dict[FieldType, Callable[[Any], bool]] = {
    FieldType.CODE: lambda value: isinstance(value, str) and bool(_CODE.fullmatch(value)),
    FieldType.WHOLE: _is_whole,
    FieldType.NUMBER: lambda value: isinstance(value, str) and bool(_NUMBER.fullmatch(value)),
    FieldType.BOOLEAN: lambda value: isinstance(value, bool),
    FieldType.DATE: _is_day,
}
