"""One programme: what is in force in words and figures, its versions, and what each changed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Figure
from troth.console.guard import ConsoleRequest, requires
from troth.kit.errors import TrothError
from troth.programs import queries as programs
from troth.programs.document.reading import read_document
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.models import Programme, ProgrammeVersion
from troth.programs.words import Change, Speaker, changes

from . import telling
from .frame import frame, who

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version with what it changed against the one before, and who stood for it."""

    version: ProgrammeVersion
    changes: list[Change]
    written_by: str
    reviewed_by: str
    published_by: str
    state: str


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def detail(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Show what is in force: rules in words, budgets, tiers, how many are in."""
    programme = programs.programme(programme_id)
    context = frame(request, programme, "detail")
    row: ProgrammeVersion | None = context["in_force"]
    shown, document = row, None
    if row is None and context["upcoming"]:
        shown = context["upcoming"][-1]
    if shown is not None:
        document = programs.document_of(shown)
    elif (found := _draft_document(programme)) is not None:
        document = found
    if document is not None:
        context |= telling.told(document)
        context["budgets"] = telling.budgets(document, programs.budget_use(programme_id))
    context["figures"] = _figures(programme, document) if row else []
    context["shown_version"] = shown
    context["may_end"] = request.actor.may(Permission.PROGRAMS_REVIEW) and programme.archived_at is None
    return render(request, "console/programmes/detail.html", context)


def _figures(programme: Programme, document: ProgrammeDocument | None) -> list[Figure]:
    counts = programs.tier_counts(programme.id)
    tiers = reverse("programmes:tiers", args=[programme.id])
    people = reverse("programmes:tier_people", args=[programme.id])
    found = [
        Figure(
            label=pgettext("programme", "Members"), value=formats.count(sum(counts.values())), url=people, icon="users"
        )
    ]
    ladder = document.tiers.ladder if document and document.tiers else ()
    for tier in reversed(ladder):
        found.append(
            Figure(
                label=telling.shown(tier.name),
                value=formats.count(counts.get(tier.code, 0)),
                url=f"{people}?tier={tier.code}",
            )
        )
    return [*found[:1], *found[1:5]] if ladder else [Figure(found[0].label, found[0].value, url=tiers, icon="users")]


def _draft_document(programme: Programme) -> ProgrammeDocument | None:
    try:
        return read_document(programme.draft_text) if programme.draft_text else None
    except TrothError:
        return None


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def versions(request: ConsoleRequest, programme_id: UUID) -> HttpResponse:
    """Show every version with what it changed, and the difference of any two, the draft among them."""
    programme = programs.programme(programme_id)
    context = frame(request, programme, "versions")
    rows = list(programs.versions(programme_id))
    choices = [(str(row.number), _("Version %(number)d") % {"number": row.number}) for row in rows]
    if programme.draft_text:
        choices.insert(0, (DRAFT, _("Draft")))
    context |= {"rows": _version_rows(rows, context["in_force"]), "choices": choices}
    if len(choices) > 1:
        context |= _comparison(request, programme, [code for code, _label in choices])
    return render(request, "console/programmes/versions.html", context)


def _version_rows(rows: list[ProgrammeVersion], in_force: ProgrammeVersion | None) -> list[VersionRow]:
    documents = {row.number: programs.document_of(row) for row in rows}
    found = []
    for row in rows:
        before = documents.get(row.number - 1)
        state = "past"
        if in_force is None or row.number > in_force.number:
            state = "upcoming"
        elif row.number == in_force.number:
            state = "in_force"
        found.append(
            VersionRow(
                row,
                changes(before, documents[row.number]) if before else [],
                who(row.written_by),
                who(row.reviewed_by),
                who(row.published_by),
                state,
            )
        )
    return found


def _comparison(request: ConsoleRequest, programme: Programme, codes: list[str]) -> dict[str, Any]:
    """Return the difference of the two versions asked for, the newest two by default."""
    old, new = request.GET.get("from", ""), request.GET.get("to", "")
    old, new = old if old in codes else codes[1], new if new in codes else codes[0]
    context: dict[str, Any] = {"old": old, "new": new, "is_asked": "from" in request.GET}
    try:
        context["difference"] = changes(_document(programme, old), _document(programme, new))
    except TrothError as error:
        context["difference_error"] = str(error)
    return context


def _document(programme: Programme, code: str) -> ProgrammeDocument:
    if code == DRAFT:
        return read_document(programme.draft_text)
    return programs.document_of(programs.version_row(programme.id, int(code)))


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def version(request: ConsoleRequest, programme_id: UUID, number: int) -> HttpResponse:
    """Show a published version: its rules in words, and the text as it was written."""
    programme = programs.programme(programme_id)
    row = programs.version_row(programme_id, number)
    document = programs.document_of(row)
    context = frame(request, programme, "versions") | telling.told(document)
    context |= {
        "version": row,
        "text": row.text,
        "written_by": who(row.written_by),
        "reviewed_by": who(row.reviewed_by),
        "published_by": who(row.published_by),
        "speaker": Speaker(document),
    }
    return render(request, "console/programmes/version.html", context)
