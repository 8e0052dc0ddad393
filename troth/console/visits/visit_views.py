"""One visit: scored on a phone, or what was found."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.complaints.case_views import picture
from troth.console.guard import ConsoleRequest, requires
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.voice.complaints import queries as complaints
from troth.voice.complaints.photos import MOST_BYTES, Photo
from troth.voice.models import StoreVisit, VisitKind, VisitMark, VisitState
from troth.voice.present import present
from troth.voice.visits import queries as visits
from troth.voice.visits import services
from troth.voice.visits.errors import VisitNotFoundError, VisitRefusedError
from troth.voice.visits.scoring import ChecklistDocument, Item
from troth.voice.visits.services import MOST_PHOTOS, VisitResult

from .list_views import row_of

P = Permission
WEAK = 0.5


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.VISITS_VIEW)
def visit(request: ConsoleRequest, visit_id: UUID) -> HttpResponse:
    """Show what was found, or the form to score with; keep what was scored."""
    found = _found(visit_id)
    may_edit = request.actor.may(P.VISITS_EDIT)
    problem = None
    if request.method == "POST":
        if not may_edit:
            raise Http404
        try:
            result = _result(request, visits.document_of(found.version))
            services.score_visit(actor=request.actor, now=present(), visit_id=found.id, result=result)
        except TrothError as refusal:
            problem = refusal
        else:
            messages.success(request, _("The visit is scored."))
            return redirect("visits:visit", found.id)
    is_open = found.state == VisitState.PLANNED and may_edit
    template = "console/visits/score.html" if is_open else "console/visits/visit.html"
    context = _context(request, found, problem)
    return render(request, template, context, status=problem.status if problem else 200)


@require_POST
@requires(P.VISITS_EDIT)
def cancel(request: ConsoleRequest, visit_id: UUID) -> HttpResponse:
    """Call a planned visit off."""
    services.cancel_visit(actor=request.actor, now=present(), visit_id=visit_id)
    messages.success(request, _("The visit is called off."))
    return redirect("visits:index")


@require_safe
@requires(P.VISITS_VIEW)
def photo(request: ConsoleRequest, photo_id: UUID) -> HttpResponse:
    """Return a picture."""
    found = visits.photo(photo_id)
    if found is None:
        raise Http404
    return picture(bytes(found.content), found.content_type)


def _found(visit_id: UUID) -> StoreVisit:
    try:
        return visits.visit(visit_id)
    except VisitNotFoundError as missing:
        raise Http404(str(missing)) from missing


def _context(request: ConsoleRequest, found: StoreVisit, problem: TrothError | None) -> dict[str, Any]:
    names = {row.id: row.name for row in staff.people()}
    document, marks = visits.document_of(found.version), visits.marks_of(found)
    photos: dict[str, list[Any]] = {}
    for one in visits.photos_of(found):
        photos.setdefault(one.item, []).append(one)
    sections = [
        (visits.named(section), [_line(request, item, marks.get(item.key), photos) for item in section.items])
        for section in document.sections
    ]
    failed = next((visits.named(item) for item in document.items if item.key == found.failed_key), "")
    return row_of(found, names) | {
        "sections": sections,
        "photos": photos.get("", []),
        "failed": failed,
        "actions": complaints.improvements_from(f"visit:{found.id}") if request.actor.may(P.CASES_VIEW) else [],
        "problem": problem,
        "note": request.POST.get("note", ""),
        "case_number": request.POST.get("case_number", ""),
        "day": request.POST.get("visited_date") or staff.company().today(present()).isoformat(),
        "is_planted": found.visit_kind == VisitKind.PLANTED,
        "may_act": request.actor.may(P.CASES_WORK),
        "may_edit": request.actor.may(P.VISITS_EDIT),
    }


def _line(request: ConsoleRequest, item: Item, mark: VisitMark | None, photos: dict[str, list[Any]]) -> dict[str, Any]:
    points = mark.points if mark else None
    return {
        "item": item,
        "text": visits.named(item),
        "choices": [str(number) for number in range(item.points + 1)],
        "given": request.POST.get(f"points-{item.key}", ""),
        "given_note": request.POST.get(f"note-{item.key}", ""),
        "points": points,
        "note": mark.note if mark else "",
        "is_weak": points is not None and points / item.points <= WEAK,
        "photos": photos.get(item.key, []),
    }


def _result(request: ConsoleRequest, document: ChecklistDocument) -> VisitResult:
    post = request.POST
    try:
        day = date.fromisoformat(post.get("visited_date", ""))
    except ValueError as error:
        raise VisitRefusedError(_("Choose the day of the visit."), field="visited_date") from error
    return VisitResult(
        visited_date=day,
        points={item.key: _points(post.get(f"points-{item.key}", ""), item) for item in document.items},
        notes={item.key: note for item in document.items if (note := post.get(f"note-{item.key}", ""))},
        note=post.get("note", ""),
        photos=_photos(request, document),
        case_number=post.get("case_number", ""),
    )


def _points(text: str, item: Item) -> int | None:
    if text == "none":
        return None
    if not text.isdecimal() or len(text) > 3:
        raise VisitRefusedError(_("“%(item)s” has no mark yet.") % {"item": visits.named(item)}, field=item.key)
    return int(text)


def _photos(request: ConsoleRequest, document: ChecklistDocument) -> list[tuple[str, Photo]]:
    pairs = [
        (key, one)
        for key in ("", *(item.key for item in document.items))
        for one in request.FILES.getlist(f"photo-{key}")
    ]
    if len(pairs) > MOST_PHOTOS or any((one.size or 0) > MOST_BYTES for _key, one in pairs):
        text = _("Choose at most %(count)d pictures of at most %(size)d MB each.")
        raise VisitRefusedError(text % {"count": MOST_PHOTOS, "size": MOST_BYTES // 2**20}, field="photos")
    return [(key, services.checked_photos([one.read()])[0]) for key, one in pairs if one.size]
