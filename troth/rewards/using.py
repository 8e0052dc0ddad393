"""Using codes on a basket: quoted and reserved, or redeemed, in one go, under keys made of order and code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.kit.money import from_stored
from troth.programs.baskets import Basket

from .coupon_posting import post_coupons
from .operations import CouponDone, Outcome, Redeem, Reserve, use_key
from .quoting import Quote, quote


@dataclass(frozen=True, slots=True)
class Used:
    """What a code takes off, and what became of its use."""

    quote: Quote
    done: CouponDone


@transaction.atomic
def use_codes(
    operation: type[Reserve] | type[Redeem],
    typed: Sequence[str],
    basket: Basket,
    *,
    customer_id: UUID | None,
    source: str,
    order_ref: str,
    actor: Actor,
    now: datetime,
) -> list[Used]:
    """Reserve or redeem codes for an order and return what became of each; one that is refused holds up no other.

    The order's number and the code name the use: the same again gives the first result, and what was reserved so is
    redeemed so.

    Errors in results: those of `quoting.quote` and of `post_coupons`.
    """
    keys = [use_key(source, order_ref, code) for code in typed]
    quotes = quote(typed, basket, customer_id=customer_id, own_keys=keys)
    wanted = {
        place: operation(
            key=keys[place],
            code=typed[place],
            customer_id=customer_id,
            occurred_at=basket.occurred_at,
            currency=basket.currency,
            discount_amount=from_stored(found.discount.total),
            source=source,
            order_ref=order_ref,
        )
        for place, found in enumerate(quotes)
        if found.error is None
    }
    done = dict(zip(wanted, post_coupons(list(wanted.values()), actor=actor, now=now), strict=True))
    return [
        Used(found, done.get(place) or CouponDone(Outcome.REFUSED, error=found.error))
        for place, found in enumerate(quotes)
    ]
