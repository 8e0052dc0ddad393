"""Background work on segments."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs import queries as jobs
from troth.jobs.errors import JobCancelledError
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

from . import queries, services
from .errors import SegmentTooSlowError
from .refreshing import refresh_members


@handler("segments.refresh", label=_("Renew a segment"))
def refresh(context: JobContext) -> dict[str, Any]:
    """Work out who is in the segment; again if another version was published meanwhile."""
    segment_id = UUID(context.payload["segment"])

    def is_cancelled() -> bool:
        return jobs.job(context.job_id).cancel_requested_at is not None

    while True:
        try:
            found = refresh_members(
                actor=system_actor("segments"),
                now=clock.utc_now(),
                segment_id=segment_id,
                report=context.progress,
                guard=lambda: context.save_checkpoint({"segment": str(segment_id)}),
                is_stopped=is_cancelled,
            )
        except SegmentTooSlowError:
            if is_cancelled():
                raise JobCancelledError from None
            raise
        if queries.segment(segment_id).version_number in (found.version_number, 0) or found.version_number == 0:
            return {"count": found.member_count, "entered": found.entered_count, "left": found.left_count}


@handler("segments.refresh_all", label=_("Renew all segments"))
def refresh_all(context: JobContext) -> dict[str, Any]:
    """Have every published segment renewed, each by a job of its own."""
    asked = 0
    for segment in queries.segments().filter(version_number__gt=0):
        job = services.request_refresh(actor=system_actor("segments"), now=clock.utc_now(), segment_id=segment.id)
        asked += job is not None
    return {"segments": asked}
