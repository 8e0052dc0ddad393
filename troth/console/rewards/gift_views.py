"""Birthday gifts: which there are, one of them, making, changing, starting and stopping it."""

import json
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Figure
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.console.refusals import at_its_field
from troth.console.segments import editor
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.rewards import queries as rewards
from troth.rewards import services
from troth.rewards.models import BirthdayGift
from troth.staff import queries as staff

from .audience_views import catalogue, definition
from .gift_forms import GiftForm
from .gift_people_views import LOOKING_BACK, SEES_PEOPLE
from .gift_words import doubts, facts, given_text, when_text

P = Permission

FORM_NAMES = {"campaign": "given", "reward": "given"}


@require_safe
@requires(P.REWARDS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the birthday gifts, how often each was given, and how many would get one soon."""
    now = staff.moment(utc_now())
    found = list(rewards.gifts())
    figures = rewards.gift_figures([one.id for one in found], since=now - LOOKING_BACK)
    none = rewards.GiftFigures()
    context = {
        "rows": [
            {
                "gift": one,
                "given": given_text(one),
                "when": when_text(one),
                "figures": figures.get(one.id, none),
                "coming": len(rewards.coming_gifts(one, now)) if one.is_active else 0,
            }
            for one in found
        ],
        "may_edit": request.actor.may(P.REWARDS_EDIT),
        "sees_people": _sees_people(request),
    }
    return render(request, "console/rewards/gifts.html", context)


@require_safe
@requires(P.REWARDS_VIEW)
def detail(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show one gift: its rules, who had it, who will, and what stands in its way."""
    gift, now = rewards.gift(code), staff.moment(utc_now())
    coming = len(rewards.coming_gifts(gift, now))
    context = {
        "gift": gift,
        "figures": _figures(request, gift, coming, now),
        "facts": facts(gift),
        "doubts": doubts(gift, coming, now) if gift.is_active else [],
        "may_edit": request.actor.may(P.REWARDS_EDIT),
    }
    return render(request, "console/rewards/gift.html", context)


@require_http_methods(["GET", "POST"])
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a gift; from the next morning on it is given."""
    form = GiftForm(request.POST or None)
    error: TrothError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_gift(
                actor=request.actor, now=utc_now(), fields=form.gift_fields(definition(request))
            )
        except TrothError as refusal:
            error = at_its_field(form, refusal, FORM_NAMES)
        else:
            messages.success(request, _("The gift is saved. From tomorrow morning on it is given."))
            return redirect("rewards:gift", made.code)
    return _editor(request, form, error)


@require_http_methods(["GET", "POST"])
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def edit(request: ConsoleRequest, code: str) -> HttpResponse:
    """Change a gift; who had one keeps it."""
    gift = rewards.gift(code)
    form = GiftForm(request.POST or None, gift=gift)
    error: TrothError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = services.change_gift(
                actor=request.actor,
                now=utc_now(),
                gift_id=gift.id,
                fields=form.gift_fields(definition(request)),
                expected_revision=whole(request.POST.get("revision", "")),
            )
        except TrothError as refusal:
            error = at_its_field(form, refusal, FORM_NAMES)
        else:
            messages.success(request, _("The changes were saved."))
            return redirect("rewards:gift", made.code)
    return _editor(request, form, error)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def move(request: ConsoleRequest, code: str) -> HttpResponse:
    """Start or stop a gift."""
    gift = rewards.gift(code)
    acts = {"start": services.start_gift, "stop": services.stop_gift}
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    moved = act(actor=request.actor, now=utc_now(), gift_id=gift.id)
    said = _("“%(gift)s” is given from tomorrow morning on.") if moved.is_active else _("“%(gift)s” is stopped.")
    messages.success(request, said % {"gift": moved})
    return redirect("rewards:gift", moved.code)


def _figures(request: ConsoleRequest, gift: BirthdayGift, coming: int, now: datetime) -> list[Figure]:
    found = rewards.gift_figures([gift.id], since=now - LOOKING_BACK).get(gift.id, rewards.GiftFigures())
    there = reverse("rewards:gift_people", args=[gift.code]) if _sees_people(request) else ""

    def url(show: str) -> str:
        return f"{there}?show={show}" if there else ""

    note = "" if gift.is_active else _("once it is started again")
    shown = [
        Figure(_("Given in the last year"), formats.count(found.given), icon="cake", url=url("given")),
        Figure(_("In the next 30 days"), formats.count(coming), url=url("coming"), note=note),
    ]
    if found.refused:
        shown.append(Figure(_("Could not be given"), formats.count(found.refused), url=url("refused")))
    return shown


def _sees_people(request: ConsoleRequest) -> bool:
    return all(request.actor.may(one) for one in SEES_PEOPLE)


def _editor(request: ConsoleRequest, form: GiftForm, error: TrothError | None) -> HttpResponse:
    sent = definition(request) if request.method == "POST" else (form.gift.audience if form.gift else None)
    shown = sent or {"all": []}
    context = {
        "form": form,
        "parts": form.parts(),
        "error": error,
        "gift": form.gift,
        "definition": shown,
        "definition_text": json.dumps(shown),  # without the editor it is sent back as it was
        "catalogue": editor.payload(catalogue(), staff.company().currency),
    }
    return render(request, "console/rewards/gift_edit.html", context, status=422 if error or form.errors else 200)
