"""What the API says of adjustments that wait for a second person, and of awarding past orders."""

from datetime import date
from uuid import UUID

from pydantic import Field

from troth.ledger.models import ApprovalState, OwnerKind
from troth.sales.models import HistoryAwardState

from ..fields import Day, MomentText, Request, Response, example


class AdjustmentRequestOut(Response):
    """An adjustment above its currency's limit: asked for by one, decided by another."""

    id: UUID = Field(description="Its id.")
    owner_kind: OwnerKind = Field(description="customer, household, staff or partner.")
    owner_id: UUID = Field(description="Whose points: the id of the customer, or of the household.")
    currency: str = Field(description="Code of the point currency.")
    amount: int = Field(description="How many to give, negative to take.")
    key: str = Field(description="Name of the operation.")
    reason: str = Field(description="Its code.")
    note: str = Field(
        description="Why, in words; empty without `points.approve` and without the right to see personal data."
    )
    state: ApprovalState = Field(description="waiting, approved or rejected.")
    transaction_id: UUID | None = Field(description="What moved the points, null unless approved.")
    requested_at: MomentText = Field(description="When it was asked for.")
    requested_by: str = Field(description="Who asked, as `kind:id`.")
    decided_at: MomentText | None = Field(description="When it was decided, or null.")
    decided_by: str = Field(description="Who decided, as `kind:id`, or empty.")


class AdjustmentRequestPage(Response):
    """A page of requests."""

    items: list[AdjustmentRequestOut] = Field(description="Those asked for first come first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class HistoryAwardIn(Request):
    """Days whose orders were recorded as history and are to earn."""

    model_config = example({"from_date": "2026-01-01", "to_date": "2026-03-31"})

    from_date: Day = Field(description="The first day.")
    to_date: Day = Field(description="The last day, included.")


class HistoryRefusalOut(Response):
    """An order that stays history, or a return that could not be unwound."""

    id: str = Field(description="Its id.")
    code: str = Field(description="Why, for programs.")
    message: str = Field(description="Why, and the way out, for people.")


class HistoryAwardOut(Response):
    """Past orders that shall earn: who asked, who approved, what came of it."""

    id: UUID = Field(description="Its id.")
    from_date: date = Field(description="The first day.")
    to_date: date = Field(description="The last day, included.")
    state: HistoryAwardState = Field(description="asked, queued, running, done, declined, cancelled or failed.")
    total: int = Field(description="Orders that were history when it was asked for.")
    orders: int = Field(description="Orders awarded so far.")
    points: dict[str, int] = Field(description="What they brought, by currency.")
    coupons: int = Field(description="Coupons handed out.")
    returns: int = Field(description="Returns of them that were unwound.")
    unjudged: int = Field(description="Orders made when no programme was in force.")
    refused: int = Field(description="Orders that stay history, and returns that could not be unwound.")
    refusals: list[HistoryRefusalOut] = Field(description="The first of them.")
    seconds: int = Field(description="How long it ran.")
    error: str = Field(description="Why it failed, or empty.")
    asked_at: MomentText = Field(description="When it was asked for.")
    asked_by: str = Field(description="Who asked, as `kind:id`.")
    decided_at: MomentText | None = Field(description="When it was decided, or null.")
    decided_by: str = Field(description="Who decided, or empty.")
    finished_at: MomentText | None = Field(description="When it ended, or null.")


class HistoryAwardPage(Response):
    """A page of awards of the past."""

    items: list[HistoryAwardOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")
