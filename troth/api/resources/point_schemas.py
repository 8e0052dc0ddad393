"""What the API says of points."""

from typing import Any, Self
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from ..fields import Moment, MomentText, Response, Text40, Text64, Text120, Text500, Whole, example
from .order_schemas import CustomerRef


class PointBalanceOut(Response):
    """What a customer has of one currency: balance = available + pending + held + overdue − arrears."""

    currency: str = Field(description="Code of the point currency.")
    balance: int = Field(description="All points.")
    available: int = Field(description="What can be spent now; never below 0.")
    pending: int = Field(description="Not usable yet.")
    held: int = Field(description="Set aside by holds.")
    arrears: int = Field(description="Owed; the next points earned fill it first.")
    overdue: int = Field(description="Ended, and not yet taken by the nightly sweep.")


class PointsOut(Response):
    """What a customer has, in every point currency."""

    items: list[PointBalanceOut] = Field(description="By code of the currency.")


class LotOut(Response):
    """Points that came at once, and what is left of them."""

    id: UUID = Field(description="Its id.")
    transaction_id: UUID = Field(description="What brought it.")
    amount: int = Field(description="How many came.")
    remaining: int = Field(description="How many are left.")
    held: int = Field(description="How many of them are set aside.")
    state: str = Field(description="usable, pending, ended …")
    earned_at: MomentText = Field(description="When they came.")
    activates_at: MomentText | None = Field(description="When they become usable, or null.")
    ends_at: MomentText | None = Field(description="When they end, or null.")
    rule: str = Field(description="Code of the rule that gave them, empty for others.")


class LotList(Response):
    """Lots, those that end soonest first."""

    items: list[LotOut] = Field(description="Open lots.")


class StatementLineOut(Response):
    """One movement."""

    transaction_id: UUID = Field(description="Its id.")
    kind: str = Field(description="earn, spend, hold, expire, reverse …")
    key: str = Field(description="Name of the operation.")
    reason: str = Field(description="A code: order, return, redemption …")
    reason_data: dict[str, Any] = Field(description="Ids and codes that belong to the reason.")
    moved: int = Field(description="By how much the balance changed.")
    balance: int = Field(description="The balance after it.")
    arrears_made: int = Field(description="How much of it is owed since then.")
    written_off: int = Field(description="How much of it was written off.")
    occurred_at: MomentText = Field(description="When it was true.")
    recorded_at: MomentText = Field(description="When we knew.")
    reverses_id: UUID | None = Field(description="What it reverses, or null.")


