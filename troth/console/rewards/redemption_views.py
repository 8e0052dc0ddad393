"""Redemptions: the queue of what is to be handed over, each step, cancelling."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tab
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.rewards import queries as rewards
from troth.rewards import services
from troth.rewards.models import Redemption, RedemptionState
from troth.staff import queries as staff

from .customer_views import RedemptionView, redemption_view
from .pictures import Prices

P = Permission
PAGE_SIZE = 40
OPEN = (RedemptionState.REQUESTED, RedemptionState.PREPARED, RedemptionState.SENT)
VIEWS = {
    "open": (gettext_lazy("To hand over"), OPEN),
    "fulfilled": (gettext_lazy("Handed over"), (RedemptionState.FULFILLED,)),
    "cancelled": (pgettext_lazy("redemptions", "Cancelled"), (RedemptionState.CANCELLED,)),
}
REASONS = {
    "member": gettext_lazy("The member changed their mind"),
    "damaged": gettext_lazy("Damaged or missing"),
    "mistake": gettext_lazy("Redeemed by mistake"),
    "other": pgettext_lazy("why a redemption is cancelled", "Another reason"),
}


@require_safe
@requires(P.REWARDS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show redemptions: what is to be done first, the oldest of it on top."""
    view = request.GET.get("view", "open")
    view = view if view in VIEWS else "open"
    found = rewards.redemptions().filter(state__in=VIEWS[view][1])
    reward, store = request.GET.get("reward", ""), request.GET.get("store", "")
    if reward:
        found = found.filter(reward__code=reward)
    if (store_id := whole(store, digits=18)) is not None:
        found = found.filter(store_id=store_id)
    if view == "open":
        found = found.order_by("occurred_at", "id")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(request, list(page)),
        "tabs": _tabs(view),
        "view": view,
        "rewards": list(rewards.rewards()),
        "stores": list(staff.stores()),
        "wanted": {"reward": reward, "store": store},
        "may_redeem": request.actor.may(P.REWARDS_REDEEM),
        "reasons": REASONS.items(),
        "now": staff.moment(utc_now()),
    }
    return render(request, "console/rewards/redemptions.html", context)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_REDEEM)
def advance(request: ConsoleRequest, redemption_id: UUID) -> HttpResponse:
    """Note the next step of a redemption."""
    wanted = request.POST.get("state", "")
    state = RedemptionState(wanted) if wanted in RedemptionState.values else RedemptionState.FULFILLED
    row = services.advance_redemption(actor=request.actor, now=utc_now(), redemption_id=redemption_id, state=state)
    messages.success(request, _("%(reward)s: %(state)s.") % {"reward": row.reward, "state": row.get_state_display()})
    return _back(request, row)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_REDEEM)
def cancel(request: ConsoleRequest, redemption_id: UUID) -> HttpResponse:
    """Undo a redemption: points back into their lots, pieces back into stock."""
    reason = request.POST.get("reason", "")
    row = services.cancel_redemption(
        actor=request.actor,
        now=utc_now(),
        redemption_id=redemption_id,
        reason=reason if reason in REASONS else "other",
        is_restocked=request.POST.get("restock") == "on",
    )
    messages.success(request, _("The redemption was cancelled; the points went back to where they came from."))
    return _back(request, row)


def _rows(request: ConsoleRequest, found: Sequence[Redemption]) -> list[tuple[RedemptionView, str, str]]:
    prices, stores = Prices(), {store.id: store.name for store in staff.stores()}
    may_see = request.actor.may(P.CUSTOMERS_VIEW)
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    people = customers.records({row.owner_id for row in found}) if may_see else {}
    return [
        (
            redemption_view(row, prices),
            shown_name(people[row.owner_id], is_open) if row.owner_id in people else "",
            stores.get(row.store_id or 0, ""),
        )
        for row in found
    ]


def _tabs(view: str) -> list[Tab]:
    waiting = rewards.redemptions().filter(state__in=OPEN).count()
    counts: dict[str, Any] = {"open": formats.count(waiting) if waiting else ""}
    return [Tab(label, f"?view={code}", code == view, counts.get(code, "")) for code, (label, _states) in VIEWS.items()]


def _back(request: ConsoleRequest, row: Redemption) -> HttpResponse:
    """Go back to where the button was: the queue, or the customer."""
    origin = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(origin, {request.get_host()}, require_https=request.is_secure()):
        return redirect(origin)
    return redirect(reverse("rewards:redemptions"))
