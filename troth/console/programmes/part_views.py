"""One part of the draft as a form: opened, tried, changed, moved, taken out; the rest of the text stays as written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.kit.clock import time_zones, utc_now
from troth.kit.documents.errors import Problem
from troth.kit.documents.source import Path, shown
from troth.programs import queries as programs
from troth.programs import services
from troth.programs.document.reading import parse, read_document
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.errors import DocumentInvalidError
from troth.programs.models import Programme
from troth.programs.words import Speaker
from troth.segments import queries as segments

from . import example_views, telling
from .frame import frame
from .parts import choices, conditions
from .parts.form import PartForm, drawn
from .parts.forms import FORMS
from .parts.inputs import as_list, at
from .patching import move, put, written

NEW, ONE = "new", "one"


@dataclass(frozen=True, slots=True)
class Opened:
    """A part that is open: where it stands, and what stands there. place: its number, "new", or "one"."""

    kind: str
    place: str
    form: PartForm
    path: Path
    text: str
    document: ProgrammeDocument
    current: Any

    def changed(self, part: dict[str, Any]) -> str:
        """Return the text with the part changed; what stays the same is not written anew."""
        if not self.form.keys:
            return self.text if part == self.current else put(self.text, self.path, part or None)
        text = self.text
        for key in self.form.keys:
            if part.get(key) != at(self.current, (key,)):
                text = put(text, (*self.path, key), part.get(key))
        return text


@require_http_methods(["GET", "POST"])
@requires(Permission.PROGRAMS_EDIT)
def part(request: ConsoleRequest, programme_id: UUID, kind: str, place: str) -> HttpResponse:
    """Show one part as a form; save it into the draft if the document stays right there."""
    programme = programs.programme(programme_id)
    try:
        opened = _opened(programme, kind, place)
    except DocumentInvalidError as error:
        return _not_readable(request, programme, error)
    current, text = opened.current, opened.text
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        current = opened.form.read(opened.current, request.POST)
        text = opened.changed(current)
        problems = _problems(text, opened.path)
        if not problems:
            return _saved(request, programme, text, _anchor(kind, place))
    context = frame(request, programme, "edit") | _form_context(opened, current, problems)
    context |= _told(opened, text, current, () if request.method == "GET" else problems)
    context |= example_views.first(request.actor, programme, opened.text if problems else text)
    context |= {
        "text": opened.text if problems else text,
        "revision": request.POST.get("revision", programme.revision),
        "may_see_orders": request.actor.may(Permission.ORDERS_VIEW),
    }
    return render(request, "console/programmes/part.html", context, status=422 if problems else 200)


@require_POST
@requires(Permission.PROGRAMS_EDIT)
def preview(request: ConsoleRequest, programme_id: UUID, kind: str, place: str) -> HttpResponse:
    """Answer a form while it is filled in: the part in words, what is wrong by field, and the text it would make."""
    programme = programs.programme(programme_id)
    try:
        opened = _opened(programme, kind, place)
    except DocumentInvalidError:
        raise Http404 from None
    current = opened.form.read(opened.current, request.POST)
    text = opened.changed(current)
    problems = _problems(text, opened.path)
    context = _told(opened, text, current, problems if request.POST.get("touched") else ())
    context |= {"text": text, "is_swapped": True, "programme_id": programme_id, "is_new": place == NEW}
    return render(request, "console/programmes/part_told.html", context)


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def facts(request: ConsoleRequest, programme_id: UUID) -> JsonResponse:
    """Return what a condition may ask when another thing has to happen."""
    document = read_document(_text(programs.programme(programme_id)))
    on = request.GET.get("on", "order")
    known = {"order", "lines", *(one.name for one in choices.event_types())}
    return JsonResponse(conditions.facts(document, on if on in known else "order"))


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def suggest(request: ConsoleRequest) -> JsonResponse:
    """Return values of a fact that begin as typed."""
    find = conditions.suggest_for(request.GET.get("field", ""), segments.catalogue(request.actor))
    start = request.GET.get("q", "").replace("\x00", "")[:80]
    return JsonResponse({"values": list(find(start)) if find else []})


@require_POST
@requires(Permission.PROGRAMS_EDIT)
def remove(request: ConsoleRequest, programme_id: UUID, kind: str, place: str) -> HttpResponse:
    """Take a part out of the draft; refused where another part needs it."""
    programme = programs.programme(programme_id)
    opened = _opened(programme, kind, place)
    if not opened.form.is_list or place == NEW:
        raise Http404
    is_last = len(as_list(at(parse(opened.text).value, opened.path[:-1]))) == 1
    path = opened.path[:1] if is_last else opened.path
    changed = put(opened.text, path, None)
    read_document(changed)
    return _saved(request, programme, changed, f"parts-{kind}")


@require_POST
@requires(Permission.PROGRAMS_EDIT)
def shift(request: ConsoleRequest, programme_id: UUID, kind: str, place: str) -> HttpResponse:
    """Move a part up or down among its like; the order of rules and tiers has a meaning."""
    programme = programs.programme(programme_id)
    opened = _opened(programme, kind, place)
    by = {"up": -1, "down": 1}.get(request.POST.get("to", ""), 0)
    if not opened.form.is_list or place == NEW or not by:
        raise Http404
    try:
        changed = move(opened.text, opened.path, by)
    except LookupError:
        raise Http404 from None
    read_document(changed)
    return _saved(request, programme, changed, f"parts-{kind}")


# --- what is open


def _text(programme: Programme) -> str:
    newest = programs.versions(programme.id).first()
    return programme.draft_text or (newest.text if newest else "")


def _opened(programme: Programme, kind: str, place: str) -> Opened:
    """Return the part that a form changes.

    Raises:
        DocumentInvalidError: the text has errors; they have to be mended there first.
        Http404: there is no such part.
    """
    form = FORMS.get(kind)
    if form is None or programme.archived_at is not None:
        raise Http404
    text = _text(programme)
    document = read_document(text)
    value = parse(text).value
    if not form.is_list:
        if place != ONE or (kind == "ladder" and document.tiers is None):
            raise Http404
        return Opened(kind, place, form, form.path, text, document, at(value, form.path) or {})
    count = len(as_list(at(value, form.path)))
    index = count if place == NEW else whole(place)
    if index is None or not 0 <= index < count + (place == NEW):
        raise Http404
    path = (*form.path, index)
    return Opened(kind, place, form, path, text, document, at(value, path) or {})


def _not_readable(request: ConsoleRequest, programme: Programme, error: DocumentInvalidError) -> HttpResponse:
    said = _("The text has errors; forms open once they are mended. The first is in line %(line)d.")
    messages.warning(request, said % {"line": error.problems[0].line})
    return redirect("programmes:edit", programme.id)


def _form_context(opened: Opened, current: Any, problems: Sequence[Problem]) -> dict[str, Any]:
    around = choices.surroundings(opened.document, tuple(sorted(time_zones())) if opened.kind == "head" else ())
    names = {one.of for one in opened.form.inputs() if hasattr(one, "of")}
    on = at(current, ("on",)) or "order"
    return {
        "kind": opened.kind,
        "place": opened.place,
        "is_new": opened.place == NEW,
        "is_list": opened.form.is_list,
        "title": opened.form.new_title if opened.place == NEW else opened.form.title,
        "sections": drawn(opened.form, current, around),
        "zones": around.zones,
        "problems": problems,
        "scene_facts": conditions.facts(opened.document, on) if "scene" in names else None,
        "lines_facts": conditions.facts(opened.document, "lines") if "lines" in names else None,
    }


def _told(opened: Opened, text: str, current: dict[str, Any], problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the part in words, as text, and what is wrong with it by field."""
    source = parse(text)
    line, _column = source.place(opened.path)
    found: dict[str, Any] = {
        "part_text": written(current) if current else "",
        "part_line": line,
        "wrong": [_wrong(opened, one) for one in problems[:20]],
        "told_part": None,
    }
    if not current:
        return found
    try:
        document = read_document(text)
    except DocumentInvalidError:
        return found
    found["told_part"] = telling.part_of(Speaker(document), opened.kind, opened.path)
    return found


