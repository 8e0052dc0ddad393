"""What complaints erase of a person and hand out to one: what was said goes, the count of causes stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from troth.access.actors import Actor
from troth.customers import services as customers

from ..models import Case, CaseEntry, CasePhoto, CaseRemedy


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("voice.complaints", erase))
    customers.register_export_step(customers.ExportStep("voice.complaints", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty what was said, and delete pictures; category, cause, times and remedies stay, they name nobody."""
    cases = list(_cases(customer_ids).values_list("id", flat=True))
    Case.objects.filter(id__in=cases).update(subject="", text="", order_ref="")
    CaseEntry.objects.filter(case_id__in=cases).exclude(text="").update(text="")
    CaseRemedy.objects.filter(case_id__in=cases).exclude(note="").update(note="")
    CasePhoto.objects.filter(case_id__in=cases).delete()


def export(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the complaints with what went to and fro; notes among colleagues about the person belong to it too."""
    cases = list(_cases(customer_ids).select_related("category", "cause").order_by("opened_at", "id"))
    entries: dict[UUID, list[dict[str, Any]]] = {case.id: [] for case in cases}
    for entry in CaseEntry.objects.filter(case_id__in=entries).order_by("created_at", "id"):
        said = {"at": entry.created_at.isoformat(), "kind": entry.entry_kind, "act": entry.act, "text": entry.text}
        entries[entry.case_id].append(said)
    remedies: dict[UUID, list[dict[str, Any]]] = {case.id: [] for case in cases}
    for remedy in CaseRemedy.objects.filter(case_id__in=remedies).order_by("requested_at", "id"):
        remedies[remedy.case_id].append(_remedy(remedy))
    photos = {case.id: CasePhoto.objects.filter(case_id=case.id).count() for case in cases}
    return [
        {
            "number": case.number,
            "opened_at": case.opened_at.isoformat(),
            "closed_at": case.closed_at.isoformat() if case.closed_at else None,
            "channel": case.channel,
            "category": case.category.code,
            "severity": case.severity,
            "state": case.state,
            "verdict": case.verdict,
            "word": case.word,
            "cause": case.cause.code if case.cause else "",
            "order": case.order_ref,
            "subject": case.subject,
            "text": case.text,
            "photos": photos[case.id],
            "record": entries[case.id],
            "remedies": remedies[case.id],
        }
        for case in cases
    ]


def _cases(customer_ids: Sequence[UUID]) -> Any:
    owners = list(customer_ids)
    return Case.objects.filter(Q(customer_id__in=owners) | Q(owner_id__in=owners))


def _remedy(remedy: CaseRemedy) -> dict[str, Any]:
    return {
        "kind": remedy.remedy_kind,
        "state": remedy.remedy_state,
        "points": remedy.points,
        "point_currency": remedy.point_currency,
        "amount": str(remedy.amount),
        "currency": remedy.currency,
        "campaign": remedy.campaign,
        "note": remedy.note,
        "requested_at": remedy.requested_at.isoformat(),
    }
