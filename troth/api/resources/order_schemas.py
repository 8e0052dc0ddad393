"""What the API says of orders, returns, visits, order moments and costs to serve."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, model_validator

from troth.activity.models import CancelReason, MomentKind
from troth.activity.orders import Outcome

from ..fields import (
    NO_NUL,
    NO_SLASH,
    Amount,
    AmountText,
    Currency,
    Day,
    Flag,
    Marks,
    Moment,
    MomentText,
    Request,
    Response,
    Text20,
    Text40,
    Text64,
    Text80,
    Text100,
    Text120,
    Text200,
    Text500,
    Whole,
    example,
)
from .customer_schemas import IdentityRef

MAX_BATCH = 1_000
BY_PHONE = {"identity": {"kind": "phone", "value": "+8613800138000"}}
VisitKind = Literal["store", "site", "online"]
LineNo = Annotated[Whole, Field(ge=1, le=2**31 - 1)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_SLASH)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=NO_NUL)]


class CustomerRef(Request):
    """Which customer: by id or by an identity, exactly one of the two."""

    customer_id: UUID | None = Field(None, description="The customer's id.")
    identity: IdentityRef | None = Field(None, description="By what the customer is recognised.")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.customer_id is None) == (self.identity is None):
            raise ValueError(_("name the customer by customer_id or by identity, exactly one of the two"))
        return self


class OrderLineIn(Request):
    """One line of an order. Amounts are text in the order's currency, at most four decimal places."""

    line_no: LineNo = Field(description="Number of the line, each once.")
    quantity: Amount = Field(
        description="How many, at least 0: a coupon counts by its amount. Goods that come back go through returns."
    )
    net_amount: Amount = Field(description="For the whole quantity, after discounts, at least 0.")
    discount_amount: Amount = Field(
        "0", description="Taken off the full price of the quantity, at least 0.", validate_default=True
    )
    unit_price: Amount | None = Field(
        None, description="Full price per unit; left out: (net + discount) ÷ quantity, to four places."
    )
    unit_cost: Amount | None = Field(None, description="What a unit cost us, where known.")
    sku: Text80 = Field("", description="Article number.")
    name: Text200 = Field("", description="What it is called.")
    category: Text120 = Field("", description="Category or department.")
    brand: Text120 = Field("", description="Brand.")
    attributes: Marks | None = Field(None, description="Further marks: code and plain value.")


class PointsPaidIn(Request):
    """Points that an order is paid with."""

    currency: Text40 = Field("points", min_length=1, pattern=r"^[^\s:@]+$", description="Code of the point currency.")
    points: Whole = Field(ge=1, le=10**15 - 1, description="How many, in its smallest unit.")
    amount: Amount = Field(description="How much of the order's money they pay; that part earns nothing.")
    hold: Text100 = Field("", pattern=r"^\S*$", description="Key of the hold that set them aside; empty: none did.")
    household_id: UUID | None = Field(
        None, description="From this household's pool, as its rules let the customer; left out: the customer's own."
    )


class OrderIn(CustomerRef):
    """An order. `source` and `external_id` name it for ever: sent again, it is known."""

    model_config = example(
        {
            "identity": {"kind": "external", "source": "shop", "value": "C-1"},
            "source": "shop",
            "external_id": "8812",
            "occurred_at": "2026-03-01T18:00:00+08:00",
            "currency": "CNY",
            "lines": [{"line_no": 1, "sku": "TEA", "quantity": "2", "net_amount": "25.00"}],
        }
    )

    source: Source = Field(description="The system it comes from: shop, till.")
    external_id: ExternalId = Field(description="Its number there.")
    occurred_at: Moment = Field(description="When it was bought.")
    currency: Currency = Field(description="ISO 4217 code.")
    lines: list[OrderLineIn] = Field(min_length=1, max_length=1_000, description="What was bought.")
    store: Text64 = Field("", description="Code of the store, or empty.")
    staff_member: Text64 = Field("", description="Staff number of who sold it, or empty.")
    channel: Text20 = Field("", description="A code for the channel: store, online, …")
    tags: Marks = Field(default_factory=dict, description="Further marks, such as the way of payment.")
    coupons: list[Text40] = Field(
        default_factory=list, max_length=10, description="Codes of coupons used; kept as the tag `coupons`."
    )
    points_paid: list[PointsPaidIn] = Field(
        default_factory=list,
        max_length=5,
        description="Points that pay for it: spent with the order, or it is refused; given back for what comes back.",
    )
    is_history: Flag = Field(False, description="True: recorded after the fact; it never earns points.")


class OrderBatchIn(Request):
    """Orders to record."""

    orders: list[OrderIn] = Field(min_length=1, max_length=MAX_BATCH, description="1 to 1,000 orders.")
    with_reasons: Flag = Field(True, description="False leaves the reasons out of the answer; they are stored.")