def _wrong(opened: Opened, problem: Problem) -> dict[str, str]:
    """Return a problem with the name of the input that it is about, "" where it is another part's."""
    for one in opened.form.inputs():
        if one.is_about(problem.path, opened.path):
            within = problem.path.removeprefix(shown((*opened.path, *one.path))).removeprefix(".")
            return {"name": one.name, "label": str(one.label), "message": problem.message, "within": within}
    return {"name": "", "path": problem.path, "message": problem.message}


def _problems(text: str, path: Path) -> tuple[Problem, ...]:
    try:
        read_document(text)
    except DocumentInvalidError as error:
        own = shown(path)
        return tuple(sorted(error.problems, key=lambda one: not one.path.startswith(own)))
    return ()


def _anchor(kind: str, place: str) -> str:
    return f"parts-{kind}" if place in (NEW, ONE) else f"part-{kind}-{place}"


def _saved(request: ConsoleRequest, programme: Programme, text: str, anchor: str) -> HttpResponse:
    address = f"{reverse('programmes:edit', args=[programme.id])}#{anchor}"
    if text == _text(programme):
        messages.info(request, _("Nothing was changed."))
        return redirect(address)
    revision = request.POST.get("revision", "")
    services.save_draft(
        actor=request.actor,
        now=utc_now(),
        programme_id=programme.id,
        text=text,
        expected_revision=whole(revision),
    )
    messages.success(request, _("The draft is saved."))
    return redirect(address)
