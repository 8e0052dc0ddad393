"""Background work on programmes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from . import nearness, queries, services


def _reviewed_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["programmes"]
    text = ngettext(
        "The due tier reviews of %(count)d programme are decided.",
        "The due tier reviews of %(count)d programmes are decided.",
        count,
    )
    return [text % {"count": count}]


@handler("programs.review_tiers", label=_("Review tiers"), result_text=_reviewed_text)
def review_tiers(context: JobContext) -> dict[str, Any]:
    """Decide the reviews and ended grants that are due, of members who did not buy meanwhile."""
    now, members = staff.company().moment(clock.utc_now()), 0
    done = set(context.checkpoint.get("done", []))
    for programme in queries.programmes():
        if str(programme.id) in done:
            continue
        last: UUID | None = None
        while True:
            last = services.review_due(programme_id=programme.id, actor=system_actor("programs"), now=now, after=last)
            if last is None:
                break
            members += services.REVIEW_BATCH
            context.progress(members, None)
        done.add(str(programme.id))
        context.save_checkpoint({"done": sorted(done)})
    return {"programmes": len(done)}


def _found_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = sum(len(owners) for owners in result["near"].values())
    text = ngettext("%(count)d member is near the next tier.", "%(count)d members are near the next tier.", count)
    return [text % {"count": count}]


@handler(nearness.JOB, label=_("Find who is near the next tier"), result_text=_found_text)
def find_near(context: JobContext) -> dict[str, Any]:
    """Work out who is near the next tier in every programme, for lists that shall not wait for it."""
    now, near = staff.company().moment(clock.utc_now()), {}
    for programme in queries.programmes():
        version = queries.version_at(programme.id, now)
        if version is not None:
            found = nearness.near_next(version, now, limit=nearness.CANDIDATES, report=context.progress)
            near[str(programme.id)] = [str(one.owner_id) for one in found]
    return {"near": near}
