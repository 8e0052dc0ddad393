"""What the ledger must know of customers: which records are one owner, what to hand out and to erase."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor
from troth.ledger import services as ledger

from .hooks import ErasureStep, ExportStep, register_erasure_step, register_export_step
from .queries import record_groups


def register() -> None:
    """Tell the ledger who is merged; add points to every export and erasure."""
    ledger.register_owner_groups("customers", owner_groups)
    register_export_step(ExportStep("points", ledger.export_points))
    register_erasure_step(ErasureStep("points", erase))


def owner_groups(owner_ids: Collection[UUID]) -> Mapping[UUID, tuple[UUID, ...]]:
    """Return all records of each customer who has more than one."""
    return {owner_id: group for owner_id, group in record_groups(owner_ids).items() if len(group) > 1}


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty the words people wrote beside adjustments, and end their part in pools; points and totals stay."""
    ledger.erase_notes(customer_ids, actor=actor, now=now)
    ledger.leave_pools(actor=actor, now=now, member_ids=customer_ids)
