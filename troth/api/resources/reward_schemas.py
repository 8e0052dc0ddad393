"""What the API says of the catalogue and of redemptions."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.rewards.models import FulfilmentKind, LimitPeriod, PayOn, RedemptionState, RewardKind, RewardState

from ..fields import (
    NO_NUL,
    Amount,
    AmountText,
    Currency,
    Flag,
    Moment,
    MomentText,
    Request,
    Response,
    Text40,
    Text64,
    Text120,
    Text300,
    Text500,
    Whole,
    example,
)
from .coupon_schemas import CampaignCode
from .order_schemas import CustomerRef, ExternalId, Source

RewardCode = CampaignCode
Option = Annotated[str, StringConstraints(max_length=20, pattern=r"^([a-z0-9][a-z0-9_-]*)?$")]
Reason = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]
Positive = Annotated[Whole, Field(ge=1, le=10**9)]
NotNegative = Annotated[Whole, Field(ge=0, le=10**9)]
Weekday = Annotated[Whole, Field(ge=1, le=7)]


class PriceIn(Request):
    """What a piece costs under an option, for everybody or for a tier or segment."""

    option: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,19}$")] = Field(
        "points", description="A way to pay, such as points or mixed."
    )
    points: Annotated[Whole, Field(ge=0, le=10**12)] = Field(description="In the smallest unit of the currency.")
    point_currency: Text40 = Field("", description="Code of the point currency; empty where it costs no points.")
    money_amount: Amount = Field("0", description="Money besides the points.", validate_default=True)
    money_currency: Currency | None = Field(None, description="ISO 4217 code of the money, or null.")
    programme: Text64 = Field("", description="Code of the programme whose tier is meant; empty for any.")
    tier: Text64 = Field("", description="Only for members of this tier, or empty.")
    segment_id: UUID | None = Field(None, description="Only for members of this segment, or null.")


class RewardIn(Request):
    """A reward with its prices. Of several prices under one option a member pays the lowest that is for him."""

    model_config = example(
        {
            "code": "mug",
            "name": "Mug",
            "reward_kind": "goods",
            "prices": [{"points": 500, "point_currency": "points"}],
            "stock": 100,
            "fulfilment": "collect",
        }
    )

    code: RewardCode = Field(description="Its name for programs, never changed.")
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NUL)] = Field(
        description="What people call it."
    )
    name_zh: Text120 = Field("", description="The same in Chinese.")
    description: Text500 = Field("", description="What members read of it.")
    description_zh: Text500 = Field("", description="The same in Chinese.")
    reward_kind: RewardKind = Field(description="goods, voucher, experience or donation.")
    position: NotNegative = Field(100, description="Lower ones stand first in the catalogue.")
    prices: list[PriceIn] = Field(min_length=1, max_length=50, description="What it costs.")
    audience: dict[str, Any] | None = Field(None, description="Condition over the customer; others do not see it.")
    starts_at: Moment | None = Field(None, description="To be had from.")
    ends_at: Moment | None = Field(None, description="To be had until, exclusive.")
    weekdays: list[Weekday] = Field(default_factory=list, max_length=7, description="1 Monday to 7 Sunday; none: all.")
    member_limit: Positive | None = Field(None, description="Pieces a member may take in the period.")
    limit_period: LimitPeriod = Field(LimitPeriod.EVER, description="day, week, month, year or ever.")
    stock: NotNegative | None = Field(None, description="Pieces at first; null if they are not counted.")
    low_stock: NotNegative = Field(0, description="From how few on it is nearly gone.")
    unit_cost: Amount | None = Field(None, description="What a piece costs us.")
    cost_currency: Currency | None = Field(None, description="ISO 4217 code of that, or null.")
    campaign: CampaignCode | None = Field(None, description="For a voucher: the campaign whose coupon it is.")
    fulfilment: FulfilmentKind = Field(FulfilmentKind.INSTANT, description="instant, collect, ship or book.")
    pay_on: PayOn = Field(PayOn.REDEMPTION, description="redemption, or fulfilment: held until it is handed over.")
    hold_days: Annotated[Whole, Field(ge=1, le=3650)] = Field(
        30, description="Days that points are held; what is not handed over by then is cancelled."
    )


class PriceOut(Response):
    """What a piece costs."""

    option: str = Field(description="A way to pay.")
    points: int = Field(description="In the smallest unit of the currency.")
    point_currency: str = Field(description="Code of the point currency, or empty.")
    money_amount: AmountText = Field(description="Money besides the points.")
    money_currency: str = Field(description="ISO 4217 code, or empty.")
    programme: str = Field(description="Code of the programme whose tier is meant, or empty.")
    tier: str = Field(description="Only for this tier, or empty.")
    segment_id: UUID | None = Field(description="Only for this segment, or null.")


class RewardOut(Response):
    """A reward."""

    code: str = Field(description="Its name for programs.")
    name: str = Field(description="What people call it.")
    name_zh: str = Field(description="The same in Chinese.")
    description: str = Field(description="What members read of it.")
    description_zh: str = Field(description="The same in Chinese.")
    reward_kind: RewardKind = Field(description="goods, voucher, experience or donation.")
    state: RewardState = Field(description="draft, active or archived.")
    prices: list[PriceOut] = Field(description="What it costs: for the customer asked about, else all prices.")
    starts_at: MomentText | None = Field(description="To be had from, or null.")
    ends_at: MomentText | None = Field(description="To be had until, or null.")
    weekdays: list[int] = Field(description="1 Monday to 7 Sunday; empty: all.")
    member_limit: int | None = Field(description="Pieces a member may take in the period, or null.")
    limit_period: LimitPeriod = Field(description="The period of the limit.")
    left: int | None = Field(description="Pieces in stock; null if they are not counted.")
    fulfilment: FulfilmentKind = Field(description="How it reaches the member.")
    pay_on: PayOn = Field(description="When the points are taken.")
    campaign: str = Field(description="Code of the voucher's campaign, or empty.")
    revision: int = Field(description="Rises with every change.")


class OfferedOut(RewardOut):
    """A reward as a customer sees it."""

    member_left: int | None = Field(description="Pieces the customer may still take in the period, or null.")
    is_open: bool = Field(description="Whether it can be redeemed now.")


class CatalogueOut(Response):
    """The catalogue."""

    items: list[OfferedOut] = Field(description="In the order of the catalogue.")


class RewardPage(Response):
    """A page of rewards."""

    items: list[RewardOut] = Field(description="By code.")
    next_cursor: str | None = Field(description="For the next page, null on the last.")


class StockIn(Request):
    """A change of stock."""

    change: Annotated[Whole, Field(ge=-(10**9), le=10**9)] = Field(description="Pieces in, or out with a minus.")
    reason: Reason = Field(description="A code: delivery, count, damage, …")


class StockOut(Response):
    """The stock."""

    left: int = Field(description="Pieces that are left.")


class RedemptionIn(CustomerRef):
    """A reward that a customer takes."""

    model_config = example(
        {
            "identity": {"kind": "external", "source": "shop", "value": "C-1"},
            "source": "app",
            "external_id": "X-1",
            "reward": "mug",
        }
    )

    source: Source = Field(description="The system it is redeemed in.")
    external_id: ExternalId = Field(description="Its number there: the same again is known, and redeems nothing more.")
    reward: RewardCode = Field(description="Code of the reward.")
    quantity: Annotated[Whole, Field(ge=1, le=1_000)] = Field(1, description="Pieces.")
    option: Option = Field("", description="Which of its prices; empty where it has only one.")
    occurred_at: Moment | None = Field(None, description="When; left out: now.")
    store: Text64 = Field("", description="Code of the store where it is collected, or empty.")
    delivery: Text300 = Field("", description="Where to; personal data.")
    household_id: UUID | None = Field(
        None, description="Household whose pool pays, within what its rules leave the customer; left out: own points."
    )


class RedemptionOut(Response):
    """A redemption."""

    id: UUID = Field(description="Its id.")
    customer_id: UUID = Field(description="The customer record.")
    reward: str = Field(description="Code of the reward.")
    quantity: int = Field(description="Pieces.")
    state: RedemptionState = Field(description="requested, prepared, sent, fulfilled or cancelled.")
    option: str = Field(description="Which of the prices.")
    points: int = Field(description="Points for all pieces.")
    point_currency: str = Field(description="Code of the point currency, or empty.")
    household_id: UUID | None = Field(description="Household whose pool paid the points, or null.")
    is_held: bool = Field(description="Whether the points are held, not spent yet.")
    hold_until: MomentText | None = Field(description="When it is cancelled if it was not handed over, or null.")
    money_amount: AmountText = Field(description="Money for all pieces, to be collected besides.")
    money_currency: str = Field(description="ISO 4217 code, or empty.")
    is_gift: bool = Field(description="Whether it was given at no charge.")
    coupons: list[str] = Field(description="Codes of a voucher's coupons.")
    delivery: str = Field(description="Where to; empty without the right to see personal data.")
    cancel_reason: str = Field(description="Why it was cancelled, or empty.")
    occurred_at: MomentText = Field(description="When it was redeemed.")
    fulfilled_at: MomentText | None = Field(description="When it was handed over, or null.")
    cancelled_at: MomentText | None = Field(description="When it was cancelled, or null.")


class RedemptionPage(Response):
    """A page of redemptions."""

    items: list[RedemptionOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="For the next page, null on the last.")


class AdvanceIn(Request):
    """What happened to a redemption."""

    state: Literal["prepared", "sent", "fulfilled"] = Field(description="How far it is; to undo it, cancel it.")


class CancelIn(Request):
    """Why a redemption is undone."""

    reason: Reason = Field(description="A code: member, damaged, …")
    is_restocked: Flag = Field(True, description="Whether the pieces can be handed out again.")
