"""What service requests erase of a person and hand out to one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from ..models import RequestEntry, RequestState, ServiceRequest


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("care.requests", erase))
    customers.register_export_step(customers.ExportStep("service_requests", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """End what is open and empty what was written; that there was a request stays."""
    rows = ServiceRequest.objects.filter(owner_id__in=list(customer_ids))
    rows.filter(state=RequestState.OPEN).update(state=RequestState.CANCELLED, closed_at=now, due_at=None)
    rows.update(title="—", description="", address="", confirmation="", updated_at=now)
    RequestEntry.objects.filter(owner_id__in=list(customer_ids)).exclude(note="").update(note="")


def export(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the requests of the person as plain values."""
    rows = ServiceRequest.objects.filter(owner_id__in=list(customer_ids)).order_by("opened_at", "id")
    return [
        {
            "number": row.number,
            "kind": row.request_kind,
            "title": row.title,
            "description": row.description,
            "address": row.address,
            "product": row.product,
            "step": row.step,
            "state": row.state,
            "opened": row.opened_at.isoformat(),
            "satisfied": row.satisfied,
            "words": row.confirmation,
        }
        for row in rows
    ]
