"""What surveys erase of a person and hand out to one, and what a merge does to how a customer stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import queries as customer_queries
from troth.customers import services as customers

from ..models import Answer, AnswerSheet, AttitudeMeasure, InformationTag, Invitation, VoiceStanding
from . import standings


def register() -> None:
    """Add the steps to every erasure, export and merge."""
    customers.register_erasure_step(customers.ErasureStep("surveys", erase))
    customers.register_export_step(customers.ExportStep("surveys", export))
    customers.register_merge_step(customers.MergeStep("surveys", merge, unmerge))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty the words of the answers and forget how the person stands; scores stay in the totals and name nobody."""
    owners = list(customer_ids)
    Answer.objects.filter(owner_id__in=owners).exclude(text="").update(text="")
    InformationTag.objects.filter(owner_id__in=owners).delete()
    AttitudeMeasure.objects.filter(owner_id__in=owners).delete()
    AnswerSheet.objects.filter(owner_id__in=owners).update(device="")
    VoiceStanding.objects.filter(owner_id__in=owners).delete()


def export(customer_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return invitations and answer sheets with every answer as plain values."""
    owners = list(customer_ids)
    sheets = AnswerSheet.objects.filter(owner_id__in=owners).select_related("survey").order_by("started_at", "id")
    answers: dict[UUID, list[dict[str, Any]]] = {}
    for row in Answer.objects.filter(owner_id__in=owners).order_by("id"):
        value = row.text or row.choice or row.number
        answers.setdefault(row.sheet_id, []).append({"question": row.question, "item": row.item, "value": value})
    asked = Invitation.objects.filter(owner_id__in=owners).select_related("survey").order_by("invited_at", "id")
    return {
        "invitations": [
            {"survey": row.survey.code, "at": row.invited_at.isoformat(), "state": row.state} for row in asked
        ],
        "answer_sheets": [
            {
                "survey": row.survey.code,
                "state": row.state,
                "started_at": row.started_at.isoformat(),
                "score": row.score,
                "answers": answers.get(row.id, []),
            }
            for row in sheets
        ],
    }


def merge(canonical: UUID, merged: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    """Have the canonical customer stand by both records' answers; the merged record's standing goes."""
    VoiceStanding.objects.filter(owner_id=merged).delete()
    standings.renew([canonical], now=now)
    return {"records": [str(record) for record in sorted(_below(canonical, merged))]}


def unmerge(canonical: UUID, merged: UUID, kept: dict[str, Any], actor: Actor, now: datetime) -> None:
    """Have each of the two stand by its own records' answers again; the link between them still stands now."""
    together = set(customer_queries.record_ids(canonical))
    parted = {UUID(record) for record in kept["records"]} & together
    standings.renew_groups({canonical: sorted(together - parted), merged: sorted(parted)}, now=now)


def _below(canonical: UUID, merged: UUID) -> set[UUID]:
    """Return the merged record and those that standing merges lead to it."""
    links = [(row.owner_id, row.merged_id) for row in customer_queries.merges_of(canonical) if row.unmerged_at is None]
    found, layer = {merged}, {merged}
    while layer := {below for above, below in links if above in layer} - found:
        found |= layer
    return found
