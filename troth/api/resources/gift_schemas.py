"""What the API says of birthday gifts."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from ..fields import NO_NUL, Flag, Request, Response, Text120, Whole, example
from .reward_schemas import RewardCode

GiftCode = RewardCode


class GiftIn(Request):
    """A birthday gift: a coupon of a campaign, or a reward at no charge."""

    model_config = example({"code": "birthday", "name": "Birthday", "campaign": "welcome", "days_before": 7})

    code: GiftCode = Field(description="Its name for programs.")
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NUL)] = Field(
        description="What people call it."
    )
    name_zh: Text120 = Field("", description="The same in Chinese.")
    campaign: RewardCode | None = Field(
        None, description="A campaign with unique codes: a coupon of it is given. Either this or a reward."
    )
    reward: RewardCode | None = Field(None, description="A reward, given at no charge. Either this or a campaign.")
    days_before: Annotated[Whole, Field(ge=0, le=60)] = Field(
        0, description="So many days before the birthday it is given, 0 to 60."
    )
    usable_days: Annotated[Whole, Field(ge=1, le=366)] | None = Field(
        None,
        description="Days that the coupon is usable, the birthday counted; null: as long as its campaign says.",
    )
    audience: dict[str, Any] | None = Field(None, description="Condition over the customer; others do not get it.")
    is_active: Flag = Field(True, description="Whether it is given, from the next morning on.")


class GiftOut(Response):
    """A birthday gift."""

    code: str = Field(description="Its name for programs.")
    name: str = Field(description="What people call it.")
    name_zh: str = Field(description="The same in Chinese.")
    campaign: str = Field(description="Code of the campaign whose coupon is given, or empty.")
    reward: str = Field(description="Code of the reward that is given, or empty.")
    days_before: int = Field(description="So many days before the birthday it is given.")
    usable_days: int | None = Field(description="Days that the coupon is usable, the birthday counted; or null.")
    audience: dict[str, Any] | None = Field(description="Condition over the customer; null: everybody.")
    is_active: bool = Field(description="Whether it is given.")
    given: int = Field(description="How often it was given in the last 365 days.")
    refused: int = Field(description="How often it was refused in the last 365 days, such as from an empty shelf.")
    revision: int = Field(description="Rises with every change.")


class GiftDetail(GiftOut):
    """A birthday gift, with what is to come."""

    coming: int = Field(description="How many would get it on the next 30 mornings, as things stand now.")


class GiftPage(Response):
    """A page of birthday gifts."""

    items: list[GiftOut] = Field(description="By code.")
    next_cursor: str | None = Field(description="For the next page, null on the last.")
