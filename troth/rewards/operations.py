"""What can be asked of coupons and of the catalogue, and what comes back: plain, frozen values.

`key` is the caller's name of the operation, at most 120 signs, unique per customer. One use of a coupon has one key for
its whole life: `Reserve`, `Redeem`, `Release` and `Reverse` of the same key speak of the same use.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from troth.kit.errors import TrothError

from .codes import normalized


class Outcome(StrEnum):
    """What became of an operation."""

    DONE = "done"
    REPEATED = "repeated"  # done before under the same key: the same result again
    REFUSED = "refused"  # nothing of it was stored


def use_key(source: str, order_ref: str, code: str) -> str:
    """Return the key of an order's use of a code, however it was typed: the till that reserves it and the order that
    redeems it find the same use by it.
    """
    text = "\x1f".join((source, order_ref, normalized(code)))
    return f"order:{blake2b(text.encode(), digest_size=20).hexdigest()}"


# --- coupons


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a customer a coupon of a campaign with unique codes.

    campaign: its code; occurred_at: from when it counts; source, source_id: why, for the statement; expires_at: earlier
    than the campaign's own rule, or None.
    """

    key: str
    customer_id: UUID
    campaign: str
    occurred_at: datetime
    source: str = "api"
    source_id: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """Keep a use of a code for an order that is being made; after the campaign's time it comes free by itself.

    code: as typed; customer_id: who buys, None for a stranger; amounts: see `discounts.discounts`.
    """

    key: str
    code: str
    customer_id: UUID | None
    occurred_at: datetime
    currency: str
    discount_amount: Decimal = Decimal(0)
    source: str = ""
    order_ref: str = ""


@dataclass(frozen=True, slots=True)
class Redeem:
    """Use a code: the reserved use of the same key, or a new one. A reserved use counts at the time of reserving."""

    key: str
    code: str
    customer_id: UUID | None
    occurred_at: datetime
    currency: str
    discount_amount: Decimal = Decimal(0)
    source: str = ""
    order_ref: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """Give a reserved use back: the order did not come about. `customer_id` and `key` as they were reserved."""

    key: str
    customer_id: UUID | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Reverse:
    """Give a redeemed use back: the order was cancelled or came back whole. The coupon keeps its own expiry."""

    key: str
    customer_id: UUID | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Revoke:
    """Withdraw a coupon that has no use in force."""

    key: str
    coupon_id: UUID
    occurred_at: datetime


CouponOperation = Assign | Reserve | Redeem | Release | Reverse | Revoke


@dataclass(frozen=True, slots=True)
class CouponDone:
    """The result of a coupon operation. use_id: of the use, None for `Assign` and `Revoke`; state: of use or coupon."""

    outcome: Outcome
    campaign: str = ""
    code: str = ""
    coupon_id: UUID | None = None
    use_id: UUID | None = None
    state: str = ""
    expires_at: datetime | None = None
    reserved_until: datetime | None = None
    error: TrothError | None = None


# --- catalogue


@dataclass(frozen=True, slots=True)
class NewRedemption:
    """Take a reward. option: which of its prices, "" for the only one; delivery: where to, in the member's words.

    is_gift: at no charge, for birthdays and amends; limits and windows do not hold then, stock does.
    household_id: whose pool pays, within what its rules leave the customer; None: the customer's own points.
    """

    key: str
    customer_id: UUID
    reward: str
    occurred_at: datetime
    quantity: int = 1
    option: str = ""
    store_id: int | None = None
    delivery: str = ""
    is_gift: bool = False
    household_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The result of a redemption: what it cost; available: points left, None on a repeat; coupon_ids: of a voucher."""

    outcome: Outcome
    redemption_id: UUID | None = None
    state: str = ""
    points: int = 0
    point_currency: str = ""
    money_amount: Decimal = Decimal(0)
    money_currency: str = ""
    available: int | None = None
    coupon_ids: tuple[UUID, ...] = ()
    error: TrothError | None = None
