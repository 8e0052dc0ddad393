"""The document that is a working calendar: read from texts such as "09:00-12:00", checked, made ready to count."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from troth.kit import festivals
from troth.kit.clock import time_zones

from .errors import CalendarRefusedError
from .working import DayKind, Span, Spans, WorkingCalendar, usual_days

MOST_EXCEPTIONS = 400
MOST_SPANS = 12
WEEKDAYS = 7
_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*(?:-|–|—|~|～|至|to)\s*(\d{1,2})[:：](\d{2})")
_SEPARATORS = re.compile(r"[,，;；、\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDay:
    """A day that the company keeps otherwise than the calendar says; no spans: nobody works."""

    day: date
    spans: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFields:
    """What a working calendar says, in people's terms. Spans are texts such as "09:00-12:00"; "24:00" ends a day.

    country: ISO code of the country whose holidays and make-up workdays hold, "" for none; makeup: what a make-up
    workday is worked; holiday: what a holiday is.
    """

    code: str
    name: str
    name_zh: str = ""
    zone: str
    country: str = ""
    week: tuple[tuple[str, ...], ...]
    makeup: tuple[str, ...] = ()
    holiday: tuple[str, ...] = ()
    own_days: tuple[OwnDay, ...] = ()


def document_of(fields: CalendarFields) -> dict[str, Any]:
    """Return the document to be stored.

    Raises:
        CalendarRefusedError: names the first field that breaks its rule.
    """
    if fields.zone not in time_zones():
        raise _refused("zone", fields.zone, _("write a time zone such as Asia/Shanghai"))
    if fields.country and not re.fullmatch(r"[A-Z]{2}", fields.country):
        raise _refused("country", fields.country, _("write two capital letters such as CN, or nothing"))
    if len(fields.week) != WEEKDAYS:
        raise _refused("week", len(fields.week), _("give the hours of seven days"))
    if len(fields.own_days) > MOST_EXCEPTIONS:
        raise _refused("own_days", len(fields.own_days), _("give at most %d days") % MOST_EXCEPTIONS)
    week = [_texts(read_spans(day, "week")) for day in fields.week]
    if not any(week):
        raise _refused("week", "", _("give at least one day with hours"))
    return {
        "zone": fields.zone,
        "country": fields.country,
        "week": week,
        "makeup": _texts(read_spans(fields.makeup, "makeup")),
        "holiday": _texts(read_spans(fields.holiday, "holiday")),
        "own_days": _own_days(fields.own_days),
    }


def read_spans(texts: Sequence[str], field: str) -> Spans:
    """Return the spans of a day in order.

    Raises:
        CalendarRefusedError: a text is no span, or two overlap.
    """
    if len(texts) > MOST_SPANS:
        raise _refused(field, len(texts), _("give at most %d spans a day") % MOST_SPANS)
    spans = sorted(_span(text, field) for text in texts)
    for before, after in pairwise(spans):
        if after.start < before.end:
            raise _refused(field, _text(after), _("two spans of a day must not overlap"))
    return tuple(spans)


def split_spans(text: str) -> tuple[str, ...]:
    """Return the spans that somebody typed into one line: "09:00-12:00, 13:00-18:00"."""
    return tuple(part.strip() for part in _SEPARATORS.split(text) if part.strip())


def fields_of(code: str, name: str, name_zh: str, document: dict[str, Any]) -> CalendarFields:
    """Return a stored document in people's terms."""
    return CalendarFields(
        code=code,
        name=name,
        name_zh=name_zh,
        zone=document["zone"],
        country=document["country"],
        week=tuple(tuple(day) for day in document["week"]),
        makeup=tuple(document["makeup"]),
        holiday=tuple(document["holiday"]),
        own_days=tuple(
            OwnDay(day=date.fromisoformat(one["date"]), spans=tuple(one["spans"]), name=one["name"])
            for one in document["own_days"]
        ),
    )


def compiled(document: dict[str, Any]) -> WorkingCalendar:
    """Return the calendar that a stored document describes, ready to count."""
    week = [read_spans(day, "week") for day in document["week"]]
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = week
    country = document["country"]
    return WorkingCalendar(
        zone=ZoneInfo(document["zone"]),
        week=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
        makeup=read_spans(document["makeup"], "makeup"),
        holiday=read_spans(document["holiday"], "holiday"),
        exceptions={
            date.fromisoformat(one["date"]): read_spans(one["spans"], "own_days") for one in document["own_days"]
        },
        day_kind=_days_of(country) if country else usual_days,
    )


class _Days:
    """What a country makes of its days, asked once a day."""

    def __init__(self, country: str) -> None:
        self.country = country
        self.known: dict[date, DayKind] = {}

    def __call__(self, day: date) -> DayKind:
        if day not in self.known:
            self.known[day] = self._ask(day)
        return self.known[day]

    def _ask(self, day: date) -> DayKind:
        """Weekends are the week's own matter here: a shop may be open on Sundays, and closed on holidays."""
        found = festivals.day_off_kind(day, self.country)
        if found in {festivals.DayKind.HOLIDAY, festivals.DayKind.IN_LIEU}:
            return DayKind.HOLIDAY
        return DayKind.MAKEUP if found is festivals.DayKind.MAKEUP_WORKDAY else DayKind.USUAL


_countries: dict[str, _Days] = {}


def _days_of(country: str) -> _Days:
    return _countries.setdefault(country, _Days(country))


def _own_days(given: Iterable[OwnDay]) -> list[dict[str, Any]]:
    found: dict[date, dict[str, Any]] = {}
    for one in given:
        if one.day in found:
            raise _refused("own_days", one.day.isoformat(), _("name each day once"))
        if len(one.name) > 80:
            raise _refused("own_days", one.name[:20], _("write at most 80 characters"))
        spans = _texts(read_spans(one.spans, "own_days"))
        found[one.day] = {"date": one.day.isoformat(), "spans": spans, "name": one.name}
    return [found[day] for day in sorted(found)]


def _span(text: str, field: str) -> Span:
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise _refused(field, text[:40], _("write hours such as 09:00-12:00"))
    hours = [int(part) for part in match.groups()]
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or not 0 <= start < end <= 24 * 60:
        raise _refused(field, text[:40], _("the end must lie after the start, both between 00:00 and 24:00"))
    return Span(start, end)


def _texts(spans: Iterable[Span]) -> list[str]:
    return [_text(span) for span in spans]


def _text(span: Span) -> str:
    return f"{span.start // 60:02}:{span.start % 60:02}-{span.end // 60:02}:{span.end % 60:02}"


def _refused(field: str, value: object, way_out: str) -> CalendarRefusedError:
    return CalendarRefusedError(f"{field} “{value}”: {way_out}.", field=field, value=str(value))
