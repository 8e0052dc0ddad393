"""What orders would bring, with nothing written: for a basket at the till, and for "what if"."""

from collections.abc import Sequence
from datetime import datetime

from troth.activity import services as activity
from troth.activity.orders import NewOrder, Outcome, Recorded
from troth.programs import queries as programs
from troth.programs.baskets import Basket
from troth.programs.evaluation import evaluate
from troth.programs.queries import Version
from troth.programs.seekers import Seeker
from troth.programs.state import MemberState

from .answers import Brought, Sold
from .awarding import Stores, answer


def evaluate_orders(orders: Sequence[NewOrder], *, now: datetime) -> list[Sold]:
    """Return what each order would bring by itself if it were recorded now; nothing is written or claimed.

    Errors in results:
        OrderRefusedError, CustomerUnknownError: a value breaks its rule.
    """
    errors = {place: error for place, order in enumerate(orders) if (error := activity.order_refusal(order, now=now))}
    timeline, stores = programs.versions_in_force(), Stores()
    asked = [
        (place, version, stores.basket(order, version))
        for place, order in enumerate(orders)
        if place not in errors
        for version in timeline.at(order.occurred_at)
    ]
    seekers = [Seeker(orders[place].customer_id, version, basket) for place, version, basket in asked]
    found: dict[int, list[Brought]] = {}
    for (place, version, basket), state in zip(asked, programs.states(seekers), strict=True):
        found.setdefault(place, []).append(_brought(version, basket, state))
    nothing = Recorded(Outcome.UNCHANGED)
    return [
        Sold(Recorded(Outcome.REFUSED, error=errors[place]))
        if place in errors
        else Sold(nothing, brought=tuple(found.get(place, ())))
        for place in range(len(orders))
    ]


def _brought(version: Version, basket: Basket, state: MemberState) -> Brought:
    return answer(version, evaluate(version.compiled, basket, state))
