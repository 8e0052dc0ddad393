"""The customer's inbox in our own app or portal."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from .models import InboxMessage
from .text_errors import InboxMessageNotFoundError


def inbox_of(records: Collection[UUID]) -> QuerySet[InboxMessage]:
    """Return the messages of these records of one customer, the newest first."""
    return InboxMessage.objects.filter(owner_id__in=list(records)).order_by("-created_at", "-id")


def mark_read(*, message_id: UUID, now: datetime) -> InboxMessage:
    """Note that a message was read; the first time counts.

    Raises:
        InboxMessageNotFoundError: there is none of this id.
    """
    InboxMessage.objects.filter(id=message_id, read_at=None).update(read_at=now)
    found = InboxMessage.objects.filter(id=message_id).first()
    if found is None:
        raise InboxMessageNotFoundError(message_id)
    return found
