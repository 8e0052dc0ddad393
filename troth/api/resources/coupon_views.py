"""Coupons and campaigns, between the API's form and ours."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models

from troth.activity.checks import check_order
from troth.activity.orders import NewOrder
from troth.events.models import COMPANY_OWNER
from troth.kit.errors import TrothError
from troth.kit.money import from_stored
from troth.programs.baskets import Basket, basket_of
from troth.programs.fields import line_catalogue
from troth.rewards import queries, terms
from troth.rewards.codes import grouped, normalized
from troth.rewards.models import Coupon, CouponCampaign, CouponState, UseState
from troth.rewards.quoting import Quote
from troth.rewards.services import CampaignFields, CouponDone, Used
from troth.staff import queries as staff

from ..fields import amount_text, number_text
from .coupon_schemas import (
    AnyoneRef,
    AssignedOut,
    AssignIn,
    BasketIn,
    CampaignDetail,
    CampaignIn,
    CampaignOut,
    CodeOut,
    CouponOut,
    GivenBackOut,
    LineShare,
    QuoteOut,
    UseOut,
)
from .order_schemas import CustomerRef, RefusalOut
from .order_views import References, ReferenceUnknownError, new_line

_AMOUNTS = ("amount", "maximum_discount", "minimum_amount")


def fields(item: CampaignIn) -> CampaignFields:
    """Return a campaign's fields in our form."""
    given = item.model_dump()
    return CampaignFields(**given | {"currency": item.currency or ""})


def campaign(row: CouponCampaign) -> CampaignOut:
    """Return a campaign."""
    return CampaignOut(**_campaign(row))


def campaign_detail(row: CouponCampaign) -> CampaignDetail:
    """Return a campaign with its terms and how it stands."""
    figures = queries.figures([row.id])[row.id]
    return CampaignDetail(
        **_campaign(row),
        generic_code=queries.generic_code(row),
        terms=row.terms,
        terms_sentence=terms.sentence(row.terms, terms.catalogue(), row.currency),
        line_terms=row.line_terms,
        line_terms_sentence=terms.sentence(row.line_terms, line_catalogue(), row.currency),
        size=figures.size,
        left=figures.left,
        issued=figures.issued,
        assigned=figures.assigned,
        reserved=figures.reserved,
        redeemed=figures.redeemed,
        reversed=figures.reversed,
    )


def coupon(row: Coupon) -> CouponOut:
    """Return a coupon."""
    return CouponOut(
        id=row.id,
        campaign=row.campaign.code,
        code=row.code,
        code_text=grouped(row.code),
        state=CouponState(row.state),
        uses=row.use_count,
        max_uses=row.max_uses,
        assigned_at=row.assigned_at,
        expires_at=row.expires_at,
        source=row.source,
    )


def code(typed: str, row: CouponCampaign, held: Coupon | None) -> CodeOut:
    """Return what a code is; held: None where it is generic, or nobody has brought it yet."""
    is_generic = row.prefix is None
    uses_left = row.uses_per_coupon if held is None else held.max_uses - held.use_count
    return CodeOut(
        code=normalized(typed),
        campaign=campaign(row),
        is_generic=is_generic,
        state=CouponState(held.state) if held else CouponState.ACTIVE,
        uses_left=None if is_generic else uses_left,
        expires_at=held.expires_at if held else row.ends_at,
    )


def customer_of(item: AnyoneRef) -> UUID | None:
    """Return the customer record of the item, None for a stranger.

    Raises:
        ReferenceUnknownError: nobody is recognised by the identity.
    """
    if item.customer_id is None and item.identity is None:
        return None
    ref = CustomerRef(customer_id=item.customer_id, identity=item.identity)
    return References([ref]).customer(ref)


def basket(item: BasketIn, customer_id: UUID | None, now: datetime) -> Basket:
    """Return what is being bought, in the form that terms read.

    Raises:
        ReferenceUnknownError: there is no such store.
        OrderRefusedError, BasketRefusedError: a value breaks its rule.
    """
    store = None
    if item.store:
        store = staff.stores().filter(code=item.store).first()
        if store is None:
            raise ReferenceUnknownError(f"store {item.store}", field="store", value=item.store)
    order = NewOrder(
        source=item.source,
        external_id=item.external_id,
        customer_id=customer_id or COMPANY_OWNER,
        occurred_at=item.occurred_at,
        currency=item.currency,
        lines=tuple(new_line(line) for line in item.lines),
        store_id=store.pk if store else None,
        channel=item.channel,
        tags=item.tags,
    )
    check_order(order, now)
    zone = (store.time_zone if store else "") or staff.company().time_zone
    return basket_of(order, zone=ZoneInfo(zone), store_city=store.city if store else "")


def quote(found: Quote, currency: str) -> QuoteOut:
    """Return what a code does for a basket."""
    return QuoteOut(**_quote(found, currency))


def used(found: Used, currency: str) -> UseOut:
    """Return what became of a code."""
    done = found.done
    return UseOut(
        **_quote(found.quote, currency) | {"error": refusal(done.error), "is_usable": done.error is None},
        outcome=done.outcome,
        state=UseState(done.state) if done.use_id else None,
        use_id=done.use_id,
        reserved_until=done.reserved_until,
    )


def given_back(typed: str, done: CouponDone) -> GivenBackOut:
    """Return what became of a use that was given back."""
    state = UseState(done.state) if done.use_id else None
    return GivenBackOut(code=normalized(typed), outcome=done.outcome, state=state, error=refusal(done.error))


def assigned(items: Sequence[AssignIn], results: Sequence[CouponDone]) -> list[AssignedOut]:
    """Return what became of coupons that were to be given."""
    rows = queries.coupons_with(one.coupon_id for one in results if one.coupon_id is not None)
    return [
        AssignedOut(
            external_id=item.external_id,
            outcome=result.outcome,
            coupon=coupon(rows[result.coupon_id]) if result.coupon_id is not None else None,
            error=refusal(result.error),
        )
        for item, result in zip(items, results, strict=True)
    ]


def total(found: Sequence[Quote], currency: str) -> str:
    """Return what codes take off together."""
    amount = sum(one.discount.total for one in found if one.error is None)
    return amount_text(from_stored(amount), currency)


def refusal(error: TrothError | None) -> RefusalOut | None:
    """Return why one item was refused, or None."""
    return RefusalOut(code=error.code, detail=str(error)) if error else None


def _campaign(row: CouponCampaign) -> dict[str, Any]:
    own = {field.name for field in row._meta.get_fields() if isinstance(field, models.Field)}
    found = {name: getattr(row, name) for name in CampaignOut.model_fields if name in own}
    for name in _AMOUNTS:
        value: Decimal | None = found[name]
        found[name] = None if value is None else amount_text(value, row.currency)
    found["percent"] = None if row.percent is None else number_text(row.percent)
    return found


def _quote(found: Quote, currency: str) -> dict[str, Any]:
    discount = found.discount
    return {
        "code": found.code[:60],
        "campaign": found.campaign.code if found.campaign else "",
        "is_usable": found.error is None,
        "discount": amount_text(from_stored(discount.total), currency),
        "lines": [
            LineShare(line_no=line_no, discount=amount_text(from_stored(share), currency))
            for line_no, share in discount.lines
        ],
        "gift_sku": discount.gift_sku,
        "error": refusal(found.error),
    }
