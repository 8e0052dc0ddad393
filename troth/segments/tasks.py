"""Background work on segments."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, ngettext
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


def _members_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["count"]
    members = ngettext("%(count)s customer is in the segment.", "%(count)s customers are in the segment.", count)
    moves = gettext("%(entered)s came in, %(left)s left since the renewal before.")
    return (
        members % {"count": f"{count:,}"},
        moves % {"entered": f"{result['entered']:,}", "left": f"{result['left']:,}"},
    )


def _asked_text(result: Mapping[str, Any]) -> Sequence[str]:
    asked = result["segments"]
    text = ngettext(
        "%(count)s segment is renewed by its own job.", "%(count)s segments are renewed by their own jobs.", asked
    )
    return (text % {"count": f"{asked:,}"},)


@handler("segments.refresh", label=_("Renew a segment"), result_text=_members_text)
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


@handler("segments.refresh_all", label=_("Renew all segments"), result_text=_asked_text)
def refresh_all(context: JobContext) -> dict[str, Any]:
    """Have every published segment renewed, each by a job of its own."""
    asked = 0
    for segment in queries.segments().filter(version_number__gt=0):
        job = services.request_refresh(actor=system_actor("segments"), now=clock.utc_now(), segment_id=segment.id)
        asked += job is not None
    return {"segments": asked}
