"""What the API says of households and their pools of points."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from troth.ledger.models import PoolPeriod

from ..fields import Flag, MomentText, Request, Response, Text120, Whole, example
from .currency_schemas import CurrencyCode
from .order_schemas import BY_PHONE, CustomerRef

HouseholdRole = Literal["head", "member", "child"]


class HouseholdIn(CustomerRef):
    """A new household; the customer named is its head."""

    model_config = example(BY_PHONE | {"name": "Home of Lin"})

    name: Text120 = Field("", description="Its name, or empty.")


class HouseholdPlaceIn(Request):
    """A place in a household."""

    model_config = example({"role": "member"})

    role: HouseholdRole = Field("member", description="head, member or child; a household has one head.")


class HouseholdPersonOut(Response):
    """Somebody who belongs to a household."""

    customer_id: UUID = Field(description="The customer.")
    role: HouseholdRole = Field(description="head, member or child.")
    joined_at: MomentText = Field(description="Since when.")


class HouseholdOut(Response):
    """A household."""

    id: UUID = Field(description="Its id.")
    name: str = Field(description="Its name; empty without the right to see personal data.")
    members: list[HouseholdPersonOut] = Field(description="Who belongs to it, the head first.")


class PoolRuleIn(Request):
    """How much of a household's pool a member may spend."""

    model_config = example({"currency": "points", "may_spend": True, "limit": 500, "period": "month"})

    currency: CurrencyCode = Field(description="Code of the point currency.")
    may_spend: Flag = Field(True, description="Whether the member may spend from the pool at all.")
    limit: Whole | None = Field(
        None, ge=1, le=10**15, description="Most in each period, in the smallest unit; null: without limit."
    )
    period: PoolPeriod = Field(PoolPeriod.MONTH, description="Calendar day, month or year.")


class PoolRuleOut(Response):
    """How much of a household's pool a member may spend."""

    customer_id: UUID = Field(description="The member.")
    currency: str = Field(description="Code of the point currency.")
    may_spend: bool = Field(description="Whether the member may spend from the pool at all.")
    limit: int | None = Field(description="Most in each period; null: without limit.")
    period: PoolPeriod = Field(description="Calendar day, month or year.")
    left: int = Field(description="How many points the member may spend now.")


class PoolRuleList(Response):
    """The rules of a household's pools; who has none may not spend."""

    items: list[PoolRuleOut] = Field(description="By currency.")
