"""One customer's rewards: what may be redeemed now, coupons, and redemptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tone
from troth.console.customers import page
from troth.console.guard import ConsoleRequest, requires
from troth.console.points.purse import Purse, purses
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.kit.ids import new_id
from troth.ledger import queries as ledger
from troth.ledger.terms import TransferRule
from troth.rewards import queries as rewards
from troth.rewards import services
from troth.rewards.codes import grouped
from troth.rewards.models import Coupon, CouponState, FulfilmentKind, Redemption
from troth.rewards.operations import NewRedemption, Outcome
from troth.rewards.queries import Offered
from troth.staff import queries as staff

from .pictures import KIND_ICONS, STATE_TONES, Prices, PriceView

P = Permission
SHOWN = 50
POOL = "pool"
"""Before an option of a price: the household's pool pays."""


@dataclass(frozen=True, slots=True)
class OfferView:
    """A reward on offer to this customer. can: whether one of its prices can be paid; why_not: else, in words.

    ways: how it can be paid: each price with own points, and from the household's pool where that will do.
    """

    offered: Offered
    icon: str
    prices: list[tuple[PriceView, bool]]
    ways: list["WayToPay"]
    most: int
    can: bool
    why_not: str
    dialog: str


@dataclass(frozen=True, slots=True)
class WayToPay:
    """A price and whose points pay it, as a choice of a form."""

    value: str
    text: str
    is_payable: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon with its code as it is read aloud, and how it stands."""

    coupon: Coupon
    code: str
    state: str
    tone: Tone


@require_safe
@requires(P.CUSTOMERS_VIEW, P.REWARDS_VIEW)
def customer(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show what the customer may redeem now, and what was redeemed."""
    shown = page.profile_of(request, customer_id)
    if shown.customer.id != customer_id:
        return redirect("rewards:customer", shown.customer.id)
    now, prices = utc_now(), Prices()
    mine = purses(customer_id, now) if request.actor.may(P.POINTS_VIEW) else []
    may_redeem = request.actor.may(P.REWARDS_REDEEM) and shown.customer.erased_at is None
    pool = _pool_shares(shown.customer.id, now) if request.actor.may(P.POINTS_VIEW) else {}
    redemptions = list(rewards.redemptions_of(customer_id)[:SHOWN])
    context = page.context_of(request, shown, "rewards") | {
        "purses": mine,
        "offers": [_offer(one, mine, pool, prices, may_redeem) for one in rewards.offered_to(customer_id, now)],
        "coupons": [_coupon(one, now) for one in rewards.coupons_of(customer_id)[:SHOWN]],
        "redemptions": [redemption_view(one, prices) for one in redemptions],
        "stores": list(staff.stores()),
        "may_redeem": may_redeem,
        "key": f"console:{new_id()}",
    }
    return render(request, "console/rewards/customer.html", context)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.REWARDS_VIEW, P.REWARDS_REDEEM)
def redeem(request: ConsoleRequest, customer_id: UUID, code: str) -> HttpResponse:
    """Redeem a reward for the customer."""
    now = utc_now()
    quantity, store = request.POST.get("quantity", "1"), request.POST.get("store", "")
    payer, _colon, option = request.POST.get("option", "").rpartition(":")
    home = customers.household_of(customer_id) if payer == POOL else None
    asked = NewRedemption(
        key=request.POST.get("key", "")[:120],
        customer_id=customer_id,
        reward=code,
        occurred_at=now,
        quantity=int(quantity) if quantity.isdecimal() and len(quantity) < 6 else 0,
        option=option,
        store_id=int(store) if store.isdecimal() and len(store) < 18 else None,
        delivery=request.POST.get("delivery", ""),
        household_id=home.household.id if home else None,
    )
    (done,) = services.redeem_rewards([asked], actor=request.actor, now=now)
    if done.error is not None:
        raise done.error
    if done.outcome is Outcome.REPEATED:
        messages.info(request, _("That was redeemed already."))
    else:
        price = Prices().amount(done.points, done.point_currency, done.money_amount, done.money_currency)
        said = {"reward": rewards.reward(code), "price": price}
        messages.success(request, _("%(reward)s redeemed for %(price)s.") % said)
    return redirect("rewards:customer", customer_id)


