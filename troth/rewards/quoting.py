"""What codes would take off a basket: the answer before anything is reserved or redeemed. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from troth.customers import queries as customers
from troth.events.models import COMPANY_OWNER
from troth.kit.errors import TrothError
from troth.kit.money import from_stored, to_stored
from troth.programs.baskets import Basket

from . import codes, finding, slices, terms
from .discounts import Discount, Offer, Why, discounts
from .errors import (
    CampaignExhaustedError,
    CouponNeedsCustomerError,
    CouponTermsError,
    CouponUnknownError,
    CustomerUnknownError,
    MemberLimitError,
)
from .finding import Found
from .models import Benefit, Coupon, CouponCampaign, DiscountedGoods, MemberTally, SliceKind, TallyKind
from .queries import uses_under
from .tallies import ever
from .terms import Terms
from .usability import refuse_unusable

NOTHING = Discount()


@dataclass(frozen=True, slots=True)
class Quote:
    """What one code would do. code: normalised; error: why it cannot be used, then it takes nothing off."""

    code: str
    campaign: CouponCampaign | None = None
    discount: Discount = NOTHING
    error: TrothError | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """A code that was found usable, with its terms."""

    found: Found
    terms: Terms


def quote(
    typed: Sequence[str], basket: Basket, *, customer_id: UUID | None, own_keys: Sequence[str] = ()
) -> list[Quote]:
    """Return what each code would take off the basket, one after the other, and why it would not.

    customer_id: who buys, None for a stranger; own_keys: keys of uses that this order has already reserved, whose
    coupons therefore count as free for it.

    Errors in results:
        those of `post_coupons` for a use, CouponTermsError, CustomerUnknownError.
    """
    group = customers.record_groups([customer_id]).get(customer_id, ()) if customer_id is not None else ()
    named = [codes.normalized(one) for one in typed]
    found = finding.find(set(named))
    coupons = {row.id: row for row in Coupon.objects.filter(id__in=[one.coupon_id for one in found.values()])}
    checker = _Checker(basket, group, coupons, _free_again(own_keys, group))
    results: dict[int, Quote] = {}
    usable: dict[int, _Known] = {}
    for index, code in enumerate(named):
        try:
            if customer_id is not None and not group:
                raise CustomerUnknownError(customer_id)
            if code not in found or code in named[:index]:
                raise CouponUnknownError(typed[index])
            checker.check(typed[index], found[code])
            campaign = found[code].campaign
            usable[index] = _Known(found[code], terms.terms_of(campaign.terms, campaign.line_terms))
        except TrothError as error:
            results[index] = Quote(code, found[code].campaign if code in found else None, error=error)
    results |= _judged(usable, group, basket)
    return [results[index] for index in range(len(named))]


def offer_of(campaign: CouponCampaign, counts_for: Any) -> Offer:
    """Return what a campaign's coupons give, in whole ten-thousandths."""
    return Offer(
        benefit=Benefit(campaign.benefit),
        currency=campaign.currency,
        percent=to_stored(campaign.percent) if campaign.percent is not None else 0,
        amount=to_stored(campaign.amount) if campaign.amount is not None else 0,
        maximum_discount=to_stored(campaign.maximum_discount) if campaign.maximum_discount is not None else None,
        minimum_amount=to_stored(campaign.minimum_amount) if campaign.minimum_amount is not None else 0,
        discounted_goods=DiscountedGoods(campaign.discounted_goods),
        gift_sku=campaign.gift_sku,
        is_combinable=campaign.is_combinable,
        counts_for=counts_for,
    )


def _judged(usable: Mapping[int, _Known], group: tuple[UUID, ...], basket: Basket) -> dict[int, Quote]:
    """Return quotes of the usable codes: terms first, then discounts of those that meet them."""
    state = terms.state_for([one.terms for one in usable.values()], group, basket)
    results, offers = {}, {}
    for index, one in usable.items():
        failure = one.terms.failure(basket, state)
        if failure is not None:
            error = _terms_error(one.found.campaign, Why.TERMS, dict(failure()))
            results[index] = Quote(one.found.code, one.found.campaign, Discount(why=Why.TERMS), error)
        else:
            offers[index] = offer_of(one.found.campaign, one.terms.counts_for)
    for index, discount in zip(offers, discounts(list(offers.values()), basket), strict=True):
        campaign = usable[index].found.campaign
        why_not = _discount_error(campaign, discount) if discount.why is not None else None
        results[index] = Quote(usable[index].found.code, campaign, discount, why_not)
    return results


