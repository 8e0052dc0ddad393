"""Two records that are one customer: linked, never rewritten, so that the link can be taken away again.

Every merge is an edge from the merged record to the one that stays canonical. `Customer.canonical_id`
caches where the edges lead, so that finding the canonical record is one step however many merges there
were.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from .. import hooks
from ..errors import MergeRefusedError
from ..models import Consent, Customer, DuplicateStatus, DuplicateSuggestion, Merge
from .records import locked_records, record_ids


@transaction.atomic
def merge(*, actor: Actor, now: datetime, canonical_id: UUID, merged_id: UUID, reason: str = "decided") -> Merge:
    """Make two records one customer: the merged one stays as it is and links to the canonical one.

    Its orders, identities and consents count for the customer from now on. reason: a code, as "decided".

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        MergeRefusedError: the same record twice, one of them is merged already, or a person with a company.
    """
    if canonical_id == merged_id:
        raise MergeRefusedError(_("A record cannot be merged with itself."), customer=str(canonical_id))
    canonical, merged = _locked_pair(canonical_id, merged_id)
    _check_pair(canonical, merged)
    journal: dict[str, Any] = {
        "suggestion": _close_suggestion(canonical_id, merged_id, DuplicateStatus.MERGED, actor, now)
    }
    row = Merge.objects.create(
        owner_id=canonical_id, merged_id=merged_id, reason=reason[:40], merged_at=now, merged_by=actor.code
    )
    Customer.objects.filter(Q(id=merged_id) | Q(canonical_id=merged_id)).update(
        canonical_id=canonical_id, updated_at=now
    )
    journal["steps"] = {step.name: step.merge(canonical_id, merged_id, actor, now) for step in hooks.merge_steps()}
    row.journal = journal
    row.save(update_fields=["journal"])
    data = {"merge": str(row.id), "merged": str(merged_id), "reason": row.reason}
    events.append("customers.customer.merged", actor=actor, now=now, customer_id=canonical_id, data=data)
    return row


@transaction.atomic
def unmerge(*, actor: Actor, now: datetime, merge_id: UUID) -> Merge:
    """Take a merge back: both records are customers again, with everything that was theirs.

    What was written since the merge stays with the canonical record; a consent withdrawn since then is
    withdrawn for both, because nobody can tell any more which of the two withdrew it.

    Raises:
        MergeRefusedError: no such merge, undone already, or its canonical record was itself merged later.
    """
    known = Merge.objects.filter(id=merge_id).first()
    # People before their merges, as everybody locks them; the merge is read again once nobody else changes it.
    canonical = _locked_pair(known.owner_id, known.merged_id)[0] if known and known.unmerged_at is None else None
    row = Merge.objects.select_for_update().filter(id=merge_id).first()
    if canonical is None or row is None or row.unmerged_at is not None:
        raise MergeRefusedError(_("There is no such merge, or it was undone already."), merge=str(merge_id))
    if canonical.canonical_id is not None:
        message = _("The record %(id)s was merged into another one later; undo that merge first.")
        raise MergeRefusedError(message % {"id": row.owner_id}, merge=str(merge_id))
    for name in sorted(row.journal.get("steps", {}), reverse=True):
        step = hooks.merge_step(name)
        if step is not None:
            step.unmerge(row.owner_id, row.merged_id, row.journal["steps"][name], actor, now)
    row.unmerged_at, row.unmerged_by = now, actor.code
    row.save(update_fields=["unmerged_at", "unmerged_by"])
    _separate(row, now)
    _close_suggestion(row.owner_id, row.merged_id, DuplicateStatus.DISTINCT, actor, now)
    data = {"merge": str(row.id), "merged": str(row.merged_id)}
    events.append("customers.customer.unmerged", actor=actor, now=now, customer_id=row.owner_id, data=data)
    return row


def _locked_pair(first_id: UUID, second_id: UUID) -> tuple[Customer, Customer]:
    records = {record.id: record for record in locked_records([first_id, second_id])}
    return records[first_id], records[second_id]


def _check_pair(canonical: Customer, merged: Customer) -> None:
    for record in (canonical, merged):
        if record.canonical_id is not None:
            message = _("Record %(id)s is merged into %(canonical)s already; merge with that one, or undo it first.")
            values = {"id": record.id, "canonical": record.canonical_id}
            raise MergeRefusedError(message % values, customer=str(record.id), canonical=str(record.canonical_id))
    if canonical.customer_kind != merged.customer_kind:
        raise MergeRefusedError(_("A person and a company cannot be merged."), customer=str(merged.id))


def _separate(row: Merge, now: datetime) -> None:
    """Point the merged record and those below it to itself again, and carry withdrawals over."""
    below = _records_below(row.merged_id)
    stays = set(record_ids(row.owner_id)) - below - {row.merged_id}
    Customer.objects.filter(id=row.merged_id).update(canonical_id=None, updated_at=now)
    Customer.objects.filter(id__in=below).update(canonical_id=row.merged_id, updated_at=now)
    withdrawn = Consent.objects.filter(owner_id__in=stays, is_given=False, recorded_at__gte=row.merged_at)
    Consent.objects.bulk_create(
        Consent(
            owner_id=row.merged_id,
            purpose=consent.purpose,
            channel=consent.channel,
            is_given=False,
            source="unmerge",
            proof=str(consent.id),
            occurred_at=consent.occurred_at,
            recorded_at=now,
            actor=consent.actor,
        )
        for consent in withdrawn
    )


def _records_below(record_id: UUID) -> set[UUID]:
    """Return the records that standing merges lead to this one, at any depth."""
    below: set[UUID] = set()
    layer = {record_id}
    while layer:
        edges = Merge.objects.filter(owner_id__in=layer, unmerged_at__isnull=True)
        layer = set(edges.values_list("merged_id", flat=True)) - below
        below |= layer
    return below


def _close_suggestion(one_id: UUID, other_id: UUID, status: DuplicateStatus, actor: Actor, now: datetime) -> int | None:
    left, right = sorted((one_id, other_id))
    suggestion = DuplicateSuggestion.objects.filter(left_id=left, right_id=right).first()
    if suggestion is None:
        return None
    suggestion.status, suggestion.decided_at, suggestion.decided_by = status, now, actor.code
    suggestion.save(update_fields=["status", "decided_at", "decided_by"])
    return suggestion.pk
