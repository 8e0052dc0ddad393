"""All journeys with their figures, and making a new one: ready-made or from nothing."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.journeys import services
from troth.care.journeys.document.reading import as_text
from troth.care.models import Journey, JourneyState
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError

from . import gallery
from .frame import TONES


@require_safe
@requires(Permission.JOURNEYS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """List the journeys: those in use, or those that were stopped."""
    is_past = request.GET.get("show") == "stopped"
    found = list(journeys.journeys(states=[JourneyState.STOPPED]) if is_past else journeys.journeys())
    figures = journeys.totals([one.id for one in found])
    url = reverse("journeys:index")
    context = {
        "rows": [_row(one, figures[one.id]) for one in found],
        "is_past": is_past,
        "has_past": is_past or journeys.journeys(states=[JourneyState.STOPPED]).exists(),
        "may_edit": request.actor.may(Permission.JOURNEYS_EDIT),
        "starters": gallery.cards() if not is_past else [],
        "tabs": [
            Tab(_("In use"), url, not is_past),
            Tab(pgettext("journeys", "Stopped"), f"{url}?show=stopped", is_past),
        ],
    }
    return render(request, "console/journeys/index.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.JOURNEYS_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a journey: of a ready-made one, or from nothing; it is a draft until it is published."""
    chosen = gallery.card(request.POST.get("start", request.GET.get("start", "")))
    filled = {
        "name": request.POST.get("name", chosen.name_en if chosen else ""),
        "name_zh": request.POST.get("name_zh", chosen.name_zh if chosen else ""),
        "code": request.POST.get("code", gallery.free_code(chosen.code if chosen else "")),
    }
    error: TrothError | None = None
    if request.method == "POST":
        try:
            return redirect("journeys:edit", _made(request, filled, chosen).id)
        except TrothError as refusal:
            error = refusal
    context = {"filled": filled, "chosen": chosen, "starters": gallery.cards(), "error": error}
    if chosen:
        context["missing"] = gallery.problems(chosen)
    return render(request, "console/journeys/new.html", context, status=422 if error else 200)


@transaction.atomic
def _made(request: ConsoleRequest, filled: dict[str, str], chosen: gallery.Card | None) -> Journey:
    """Make the journey. A ready-made one may name what the company does not have yet: it is a draft all the same."""
    now, code = utc_now(), filled["code"].strip().lower()
    name = {"en": filled["name"].strip() or filled["name_zh"].strip(), "zh": filled["name_zh"].strip()}
    plain = {"journey": code, "name": name, "entry": {"type": "list"}, "steps": [{"id": "end-1", "type": "end"}]}
    journey = services.create_journey(actor=request.actor, now=now, text=as_text(plain))
    if chosen is None:
        return journey
    text = gallery.text_of(chosen, code, name)
    return services.save_draft(actor=request.actor, now=now, journey_id=journey.id, text=text)


def _row(journey: Journey, figures: journeys.Totals) -> dict[str, Any]:
    share = figures.reached / figures.entered if figures.entered else None
    return {"journey": journey, "figures": figures, "tone": TONES[journey.state], "reached_share": share}
