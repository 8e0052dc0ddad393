"""One part of the draft as a form: opened, changed, taken out; the rest of the text stays as it was written."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.console.segments import editor
from troth.kit.clock import utc_now
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.reading import read
from troth.kit.conditions.wording import Words
from troth.programs import queries as programs
from troth.programs import services
from troth.programs.document.reading import read_document
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.document.source import Path, parse, shown
from troth.programs.errors import DocumentInvalidError, Problem
from troth.programs.fields import scene_catalogue
from troth.programs.models import Programme

from . import part_forms as forms
from .frame import frame
from .patching import put

MAX_CONDITION = 100_000
NEW = "new"


@require_http_methods(["GET", "POST"])
@requires(Permission.PROGRAMS_EDIT)
def part(request: ConsoleRequest, programme_id: UUID, kind: str, place: str) -> HttpResponse:
    """Show one part as a form; save it into the draft if the document stays right there."""
    programme = programs.programme(programme_id)
    text, document = _opened(programme)
    if kind not in forms.FORMS:
        raise Http404
    path = _path(document, kind, place)
    current = forms.at(parse(text).value, path) or {}
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        current = forms.read(kind, current, request.POST)
        if kind == "rule":
            current = _with_condition(current, request.POST.get("definition", ""))
        changed = put(text, path, current)
        problems = _problems(changed, path)
        if not problems:
            return _saved(request, programme, changed)
    context = frame(request, programme, "edit") | {
        "kind": kind,
        "is_new": place == NEW,
        "place": place,
        "rows": list(forms.rows(kind, current)),
        "effect": forms.at(current, ("effect", "type")) or "points_per_amount",
        "problems": problems,
        "revision": request.POST.get("revision", programme.revision),
        "catalogue": editor.payload(scene_catalogue(document, "order"), document.currency) if kind == "rule" else {},
        "condition": current.get("when") or {"all": []},
    }
    return render(request, "console/programmes/part.html", context, status=422 if problems else 200)


def _opened(programme: Programme) -> tuple[str, ProgrammeDocument]:
    """Return the text that a form changes, with what it means.

    Raises:
        DocumentInvalidError: the text has errors; they have to be mended there first.
    """
    newest = programs.versions(programme.id).first()
    text = programme.draft_text or (newest.text if newest else "")
    return text, read_document(text)


def _path(document: ProgrammeDocument, kind: str, place: str) -> Path:
    counts = {
        "rule": len(document.rules),
        "tier": len(document.tiers.ladder) if document.tiers else 0,
        "budget": len(document.budgets),
    }
    index = counts[kind] if place == NEW else int(place) if place.isdecimal() else -1
    if not 0 <= index < counts[kind] + (place == NEW):
        raise Http404
    return (*forms.FORMS[kind][0], index)


def _with_condition(current: dict[str, Any], raw: str) -> dict[str, Any]:
    found = _condition(raw)
    if found in ({"all": []}, None):
        return {key: value for key, value in current.items() if key != "when"}
    return current | {"when": found}


def _condition(raw: str) -> Any:
    try:
        return json.loads(raw) if raw and len(raw) <= MAX_CONDITION else None
    except (ValueError, RecursionError):
        return None


def _problems(text: str, path: Path) -> tuple[Problem, ...]:
    try:
        read_document(text)
    except DocumentInvalidError as error:
        own = shown(path)
        return tuple(sorted(error.problems, key=lambda one: not one.path.startswith(own)))
    return ()


def _saved(request: ConsoleRequest, programme: Programme, text: str) -> HttpResponse:
    revision = request.POST.get("revision", "")
    services.save_draft(
        actor=request.actor,
        now=utc_now(),
        programme_id=programme.id,
        text=text,
        expected_revision=int(revision) if revision.isdecimal() else None,
    )
    messages.success(request, _("The draft is saved."))
    return redirect("programmes:edit", programme.id)


@require_POST
@requires(Permission.PROGRAMS_EDIT)
def remove(request: ConsoleRequest, programme_id: UUID, kind: str, place: str) -> HttpResponse:
    """Take a part out of the draft, if the document stays right without it."""
    programme = programs.programme(programme_id)
    text, document = _opened(programme)
    if kind not in forms.FORMS or place == NEW:
        raise Http404
    path = _path(document, kind, place)
    is_last = len(forms.at(parse(text).value, path[:-1])) == 1
    changed = put(text, path[:-1] if is_last and kind != "tier" else path, None)
    read_document(changed)
    return _saved(request, programme, changed)


@require_POST
@requires(Permission.PROGRAMS_VIEW)
def condition(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Answer the form of a rule: its condition as a sentence, or what is missing."""
    _text, document = _opened(programs.programme(programme_id))
    catalogue = scene_catalogue(document, "order")
    context: dict[str, Any] = {}
    given = _condition(request.POST.get("definition", ""))
    if given in ({"all": []}, None):
        return render(request, "console/programmes/condition.html", {"is_always": True})
    try:
        context["sentence"] = Words(catalogue, document.currency).sentence(read(given, catalogue))
    except ConditionInvalidError as error:
        context |= {"problems": error.problems, "paths": [one.path for one in error.problems]}
    return render(request, "console/programmes/condition.html", context)
