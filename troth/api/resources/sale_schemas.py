"""What the API says of what orders bring: awards with reasons, balances, tiers."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from ..fields import AmountText, MomentText, Request, Response, example
from .order_schemas import OrderDetail, OrderIn, RefusalOut, ResultOut, ReturnDetail


class AwardOut(Response):
    """What one rule gives."""

    rule: str = Field(description="Code of the rule, challenge or streak.")
    kind: str = Field(description="points, stamps, coupon, tier_points or badge.")
    amount: int = Field(description="How many, in the smallest unit of the currency.")
    currency: str | None = Field(description="Code of the point currency; null for coupons, badges and tier points.")
    reference: str | None = Field(description="Code of the coupon campaign or the badge, or null.")
    lines: dict[str, int] = Field(description="Line number to points, where lines are counted one by one.")


class ReasonOut(Response):
    """Why a rule fired, or did not."""

    rule: str = Field(description="Code of the rule, challenge or streak.")
    has_fired: bool = Field(description="Whether it gave something.")
    reason: str = Field(description="A code: fired, capped, condition, budget_exhausted …")
    amount: int = Field(description="What it gave.")
    values: dict[str, Any] = Field(
        description="The figures that decided: the condition, the cap, the rule. Money is text."
    )


class MovedOut(Response):
    """What moved: points given or taken back, coupons handed out or withdrawn."""

    key: str = Field(description="Key of the operation in the ledger, or of the coupon.")
    rule: str = Field(description="For which rule.")
    kind: str = Field(description="points, stamps or coupon.")
    code: str = Field(description="Code of the point currency, or of the coupon campaign.")
    amount: int = Field(description="Negative where it was taken back.")
    coupon: str | None = Field(description="The coupon's code, or null.")
    refused: str | None = Field(
        description="Why a coupon, or points of a closed currency, were refused, a code: nothing moved for it."
    )
    detail: dict[str, int] = Field(
        description="Of points taken back: from_own_lot, from_other_lots, already_expired, arrears_made, written_off."
    )


class FiguresOut(Response):
    """Figures that count for a tier."""

    points: int = Field(description="Points.")
    spend: AmountText = Field(description="Money, in the programme's currency.")
    visits: int | None = Field(description="Days with an order; null where no tier of the programme asks for visits.")


class TierOut(Response):
    """Where the member stands on the ladder."""

    tier: str = Field(description="Code of the tier, empty without one.")
    tier_before: str = Field(description="The tier before this order.")
    figures: FiguresOut = Field(description="What counts in the current window.")
    next_tier: str | None = Field(description="The tier above, or null.")
    missing_to_reach: list[FiguresOut] = Field(description="What is missing for it: any one of these is enough.")
    missing_to_keep: list[FiguresOut] = Field(
        description="What is missing until the review to keep the tier; of a granted one, to have it when that ends."
    )
    review_date: date | None = Field(description="When the earned tier is reviewed, or null.")


class BroughtOut(Response):
    """What an order brings under one programme, as it stands."""

    programme: str = Field(description="Code of the programme.")
    version: int = Field(description="Number of the version that judged it.")
    eligible_amount: AmountText = Field(description="The part of the order that may earn.")
    points: dict[str, int] = Field(description="Points by currency, stamps among them.")
    awards: list[AwardOut] = Field(description="What each rule gives.")
    reasons: list[ReasonOut] = Field(description="Why every rule did or did not fire.")
    moved: list[MovedOut] = Field(description="What moved for it when it was recorded.")
    tier: TierOut | None = Field(description="Where the member stands afterwards; null where nothing was written.")


class BalanceOut(Response):
    """Points of one currency."""

    currency: str = Field(description="Code of the point currency.")
    balance: int = Field(description="All points.")
    available: int = Field(description="What can be spent now.")
    arrears: int = Field(description="What is owed.")


class PoolPaidOut(Response):
    """Points of a household's pool that paid for an order."""

    household_id: UUID = Field(description="Whose pool.")
    currency: str = Field(description="Code of the point currency.")
    points: int = Field(description="How many; negative where they went back.")
    available: int = Field(description="What the pool has to spend then.")


