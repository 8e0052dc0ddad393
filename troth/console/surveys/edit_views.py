"""The editor: questions added and moved without dragging, both languages side by side, logic, a phone beside it."""

from copy import deepcopy
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.console.segments import editor
from troth.kit.clock import utc_now
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.reading import read
from troth.kit.conditions.wording import Words
from troth.voice.models import Survey
from troth.voice.surveys import queries, services
from troth.voice.surveys.document import fields
from troth.voice.surveys.document.reading import read_document, shaped, stored_document
from troth.voice.surveys.document.shapes import SurveyDocument
from troth.voice.surveys.errors import Problem, SurveyInvalidError
from troth.voice.surveys.shown import part_words

from . import drafting
from .drafting import Draft
from .frame import frame, language
from .words import measure_words, type_words


@require_safe
@requires(Permission.SURVEYS_EDIT)
def edit(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Show the pages and questions of the draft, with everything that is still wrong."""
    survey = queries.survey(survey_id)
    draft = draft_of(survey)
    document = stored_document(draft)
    context = frame(request, survey, "edit") | {
        "document": document,
        "pages": _pages(document),
        "problems": _told(document, problems(draft)),
        "types": type_words().items(),
        "has_draft": survey.draft is not None,
    }
    return render(request, "console/surveys/edit.html", context)


@require_POST
@requires(Permission.SURVEYS_EDIT)
def act(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Add, move or remove a page or question, or save the head; then show the draft again, or the new question."""
    survey = queries.survey(survey_id)
    draft = draft_of(survey)
    if request.POST.get("act") == "head":
        _fill_head(draft, request)
        added = ""
    else:
        added = drafting.act(draft, request.POST.dict())
    _save(request, survey, draft)
    if added:
        return redirect("surveys:question", survey_id, added)
    return redirect(f"{reverse('surveys:edit', args=[survey_id])}#{request.POST.get('code', '')}")


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_EDIT)
def question(request: ConsoleRequest, survey_id: UUID, code: str) -> HttpResponse:
    """Change one question in both languages, with its logic."""
    survey = queries.survey(survey_id)
    draft = draft_of(survey)
    one = drafting.question_of(draft, code)
    if request.method == "POST":
        drafting.fill_question(one, request.POST)
        _save(request, survey, draft)
        messages.success(request, _("Saved in the draft."))
        return redirect(f"{reverse('surveys:edit', args=[survey_id])}#{code}")
    context = frame(request, survey, "edit") | {
        "question": one,
        "type_label": type_words()[one["type"]],
        "measures": measure_words().items(),
        "parts": [(part.value, label, part.value in one.get("parts", [])) for part, label in part_words().items()],
        "lists": _lists(one),
        "has_scale": one["type"] in drafting.WITH_SCALE,
        "steps": range(11),
        "low": one.get("low", 1),
        "high": one.get("high", 5),
        **_logic(draft, drafting.where(draft, code), one.get("show_if")),
    }
    return render(request, "console/surveys/question.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_EDIT)
def page(request: ConsoleRequest, survey_id: UUID, code: str) -> HttpResponse:
    """Change a page's title and when it is shown."""
    survey = queries.survey(survey_id)
    draft = draft_of(survey)
    found = drafting.page_of(draft, code)
    if request.method == "POST":
        for name, value in (
            ("title", drafting.said(request.POST, "title")),
            ("show_if", drafting.condition(request.POST.get("show_if", ""))),
        ):
            if value:
                found[name] = value
            else:
                found.pop(name, None)
        _save(request, survey, draft)
        messages.success(request, _("Saved in the draft."))
        return redirect(f"{reverse('surveys:edit', args=[survey_id])}#{code}")
    place = [one["code"] for one in draft["pages"]].index(code) + 1
    context = frame(request, survey, "edit") | {"page": found, "place": place}
    return render(request, "console/surveys/page.html", context | _logic(draft, code, found.get("show_if")))


def draft_of(survey: Survey) -> Draft:
    """Return the draft's plain values, or those of the version in force to begin a new draft with."""
    if survey.draft is not None:
        return deepcopy(dict(survey.draft))
    version = queries.versions_in_force([survey])[survey.id]
    return deepcopy(dict(version.document))


def problems(draft: Draft) -> tuple[Problem, ...]:
    """Return what has to be mended before publishing."""
    try:
        read_document(draft)
    except SurveyInvalidError as invalid:
        return invalid.problems
    return ()


def _told(document: SurveyDocument, found: tuple[Problem, ...]) -> list[dict[str, str]]:
    """Return the problems with the name and the anchor of what they speak of; its code says nothing to a person."""
    said, first = language(), document.pages[0].code if document.pages else "title"
    places = {
        "title": (_("Title and thanks"), "title"),
        "main": (_("Main question"), "title"),
        "pages": (_("Questions"), first),
    }
    for number, page in enumerate(document.pages, start=1):
        places[page.code] = (_("Page %(number)s") % {"number": number}, page.code)
        for one in page.questions:
            places[one.code] = (one.text.within(said) or _("(no text yet)"), one.code)
    rows = [(*places.get(one.path, (one.path, one.path)), one.message) for one in found]
    return [{"name": name, "anchor": anchor, "message": message} for name, anchor, message in rows]


def _save(request: ConsoleRequest, survey: Survey, draft: Draft) -> None:
    revision = request.POST.get("revision", "")
    services.save_draft(
        actor=request.actor,
        now=utc_now(),
        survey_id=survey.id,
        document=draft,
        expected_revision=int(revision) if revision.isdecimal() and len(revision) < 9 else None,
    )


def _fill_head(draft: Draft, request: ConsoleRequest) -> None:
    for name in ("title", "intro", "thanks"):
        value = drafting.said(request.POST, name)
        if value or name == "title":
            draft[name] = value
        else:
            draft.pop(name, None)
    draft["main"] = request.POST.get("main", "")


def _pages(document: SurveyDocument) -> list[dict[str, Any]]:
    words, said = type_words(), language()
    return [
        {
            "page": page,
            "title": page.title.within(said),
            "logic": _condition_words(document, page.code, page.show_if),
            "questions": [
                {
                    "question": one,
                    "text": one.text.within(said) or _("(no text yet)"),
                    "type": words[one.type],
                    "logic": _condition_words(document, page.code, one.show_if),
                    "only": "" if one.text.en and one.text.zh else _missing(one.text.en, one.text.zh),
                    "is_main": one.code == document.main,
                }
                for one in page.questions
            ],
        }
        for page in document.pages
    ]


def _missing(english: str, chinese: str) -> str:
    if not english and not chinese:
        return ""
    return _("no Chinese yet") if english else _("no English yet")


def _condition_words(document: SurveyDocument, page: str, condition: Any) -> str:
    if condition is None:
        return ""
    known = fields.catalogue(document, before=page)
    try:
        return Words(known, "").sentence(read(condition, known, is_stored=True))
    except ConditionInvalidError as error:
        return str(error)


def _logic(draft: Draft, page: str, condition: Any) -> dict[str, Any]:
    """Return what the editor of conditions needs: fields of earlier pages, and the condition."""
    known = fields.catalogue(shaped(draft), before=page)
    facts = editor.payload(known, "")
    facts["texts"]["everybody"] = _("No condition: everybody sees it.")
    return {"facts": facts, "definition": condition or {"all": []}}


def _lists(one: Draft) -> list[dict[str, Any]]:
    """Return the lists of options of a question's form, each with empty lines to add some."""
    wanted = []
    if one["type"] in drafting.WITH_OPTIONS:
        wanted.append(("options", _("Options")))
    if one["type"] == "matrix":
        wanted.append(("rows", _("Rows")))
    if one["type"] == "value":
        wanted.append(("rivals", _("Competitors, at most five")))
    return [
        {"name": name, "label": label, "rows": [*one.get(name, []), *({"code": "", "text": {}},) * drafting.EMPTY_ROWS]}
        for name, label in wanted
    ]
