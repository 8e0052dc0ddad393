"""The catalogue: rewards with stock and prices, one of them, making and changing it."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Figure, Tab
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.console.refusals import at_its_field
from troth.console.segments import editor
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.rewards import queries as rewards
from troth.rewards import services
from troth.rewards.models import Reward, RewardState
from troth.rewards.services import PriceFields
from troth.staff import queries as staff

from .audience_views import audience_text, catalogue, definition
from .forms import RewardForm, price_forms, tier_names
from .pictures import KIND_ICONS, STATE_TONES, Prices, is_over, limit_text, window_text
from .redemption_views import OPEN

P = Permission
STOCK_REASONS = ("delivery", "count", "damage", "other")

FORM_NAMES = {"starts_at": "starts_on", "ends_at": "ends_on"}


@require_safe
@requires(P.REWARDS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the catalogue."""
    is_archived = request.GET.get("show") == "archived"
    found = [one for one in rewards.rewards() if (one.state == RewardState.ARCHIVED) == is_archived]
    ids = [one.id for one in found]
    by_reward, left, prices = rewards.prices(ids), rewards.stock(ids), Prices(tier_names())
    now = utc_now()
    context = {
        "rows": [
            {
                "reward": one,
                "icon": KIND_ICONS.get(one.reward_kind, "gift"),
                "prices": prices.views(by_reward.get(one.id, [])),
                "left": left.get(one.id),
                "is_low": one.has_stock and left.get(one.id, 0) <= one.low_stock,
                "limit": limit_text(one),
                "window": window_text(one),
                "tone": STATE_TONES[one.state],
                "is_over": is_over(one, now),
            }
            for one in found
        ],
        "tabs": [Tab(_("In use"), "?", not is_archived), Tab(_("Archived"), "?show=archived", is_archived)],
        "is_archived": is_archived,
        "may_edit": request.actor.may(P.REWARDS_EDIT),
    }
    return render(request, "console/rewards/index.html", context)


@require_safe
@requires(P.REWARDS_VIEW)
def detail(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show one reward: what it costs whom, what is left, who took it."""
    reward = rewards.reward(code)
    may_edit = request.actor.may(P.REWARDS_EDIT)
    context = {
        "reward": reward,
        "tone": STATE_TONES[reward.state],
        "prices": Prices(tier_names()).views(rewards.prices([reward.id]).get(reward.id, [])),
        "figures": _figures(reward),
        "facts": _facts(reward),
        "may_edit": may_edit,
        "may_offer": may_edit and reward.state != RewardState.ACTIVE,
        "may_archive": may_edit and reward.state != RewardState.ARCHIVED,
    }
    return render(request, "console/rewards/detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a reward; nobody sees it before it is put on offer."""
    form, prices = RewardForm(request.POST or None), price_forms([], request.POST or None)
    error: TrothError | None = None
    if request.method == "POST" and form.is_valid() and prices.is_valid():
        try:
            made = services.create_reward(
                actor=request.actor, now=utc_now(), fields=form.reward_fields(_prices(prices), definition(request))
            )
        except TrothError as refusal:
            error = at_its_field(form, refusal, FORM_NAMES)
        else:
            messages.success(request, _("The reward is saved. Members see it once it is put on offer."))
            return redirect("rewards:detail", made.code)
    return _editor(request, form, prices, error)


@require_http_methods(["GET", "POST"])
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def edit(request: ConsoleRequest, code: str) -> HttpResponse:
    """Change a reward; what was redeemed before keeps what it cost."""
    reward = rewards.reward(code)
    form = RewardForm(request.POST or None, reward=reward)
    prices = price_forms(rewards.prices([reward.id]).get(reward.id, []), request.POST or None)
    error: TrothError | None = None
    if request.method == "POST" and form.is_valid() and prices.is_valid():
        revision = request.POST.get("revision", "")
        try:
            made = services.change_reward(
                actor=request.actor,
                now=utc_now(),
                reward_id=reward.id,
                fields=form.reward_fields(_prices(prices), definition(request)),
                expected_revision=whole(revision),
            )
        except TrothError as refusal:
            error = at_its_field(form, refusal, FORM_NAMES)
        else:
            messages.success(request, _("The changes were saved."))
            return redirect("rewards:detail", made.code)
    return _editor(request, form, prices, error)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def move(request: ConsoleRequest, code: str) -> HttpResponse:
    """Put a reward on offer, or take it off the catalogue."""
    reward = rewards.reward(code)
    acts = {"offer": services.offer_reward, "archive": services.archive_reward}
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    moved = act(actor=request.actor, now=utc_now(), reward_id=reward.id)
    messages.success(request, _("%(reward)s: %(state)s.") % {"reward": moved, "state": moved.get_state_display()})
    return redirect("rewards:detail", code)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_EDIT)
