"""An order's content in the form in which it is stored, computed once for its row, its lines and its fingerprint."""

from dataclasses import dataclass

from troth.kit.money import SCALE, to_stored

from .orders import NewLine, NewOrder, fingerprint, joined, json_text, microseconds

StoredLine = tuple[int, str, str, str, str, int, int, int, int, int | None, str | None]
"""line_no, sku, name, category, brand, quantity, unit_price, discount_amount, net_amount, unit_cost, attributes."""

LINE_COLUMNS = (
    "line_no", "sku", "name", "category", "brand", "quantity", "unit_price", "discount_amount", "net_amount",
    "unit_cost", "attributes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderContent:
    """Lines by their numbers, sums in ten-thousandths, marks as JSON text, and the hash of it all.

    costed_amount: the part of net_amount whose cost is known; cost_amount: that cost, half-up line by line.
    """

    lines: list[StoredLine]
    net_amount: int
    full_price_amount: int
    costed_amount: int
    cost_amount: int
    tags: str
    fingerprint: str


def order_content(order: NewOrder) -> OrderContent:
    """Return the content of an order.

    Raises:
        ValueError: an amount that cannot be stored; `checks.check_order` refuses it in words.
    """
    lines = sorted(map(_stored_line, order.lines))
    net_amount = discount_amount = costed_amount = cost_amount = 0
    for line in lines:
        quantity, _unit_price, discount, net, unit_cost = line[5:10]
        net_amount += net
        discount_amount += discount
        if unit_cost is not None:
            costed_amount += net
            cost_amount += line_cost(quantity, unit_cost)
    tags = json_text(order.tags)
    head = (
        order.customer_id,
        microseconds(order.occurred_at),
        order.currency,
        order.store_id,
        order.staff_member_id,
        order.channel,
        tags,
    )
    return OrderContent(
        lines=lines,
        net_amount=net_amount,
        full_price_amount=net_amount + discount_amount,
        costed_amount=costed_amount,
        cost_amount=cost_amount,
        tags=tags or "{}",
        fingerprint=fingerprint(joined(head), map(joined, lines)),
    )


def line_cost(quantity: int, unit_cost: int) -> int:
    """Return what a quantity cost, half-up, all in ten-thousandths."""
    return (quantity * unit_cost + SCALE // 2) // SCALE


def _stored_line(line: NewLine) -> StoredLine:
    cost = line.unit_cost
    return (
        line.line_no,
        line.sku,
        line.name,
        line.category,
        line.brand,
        to_stored(line.quantity),
        to_stored(line.unit_price),
        to_stored(line.discount_amount),
        to_stored(line.net_amount),
        None if cost is None else to_stored(cost),
        json_text(line.attributes) or None,
    )
