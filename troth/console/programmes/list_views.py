"""The list of programmes, and a new one from a ready-made document."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.ledger import queries as ledger
from troth.programs import queries as programs
from troth.programs import services
from troth.programs.models import Programme, ProgrammeVersion
from troth.staff import queries as staff

from .frame import DraftNote, draft_note, in_force
from .starters import STARTERS, starter


@dataclass(frozen=True, slots=True)
class Row:
    """A programme as the list draws it. members: None before the first version."""

    programme: Programme
    version: ProgrammeVersion | None
    upcoming: ProgrammeVersion | None
    draft: DraftNote | None
    members: int
    rules: int
    tiers: int


@require_safe
@requires(Permission.PROGRAMS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the programmes: what is in force, how many are in, how far the draft is."""
    is_archived, now = request.GET.get("show") == "archived", utc_now()
    found = programs.programmes(is_archived=is_archived)
    context = {
        "rows": [_row(request, one, now) for one in found],
        "tabs": [Tab(_("In use"), "?", not is_archived), Tab(_("Archived"), "?show=archived", is_archived)],
        "is_archived": is_archived,
        "has_archived": is_archived or programs.programmes(is_archived=True).exists(),
        "starters": STARTERS,
        "may_edit": request.actor.may(Permission.PROGRAMS_EDIT),
    }
    return render(request, "console/programmes/index.html", context)


def _row(request: ConsoleRequest, programme: Programme, now: datetime) -> Row:
    rows = list(programs.versions(programme.id))
    version = in_force(rows, now)
    document = programs.document_of(version) if version else None
    return Row(
        programme,
        version,
        next((row for row in reversed(rows) if row.effective_at > now), None),
        draft_note(request, programme),
        sum(programs.tier_counts(programme.id).values()),
        len(document.rules) if document else 0,
        len(document.tiers.ladder) if document and document.tiers else 0,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.PROGRAMS_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a programme from a ready-made document under a code and name of one's own."""
    given = request.POST if request.method == "POST" else request.GET
    chosen = starter(given.get("start", ""))
    currencies = [(row.code, str(row)) for row in ledger.currencies()]
    filled = {
        "name": given.get("name", "").strip(),
        "name_zh": given.get("name_zh", "").strip(),
        "code": given.get("code", "").strip(),
        "points": given.get("points", currencies[0][0] if currencies else "points"),
    }
    error: TrothError | None = None
    if request.method == "POST":
        text = chosen.text(
            programme=filled["code"] or code_from(filled["name"]),
            name=filled["name"],
            name_zh=filled["name_zh"],
            currency=staff.company().currency,
            points=filled["points"],
        )
        try:
            made = services.create_programme(actor=request.actor, now=utc_now(), text=text)
            messages.success(request, _("The draft is there. Change it and try baskets beside it."))
            return redirect("programmes:edit", made.id)
        except TrothError as refusal:
            error = refusal
    context = {"starters": STARTERS, "chosen": chosen, "filled": filled, "error": error, "currencies": currencies}
    return render(request, "console/programmes/new.html", context, status=422 if error else 200)


def code_from(name: str) -> str:
    """Return a code made of a name's Latin letters and digits, a plain one where it has none."""
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    return found or "programme"
