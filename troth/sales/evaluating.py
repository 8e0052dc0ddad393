"""What orders would bring and returns would undo: for a basket at the till, and for "what if".

Recorded in a transaction that is taken back, on purpose. What a sale comes to depends on coupons, points that pay, lots
that were spent since, arrears, budgets and reviews of tiers: a second reckoning beside the real one could promise what
recording does not keep. It holds the customer's locks for as long as recording would; nobody else sees a row.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from troth.access.actors import Actor
from troth.activity.orders import NewOrder, NewReturn
from troth.kit.deadlocks import again_after_deadlock

from . import recording
from .answers import Sold


def evaluate_orders(orders: Sequence[NewOrder], *, actor: Actor, now: datetime) -> list[Sold]:
    """Return what each order would bring by itself if it were recorded now; see `services.record_orders`.

    Nothing stays: no order sees what another of the batch would bring or use up.
    """
    found: list[Sold] = []
    for order in orders:
        found += _taken_back(partial(recording.record_orders, [order], actor=actor, now=now))
    return found


def evaluate_returns(returns: Sequence[NewReturn], *, actor: Actor, now: datetime) -> list[Sold]:
    """Return what recording these returns, one after the other, would undo; see `services.record_returns`."""
    return _taken_back(partial(recording.record_returns, returns, actor=actor, now=now))


def _taken_back(record: Callable[[], list[Sold]]) -> list[Sold]:
    def attempt() -> list[Sold]:
        with transaction.atomic():
            sold = record()
            transaction.set_rollback(True)
        return sold

    return again_after_deadlock(attempt)