def _pool_shares(customer_id: UUID, now: datetime) -> dict[str, int]:
    """Return how many points of the household's pool the customer may spend, by currency; those of which it is none are
    left out.
    """
    home = customers.household_of(customer_id)
    if home is None:
        return {}
    shared = (one.code for one in ledger.currencies() if one.transfer_rule != TransferRule.NONE)
    found = {code: ledger.pool_share(home.household.id, customer_id, code, now=now) for code in shared}
    return {code: share for code, share in found.items() if share}


def _ways(views: list[tuple[PriceView, bool]], pool: Mapping[str, int], prices: Prices) -> list[WayToPay]:
    """Return the ways to pay; the first that can be paid is chosen."""
    found = [(view.option, view.text, payable) for view, payable in views]
    for view, _payable in views:
        share = pool.get(view.point_currency, 0) if view.points else 0
        if share >= view.points > 0:
            said = {"price": view.text, "share": prices.amount(share, view.point_currency, 0, "")}
            text = _("%(price)s from the household's pool, of which this member may spend %(share)s")
            found.append((f"{POOL}:{view.option}", text % said, True))
    chosen = next((value for value, _text, payable in found if payable), "")
    return [WayToPay(value, text, payable, value == chosen) for value, text, payable in found]


def _offer(offered: Offered, mine: list[Purse], pool: Mapping[str, int], prices: Prices, may_redeem: bool) -> OfferView:
    available = {one.currency.code: one.balance.available for one in mine}
    views = [
        (view, not view.points or available.get(view.point_currency, 0) >= view.points)
        for view in (prices.view(one) for one in offered.prices)
    ]
    ways = _ways(views, pool, prices)
    limits = [limit for limit in (offered.left, offered.member_left) if limit is not None]
    why_not = _why_not(offered, [way.is_payable for way in ways])
    return OfferView(
        offered=offered,
        icon=KIND_ICONS.get(offered.reward.reward_kind, "gift"),
        prices=views,
        ways=ways,
        most=min([100, *limits]),
        can=may_redeem and not why_not,
        why_not=why_not,
        dialog=f"redeem-{offered.reward.code}",
    )


def _why_not(offered: Offered, payable: list[bool]) -> str:
    if not offered.is_open:
        return _("not open today")
    if offered.left == 0:
        return _("out of stock")
    if offered.member_left == 0:
        return _("the member's limit is reached")
    return "" if any(payable) else _("not enough points")


def _coupon(coupon: Coupon, now: Any) -> CouponView:
    if coupon.state == CouponState.ACTIVE:
        if coupon.use_count >= coupon.max_uses:
            return CouponView(coupon, grouped(coupon.code), _("used"), "neutral")
        if coupon.expires_at is not None and coupon.expires_at <= now:
            return CouponView(coupon, grouped(coupon.code), _("expired"), "neutral")
        return CouponView(coupon, grouped(coupon.code), _("usable"), "good")
    tone: Tone = "bad" if coupon.state == CouponState.REVOKED else "neutral"
    return CouponView(coupon, grouped(coupon.code), coupon.get_state_display(), tone)


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """A redemption with its price in words. next_states: what may happen to it next: (state, label)."""

    row: Redemption
    price: str
    tone: Tone
    next_states: list[tuple[str, str]]
    is_open: bool
    dialog: str


def redemption_view(row: Redemption, prices: Prices) -> RedemptionView:
    """Return a redemption as screens show it."""
    is_open = row.state not in ("fulfilled", "cancelled")
    steps = {
        FulfilmentKind.COLLECT: [("prepared", _("Ready to collect")), ("fulfilled", _("Handed over"))],
        FulfilmentKind.SHIP: [
            ("prepared", _("Packed")),
            ("sent", pgettext("rewards", "Sent")),
            ("fulfilled", _("Arrived")),
        ],
        FulfilmentKind.BOOK: [("prepared", _("Booked")), ("fulfilled", _("Took place"))],
    }.get(FulfilmentKind(row.reward.fulfilment), [("fulfilled", _("Handed over"))])
    codes = [code for code, _label in steps]
    place = codes.index(row.state) + 1 if row.state in codes else 0
    return RedemptionView(
        row=row,
        price=_price_of(row, prices),
        tone=STATE_TONES.get(row.state, "neutral"),
        next_states=steps[place:] if is_open else [],
        is_open=is_open,
        dialog=f"cancel-{row.id}",
    )


def _price_of(row: Redemption, prices: Prices) -> str:
    if row.is_gift:
        return _("gift")
    text = prices.amount(row.points, row.point_currency, row.money_amount, row.money_currency)
    return _("%(price)s from the household's pool") % {"price": text} if row.household_id else text
