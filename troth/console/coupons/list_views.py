"""Campaigns: the list, a new one, changing a draft, the editor's answers."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.console.refusals import at_its_field
from troth.console.segments import editor
from troth.kit.clock import utc_now
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.reading import read
from troth.kit.conditions.wording import Words
from troth.kit.errors import TrothError
from troth.rewards import queries as rewards
from troth.rewards import services, terms
from troth.rewards.models import CampaignState
from troth.staff import queries as staff

from .forms import CampaignForm
from .pictures import STATE_TONES, benefit_text, time_text

P = Permission
MAX_DEFINITION = 100_000

FORM_NAMES = {"starts_at": "starts_on", "ends_at": "ends_on"}


@require_safe
@requires(P.REWARDS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the campaigns with what they give and how they run."""
    is_over = request.GET.get("show") == "ended"
    found = [one for one in rewards.campaigns() if (one.state == CampaignState.ENDED) == is_over]
    ids = [one.id for one in found]
    figures, given = rewards.figures(ids), rewards.discount_given(ids)
    rows = [
        (one, benefit_text(one), time_text(one), figures[one.id], given.get(one.id), STATE_TONES[one.state])
        for one in found
    ]
    context = {
        "rows": rows,
        "tabs": [Tab(_("In use"), "?", not is_over), Tab(_("Over"), "?show=ended", is_over)],
        "is_over": is_over,
        "may_edit": request.actor.may(P.REWARDS_EDIT),
    }
    return render(request, "console/coupons/index.html", context)


@require_http_methods(["GET", "POST"])
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a campaign as a draft."""
    form = CampaignForm(request.POST or None)
    error: TrothError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_campaign(
                actor=request.actor, now=utc_now(), fields=form.campaign_fields(_definition(request))
            )
        except TrothError as refusal:
            error = at_its_field(form, refusal, FORM_NAMES)
        else:
            messages.success(request, _("The draft is saved. Nobody can use a coupon before it is started."))
            return redirect("coupons:detail", made.code)
    return _editor(request, form, error, None)


@require_http_methods(["GET", "POST"])
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def edit(request: ConsoleRequest, code: str) -> HttpResponse:
    """Change a draft."""
    campaign = rewards.campaign(code)
    form = CampaignForm.of(campaign, rewards.generic_code(campaign), request.POST or None)
    error: TrothError | None = None
    if request.method == "POST" and form.is_valid():
        revision = request.POST.get("revision", "")
        try:
            made = services.change_campaign(
                actor=request.actor,
                now=utc_now(),
                campaign_id=campaign.id,
                fields=form.campaign_fields(_definition(request)),
                expected_revision=whole(revision),
            )
        except TrothError as refusal:
            error = at_its_field(form, refusal, FORM_NAMES)
        else:
            messages.success(request, _("The changes were saved."))
            return redirect("coupons:detail", made.code)
    return _editor(request, form, error, campaign)


@require_POST
@requires(P.REWARDS_VIEW)
def preview(request: ConsoleRequest) -> HttpResponse:
    """Answer the editor: the terms as a sentence, or what is missing."""
    fields, context = terms.catalogue(), dict[str, Any]()
    raw = _definition(request)
    if raw is not None:
        try:
            context["sentence"] = Words(fields, staff.company().currency).sentence(read(raw, fields))
        except ConditionInvalidError as error:
            context = {"problems": error.problems, "paths": [one.path for one in error.problems]}
    return render(request, "console/coupons/preview.html", context)


@require_safe
@requires(P.REWARDS_VIEW)
def suggest(request: ConsoleRequest) -> JsonResponse:
    """Return values of a field that begin as typed."""
    fields = terms.catalogue()
    code = request.GET.get("field", "")
    find = fields[code].suggest if code in fields else None
    start = request.GET.get("q", "").replace("\x00", "")[:60]
    return JsonResponse({"values": list(find(start)) if find else []})


def _editor(request: ConsoleRequest, form: CampaignForm, error: TrothError | None, campaign: Any) -> HttpResponse:
    sent = _definition(request) if request.method == "POST" else (campaign.terms if campaign else None)
    context = {
        "form": form,
        "parts": form.parts(),
        "error": error,
        "campaign": campaign,
        "definition": sent or {"all": []},
        "catalogue": editor.payload(terms.catalogue(), staff.company().currency),
    }
    return render(request, "console/coupons/edit.html", context, status=422 if error or form.errors else 200)


def _definition(request: ConsoleRequest) -> Any:
    """Return the terms sent, None for none: an empty group asks nothing."""
    raw = request.POST.get("definition", "")
    try:
        found = json.loads(raw) if raw and len(raw) <= MAX_DEFINITION else None
    except (ValueError, RecursionError):
        return {}
    return None if found in ({"all": []}, {"any": []}) else found
