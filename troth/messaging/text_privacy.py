"""What the inbox, replies and receipts erase of a person and hand out to one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from .models import InboxMessage, Receipt, Reply


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("messaging.texts", erase))
    customers.register_export_step(customers.ExportStep("inbox", export_inbox))
    customers.register_export_step(customers.ExportStep("replies", export_replies))
    customers.register_export_step(customers.ExportStep("message_receipts", export_receipts))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Delete the inbox and empty what was written back; that a message bounced or was opened stays, as a code."""
    InboxMessage.objects.filter(owner_id__in=list(customer_ids)).delete()
    Reply.objects.filter(owner_id__in=list(customer_ids)).update(text="")


def export_inbox(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return every message in the inbox."""
    rows = InboxMessage.objects.filter(owner_id__in=list(customer_ids)).order_by("created_at", "id")
    return [
        {
            "subject": one.subject,
            "text": one.text,
            "created_at": one.created_at.isoformat(),
            "read_at": one.read_at.isoformat() if one.read_at else "",
        }
        for one in rows
    ]


def export_replies(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return everything that was written back."""
    rows = Reply.objects.filter(owner_id__in=list(customer_ids)).order_by("received_at", "id")
    return [{"channel": one.channel, "text": one.text, "received_at": one.received_at.isoformat()} for one in rows]


def export_receipts(customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return what came back of each message: delivered, opened, links followed."""
    rows = Receipt.objects.filter(owner_id__in=list(customer_ids)).order_by("occurred_at", "id")
    return [
        {"contact": str(one.contact_id), "kind": one.receipt_kind, "at": one.occurred_at.isoformat()} for one in rows
    ]
