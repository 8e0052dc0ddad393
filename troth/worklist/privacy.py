"""What the worklist erases of a person and hands out to one: what was written about them in tasks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from .models import Task, TaskAct, TaskState
from .working import cancel_all


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("worklist", erase))
    customers.register_export_step(customers.ExportStep("worklist", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Cancel what is open and empty what was written; that something was done, and by whom, stays."""
    owners = list(customer_ids)
    cancel_all(Task.objects.filter(owner_id__in=owners, state=TaskState.OPEN), reason="erased", actor=actor, now=now)
    Task.objects.filter(owner_id__in=owners).update(title="—", facts={}, answers={}, note="", updated_at=now)
    TaskAct.objects.filter(owner_id__in=owners).exclude(note="").update(note="")


def export(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the tasks about the person as plain values."""
    tasks = Task.objects.filter(owner_id__in=list(customer_ids)).order_by("created_at", "id")
    return [
        {
            "title": task.title,
            "kind": task.task_kind,
            "state": task.state,
            "made": task.created_at.isoformat(),
            "closed": task.completed_at.isoformat() if task.completed_at else None,
            "outcome": task.outcome,
            "answers": task.answers,
            "note": task.note,
        }
        for task in tasks
    ]