class OrderEarned(OrderDetail):
    """An order with its lines and all that it brings."""

    programmes: list[BroughtOut] = Field(description="What it brings, by programme; empty for history.")
    balances: list[BalanceOut] = Field(description="Of the currencies that moved when it was recorded.")
    points_paid: dict[str, int] = Field(
        description="Points that paid for it then, by currency; negative where they went back."
    )
    pools_paid: list[PoolPaidOut] = Field(description="How much of that came from households' pools, or went back.")


class ReturnUnwound(ReturnDetail):
    """A return with its lines and what its order still brings."""

    programmes: list[BroughtOut] = Field(description="What the order still brings, and what was taken back.")
    balances: list[BalanceOut] = Field(description="Of the currencies that moved when it was recorded.")
    points_paid: dict[str, int] = Field(
        description="Points that paid for it then, by currency; negative where they went back."
    )
    pools_paid: list[PoolPaidOut] = Field(description="How much of that came from households' pools, or went back.")


class SaleResultOut(ResultOut):
    """What became of one order or return of a batch."""

    programmes: list[BroughtOut] = Field(description="What it brings, by programme.")
    balances: list[BalanceOut] = Field(description="Of the currencies that moved when it was recorded.")
    points_paid: dict[str, int] = Field(
        description="Points that paid for it then, by currency; negative where they went back."
    )
    pools_paid: list[PoolPaidOut] = Field(description="How much of that came from households' pools, or went back.")


class SaleBatchOut(Response):
    """What became of a batch."""

    results: list[SaleResultOut] = Field(description="One for each, in the order in which they were sent.")
    counts: dict[str, int] = Field(description="How many were created, changed, unchanged, refused.")


class EvaluateIn(Request):
    """Orders to be judged, with nothing written."""

    model_config = example(
        {
            "orders": [
                {
                    "identity": {"kind": "phone", "value": "+8613800138000"},
                    "source": "till",
                    "external_id": "8813",
                    "occurred_at": "2026-03-01T18:00:00+08:00",
                    "currency": "CNY",
                    "lines": [{"line_no": 1, "sku": "TEA", "quantity": "2", "net_amount": "25.00"}],
                }
            ]
        }
    )

    orders: list[OrderIn] = Field(min_length=1, max_length=100, description="Each by itself, as if recorded now.")


class EvaluatedOut(Response):
    """What one order would bring."""

    external_id: str = Field(description="Its number.")
    programmes: list[BroughtOut] = Field(description="What it would bring, by programme.")
    balances: list[BalanceOut] = Field(description="Of the currencies that would move, afterwards.")
    points_paid: dict[str, int] = Field(
        description="Points that would pay for it, by currency; negative where they would go back."
    )
    pools_paid: list[PoolPaidOut] = Field(description="How much of that would come from households' pools.")
    error: RefusalOut | None = Field(description="Why it would be refused, or null.")


class EvaluatedBatchOut(Response):
    """What orders would bring."""

    results: list[EvaluatedOut] = Field(description="One for each, in the order in which they were sent.")


class EvaluatedReturnOut(Response):
    """What one return would undo."""

    external_id: str = Field(description="Its number.")
    programmes: list[BroughtOut] = Field(description="What the order would still bring, and what would be taken back.")
    balances: list[BalanceOut] = Field(description="Of the currencies that would move, afterwards.")
    points_paid: dict[str, int] = Field(description="Points that would go back, negative, by currency.")
    pools_paid: list[PoolPaidOut] = Field(description="How much of that would go back to households' pools.")
    error: RefusalOut | None = Field(description="Why it would be refused, or null.")


class StepOut(Response):
    """One evaluation in the history of an order."""

    programme: str = Field(description="Code of the programme.")
    step: int = Field(description="1 is the order as it came.")
    cause: str = Field(description="order, correction or return.")
    source_id: UUID = Field(description="The return, else the order.")
    recorded_at: MomentText = Field(description="When.")
    awards: list[AwardOut] = Field(description="What each rule gives after this step.")
    reasons: list[ReasonOut] = Field(description="Why every rule did or did not fire.")
    moved: list[MovedOut] = Field(description="What moved with this step.")


class StepList(Response):
    """The history of what an order brought."""

    items: list[StepOut] = Field(description="Oldest first.")
