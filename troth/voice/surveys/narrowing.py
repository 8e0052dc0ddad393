"""Which answer sheets stand behind a figure: one set of filters for results, lists and their links."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from troth.kit import clock
from troth.segments import queries as segments
from troth.staff import queries as staff
from troth.value.voice import kano, texts
from troth.value.voice.bands import BANDS, ScoreKind

from ..models import SILENT, Answer, AnswerSheet, InformationTag, Invitation, SheetState
from .document.shapes import KANO_HALVES

MOST_TEXTS = 20_000
"""So many newest texts are read for keywords and themes; more would say the same, later."""
GOOD, MIDDLE, BAD = "good", "middle", "bad"


@dataclass(frozen=True, slots=True)
class Narrow:
    """What is looked at; empty narrows nothing. side: good, middle or bad by the main score; days inclusive.

    question with item, choice, number: whoever answered so; need: what a Kano question's pair says; asked: "yes" for
    those who answered an invitation; tag: kind of information; theme, word: of the texts.
    """

    state: str = SheetState.COMPLETE
    since: date | None = None
    until: date | None = None
    store: str = ""
    staff: str = ""
    band: str = ""
    language: str = ""
    segment: UUID | None = None
    side: str = ""
    question: str = ""
    item: str = ""
    choice: str = ""
    number: int | None = None
    need: str = ""
    asked: str = ""
    tag: str = ""
    theme: str = ""
    word: str = ""

    @property
    def is_of_answers(self) -> bool:
        """Tell whether it narrows by what was answered, so that nothing can be said of who did not."""
        return any(getattr(self, name) for name in OF_ANSWERS)

    def given(self) -> dict[str, Any]:
        """Return what narrows, by name."""
        found = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "state"}
        return {name: value for name, value in found.items() if value not in (None, "")}


def sheets(survey_id: UUID, narrow: Narrow, kind: ScoreKind | None) -> QuerySet[AnswerSheet]:
    """Return the answer sheets that fit, the newest first; kind: of the main score, for `side`."""
    found = AnswerSheet.objects.filter(survey_id=survey_id)
    if narrow.state:
        found = found.filter(state=narrow.state)
    plain = {"store": "store_code", "staff": "staff_code", "band": "band", "language": "language"}
    found = found.filter(**{column: value for name, column in plain.items() if (value := getattr(narrow, name))})
    if narrow.since:
        found = found.filter(measured_date__gte=narrow.since)
    if narrow.until:
        found = found.filter(measured_date__lte=narrow.until)
    if narrow.segment:
        found = found.filter(owner_id__in=segments.member_ids(narrow.segment))
    if narrow.side:
        found = found.filter(side(narrow.side, kind))
    if narrow.asked:
        found = found.filter(invitation_id__isnull=False)
    if narrow.question:
        found = found.filter(id__in=_answered_so(survey_id, narrow))
    if narrow.question and narrow.need:
        found = found.filter(id__in=_needing_so(survey_id, narrow))
    if narrow.tag:
        tagged = InformationTag.objects.filter(information_kind=narrow.tag, is_removed=False)
        found = found.filter(id__in=tagged.values("sheet_id"))
    if narrow.theme or narrow.word:
        found = found.filter(id__in=_speaking_of(found, narrow))
    return found.order_by("-updated_at", "id")


PLAIN = (
    "store",
    "staff",
    "band",
    "language",
    "asked",
    "side",
    "question",
    "item",
    "choice",
    "need",
    "tag",
    "theme",
    "word",
)
OF_ANSWERS = ("side", "question", "need", "tag", "theme", "word")
"""What narrows answers and means nothing of those who gave none."""


def invitations(survey_id: UUID, narrow: Narrow) -> QuerySet[Invitation]:
    """Return the invitations that fit as far as invitations can: by the day they were made, store, staff, band,
    language and segment.
    """
    found = Invitation.objects.filter(survey_id=survey_id)
    plain = {"store": "store_code", "staff": "staff_code", "band": "band", "language": "language"}
    found = found.filter(**{column: value for name, column in plain.items() if (value := getattr(narrow, name))})
    company = staff.company_or_none()
    zone = company.time_zone if company else "UTC"
    if narrow.since:
        found = found.filter(invited_at__gte=clock.day_start(narrow.since, zone))
    if narrow.until:
        found = found.filter(invited_at__lt=clock.day_start(narrow.until + timedelta(days=1), zone))
    if narrow.segment:
        found = found.filter(owner_id__in=segments.member_ids(narrow.segment))
    return found


def silent(survey_id: UUID, narrow: Narrow) -> QuerySet[Invitation]:
    """Return the invitations that reached somebody and were not answered, the newest first; see `invitations`."""
    return invitations(survey_id, narrow).filter(state__in=SILENT).order_by("-invited_at", "id")


def side(name: str, kind: ScoreKind | None) -> Q:
    """Return the condition of a side of the main score; of a kind without sides nobody is on one."""
    if kind is None:
        return Q(pk__in=())
    band = BANDS[kind]
    ways = {
        GOOD: Q(score__gte=band.good_from),
        MIDDLE: Q(score__gt=band.bad_to, score__lt=band.good_from),
        BAD: Q(score__lte=band.bad_to),
    }
    return ways.get(name, Q(pk__in=()))


def written(found: QuerySet[AnswerSheet]) -> dict[UUID, str]:
    """Return what each of these sheets says in words, all its texts together, of the newest texts."""
    rows = Answer.objects.filter(sheet_id__in=found.order_by().values("id")).exclude(text="").order_by("-id")
    said: dict[UUID, str] = {}
    for sheet_id, text in rows.values_list("sheet_id", "text")[:MOST_TEXTS]:
        said[sheet_id] = f"{text}\n{said[sheet_id]}" if sheet_id in said else text
    return said


def _answered_so(survey_id: UUID, narrow: Narrow) -> Any:
    sheet_ids = AnswerSheet.objects.filter(survey_id=survey_id).values("id")
    rows = Answer.objects.filter(question=narrow.question, sheet_id__in=sheet_ids)
    for name in ("item", "choice"):
        if value := getattr(narrow, name):
            rows = rows.filter(**{name: value})
    return (rows if narrow.number is None else rows.filter(number=narrow.number)).values("sheet_id")


def _needing_so(survey_id: UUID, narrow: Narrow) -> set[UUID]:
    """Return the sheets whose pair of answers to a Kano question says so."""
    rows = Answer.objects.filter(
        question=narrow.question, sheet_id__in=AnswerSheet.objects.filter(survey_id=survey_id).values("id")
    )
    pairs: dict[UUID, dict[str, str]] = {}
    for sheet_id, item, choice in rows.values_list("sheet_id", "item", "choice"):
        pairs.setdefault(sheet_id, {})[item] = choice
    present, absent = KANO_HALVES
    return {
        sheet_id
        for sheet_id, pair in pairs.items()
        if {present, absent} == pair.keys() and kano.need_of(pair[present], pair[absent]) == narrow.need
    }


def _speaking_of(among: QuerySet[AnswerSheet], narrow: Narrow) -> set[UUID]:
    """Return the sheets whose texts have the theme or the word, by the same rule that counted them."""
    found = set()
    for sheet_id, text in written(among).items():
        is_theme = not narrow.theme or narrow.theme in texts.themes(text)
        if is_theme and (not narrow.word or narrow.word in texts.words(text)):
            found.add(sheet_id)
    return found


def read(raw: Mapping[str, str]) -> Narrow:
    """Return the filters of an address; what cannot be read narrows nothing."""
    values: dict[str, Any] = {name: raw.get(name, "")[:90] for name in PLAIN}
    for name in ("since", "until"):
        values[name] = _day(raw.get(name, ""))
    number = raw.get("number", "")
    values["number"] = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else None
    values["segment"] = _id(raw.get("segment", ""))
    state = raw.get("state", SheetState.COMPLETE)
    return Narrow(state=state if state in (*SheetState.values, "") else SheetState.COMPLETE, **values)


def last_days(today: date, days: int) -> Narrow:
    """Return the filter of the last so many days, today included."""
    return Narrow(since=today - timedelta(days=days - 1), until=today)


def _day(text: str) -> date | None:
    """Return the day of an address; one that no zone can begin or end narrows nothing."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year < 3000 else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
