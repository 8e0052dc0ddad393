"""What segments erase of a person and hand out to one: the groups the person is in."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from .models import Segment, SegmentMembership


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("segments", erase))
    customers.register_export_step(customers.ExportStep("segments", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Take the records out of every segment."""
    SegmentMembership.objects.filter(owner_id__in=list(customer_ids)).delete()


def export(customer_ids: Sequence[UUID]) -> list[dict[str, str]]:
    """Return the names of the segments the person is in, and since when."""
    rows = SegmentMembership.objects.filter(owner_id__in=list(customer_ids)).order_by("segment__name")
    names = dict(Segment.objects.values_list("id", "name"))
    return [{"segment": names[row.segment_id], "since": row.entered_at.isoformat()} for row in rows]
