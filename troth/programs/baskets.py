"""What is evaluated: an order, or an event, in the form that rules read. Amounts are whole ten-thousandths."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from troth.activity.orders import NewLine, NewOrder
from troth.kit.money import LIMIT, to_stored

from .errors import BasketRefusedError

DEDUCTIONS = ("tax_amount", "shipping_amount", "gift_card_amount", "points_amount")
"""Tags of an order, decimal texts: how much of its lines' amounts is tax, shipping, paid by gift card, by points."""


NO_DEDUCTIONS = (0, 0, 0, 0)


class BasketLine(NamedTuple):
    """A line: amounts for the whole quantity after discounts; quantity in ten-thousandths, too.

    deductions: this line's share of the order's tax, shipping, gift cards and points, in that order.
    """

    line_no: int
    sku: str
    category: str
    brand: str
    quantity: int
    unit_price: int
    net_amount: int
    discount_amount: int = 0
    attributes: Mapping[str, Any] | None = None
    deductions: tuple[int, int, int, int] = NO_DEDUCTIONS


@dataclass(frozen=True, slots=True)
class Basket:
    """An order as rules see it. local_at: its moment in the store's zone, else the programme's."""

    occurred_at: datetime
    local_at: datetime
    currency: str
    lines: tuple[BasketLine, ...]
    store_id: int | None = None
    store_city: str = ""
    channel: str = ""
    tags: Mapping[str, Any] = field(default_factory=dict)

    @property
    def on(self) -> str:
        """Return what happened, as rules name it."""
        return "order"

    def without(self, returned: Mapping[int, tuple[Decimal, Decimal]]) -> "Basket":
        """Return the basket less what came back: line number → quantity and amount, both positive and in total.

        The rest of a line keeps its share of tax, shipping, gift cards and points in proportion, rounded up:
        what came back is never paid for twice.
        """
        lines = tuple(_less(line, returned[line.line_no]) if line.line_no in returned else line for line in self.lines)
        return replace(self, lines=lines)


@dataclass(frozen=True, slots=True)
class EventBasket:
    """Something other than an order that may earn: an event of the log (`on` is its name)."""

    on: str
    occurred_at: datetime
    local_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    store_id: int | None = None
    lines: tuple[BasketLine, ...] = ()


def basket_of(order: NewOrder, *, zone: ZoneInfo, store_city: str = "") -> Basket:
    """Return an order in the form that rules read; zone: the store's, or the programme's.

    Raises:
        BasketRefusedError: a tag of `DEDUCTIONS` is not an amount.
    """
    lines = tuple(map(_line, order.lines))
    given = [_deduction(order, tag) for tag in DEDUCTIONS] if order.tags else [0, 0, 0, 0]
    return Basket(
        occurred_at=order.occurred_at,
        local_at=order.occurred_at.astimezone(zone),
        currency=order.currency,
        lines=_shared(lines, given) if any(given) else lines,
        store_id=order.store_id,
        store_city=store_city,
        channel=order.channel,
        tags=order.tags,
    )


def event_basket(
    on: str, occurred_at: datetime, *, zone: ZoneInfo, data: Mapping[str, Any], store_id: int | None = None
) -> EventBasket:
    """Return an event of the log in the form that rules read."""
    return EventBasket(on, occurred_at, occurred_at.astimezone(zone), data, store_id)


def _line(line: NewLine) -> BasketLine:
    return BasketLine(
        line_no=line.line_no,
        sku=line.sku,
        category=line.category,
        brand=line.brand,
        quantity=to_stored(line.quantity),
        unit_price=to_stored(line.unit_price),
        net_amount=to_stored(line.net_amount),
        discount_amount=to_stored(line.discount_amount),
        attributes=line.attributes,
    )


def _deduction(order: NewOrder, tag: str) -> int:
    given = order.tags.get(tag)
    if given in (None, ""):
        return 0
    try:
        amount = Decimal(str(given))
        if isinstance(given, bool) or not 0 <= amount <= LIMIT:
            raise InvalidOperation
        return to_stored(amount)
    except (InvalidOperation, ValueError):
        message = _("order %(id)s: tag %(tag)s: “%(value)s” is not an amount; write it like “12.50”")
        text = message % {"id": order.external_id, "tag": tag, "value": str(given)[:40]}
        raise BasketRefusedError(text, field=tag, value=str(given)[:40]) from None


def _shared(lines: tuple[BasketLine, ...], given: list[int]) -> tuple[BasketLine, ...]:
    """Return the lines with each amount spread over them by what they cost, to the last ten-thousandth."""
    total = sum(max(line.net_amount, 0) for line in lines)
    if total <= 0:
        return lines
    columns = [_spread(min(amount, total), lines, total) for amount in given]
    return tuple(
        line._replace(deductions=(columns[0][at], columns[1][at], columns[2][at], columns[3][at]))
        for at, line in enumerate(lines)
    )


def _spread(amount: int, lines: tuple[BasketLine, ...], total: int) -> list[int]:
    """Return shares that add up to the amount: differences of the rounded running sum."""
    shares, done, running = [], 0, 0
    for line in lines:
        running += max(line.net_amount, 0)
        upto = amount * running // total
        shares.append(upto - done)
        done = upto
    return shares


def _less(line: BasketLine, returned: tuple[Decimal, Decimal]) -> BasketLine:
    quantity = max(line.quantity - to_stored(returned[0]), 0)
    amount = max(line.net_amount - to_stored(returned[1]), 0) if quantity or line.quantity == 0 else 0
    if line.net_amount <= 0:
        return line._replace(quantity=quantity)
    part = [-(-share * amount // line.net_amount) for share in line.deductions]
    discount = line.discount_amount * amount // line.net_amount
    return line._replace(
        quantity=quantity,
        net_amount=amount,
        discount_amount=discount,
        deductions=(part[0], part[1], part[2], part[3]),
    )
