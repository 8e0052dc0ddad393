"""The answers behind a figure, and one answer sheet whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tone
from troth.console.customers.people import Faces
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.events.models import COMPANY_OWNER
from troth.insights.models import Band
from troth.kit.clock import utc_now
from troth.staff import queries as staff
from troth.voice.models import Answer, AnswerSheet, InformationKind, InformationTag, SheetState
from troth.voice.surveys import narrowing, queries, services
from troth.voice.surveys.document.reading import stored_document
from troth.voice.surveys.document.shapes import Question, SurveyDocument
from troth.voice.surveys.scoring import score_kind

from . import filters
from .frame import frame, language, tone_of
from .word_cards import TONES
from .words import answer_words

PAGE = 50
MOST_WORDS = 160


@dataclass(frozen=True, slots=True)
class SheetRow:
    """An answer sheet in a list: who, the score, the first words."""

    sheet: AnswerSheet
    name: str
    customer_id: UUID | None
    tone: Tone
    words: str
    store: str
    band: str


@dataclass(frozen=True, slots=True)
class Said:
    """A question with its answers on one sheet, and the tags on it: kind, label, tone, sign, whether it is set."""

    question: Question
    label: str
    answers: list[str]
    is_text: bool
    tags: list[tuple[str, str, Tone, str, bool]]


@require_safe
@requires(Permission.SURVEYS_VIEW)
def answers(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Show the answer sheets that fit the filters, paged by the database."""
    survey = queries.survey(survey_id)
    document = queries.document(survey)
    if document is None:
        return redirect("surveys:edit", survey_id)
    narrow = filters.read(request.GET)
    found = Paginator(narrowing.sheets(survey_id, narrow, score_kind(document)), PAGE).get_page(request.GET.get("page"))
    context = frame(request, survey, "answers") | {
        "page": found,
        "rows": sheet_rows(request, list(found), document),
        "selects": filters.selects(request.GET, survey_id),
        "narrowed": filters.said(narrow, document),
        "state": narrow.state,
        "states": [(SheetState.COMPLETE.value, _("Finished")), (SheetState.PARTIAL.value, _("Not finished"))],
    }
    return render(request, "console/surveys/answers.html", context)


@require_safe
@requires(Permission.SURVEYS_VIEW)
def sheet(request: ConsoleRequest, sheet_id: UUID) -> HttpResponse:
    """Show one answer sheet with every answer and what it tells us."""
    found = queries.sheet(sheet_id)
    document = stored_document(found.version.document)
    [row] = sheet_rows(request, [found], document)
    context = frame(request, found.survey, "answers") | {
        "sheet": found,
        "row": row,
        "said": _said(found, document),
        "staff_name": next((one.name for one in staff.people() if one.code == found.staff_code), found.staff_code),
    }
    return render(request, "console/surveys/sheet.html", context)


@require_POST
@requires(Permission.SURVEYS_EDIT)
def tag(request: ConsoleRequest, sheet_id: UUID) -> HttpResponse:
    """Put a tag on an answer, or take it off."""
    services.tag(
        actor=request.actor,
        now=utc_now(),
        sheet_id=sheet_id,
        question=request.POST.get("question", ""),
        kind=request.POST.get("kind", ""),
        is_removed=request.POST.get("remove") == "1",
    )
    messages.success(request, _("Noted."))
    return redirect("surveys:sheet", sheet_id)


def sheet_rows(
    request: ConsoleRequest, found: Sequence[AnswerSheet], document: SurveyDocument | None
) -> list[SheetRow]:
    """Return sheets as rows; people are masked without the right to see them."""
    owners = {one.owner_id for one in found} - {COMPANY_OWNER}
    canonical = customers.canonical_ids(owners)
    people = customers.records(canonical.values())
    faces = Faces(request.actor, people) if request.actor.may(Permission.CUSTOMERS_VIEW) else None
    stores = {one.code: one.name for one in staff.stores()}
    kind = score_kind(document) if document else None
    texts = queries.answers(one.id for one in found)
    rows = []
    for one in found:
        person = people.get(canonical.get(one.owner_id, one.owner_id))
        name = faces.name(person) if faces and person else _("A customer") if person else _("By the open link")
        rows.append(
            SheetRow(
                one,
                name,
                person.id if faces and person else None,
                tone_of(kind, one.score),
                _first_words(texts.get(one.id, [])),
                stores.get(one.store_code, one.store_code),
                str(Band(one.band).label) if one.band in Band.values else "",
            )
        )
    return rows


def _first_words(answers_of: Iterable[Answer]) -> str:
    text = next((one.text for one in answers_of if one.text), "")
    return text if len(text) <= MOST_WORDS else f"{text[:MOST_WORDS]}…"


def _said(found: AnswerSheet, document: SurveyDocument) -> list[Said]:
    rows = queries.answers([found.id]).get(found.id, [])
    tags = queries.tags(found)
    said = []
    for question in document.questions():
        mine = [one for one in rows if one.question == question.code]
        if not mine:
            continue
        mine.sort(key=lambda one: (one.number or 0, one.item) if question.type == "ranking" else (0, one.item))
        is_text = any(one.text for one in mine)
        words = [answer_words(question, one.item, one.choice, one.number, one.text) for one in mine]
        said.append(Said(question, question.text.within(language()), words, is_text, _tags(question, tags, is_text)))
    return said


def _tags(question: Question, tags: Sequence[InformationTag], is_text: bool) -> list[tuple[str, str, Tone, str, bool]]:
    if not is_text:
        return []
    mine = {one.information_kind: one for one in tags if one.question == question.code and not one.is_removed}
    return [
        (
            kind.value,
            str(kind.label),
            TONES[kind.value],
            mine[kind.value].rule if kind.value in mine else "",
            kind.value in mine,
        )
        for kind in InformationKind
    ]