def _discount_error(campaign: CouponCampaign, discount: Discount) -> CouponTermsError:
    assert discount.why is not None, "only asked of what takes nothing off"
    fields = {"amount": f"{from_stored(discount.base):f}", "limit": f"{from_stored(discount.limit):f}"}
    return _terms_error(campaign, discount.why, fields if discount.why is Why.MINIMUM else {})


def _terms_error(campaign: CouponCampaign, why: Why, fields: dict[str, Any]) -> CouponTermsError:
    texts = {
        Why.OTHER_CURRENCY: _("it counts for orders in %(currency)s") % {"currency": campaign.currency},
        Why.NO_GOODS: _("none of the goods are among those it counts for"),
        Why.MINIMUM: _("the goods come to %(amount)s; it counts from %(limit)s on") % _sums(fields),
        Why.NOTHING_OFF: _("it would take nothing off"),
        Why.NOT_COMBINABLE: _("it cannot be used beside another coupon"),
        Why.TERMS: _("its terms are not met: %(terms)s") % {"terms": _words(campaign)},
    }
    return CouponTermsError(f"“{campaign}”: {texts[why]}", why=str(why), campaign=campaign.code, **fields)


def _sums(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"amount": fields.get("amount", ""), "limit": fields.get("limit", "")}


def _words(campaign: CouponCampaign) -> str:
    return terms.sentence(campaign.terms, terms.catalogue(), campaign.currency)


def _free_again(own_keys: Sequence[str], group: tuple[UUID, ...]) -> dict[UUID, int]:
    """Return how many uses of each coupon the order itself has reserved."""
    found: dict[UUID, int] = {}
    for row in uses_under(own_keys, group or (COMPANY_OWNER,)):
        key = row.coupon_id or row.campaign_id
        found[key] = found.get(key, 0) + 1
    return found


class _Checker:
    """Checks codes against what is stored, without a lock: the use itself checks again."""

    def __init__(
        self, basket: Basket, group: tuple[UUID, ...], coupons: Mapping[UUID, Coupon], own: Mapping[UUID, int]
    ) -> None:
        self.basket = basket
        self.group = group
        self.coupons = coupons
        self.own = own

    def check(self, typed: str, found: Found) -> None:
        """Refuse a code that cannot be used, as `post_coupons` would."""
        coupon = self.coupons.get(found.coupon_id) if found.coupon_id else None
        if found.serial_no is not None:  # handed out, and nobody has brought it yet
            coupon = Coupon(
                owner_id=COMPANY_OWNER, max_uses=found.campaign.uses_per_coupon, expires_at=found.campaign.ends_at
            )
        own = self.own.get(found.coupon_id or found.campaign.id, 0)
        if coupon is not None:
            coupon.use_count -= own
        holder = customers.canonical_ids([coupon.owner_id]).get(coupon.owner_id) if coupon else None
        refuse_unusable(
            typed,
            found.campaign,
            coupon,
            holder=holder or COMPANY_OWNER,
            customer=self.group[0] if self.group else None,
            at=self.basket.occurred_at,
        )
        if not own:
            self._refuse_beyond_limits(typed, found.campaign)

    def _refuse_beyond_limits(self, typed: str, campaign: CouponCampaign) -> None:
        limit = campaign.uses_per_member
        if limit is not None:
            if not self.group:
                raise CouponNeedsCustomerError(typed)
            tallies = MemberTally.objects.filter(
                owner_id__in=self.group, tally_kind=TallyKind.USES, subject_id=campaign.id
            )
            if (tallies.aggregate(sum=Sum("count"))["sum"] or 0) >= limit:
                raise MemberLimitError(str(campaign), limit, ever())
        if campaign.uses_total is not None:
            size, taken = slices.sizes([campaign.id], SliceKind.USES).get(campaign.id, (0, 0))
            if taken >= size:
                raise CampaignExhaustedError(campaign.code)