class StatementOut(Response):
    """A page of a statement."""

    items: list[StatementLineOut] = Field(description="Newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class LinkOut(Response):
    """Points at the other end of a transaction: where they came from, or went to."""

    transaction_id: UUID = Field(description="The transaction at the other end.")
    kind: str = Field(description="What it did.")
    rule: str = Field(description="Code of the rule that gave the points.")
    amount: int = Field(description="How many; negative where they were given back.")
    occurred_at: MomentText = Field(description="When.")
    fills_arrears: bool = Field(description="True where they filled what was owed.")


class ExplanationOut(Response):
    """One transaction, traced: every debit to its credits, every credit to its debits."""

    transaction_id: UUID = Field(description="Its id.")
    kind: str = Field(description="What it did.")
    amount: int = Field(description="How many points.")
    sources: list[LinkOut] = Field(description="Where its points came from.")
    uses: list[LinkOut] = Field(description="Where its points went.")
    remaining: int = Field(description="What is left of them.")
    arrears: int = Field(description="What is still owed because of it.")


class PointOperationIn(CustomerRef):
    """What all operations on points say. `key` names the operation for ever: sent again, it happens once."""

    key: Text120 = Field(min_length=1, description="Your name of the operation, unique for the customer.")
    currency: Text40 = Field(description="Code of the point currency.")
    occurred_at: Moment | None = Field(None, description="When it was true; left out: now.")
    reason: Text64 = Field("api", min_length=1, description="A code for the statement.")


class PoolOperationIn(PointOperationIn):
    """What operations say that may also be about a household's pool."""

    household_id: UUID | None = Field(
        None, description="From the pool of this household, spent by the customer named; left out: the customer's own."
    )


class SpendIn(PoolOperationIn):
    """Points to be spent."""

    model_config = example(
        {
            "customer_id": "019a2f30-0000-7000-8000-000000000001",
            "key": "till-7/8812",
            "currency": "points",
            "amount": 500,
        }
    )

    amount: Whole = Field(gt=0, le=10**15, description="How many, in the smallest unit; never more than are available.")


class HoldIn(SpendIn):
    """Points to be set aside."""

    model_config = example(
        {
            "customer_id": "019a2f30-0000-7000-8000-000000000001",
            "key": "till-7/8812",
            "currency": "points",
            "amount": 500,
            "expires_at": "2026-03-01T18:30:00+08:00",
        }
    )

    expires_at: Moment = Field(description="When the points come free by themselves.")


class SettleHoldIn(PoolOperationIn):
    """What becomes of a hold."""

    model_config = example(
        {
            "customer_id": "019a2f30-0000-7000-8000-000000000001",
            "key": "till-7/8812/paid",
            "currency": "points",
            "hold": "till-7/8812",
        }
    )

    hold: Text120 = Field(min_length=1, description="The key of the hold.")
    amount: Whole | None = Field(None, gt=0, le=10**15, description="Of a capture: how many; left out: all.")


class ReverseIn(PoolOperationIn):
    """Something to be undone."""

    model_config = example(
        {
            "customer_id": "019a2f30-0000-7000-8000-000000000001",
            "key": "till-7/8812/undo",
            "currency": "points",
            "of": "till-7/8812",
        }
    )

    of: Text120 = Field(min_length=1, description="The key of the operation.")
    amount: Whole | None = Field(None, gt=0, le=10**15, description="How many; left out: all that is left of it.")


class AdjustIn(PointOperationIn):
    """A correction by hand."""

    model_config = example(
        {
            "customer_id": "019a2f30-0000-7000-8000-000000000001",
            "key": "complaint-17",
            "currency": "points",
            "amount": 200,
            "reason": "goodwill",
        }
    )

    amount: Whole = Field(ge=-(10**15), le=10**15, description="How many to give, negative to take.")
    note: Text500 = Field("", description="For the second person, above the currency's limit.")


class TransferIn(SpendIn):
    """Points to be given: to another customer, to the household's pool, or out of it to the customer named."""

    model_config = example(
        {
            "customer_id": "019a2f30-0000-7000-8000-000000000001",
            "to_customer_id": "019a2f30-0000-7000-8000-000000000002",
            "key": "gift-3",
            "currency": "points",
            "amount": 100,
        }
    )

    to_customer_id: UUID | None = Field(None, description="The customer who receives them.")
    to_household_id: UUID | None = Field(None, description="The household whose pool receives them.")
    household_id: UUID | None = Field(None, description="The household from whose pool the customer named has them.")

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if [self.to_customer_id, self.to_household_id, self.household_id].count(None) != 2:
            raise ValueError(_("name exactly one of to_customer_id, to_household_id and household_id"))
        return self


class PostedOut(Response):
    """What an operation did, and what is left."""

    outcome: str = Field(description="posted, repeated, or waiting for a second person.")
    transaction_id: UUID | None = Field(description="Its id, null while it waits.")
    amount: int = Field(description="How many points moved.")
    balance: int = Field(description="All points afterwards.")
    available: int = Field(description="What can be spent now.")
    arrears: int = Field(description="What is owed.")
    arrears_made: int = Field(description="How much is owed because of it.")
    written_off: int = Field(description="How much was written off.")
    request_id: UUID | None = Field(None, description="The adjustment that waits for a second person, or null.")
