"""Writing the ledger. Import as one thing: `from troth.ledger import services as ledger`."""

from collections.abc import Sequence
from datetime import datetime

from troth.access.actors import Actor

from .adjusting import approve_adjustment, leave_pools, reject_adjustment, request_adjustment, set_pool_member
from .currencies import CurrencyRules, change_currency, create_currency
from .expiry_changes import decide_expiry_change, request_expiry_change
from .groups import register_owner_groups
from .operations import Operation, Posted
from .posting import post_batch
from .privacy import erase_notes, export_points

__all__ = [
    "CurrencyRules",
    "approve_adjustment",
    "change_currency",
    "create_currency",
    "decide_expiry_change",
    "erase_notes",
    "export_points",
    "leave_pools",
    "post",
    "register_owner_groups",
    "reject_adjustment",
    "request_adjustment",
    "request_expiry_change",
    "set_pool_member",
]


def post(operations: Sequence[Operation], *, actor: Actor, now: datetime) -> list[Posted]:
    """Carry out operations in order, in one transaction; each succeeds or is refused by itself.

    Answers stand in the order of the operations. A refused one changes nothing and stores nothing; its `error` says
    why (see `errors`). The same key with the same content answers the first result again (`Outcome.REPEATED`); the
    moment and the reason's data are no content, so that a retry need not remember them. Accounts are locked once per
    batch in the order of their ids: call it after taking your own locks, and once per transaction where you can.
    """
    return post_batch(operations, actor=actor, now=now)
