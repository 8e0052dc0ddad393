"""What the API says of coupons and their campaigns."""

from typing import Annotated, Any, Self
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, WithJsonSchema, model_validator

from troth.rewards.models import Benefit, CampaignState, CodeKind, CouponState, DiscountedGoods, UseState
from troth.rewards.services import Outcome

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
    Text20,
    Text64,
    Text80,
    Text120,
    Text500,
    Whole,
    example,
)
from .customer_schemas import IdentityRef
from .order_schemas import CustomerRef, ExternalId, OrderLineIn, RefusalOut, Source

# Said in its place: orders have outcomes of their own, and one name in the document is one thing.
CouponOutcome = Annotated[Outcome, WithJsonSchema({"type": "string", "enum": [one.value for one in Outcome]})]

MAX_BATCH = 1_000
MOST_CODES = 10_000
CampaignCode = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
CouponText = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
Positive = Annotated[Whole, Field(ge=1)]
BASKET = {
    "identity": {"kind": "external", "source": "shop", "value": "C-1"},
    "source": "till",
    "external_id": "9001",
    "occurred_at": "2026-03-05T12:00:00+08:00",
    "currency": "CNY",
    "codes": ["SPRING26"],
    "lines": [{"line_no": 1, "sku": "TEA", "quantity": "2", "net_amount": "100.00"}],
}


class CampaignIn(Request):
    """A campaign. Its terms can be changed only before it is started: make another one instead."""

    model_config = example(
        {
            "code": "spring",
            "name": "Spring",
            "code_kind": "generic",
            "generic_code": "SPRING26",
            "benefit": "percent",
            "percent": "10",
        }
    )

    code: CampaignCode = Field(description="Its name for programs, never changed.")
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NUL)] = Field(
        description="What people call it."
    )
    name_zh: Text120 = Field("", description="The same in Chinese.")
    description: Text500 = Field("", description="What members read of it.")
    description_zh: Text500 = Field("", description="The same in Chinese.")
    code_kind: CodeKind = Field(description="generic: one code for everybody; unique: one for each coupon.")
    generic_code: Text64 = Field("", description="The one code: 3 to 32 letters A–Z and digits.")
    size: Positive | None = Field(None, description="How many unique codes there are.")
    prefix: Text20 = Field("", description="First four signs of unique codes; left out: random ones.")
    benefit: Benefit = Field(description="percent, amount, gift or shipping: what a coupon gives.")
    percent: Amount | None = Field(None, description="For percent: above 0, at most 100.")
    amount: Amount | None = Field(None, description="For amount: what it takes off.")
    currency: Currency | None = Field(None, description="ISO 4217 code; left out: the company's.")
    gift_sku: Text80 = Field("", description="For gift: the article that is given.")
    maximum_discount: Amount | None = Field(None, description="It never takes off more.")
    minimum_amount: Amount | None = Field(None, description="What the goods it counts for must come to.")
    discounted_goods: DiscountedGoods = Field(
        DiscountedGoods.EXCLUDE,
        description="exclude, better or stack: what happens with goods that are reduced already.",
    )
    terms: dict[str, Any] | None = Field(None, description="Condition over order and customer, as for segments.")
    line_terms: dict[str, Any] | None = Field(None, description="Condition over a line: the goods it counts for.")
    is_combinable: Flag = Field(False, description="Whether it may be used beside other coupons.")
    starts_at: Moment | None = Field(None, description="Usable from.")
    ends_at: Moment | None = Field(None, description="Usable until, exclusive.")
    usable_days: Positive | None = Field(None, description="Days that a coupon is usable, that of assignment counted.")
    uses_per_coupon: Positive = Field(1, description="How often a coupon with a unique code can be used.")
    uses_per_member: Positive | None = Field(None, description="How often one customer may use the campaign.")
    uses_total: Positive | None = Field(None, description="How often it may be used altogether.")
    coupons_per_member: Positive | None = Field(None, description="How many coupons one customer may be given.")
    reserve_minutes: Positive = Field(30, description="After which a reserved use comes free by itself.")
    control_percent: Annotated[Whole, Field(ge=0, le=50)] = Field(
        0, description="How many in a hundred whom a segment or a journey would give one get none, by chance."
    )
    spares_control_group: Flag = Field(
        True, description="Whoever is kept out of all offers is given none by a segment or a journey."
    )