def stock(request: ConsoleRequest, code: str) -> HttpResponse:
    """Add pieces to the stock, or take some out."""
    reward, text = rewards.reward(code), request.POST.get("change", "")
    is_number = text.lstrip("+-").isdecimal() and len(text) < 12
    reason = request.POST.get("reason", "")
    left = services.change_stock(
        actor=request.actor,
        now=utc_now(),
        reward_id=reward.id,
        change=int(text) if is_number else 0,
        reason=reason if reason in STOCK_REASONS else "other",
    )
    messages.success(request, _("%(count)s pieces are in stock now.") % {"count": formats.count(left)})
    return redirect("rewards:detail", code)


def _editor(request: ConsoleRequest, form: RewardForm, prices: Any, error: TrothError | None) -> HttpResponse:
    has_errors = bool(error or form.errors or (prices.is_bound and not prices.is_valid()))
    context = {"form": form, "parts": form.parts(), "prices": prices, "error": error, "reward": form.reward}
    sent = definition(request) if request.method == "POST" else (form.reward.audience if form.reward else None)
    company = staff.company()
    context["money_currency"] = company.currency
    context["definition"] = sent or {"all": []}
    context["definition_text"] = json.dumps(context["definition"])  # without the editor it is sent back as it was
    context["catalogue"] = editor.payload(catalogue(), company.currency)
    return render(request, "console/rewards/edit.html", context, status=422 if has_errors else 200)


def _prices(rows: Any) -> tuple[PriceFields, ...]:
    money = staff.company().currency
    return tuple(price for row in rows if (price := row.price(money)) is not None)


def _figures(reward: Reward) -> list[Figure]:
    taken = rewards.redemptions().filter(reward=reward)
    waiting = taken.filter(state__in=OPEN).count()
    shown = []
    left = rewards.stock([reward.id]).get(reward.id)
    if left is not None:
        note = _("few are left") if left <= reward.low_stock else ""
        shown.append(Figure(_("In stock"), formats.count(left), icon="package", note=note))
    queue = reverse("rewards:redemptions")
    shown.append(
        Figure(
            pgettext("rewards", "Redeemed"),
            formats.count(taken.exclude(state="cancelled").count()),
            url=f"{queue}?reward={reward.code}&view=fulfilled",
        )
    )
    shown.append(Figure(_("To hand over"), formats.count(waiting), url=f"{queue}?reward={reward.code}"))
    return shown


def _facts(reward: Reward) -> list[tuple[str, str]]:
    found = [
        (_("Kind"), reward.get_reward_kind_display()),
        (_("How it reaches the member"), reward.get_fulfilment_display()),
        (_("Points are taken"), reward.get_pay_on_display()),
        (pgettext("points", "When"), window_text(reward) or _("always")),
        (_("Who sees it"), audience_text(reward) or _("everybody")),
        (_("Most for each member"), limit_text(reward) or _("no limit")),
    ]
    if reward.campaign is not None:
        found.append((_("Coupon of the campaign"), str(reward.campaign)))
    if reward.unit_cost is not None:
        found.append((_("What a piece costs us"), formats.money(reward.unit_cost, reward.cost_currency)))
    return [(str(label), str(text)) for label, text in found]
