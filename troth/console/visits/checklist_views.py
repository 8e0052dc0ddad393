"""Checklists: written as text, published as versions."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.errors import TrothError
from troth.voice.models import Checklist, VisitKind
from troth.voice.present import present
from troth.voice.visits import queries as visits
from troth.voice.visits import services

from .checklist_text import document_of, text_of
from .list_views import tabs

P = Permission


@require_safe
@requires(P.VISITS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the checklists."""
    services.ensure_checklists(actor=request.actor, now=present())
    rows = [(row, visits.named(row), len(visits.document_of(row).items)) for row in visits.checklists()]
    context = {"tabs": tabs("checklists"), "rows": rows, "may_edit": request.actor.may(P.VISITS_EDIT)}
    return render(request, "console/visits/checklists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.VISITS_EDIT)
def edit(request: ConsoleRequest, code: str = "") -> HttpResponse:
    """Write a checklist; visits use what is published."""
    row = visits.checklist(code) if code else None
    problem = None
    if request.method == "POST":
        try:
            saved = _save(request, row)
        except TrothError as refusal:
            problem = refusal
        else:
            messages.success(request, _("The draft is kept."))
            return redirect("visits:checklist", saved.code)
    newest = visits.versions(code).first() if row else None
    context = {
        "row": row,
        "problem": problem,
        "given": _given(request, row),
        "kinds": VisitKind.choices,
        "versions": visits.versions(code) if row else [],
        "is_changed": row is not None and (newest is None or newest.document != row.document),
    }
    return render(request, "console/visits/checklist.html", context, status=problem.status if problem else 200)


@require_POST
@requires(P.VISITS_EDIT)
def publish(request: ConsoleRequest, code: str) -> HttpResponse:
    """Publish the draft for visits that are planned from now on."""
    version = services.publish_checklist(actor=request.actor, now=present(), code=code)
    text = _("Version %(number)d holds for visits planned from now on.") % {"number": version.number}
    messages.success(request, text)
    return redirect("visits:checklist", code)


def _given(request: ConsoleRequest, row: Checklist | None) -> dict[str, Any]:
    names = ("code", "name", "name_zh", "visit_kind", "text", "revision")
    if request.method == "POST":
        return {name: request.POST.get(name, "") for name in names}
    if row is None:
        return dict.fromkeys(names, "")
    text = text_of(visits.document_of(row))
    return {
        "code": row.code,
        "name": row.name,
        "name_zh": row.name_zh,
        "visit_kind": row.visit_kind,
        "text": text,
        "revision": str(row.revision),
    }


def _save(request: ConsoleRequest, row: Checklist | None) -> Checklist:
    given = _given(request, row)
    revision = given["revision"]
    return services.save_checklist(
        actor=request.actor,
        now=present(),
        code=row.code if row else given["code"].strip(),
        name=given["name"],
        name_zh=given["name_zh"],
        visit_kind=given["visit_kind"],
        document=document_of(given["text"], visits.document_of(row) if row else None),
        revision=int(revision) if row and revision.isdecimal() and len(revision) < 9 else None,
    )