class CampaignOut(Response):
    """A campaign."""

    code: str = Field(description="Its name for programs.")
    name: str = Field(description="What people call it.")
    name_zh: str = Field(description="The same in Chinese.")
    description: str = Field(description="What members read of it.")
    description_zh: str = Field(description="The same in Chinese.")
    state: CampaignState = Field(description="draft, active, paused or ended.")
    code_kind: CodeKind = Field(description="generic or unique.")
    benefit: Benefit = Field(description="percent, amount, gift or shipping: what a coupon gives.")
    percent: AmountText | None = Field(description="Per cent off, or null.")
    amount: AmountText | None = Field(description="Amount off, or null.")
    currency: str = Field(description="ISO 4217 code.")
    gift_sku: str = Field(description="The article that is given, or empty.")
    maximum_discount: AmountText | None = Field(description="It never takes off more, or null.")
    minimum_amount: AmountText | None = Field(description="What the goods must come to, or null.")
    discounted_goods: DiscountedGoods = Field(description="What happens with goods that are reduced already.")
    is_combinable: bool = Field(description="Whether it may be used beside other coupons.")
    starts_at: MomentText | None = Field(description="Usable from, or null.")
    ends_at: MomentText | None = Field(description="Usable until, or null.")
    usable_days: int | None = Field(description="Days that a coupon is usable, or null.")
    uses_per_coupon: int = Field(description="How often a coupon can be used.")
    uses_per_member: int | None = Field(description="How often one customer may use it, or null.")
    uses_total: int | None = Field(description="How often it may be used altogether, or null.")
    control_percent: int = Field(description="How many in a hundred get none by chance; 0: nobody.")
    spares_control_group: bool = Field(description="Whoever is kept out of all offers is given none.")
    revision: int = Field(description="Rises with every change.")


class CampaignPage(Response):
    """A page of campaigns."""

    items: list[CampaignOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="For the next page, null on the last.")


class CampaignDetail(CampaignOut):
    """A campaign with its terms and how it stands."""

    generic_code: str = Field(description="The one code, or empty.")
    terms: dict[str, Any] | None = Field(description="Condition over order and customer, or null.")
    terms_sentence: str = Field(description="The same in words, in the language asked for.")
    line_terms: dict[str, Any] | None = Field(description="Condition over a line, or null.")
    line_terms_sentence: str = Field(description="The same in words.")
    size: int | None = Field(description="Unique codes, or uses altogether; null is unlimited.")
    left: int | None = Field(description="How many of them are left; null is unlimited.")
    issued: int = Field(description="Codes handed out without a holder.")
    assigned: int = Field(description="Coupons given to customers.")
    reserved: int = Field(description="Uses reserved now.")
    redeemed: int = Field(description="Uses redeemed.")
    reversed: int = Field(description="Uses given back after redeeming.")


class EnlargeIn(Request):
    """What is added to a campaign; one of the two, or both."""

    more_codes: Annotated[Whole, Field(ge=0, le=10**9)] = Field(0, description="More unique codes.")
    more_uses: Annotated[Whole, Field(ge=0, le=10**9)] = Field(0, description="More uses altogether.")


class IssueIn(Request):
    """Codes to hand out without holders."""

    batch: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,80}$")] = Field(
        description="Your name for these codes; asked for again, the same ones are given."
    )
    count: Annotated[Whole, Field(ge=1, le=MOST_CODES)] = Field(description="How many, at most 10,000 at a time.")


class CodeList(Response):
    """Codes."""

    codes: list[str] = Field(description="In groups of four, as people read them; they may be typed without hyphens.")


class AnyoneRef(Request):
    """Which customer: by id or by an identity; a stranger without either."""

    customer_id: UUID | None = Field(None, description="The customer's id.")
    identity: IdentityRef | None = Field(None, description="By what the customer is recognised, instead of the id.")

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.customer_id is not None and self.identity is not None:
            raise ValueError(_("name the customer by customer_id or by identity, not by both"))
        return self


class BasketIn(AnyoneRef):
    """An order that is being made, and the codes for it; a stranger's if it names no customer."""

    model_config = example(BASKET)

    source: Source = Field(description="The system the order comes from.")
    external_id: ExternalId = Field(description="The order's number there; with the code it names the use for ever.")
    occurred_at: Moment = Field(description="The order's moment.")
    currency: Currency = Field(description="ISO 4217 code.")
    codes: list[CouponText] = Field(min_length=1, max_length=10, description="Codes as typed, in the order of use.")
    lines: list[OrderLineIn] = Field(min_length=1, max_length=1_000, description="What is bought.")
    store: Text64 = Field("", description="Code of the store, or empty.")
    staff_member: Text64 = Field("", description="Staff number of who sells it, or empty.")
    channel: Text20 = Field("", description="A code for the channel.")
    tags: dict[Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)], Text80] = Field(
        default_factory=dict, max_length=50, description="Further marks, such as `shipping_amount`."
    )


