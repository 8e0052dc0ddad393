"""An order as it stands after what came back of it, in the form that rules read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from troth.activity.orders import NewOrder, NewReturnLine
from troth.kit.money import from_stored, to_stored


@dataclass(frozen=True, slots=True)
class CameBack:
    """What came back of one line so far: quantity and money, both positive."""

    quantity: Decimal = Decimal(0)
    net_amount: Decimal = Decimal(0)


def came_back(order: NewOrder, returned: Iterable[NewReturnLine]) -> dict[int, tuple[Decimal, Decimal]]:
    """Return line number → quantity and money over all returns of an order.

    Money that was paid back for no line in particular is spread over what is left of the lines, by what they cost,
    to the last ten-thousandth.
    """
    found: dict[int, CameBack] = {}
    loose = Decimal(0)
    for line in returned:
        if line.order_line_no is None:
            loose += line.net_amount
            continue
        before = found.get(line.order_line_no, CameBack())
        found[line.order_line_no] = CameBack(before.quantity + line.quantity, before.net_amount + line.net_amount)
    if loose:
        _spread(order, found, to_stored(loose))
    return {line_no: (one.quantity, one.net_amount) for line_no, one in found.items()}


def _spread(order: NewOrder, found: dict[int, CameBack], loose: int) -> None:
    left = {line.line_no: _left(line.quantity, line.net_amount, found.get(line.line_no)) for line in order.lines}
    total = sum(left.values())
    running = done = 0
    for line_no, amount in left.items():
        running += amount
        upto = min(loose, total) * running // total if total else 0
        if upto > done:
            before = found.get(line_no, CameBack())
            found[line_no] = replace(before, net_amount=before.net_amount + from_stored(upto - done))
        done = upto


def _left(quantity: Decimal, net_amount: Decimal, back: CameBack | None) -> int:
    if back is None:
        return to_stored(net_amount)
    return max(to_stored(net_amount - back.net_amount), 0) if quantity > back.quantity or not quantity else 0


def is_gone(order: NewOrder, back: dict[int, tuple[Decimal, Decimal]]) -> bool:
    """Tell whether nothing of the order is left: each line came back whole, or its money did."""
    nothing = (Decimal(0), Decimal(0))
    return all(_is_line_gone(line.quantity, line.net_amount, *back.get(line.line_no, nothing)) for line in order.lines)


def _is_line_gone(quantity: Decimal, net_amount: Decimal, quantity_back: Decimal, amount_back: Decimal) -> bool:
    if not quantity:  # it counts by its money only
        return amount_back >= net_amount
    return quantity_back >= quantity or (amount_back > 0 and amount_back >= net_amount)


def lines_of(orders: Sequence[NewOrder]) -> int:
    """Return how many lines the orders have together."""
    return sum(len(order.lines) for order in orders)
