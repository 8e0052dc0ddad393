"""What the ledger must know of customers: which records are one owner, what to hand out and to erase."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor
from troth.ledger import services as ledger

from .hooks import ErasureStep, ExportStep, register_erasure_step, register_export_step
from .models import Customer


def register() -> None:
    """Tell the ledger who is merged; add points to every export and erasure."""
    ledger.register_owner_groups("customers", owner_groups)
    register_export_step(ExportStep("points", ledger.export_points))
    register_erasure_step(ErasureStep("points", erase))


def owner_groups(owner_ids: Collection[UUID]) -> Mapping[UUID, tuple[UUID, ...]]:
    """Return all records of each customer who has more than one; two queries for any number."""
    linked = Customer.objects.filter(id__among=owner_ids, canonical_id__isnull=False)
    canonical = {record_id: found for record_id, found in linked.values_list("id", "canonical_id") if found}
    heads = {*owner_ids, *canonical.values()}
    below: dict[UUID, list[UUID]] = {}
    merged = Customer.objects.filter(canonical_id__among=heads).order_by("id").values_list("id", "canonical_id")
    for record_id, head in merged:
        if head is not None:
            below.setdefault(head, []).append(record_id)
    groups = {head: (head, *records) for head, records in below.items()}
    return {owner_id: groups[head] for owner_id in owner_ids if (head := canonical.get(owner_id, owner_id)) in groups}


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty the words people wrote beside adjustments; points, entries and totals stay."""
    ledger.erase_notes(customer_ids, actor=actor, now=now)
