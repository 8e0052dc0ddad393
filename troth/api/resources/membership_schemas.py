"""What the API says of a customer's place in programmes."""

from typing import Annotated

from pydantic import Field, StringConstraints

from ..fields import Flag, Moment, MomentText, Request, Response, Text40, Text300, example
from .sale_schemas import TierOut

TierCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class MembershipOut(Response):
    """A customer's place in a programme."""

    programme: str = Field(description="Code of the programme.")
    joined_at: MomentText = Field(description="Member since.")
    tier: TierOut | None = Field(description="Where the member stands; null where the programme is not in force.")
    granted_tier: str | None = Field(description="The tier that was given by hand, or null.")
    granted_until: MomentText | None = Field(description="Until when, or null.")
    badges: list[str] = Field(description="Codes of the badges held.")


class MembershipList(Response):
    """The programmes that a customer is a member of."""

    items: list[MembershipOut] = Field(description="Those joined first come first.")


class TierGrantIn(Request):
    """A tier to be given by hand."""

    model_config = example(
        {"tier": "gold", "until": "2027-12-31T23:59:59+08:00", "is_match": True, "reason": "other-airline"}
    )

    tier: TierCode = Field(description="Code of the tier.")
    until: Moment = Field(description="Until when, at most three years from now.")
    is_match: Flag = Field(False, description="Whether it matches a status held with a competitor.")
    reason: Text40 = Field("", description="A code for why; of a match, the competitor.")
    note: Text300 = Field("", description="Why, in words.")
