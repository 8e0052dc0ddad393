"""One code looked up, and used by hand: reserved, redeemed, given back, withdrawn."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import decimal
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.kit.errors import InvalidError
from troth.kit.ids import new_id
from troth.rewards import queries as rewards
from troth.rewards import services
from troth.rewards.codes import grouped, normalized
from troth.rewards.errors import CouponUnknownError
from troth.rewards.models import CouponUse, UseState
from troth.rewards.operations import CouponDone, Outcome, Redeem, Release, Reserve, Reverse, Revoke

from .pictures import STATE_TONES, benefit_text, terms_text, time_text

P = Permission


@require_safe
@requires(P.REWARDS_VIEW)
def look_up(request: ConsoleRequest) -> HttpResponse:
    """Show what a code is, who holds it, and how it was used."""
    typed = request.GET.get("code", "").strip()[:60]
    context: dict[str, Any] = {"typed": typed, "may_redeem": request.actor.may(P.REWARDS_REDEEM)}
    if typed:
        try:
            campaign, coupon = rewards.found(typed)
        except CouponUnknownError as missing:
            context["missing"] = str(missing)
        else:
            uses = rewards.uses_of_coupon(coupon.id) if coupon is not None else rewards.uses_of_campaign(campaign.id)
            holders = customers.records([coupon.owner_id]) if coupon is not None else {}
            holder = holders.get(coupon.owner_id) if coupon is not None else None
            context |= {
                "campaign": campaign,
                "coupon": coupon,
                "code": grouped(normalized(typed)) if coupon is not None else normalized(typed),
                "holder": holder,
                "holder_name": shown_name(holder, request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)) if holder else "",
                "may_see_holder": holder is not None and request.actor.may(P.CUSTOMERS_VIEW),
                "facts": [
                    (_("It gives"), benefit_text(campaign)),
                    (_("Who may use it, and when"), terms_text(campaign) or _("everybody, with every order")),
                    (_("Can be used"), time_text(campaign)),
                ],
                "uses": [(use, STATE_TONES[use.state]) for use in uses[:20]],
                "key": f"console:{new_id()}",
            }
    return render(request, "console/coupons/look_up.html", context)


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_REDEEM)
def use(request: ConsoleRequest) -> HttpResponse:
    """Reserve or redeem a code by hand."""
    now, code = utc_now(), request.POST.get("code", "")[:60]
    campaign, coupon = rewards.found(code)
    customer = request.POST.get("customer", "").strip()
    operation = Reserve if request.POST.get("act") == "reserve" else Redeem
    asked = operation(
        key=request.POST.get("key", "")[:120],
        code=code,
        customer_id=_customer(customer) if customer else (coupon.owner_id if coupon is not None else None),
        occurred_at=now,
        currency=campaign.currency,
        discount_amount=_amount(request.POST.get("discount", "")),
        source="console",
        order_ref=request.POST.get("order", "").strip()[:120],
    )
    _said(request, services.post_coupons([asked], actor=request.actor, now=now)[0])
    return redirect(reverse("coupons:look_up", query={"code": code}))


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_REDEEM)
def undo(request: ConsoleRequest, use_id: UUID) -> HttpResponse:
    """Release what is reserved, or give back what is redeemed."""
    now, code = utc_now(), request.POST.get("code", "")[:60]
    campaign, _coupon = rewards.found(code)
    found: CouponUse | None = rewards.uses_of_campaign(campaign.id).filter(id=use_id).first()
    if found is None:
        raise CouponUnknownError(code)
    operation = Release if found.state == UseState.RESERVED else Reverse
    is_known = bool(customers.records([found.owner_id]))
    asked = operation(key=found.operation_key, customer_id=found.owner_id if is_known else None, occurred_at=now)
    _said(request, services.post_coupons([asked], actor=request.actor, now=now)[0])
    return redirect(reverse("coupons:look_up", query={"code": code}))


@require_POST
@requires(P.REWARDS_VIEW, P.REWARDS_REDEEM)
def revoke(request: ConsoleRequest, coupon_id: UUID) -> HttpResponse:
    """Withdraw a coupon that has no use in force."""
    now, coupon = utc_now(), rewards.coupon(coupon_id)
    asked = Revoke(key=f"console:revoke:{coupon_id}", coupon_id=coupon_id, occurred_at=now)
    _said(request, services.post_coupons([asked], actor=request.actor, now=now)[0])
    return redirect(reverse("coupons:look_up", query={"code": coupon.code}))


def _said(request: ConsoleRequest, done: CouponDone) -> None:
    if done.error is not None:
        raise done.error
    if done.outcome is Outcome.REPEATED:
        messages.info(request, _("That was done already."))
    else:
        messages.success(request, _("Done."))


def _customer(text: str) -> UUID:
    """Return the id of a customer from what was pasted: the id, or the address of the page."""
    for part in reversed(text.split("/")):
        try:
            return UUID(part)
        except ValueError:
            continue
    message = _("“%(text)s” is no customer: paste the id, or the address of the customer's page.")
    raise InvalidError(message % {"text": text[:60]}, field="customer", value=text[:60])


def _amount(text: str) -> Decimal:
    found = decimal(text or "0")
    if found is None or found < 0 or found != round(found, 4):
        message = _("“%(text)s” is no amount: write a number of at least 0.")
        raise InvalidError(message % {"text": text[:20]}, field="discount", value=text[:20])
    return found
