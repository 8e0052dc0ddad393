"""The draft as text: errors at their lines while one writes, what it changes, saved as it is."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.kit.clock import utc_now
from troth.kit.documents.errors import Problem
from troth.programs import queries as programs
from troth.programs import services
from troth.programs.document.reading import read_document
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.errors import DocumentInvalidError, DraftChangedError
from troth.programs.models import Programme
from troth.programs.words import changes

from . import example_views
from .edit_text import clean
from .frame import frame
from .outline import outline

_PART = re.compile(r"([a-z]+)/([a-z0-9]+)")


@require_http_methods(["GET", "POST"])
@requires(Permission.PROGRAMS_VIEW)
def edit(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Show the draft, or what is in force to begin one from; keep what was written, right or not."""
    programme = programs.programme(programme_id)
    if programme.archived_at is not None:
        return redirect("programmes:detail", programme_id)
    context = frame(request, programme, "edit")
    text, error = _text_of(programme, context), ""
    if request.method == "POST":
        text = clean(request.POST.get("text", ""))
        try:
            return _saved(request, programme, text)
        except DraftChangedError as refusal:
            error = str(refusal)
    context |= example_views.first(request.actor, programme, text)
    found = checked(programme, text)
    context |= {
        "may_see_orders": request.actor.may(Permission.ORDERS_VIEW),
        "text": text,
        "error": error,
        "revision": request.POST.get("revision", programme.revision),
        "is_from_version": not programme.draft_text,
        "checked": found,
        "view": "text" if found["problems"] or error or "line" in request.GET else "forms",
    }
    return render(request, "console/programmes/edit.html", context, status=409 if error else 200)


def _text_of(programme: Programme, context: dict[str, Any]) -> str:
    rows = [*context["upcoming"], *([context["in_force"]] if context["in_force"] else [])]
    return programme.draft_text or (rows[0].text if rows else "")


def _saved(request: ConsoleRequest, programme: Programme, text: str) -> HttpResponse:
    if not request.actor.may(Permission.PROGRAMS_EDIT):
        return redirect("programmes:edit", programme.id)
    revision = request.POST.get("revision", "")
    services.save_draft(
        actor=request.actor,
        now=utc_now(),
        programme_id=programme.id,
        text=text,
        expected_revision=whole(revision),
    )
    if request.POST.get("next") == "review":
        return redirect("programmes:review", programme.id)
    if (part := _PART.fullmatch(request.POST.get("next", ""))) and not _problems(text):
        return redirect("programmes:part", programme.id, part[1], part[2])
    problems = _problems(text)
    if problems:
        said = _("The draft is saved. It still has errors; the first is in line %(line)d.")
        messages.warning(request, said % {"line": problems[0].line})
    else:
        messages.success(request, _("The draft is saved."))
    return redirect("programmes:edit", programme.id)


@require_POST
@requires(Permission.PROGRAMS_VIEW)
def check(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Answer the editor: every error with its line, or what the text changes against the version in force."""
    programme = programs.programme(programme_id)
    text = clean(request.POST.get("text", ""))
    may_edit = request.actor.may(Permission.PROGRAMS_EDIT) and programme.archived_at is None
    context = {"checked": checked(programme, text), "programme": programme, "may_edit": may_edit, "is_swapped": True}
    return render(request, "console/programmes/check.html", context)


def _problems(text: str) -> tuple[Problem, ...]:
    try:
        read_document(text)
    except DocumentInvalidError as error:
        return error.problems
    return ()


def checked(programme: Programme, text: str) -> dict[str, Any]:
    """Return what is wrong with a text; where nothing is: what it holds, changes and lacks around it."""
    try:
        document = read_document(text)
    except DocumentInvalidError as error:
        return {"problems": error.problems, "lines": sorted({one.line for one in error.problems})}
    found: dict[str, Any] = {"problems": (), "lines": [], "warnings": _warnings(programme, document)}
    found |= {"document": document, "outline": outline(document, text)}
    found |= {"rule_count": len(document.rules), "tier_count": len(document.tiers.ladder) if document.tiers else 0}
    row = programs.versions(programme.id).first()
    if row is not None:
        found |= {"base": row, "changes": changes(programs.document_of(row), document)}
    return found


def _warnings(programme: Programme, document: ProgrammeDocument) -> list[str]:
    """Return what the document is right without but will not work without."""
    found = []
    if document.programme != programme.code:
        said = {"given": document.programme, "code": programme.code}
        found.append(_("The code is “%(given)s”, but this programme is “%(code)s”; it cannot be submitted so.") % said)
    return found + [one.message for one in programs.missing(document)]
