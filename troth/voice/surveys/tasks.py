"""Background work of surveys."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext

from ..present import present
from . import sending, tending

ACTOR = system_actor("surveys")


def _sent_text(result: Mapping[str, Any]) -> Sequence[str]:
    invited = result["outcomes"].get("invited", 0)
    figures = {"invited": f"{invited:,}", "spared": f"{sum(result['outcomes'].values()) - invited:,}"}
    return [gettext("Invited: %(invited)s; spared: %(spared)s.") % figures]


def _tended_text(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result.get(name, 0):,}" for name in ("reminded", "expired", "set_right")}
    told = [gettext("Reminders: %(reminded)s; invitations that ended: %(expired)s.") % figures]
    if result.get("set_right"):
        told.append(gettext("Invitations that did not go out after all: %(set_right)s.") % figures)
    return told


@handler(sending.JOB, label=_("Send out a survey"), result_text=_sent_text)
def send_survey(context: JobContext) -> dict[str, Any]:
    """Ask everybody of a sending; after a crash it goes on where it was, and nobody is asked twice."""
    now = present()
    state: dict[str, Any] = {"after": None, "limit": None, "outcomes": {}} | context.checkpoint
    row = sending.under_way(UUID(context.payload["sending"]))
    if state["limit"] is None:
        row, limit, asked_lately = sending.begin(row.id)
        state |= {"limit": limit, "outcomes": {"asked_lately": asked_lately} if asked_lately else {}}
    while True:
        with transaction.atomic():
            after = UUID(state["after"]) if state["after"] else None
            last, outcomes = sending.send_next(row, limit=state["limit"], after=after, actor=ACTOR, now=now)
            if last is None:
                sending.finish(row, state["outcomes"])
                return {"outcomes": state["outcomes"]}
            state |= {"after": str(last), "outcomes": dict(Counter(state["outcomes"]) + outcomes)}
            context.save_checkpoint(state)
        context.progress(sum(state["outcomes"].values()))


@handler(tending.TEND, label=_("Remind of surveys and end invitations"), result_text=_tended_text)
def tend(context: JobContext) -> dict[str, Any]:
    """Set right what never arrived, send the reminders that are due, then end what is over."""
    now = present()
    reminded = expired = 0
    after, set_right = tending.set_right_next(after=None, now=now)
    while after is not None:
        after, count = tending.set_right_next(after=after, now=now)
        set_right += count
    while count := tending.remind_next(actor=ACTOR, now=now):
        reminded += count
        context.progress(reminded)
    while count := tending.expire_next(now=now):
        expired += count
        context.progress(reminded + expired)
    return {"reminded": reminded, "expired": expired, "set_right": set_right}