class ReturnLineIn(Request):
    """One line of goods brought back."""

    line_no: LineNo = Field(description="Number of the line, each once.")
    quantity: Amount = Field(description="How many came back, more than 0.")
    net_amount: Amount = Field(description="What was paid back for them, at least 0.")
    order_line_no: LineNo | None = Field(None, description="The order's line that they are from, where known.")
    unit_cost: Amount | None = Field(None, description="What a unit cost us; left out: as in the order.")
    sku: Text80 = Field("", description="Article number; left out: as in the order.")
    name: Text200 = Field("", description="What it is called; left out: as in the order.")
    category: Text120 = Field("", description="Category; left out: as in the order.")
    brand: Text120 = Field("", description="Brand; left out: as in the order.")


class OrderKey(Request):
    """An order by its number in its source."""

    source: Source = Field(description="The system it comes from.")
    external_id: ExternalId = Field(description="Its number there.")


class ReturnIn(CustomerRef):
    """A return. What was paid back never changes; a correction is another return."""

    model_config = example(
        {
            "identity": {"kind": "external", "source": "shop", "value": "C-1"},
            "source": "shop",
            "external_id": "R-1",
            "order": {"source": "shop", "external_id": "8812"},
            "occurred_at": "2026-03-02T09:00:00+08:00",
            "currency": "CNY",
            "lines": [{"line_no": 1, "order_line_no": 1, "quantity": "1", "net_amount": "12.50"}],
        }
    )

    source: Source = Field(description="The system it comes from.")
    external_id: ExternalId = Field(description="Its number there.")
    order_id: UUID | None = Field(None, description="The order, by our id; or name it by `order`.")
    order: OrderKey | None = Field(None, description="The order, by its number; null where it is unknown.")
    occurred_at: Moment = Field(description="When the goods came back.")
    currency: Currency = Field(description="ISO 4217 code, that of the order.")
    lines: list[ReturnLineIn] = Field(min_length=1, max_length=1_000, description="What came back.")
    store: Text64 = Field("", description="Code of the store, or empty.")
    reason: Text120 = Field("", description="Why, as a code or a few words.")
    is_history: Flag = Field(False, description="True: recorded after the fact.")


class ReturnBatchIn(Request):
    """Returns to record."""

    returns: list[ReturnIn] = Field(min_length=1, max_length=MAX_BATCH, description="1 to 1,000 returns.")


class VisitIn(CustomerRef):
    """The customer came, or we went."""

    model_config = example({**BY_PHONE, "visit_kind": "store", "occurred_at": "2026-03-01T18:00:00+08:00"})

    visit_kind: VisitKind = Field(description="To a store, to the customer, online.")
    occurred_at: Moment = Field(description="When.")
    store: Text64 = Field("", description="Code of the store, or empty.")
    staff_member: Text64 = Field("", description="Staff number of who was there, or empty.")
    note: Text500 = Field("", description="A note; personal data.")


class MomentIn(Request):
    """A moment in the life of an order."""

    moment: MomentKind = Field(description="Which of the seven moments.")
    occurred_at: Moment = Field(description="When.")


class EnquiryIn(CustomerRef):
    """A customer asked, before there is an order."""

    model_config = example({**BY_PHONE, "occurred_at": "2026-03-01T18:00:00+08:00"})

    occurred_at: Moment = Field(description="When.")


class CostIn(CustomerRef):
    """What serving a customer cost beyond the goods."""

    model_config = example(
        {**BY_PHONE, "cost_kind": "delivery", "amount": "8.50", "currency": "CNY", "cost_date": "2026-03-01"}
    )

    cost_kind: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=NO_NUL)] = Field(
        description="A code: delivery, call, gift, visit."
    )
    amount: Amount = Field(description="The amount, more than 0.")
    currency: Currency = Field(description="ISO 4217 code.")
    cost_date: Day = Field(description="The day it belongs to, in the company's zone.")


class RefusalOut(Response):
    """Why one item of a batch was refused; nothing of it was stored."""

    code: str = Field(description="Stable name of the problem, as in problem details.")
    detail: str = Field(description="Document, line, field, value and the way out.")


class ResultOut(Response):
    """What became of one item of a batch."""

    source: str = Field(description="As sent.")
    external_id: str = Field(description="As sent.")
    outcome: Outcome = Field(description="created, changed, unchanged or refused.")
    id: UUID | None = Field(description="Our id, null if refused.")
    revision: int | None = Field(description="Version of the document, from 1; null if refused.")
    error: RefusalOut | None = Field(description="Why it was refused, else null.")


class BatchOut(Response):
    """The results of a batch, in the order of its items."""

    results: list[ResultOut] = Field(description="One for each item.")
    counts: dict[Outcome, int] = Field(description="How many by outcome.")


class OrderLineOut(Response):
    """One line of an order."""

    line_no: int = Field(description="Number of the line.")
    quantity: str = Field(description="How many.")
    unit_price: AmountText = Field(description="Full price per unit.")
    discount_amount: AmountText = Field(description="Taken off.")
    net_amount: AmountText = Field(description="For the whole quantity, after discounts.")
    unit_cost: AmountText | None = Field(description="What a unit cost us, or null.")
    sku: str = Field(description="Article number.")
    name: str = Field(description="What it is called.")
    category: str = Field(description="Category.")
    brand: str = Field(description="Brand.")
    attributes: dict[str, str | int | bool | None] = Field(description="Further marks.")


