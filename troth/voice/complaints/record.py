"""A case's record, line by line, and the events that others react to."""

from datetime import datetime
from typing import Any

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.ids import new_id

from ..models import Case, CaseEntry, EntryKind

UNPROVEN = "unproven"
"""The `sender` of words that came by e-mail without a proof that the address in `From` is the true one."""


def add_entry(
    case: Case,
    kind: EntryKind,
    *,
    actor: Actor,
    now: datetime,
    text: str = "",
    act: str = "",
    data: dict[str, Any] | None = None,
    contact_key: str = "",
) -> CaseEntry:
    """Add a line to the case's record."""
    return CaseEntry.objects.create(
        id=new_id(),
        owner_id=case.owner_id,
        case_id=case.id,
        entry_kind=kind,
        act=act,
        data=data or {},
        text=text,
        contact_key=contact_key,
        created_at=now,
        created_by=actor.code,
    )


def note_act(case: Case, act: str, *, actor: Actor, now: datetime, **data: Any) -> CaseEntry:
    """Add what was done, as a code with values."""
    return add_entry(case, EntryKind.ACT, actor=actor, now=now, act=act, data=data)


def tell(case: Case, happened: str, *, actor: Actor, now: datetime) -> None:
    """Append `voice.complaint.<happened>` to the log."""
    data = {
        "case": str(case.id),
        "number": case.number,
        "category": case.category.code,
        "severity": case.severity,
        "channel": case.channel,
        "satisfied": {"satisfied": True, "dissatisfied": False}.get(case.word),
    }
    name = f"voice.complaint.{happened}"
    events.append(name, actor=actor, now=now, customer_id=case.customer_id, data=data)
