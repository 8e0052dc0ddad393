"""What is done against causes, whether it helped, and telling those who complained."""

from datetime import date
from math import isinf
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.voice.complaints import queries as complaints
from troth.voice.complaints import services
from troth.voice.complaints.errors import ImprovementRefusedError
from troth.voice.complaints.queries import ImprovementEffect
from troth.voice.complaints.services import ImprovementFields
from troth.voice.models import Improvement, ImprovementState
from troth.voice.present import present

from . import choices
from .cause_views import tabs, today

P = Permission
PAGE_SIZE = 30
SHOWN_PEOPLE = 50
_FIELDS = ("title", "cause", "text", "told", "told_zh", "staff", "due_date", "state", "done_date", "source")


@require_safe
@requires(P.CASES_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show improvements with who answers for them, by when, and what they brought."""
    page = Paginator(complaints.improvements(), PAGE_SIZE).get_page(request.GET.get("page"))
    people, day = {row.id: row.name for row in staff.people()}, today()
    rows = [
        {
            "row": row,
            "cause": complaints.named(row.cause) if row.cause else "",
            "person": people.get(row.staff_id, "") if row.staff_id else "",
            "is_late": row.state == ImprovementState.PLANNED and row.due_date < day,
            "effect": effect_text(complaints.effect_of(row, day)),
        }
        for row in page
    ]
    context = {"tabs": tabs("improvements"), "page": page, "rows": rows, "may_work": request.actor.may(P.CASES_WORK)}
    return render(request, "console/complaints/improvements.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_WORK)
def edit(request: ConsoleRequest, improvement_id: UUID | None = None) -> HttpResponse:
    """Plan an improvement, change it, or say that it is done."""
    row = complaints.improvement(improvement_id) if improvement_id else None
    problem = None
    if request.method == "POST":
        try:
            saved = _save(request, row)
        except TrothError as refusal:
            problem = refusal
        else:
            messages.success(request, _("The improvement is kept."))
            return redirect("complaints:improvement", saved.id)
    given = _given(request, row)
    day = today()
    effect = complaints.effect_of(row, day) if row else None
    context = {
        "row": row,
        "given": given,
        "problem": problem,
        "wrong": problem.fields.get("field", "") if problem else "",
        "causes": choices.cause_choices(),
        "people": choices.people(),
        "states": ImprovementState.choices,
        "effect": effect,
        "effect_text": effect_text(effect),
        "visit_id": given["source"].removeprefix("visit:") if _is_of_visit(given["source"]) else "",
        "tell_count": len(services.not_told(row, services.people_to_tell(row))) if row else 0,
    }
    return render(request, "console/complaints/improvement.html", context, status=problem.status if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.CASES_WORK, P.MESSAGES_SEND)
def tell(request: ConsoleRequest, improvement_id: UUID) -> HttpResponse:
    """Show exactly who would be told, and tell them."""
    row = complaints.improvement(improvement_id)
    if request.method == "POST":
        counts = services.tell_improvement(actor=request.actor, now=present(), improvement_id=row.id)
        sent = counts["queued"] + counts["delayed"]
        text = ngettext("%(count)d customer is told.", "%(count)d customers are told.", sent) % {"count": sent}
        messages.success(request, text)
        return redirect("complaints:improvement", row.id)
    people = services.people_to_tell(row)
    left = services.not_told(row, people)
    decisions = services.preview_told(row, left, now=present()) if row.told or row.told_zh else []
    reached = sum(1 for one in decisions if one.outcome.value != "withheld")
    context = {
        "row": row,
        "cause": complaints.named(row.cause) if row.cause else "",
        "people": people[:SHOWN_PEOPLE],
        "more": max(0, len(people) - SHOWN_PEOPLE),
        "count": len(people),
        "is_left": bool(left),
        "reached": reached,
        "withheld": len(decisions) - reached,
        "can_tell": row.state == ImprovementState.DONE and bool(row.told and row.told_zh and left),
    }
    return render(request, "console/complaints/improvement_tell.html", context)


def effect_text(effect: ImprovementEffect | None) -> str:
    """Return whether it helped, in a sentence with its interval."""
    if effect is None:
        return ""
    values = {"before": effect.before, "after": effect.after, "days": effect.days}
    text = _("Complaints: %(before)d in the %(days)d days before, %(after)d in the %(days)d days after.") % values
    if effect.factor is None:
        return text
    high = "∞" if isinf(effect.high) else f"{effect.high:.2f}"
    change = _("For each order × %(factor)s (95 %%: %(low)s to %(high)s).") % {
        "factor": f"{effect.factor:.2f}",
        "low": f"{effect.low:.2f}",
        "high": high,
    }
    proved = _("It helped.") if effect.is_proved else _("That may still be chance.")
    return f"{text} {change} {proved}"


def _is_of_visit(source: str) -> bool:
    kind, _colon, visit_id = source.partition(":")
    try:
        return kind == "visit" and bool(UUID(visit_id))
    except ValueError:
        return False


def _given(request: ConsoleRequest, row: Improvement | None) -> dict[str, str]:
    if request.method == "POST":
        return {name: request.POST.get(name, "") for name in _FIELDS}
    if row is None:
        asked = {name: request.GET.get(name, "") for name in ("cause", "title", "source")}
        return dict.fromkeys(_FIELDS, "") | asked | {"state": ImprovementState.PLANNED.value}
    return {
        "title": row.title,
        "cause": row.cause.code if row.cause else "",
        "text": row.text,
        "told": row.told,
        "told_zh": row.told_zh,
        "staff": str(row.staff_id or ""),
        "due_date": row.due_date.isoformat(),
        "state": row.state,
        "done_date": row.done_date.isoformat() if row.done_date else "",
        "source": row.source,
    }


def _save(request: ConsoleRequest, row: Improvement | None) -> Improvement:
    given = _given(request, row)
    due = _day(given["due_date"], "due_date")
    if due is None:
        raise ImprovementRefusedError(_("Say by which day it shall be done."), field="due_date")
    fields = ImprovementFields(
        title=given["title"],
        due_date=due,
        cause=given["cause"],
        text=given["text"],
        told=given["told"],
        told_zh=given["told_zh"],
        staff_id=choices.staff_id(given["staff"]),
        state=given["state"],
        done_date=_day(given["done_date"], "done_date"),
        source=given["source"],
    )
    common: dict[str, Any] = {"actor": request.actor, "now": present(), "fields": fields}
    if row is None:
        return services.create_improvement(**common)
    return services.change_improvement(improvement_id=row.id, **common)


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = _("“%(text)s” is no day; choose one.") % {"text": text[:20]}
        raise ImprovementRefusedError(message, field=field) from error