class OrderOut(Response):
    """An order."""

    id: UUID = Field(description="Our id.")
    customer_id: UUID = Field(description="The customer record it belongs to.")
    source: str = Field(description="The system it comes from.")
    external_id: str = Field(description="Its number there.")
    occurred_at: MomentText = Field(description="When it was bought.")
    order_date: date = Field(description="The day of it in the company's zone.")
    currency: str = Field(description="ISO 4217 code of all amounts.")
    net_amount: AmountText = Field(description="After discounts; returns are not taken off.")
    full_price_amount: AmountText = Field(description="Before discounts.")
    costed_amount: AmountText = Field(description="The part of net_amount whose cost is known.")
    cost_amount: AmountText = Field(description="That cost.")
    store: str | None = Field(description="Code of the store, or null.")
    channel: str = Field(description="A code for the channel.")
    tags: dict[str, str | int | bool | None] = Field(description="Further marks.")
    is_history: bool = Field(description="True: recorded after the fact, never earns.")
    line_count: int = Field(description="Number of lines.")
    revision: int = Field(description="Rises when the order changes.")
    recorded_at: MomentText = Field(description="When we learnt of it.")
    updated_at: MomentText = Field(description="When it last changed.")


class OrderDetail(OrderOut):
    """An order with its lines."""

    lines: list[OrderLineOut] = Field(description="By number.")


class OrderPage(Response):
    """A page of orders."""

    items: list[OrderOut] = Field(description="Of a customer newest first, else by their last change.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class ReturnLineOut(Response):
    """One line of a return."""

    line_no: int = Field(description="Number of the line.")
    order_line_no: int | None = Field(description="The order's line, where known.")
    quantity: str = Field(description="How many came back.")
    net_amount: AmountText = Field(description="What was paid back.")
    unit_cost: AmountText | None = Field(description="What a unit cost us, or null.")
    sku: str = Field(description="Article number.")
    name: str = Field(description="What it is called.")
    category: str = Field(description="Category.")
    brand: str = Field(description="Brand.")


class ReturnOut(Response):
    """A return."""

    id: UUID = Field(description="Our id.")
    customer_id: UUID = Field(description="The customer record it belongs to.")
    order_id: UUID | None = Field(description="The order, or null where it is unknown.")
    source: str = Field(description="The system it comes from.")
    external_id: str = Field(description="Its number there.")
    occurred_at: MomentText = Field(description="When the goods came back.")
    return_date: date = Field(description="The day of it in the company's zone.")
    currency: str = Field(description="ISO 4217 code of all amounts.")
    net_amount: AmountText = Field(description="What was paid back.")
    store: str | None = Field(description="Code of the store, or null.")
    reason: str = Field(description="Why.")
    is_history: bool = Field(description="True: recorded after the fact.")
    recorded_at: MomentText = Field(description="When we learnt of it.")


class ReturnDetail(ReturnOut):
    """A return with its lines."""

    lines: list[ReturnLineOut] = Field(description="By number.")


class ReturnPage(Response):
    """A page of returns."""

    items: list[ReturnOut] = Field(description="Of a customer newest first, else by their last change.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class MomentOut(Response):
    """A moment in the life of an order, or an enquiry."""

    customer_id: UUID = Field(description="The customer record it belongs to.")
    order_id: UUID | None = Field(description="The order; null for an enquiry.")
    moment: MomentKind = Field(description="Which moment.")
    occurred_at: MomentText = Field(description="When.")


class MomentList(Response):
    """The moments of an order."""

    items: list[MomentOut] = Field(description="In the order in which they came.")


class VisitOut(Response):
    """A visit."""

    id: UUID = Field(description="Its id.")
    customer_id: UUID = Field(description="The customer record it belongs to.")
    visit_kind: VisitKind = Field(description="To a store, to the customer, online.")
    occurred_at: MomentText = Field(description="When.")
    store: str | None = Field(description="Code of the store, or null.")


class CostOut(Response):
    """A cost to serve."""

    id: UUID = Field(description="Its id.")
    customer_id: UUID = Field(description="The customer record it belongs to.")
    cost_kind: str = Field(description="A code.")
    amount: AmountText = Field(description="The amount.")
    currency: str = Field(description="ISO 4217 code.")
    cost_date: date = Field(description="The day it belongs to.")
    cancels_id: UUID | None = Field(description="The cost that this counter entry cancels, or null.")
    cancel_reason: CancelReason | None = Field(description="Why it was cancelled; null where this cancels nothing.")


class CostPage(Response):
    """A page of costs to serve."""

    items: list[CostOut] = Field(description="Newest day first; a cancelled one stands beside its counter entry.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class CancelCostIn(Request):
    """Why a cost to serve is cancelled."""

    model_config = example({"reason": "wrong_amount"})

    reason: CancelReason = Field(description="The reason.")
