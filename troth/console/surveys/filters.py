"""The filter bar above results and answers: what is chosen, what may be chosen, and how it is said."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from troth.insights.models import Band
from troth.kit.clock import utc_now
from troth.segments import queries as segments
from troth.staff import queries as staff
from troth.voice.models import InformationKind
from troth.voice.surveys import narrowing, queries
from troth.voice.surveys.document.shapes import SurveyDocument
from troth.voice.surveys.narrowing import Narrow

from .frame import language
from .words import answer_words, need_words, theme_words

PERIODS = (30, 90, 365, 0)


@dataclass(frozen=True, slots=True)
class Select:
    """One drop-down: name, label, options (value, text, is chosen)."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]


def read(query: QueryDict) -> Narrow:
    """Return the filters of an address; `days` counts back from the company's today."""
    found = narrowing.read({name: str(query.get(name, "")) for name in query})
    days = query.get("days", "")
    if days.isascii() and days.isdigit() and 0 < int(days[:4]) <= 3650:
        today = staff.company().today(utc_now())
        period = narrowing.last_days(today, int(days[:4]))
        return narrowing.Narrow(**{**_values(found), "since": period.since, "until": period.until})
    return found


def _values(narrow: Narrow) -> dict[str, Any]:
    return {name: getattr(narrow, name) for name in narrow.__slots__}


def selects(query: QueryDict, survey_id: UUID) -> list[Select]:
    """Return the drop-downs of the filter bar; stores and staff are those of whom there are answers."""
    periods = [(str(days) if days else "", _period(days)) for days in PERIODS]
    groups = [(str(one.id), str(one)) for one in segments.segments() if one.is_published]
    store_codes, staff_codes = queries.about_whom(survey_id)
    stores = [(one.code, one.name) for one in staff.stores() if one.code in store_codes]
    people = [(one.code, one.name) for one in staff.people() if one.code in staff_codes]
    found = [
        _select(query, "days", _("Time span"), [*periods]),
        _select(query, "band", _("Value band"), [("", _("All value bands")), *Band.choices]),
        _select(query, "segment", _("Segment"), [("", _("All customers")), *groups]),
    ]
    if stores or query.get("store"):
        found.append(_select(query, "store", _("Store"), [("", _("All stores")), *stores]))
    if people or query.get("staff"):
        found.append(_select(query, "staff", _("Staff"), [("", _("All staff")), *people]))
    return found


def _select(query: QueryDict, name: str, label: str, options: Iterable[tuple[str, Any]]) -> Select:
    chosen = query.get(name, "")
    return Select(name, label, [(value, str(text), value == chosen) for value, text in options])


def _period(days: int) -> str:
    return _("Last %(days)d days") % {"days": days} if days else _("All the time")


def said(narrow: Narrow, document: SurveyDocument | None) -> list[str]:
    """Return what narrows beyond the drop-downs, in words."""
    found = []
    if narrow.question and document is not None:
        question = document.question(narrow.question)
        if question is not None:
            answer = answer_words(question, narrow.item, narrow.choice, narrow.number)
            found.append(f"{question.short(language())}: {answer}" if answer else question.short(language()))
    if narrow.need in need_words():
        found.append(need_words()[narrow.need])
    if narrow.asked:
        found.append(_("answers to an invitation"))
    if narrow.tag in InformationKind.values:
        found.append(str(InformationKind(narrow.tag).label))
    if narrow.theme:
        found.append(theme_words().get(narrow.theme, narrow.theme))
    if narrow.word:
        found.append(_("“%(word)s”") % {"word": narrow.word})
    if narrow.segment and _segment(narrow.segment):
        found.append(_segment(narrow.segment))
    return found


def _segment(segment_id: UUID) -> str:
    return next((str(one) for one in segments.segments() if one.id == segment_id), "")
