"""Background work of training."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from .inviting import INVITE, invite_next


def _told(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result[name]:,}" for name in ("invited", "withheld")}
    return [gettext("Invited: %(invited)s; not written to, each for a reason: %(withheld)s.") % figures]


@handler(INVITE, label=_("Invite to a training"), result_text=_told)
def invite(context: JobContext) -> dict[str, Any]:
    """Invite a segment; after a crash it goes on where it was."""
    session_id, segment_id = UUID(context.payload["session"]), UUID(context.payload["segment"])
    state: dict[str, Any] = {"after": None, "invited": 0, "withheld": 0} | context.checkpoint
    while True:
        with transaction.atomic():
            after = UUID(state["after"]) if state["after"] else None
            last, counts = invite_next(
                session_id, segment_id, after=after, actor=system_actor("care"), now=staff.moment(clock.utc_now())
            )
            if last is None:
                return {name: state[name] for name in ("invited", "withheld")}
            state |= {name: state[name] + number for name, number in counts.items()}
            state["after"] = str(last)
            context.save_checkpoint(state)
        context.progress(state["invited"] + state["withheld"])