class LineShare(Response):
    """What is taken off a line."""

    line_no: int = Field(description="Number of the line.")
    discount: AmountText = Field(description="Amount.")


class QuoteOut(Response):
    """What one code does for a basket."""

    code: str = Field(description="The code, without hyphens.")
    campaign: str = Field(description="Code of the campaign, or empty.")
    is_usable: bool = Field(description="Whether it can be used.")
    discount: AmountText = Field(description="What it takes off.")
    lines: list[LineShare] = Field(description="Shares by line; they add up to the discount.")
    gift_sku: str = Field(description="The article that is given, or empty.")
    error: RefusalOut | None = Field(description="Why it cannot be used, or null.")


class UseOut(QuoteOut):
    """What became of one code."""

    outcome: CouponOutcome = Field(description="done, repeated or refused.")
    state: UseState | None = Field(description="reserved, redeemed, released or reversed; null if refused.")
    use_id: UUID | None = Field(description="Id of the use, null if refused.")
    reserved_until: MomentText | None = Field(description="Until when it is kept, or null.")


class QuoteList(Response):
    """What codes would do."""

    items: list[QuoteOut] = Field(description="In the order of the codes.")
    discount: AmountText = Field(description="All together.")


class UseList(Response):
    """What became of codes."""

    items: list[UseOut] = Field(description="In the order of the codes.")
    discount: AmountText = Field(description="All together, of those that are not refused.")


class GiveBackIn(AnyoneRef):
    """The uses of an order; the customer as they were reserved or redeemed."""

    model_config = example({name: BASKET[name] for name in ("identity", "source", "external_id", "codes")})

    source: Source = Field(description="The system the order comes from.")
    external_id: ExternalId = Field(description="The order's number there.")
    codes: list[CouponText] = Field(min_length=1, max_length=10, description="The codes, as typed.")


class GivenBackOut(Response):
    """What became of one code."""

    code: str = Field(description="The code, without hyphens.")
    outcome: CouponOutcome = Field(description="done, repeated or refused.")
    state: UseState | None = Field(description="released or reversed; null if refused.")
    error: RefusalOut | None = Field(description="Why not, or null.")


class GivenBackList(Response):
    """What became of codes."""

    items: list[GivenBackOut] = Field(description="In the order of the codes.")


class AssignIn(CustomerRef):
    """A coupon for a customer."""

    model_config = example(
        {
            "identity": {"kind": "external", "source": "shop", "value": "C-1"},
            "campaign": "welcome",
            "source": "crm",
            "external_id": "G-1",
        }
    )

    campaign: CampaignCode = Field(description="Code of a campaign with unique codes.")
    source: Source = Field(description="The system that gives it.")
    external_id: ExternalId = Field(description="Its number there: the same again gives the same coupon.")
    expires_at: Moment | None = Field(None, description="An earlier end than the campaign's own, or null.")


class AssignBatchIn(Request):
    """Coupons to give."""

    coupons: list[AssignIn] = Field(min_length=1, max_length=MAX_BATCH, description="1 to 1,000 coupons.")


class CouponOut(Response):
    """A coupon."""

    id: UUID = Field(description="The coupon's id.")
    campaign: str = Field(description="Code of the campaign.")
    code: str = Field(description="The code, without hyphens.")
    code_text: str = Field(description="The code in groups of four, as people read it.")
    state: CouponState = Field(description="active, expired or revoked.")
    uses: int = Field(description="Uses taken or reserved.")
    max_uses: int = Field(description="How often it can be used.")
    assigned_at: MomentText = Field(description="Since when the customer has it.")
    expires_at: MomentText | None = Field(description="Until when it can be used, or null.")
    source: str = Field(description="Why the customer has it: a code.")


class CouponPage(Response):
    """A page of coupons."""

    items: list[CouponOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="For the next page, null on the last.")


class AssignedOut(Response):
    """What became of one coupon."""

    external_id: str = Field(description="As sent.")
    outcome: CouponOutcome = Field(description="done, repeated or refused.")
    coupon: CouponOut | None = Field(description="The coupon, null if refused.")
    error: RefusalOut | None = Field(description="Why not, or null.")


class AssignedList(Response):
    """What became of coupons."""

    results: list[AssignedOut] = Field(description="In the order sent.")


class CodeOut(Response):
    """What a code is. Whose it is stays untold."""

    code: str = Field(description="The code, without hyphens.")
    campaign: CampaignOut = Field(description="Its campaign.")
    is_generic: bool = Field(description="Whether everybody has this code.")
    state: CouponState = Field(description="active, expired or revoked.")
    uses_left: int | None = Field(description="Uses that are left of this code; null where it is generic.")
    expires_at: MomentText | None = Field(description="Until when it can be used, or null.")
