"""What every act with a request leaves behind."""

from datetime import datetime
from typing import Any

from troth.access.actors import Actor

from ..models import RequestEntry, ServiceRequest

CODE_OPENED, CODE_MOVED, CODE_SCHEDULED, CODE_NOTED = "opened", "moved", "scheduled", "noted"
CODE_TOLD = "told"
CODE_PARTS, CODE_CONFIRMED, CODE_DENIED, CODE_CANCELLED = "parts", "confirmed", "denied", "cancelled"


def event_data(request: ServiceRequest) -> dict[str, Any]:
    """Return what every event of a request carries."""
    return {"request": str(request.id), "number": request.number, "kind": request.request_kind}


def note_entry(
    request: ServiceRequest, code: str, *, actor: Actor, now: datetime, note: str = "", **data: Any
) -> RequestEntry:
    """Keep what was done."""
    return RequestEntry.objects.create(
        owner_id=request.owner_id,
        request_id=request.id,
        code=code,
        step=request.step,
        note=note,
        data=data,
        actor=actor.code,
        occurred_at=now,
    )
