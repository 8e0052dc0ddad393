"""What came back of an order so far, so that never more comes back than was sold."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from .models import Return, ReturnLine
from .orders import NewReturn


@dataclass(slots=True)
class Returned:
    """Sums over the returns of one order: quantity by line number, and money."""

    quantities: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    net_amount: Decimal = Decimal(0)

    def add(self, new: NewReturn) -> None:
        """Count one more return."""
        for line in new.lines:
            self.net_amount += line.net_amount
            if line.order_line_no is not None:
                self.quantities[line.order_line_no] += line.quantity


def returned_of(order_ids: Iterable[UUID]) -> dict[UUID, Returned]:
    """Return what came back of each order; orders without returns are left out."""
    found: dict[UUID, Returned] = defaultdict(Returned)
    orders: dict[UUID, UUID] = {}
    for return_id, order_id, amount in Return.objects.filter(order_id__in=list(order_ids)).values_list(
        "id", "order_id", "net_amount"
    ):
        if order_id is not None:
            orders[return_id] = order_id
            found[order_id].net_amount += amount
    lines = ReturnLine.objects.filter(return_id__in=list(orders), order_line_no__isnull=False)
    for return_id, line_no, quantity in lines.values_list("return_id", "order_line_no", "quantity"):
        if line_no is not None:
            found[orders[return_id]].quantities[line_no] += quantity
    return dict(found)
