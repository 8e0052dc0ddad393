"""What came back of orders before they were awarded: unwound once all of them are, in the order in which it came back.

A return is unwound like one that comes in now. That its order has a step for it tells that it was done.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor
from troth.activity import past
from troth.activity.past import PastReturn
from troth.customers import queries as customers
from troth.kit.errors import TrothError

from .attempts import without_refused
from .models import OrderEvaluation
from .recording import Returns


def unwind_since(
    start: datetime, *, actor: Actor, tell_time: Callable[[], datetime]
) -> Iterator[tuple[int, dict[UUID, TrothError]]]:
    """Unwind what came back since of orders that were awarded after it; yield, batch by batch, how many returns, and
    those (by id) whose points their currency does not let go.
    """
    for batch in past.returns_since(start):
        wanted = _not_unwound(batch)
        if not wanted:
            continue
        with customers.groups_remembered():
            done = without_refused(wanted, lambda chosen: _PastReturns(actor, tell_time()).unwind(chosen), _why)
        refused = {one.id: error for one, error in zip(wanted, done, strict=True) if error is not None}
        yield len(wanted) - len(refused), refused


def _why(error: TrothError) -> TrothError | None:
    return error


def _not_unwound(returns: Sequence[PastReturn]) -> list[PastReturn]:
    rows = OrderEvaluation.objects.filter(order_id__among={one.order_id for one in returns})
    known = set(rows.values_list("order_id", "source_id"))
    awarded = {order_id for order_id, _source_id in known}
    return [one for one in returns if one.order_id in awarded and (one.order_id, one.id) not in known]


class _PastReturns(Returns):
    """Returns that are recorded already."""

    def unwind(self, returns: Sequence[PastReturn]) -> list[TrothError | None]:
        """Undo what their orders brought for the goods."""
        places: dict[UUID | None, int] = {one.id: place for place, one in enumerate(returns)}
        order_ids = list(dict.fromkeys(one.order_id for one in returns))
        self.unwind_orders(places, [one.occurred_at for one in returns], order_ids)
        self.settle()
        return [None] * len(returns)
