"""Sales: the one place where an order or a return goes through activity, programmes, rewards and the ledger.

Import as one thing: `from troth.sales import services as sales`.
"""

from collections.abc import Sequence
from datetime import datetime

from troth.access.actors import Actor
from troth.activity.orders import NewOrder, NewReturn

from . import recording
from .answers import Sold
from .attempts import parts_of
from .evaluating import evaluate_orders, evaluate_returns
from .history_awards import award_history, cancel_history_award, decide_history_award, request_history_award
from .paying import Payment, payment_tags
from .rehearsals import cancel_rehearsal, start_rehearsal
from .rehearsing import rehearse

__all__ = [
    "Payment",
    "award_history",
    "cancel_history_award",
    "cancel_rehearsal",
    "decide_history_award",
    "evaluate_orders",
    "evaluate_returns",
    "parts_of",
    "payment_tags",
    "record_orders",
    "record_returns",
    "rehearse",
    "request_history_award",
    "start_rehearsal",
]


def record_orders(orders: Sequence[NewOrder], *, actor: Actor, now: datetime) -> list[Sold]:
    """Record orders with all they bring, and return one result for each, in their order.

    Each order is recorded whole or not at all. A larger batch goes in several transactions (`attempts.PART`), so that
    others who sell to the same customers wait briefly; inside a transaction of the caller's it is part of that. Whoever
    was interrupted sends the batch again: what is recorded by then stays as it is.

    A new order is evaluated under the versions in force at its moment, for the member as it stood then; points go
    to the ledger, coupons are handed out, tiers move. The same order again changes nothing and answers its first
    result in full, whatever happened since; a changed one is corrected by the difference, under the same version and
    state. An order that is history, or that came before the first version, brings nothing. A refused order changes
    nothing. Points that an order is paid with are spent with it (see `paying`).

    Errors in results:
        those of `activity.services.record_orders`.
        of the coupons that the order used, see `rewards.services.post_coupons`.
        PaymentRefusedError, InsufficientPointsError, HoldRefusedError: of the points that it is paid with.
        ShortfallRefusedError: a change would take back points that were spent, and their currency lets none go.
    """
    return recording.record_orders(orders, actor=actor, now=now)


def record_returns(returns: Sequence[NewReturn], *, actor: Actor, now: datetime) -> list[Sold]:
    """Record returns and undo what their orders brought for the goods; see `record_orders`.

    Points, progress towards tiers, caps, budgets, counts, challenges and coupons fall by the difference; other
    orders keep what they brought. A coupon that the order used is given back when nothing of it is left. Points that
    paid for the goods go back into the very lots they came from.

    Errors in results:
        those of `activity.services.record_returns`.
        ShortfallRefusedError: the points were spent, and their currency neither owes nor writes off.
    """
    return recording.record_returns(returns, actor=actor, now=now)
