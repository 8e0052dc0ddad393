"""What orders would bring and returns would undo: for a basket at the till, and for "what if"."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from troth.access.actors import Actor
from troth.activity import services as activity
from troth.activity.orders import NewOrder, NewReturn, Outcome, Recorded
from troth.programs import queries as programs
from troth.programs.baskets import Basket
from troth.programs.evaluation import evaluate
from troth.programs.queries import Version
from troth.programs.seekers import Seeker
from troth.programs.state import MemberState

from . import recording
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


def evaluate_returns(returns: Sequence[NewReturn], *, actor: Actor, now: datetime) -> list[Sold]:
    """Return what recording these returns would undo; see `services.evaluate_returns`.

    Recorded in a transaction that is taken back, on purpose: what a return undoes depends on lots that were spent
    since, arrears, coupons in use and reviews of tiers. A second reckoning beside the real one could promise what
    recording does not keep. It holds the customer's locks for as long as recording would; nobody else sees a row.
    """
    with transaction.atomic():
        sold = recording.record_returns(returns, actor=actor, now=now)
        transaction.set_rollback(True)
    return sold


def _brought(version: Version, basket: Basket, state: MemberState) -> Brought:
    return answer(version, evaluate(version.compiled, basket, state))
