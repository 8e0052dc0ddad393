"""Background work of sales."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.errors import JobCancelledError
from troth.jobs.lanes import Lane
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

from . import history_awards
from .happenings import reward_events
from .models import HistoryAward, Rehearsal, RehearsalState
from .rehearsals import JOB, run_rehearsal
from .scheduling import REWARD_EVENTS


def _result_text(result: Mapping[str, Any]) -> Sequence[str]:
    return (gettext("%(orders)s orders were replayed.") % {"orders": f"{result['orders']:,}"},)


@handler(JOB, label=_("Rehearsal of a programme"), result_text=_result_text)
def rehearse(context: JobContext) -> dict[str, Any]:
    """Replay the rehearsal that the payload names."""
    rehearsal = Rehearsal.objects.get(id=UUID(context.payload["rehearsal"]))
    try:
        run_rehearsal(rehearsal, actor=system_actor("rehearsals"), report=context.progress)
    except JobCancelledError:
        rehearsal.state, rehearsal.error = RehearsalState.CANCELLED, ""
        rehearsal.save(update_fields=["state", "error"])
        raise
    return {"orders": rehearsal.orders}


def _rewarded_text(result: Mapping[str, Any]) -> Sequence[str]:
    return (gettext("%(events)s events were judged.") % {"events": f"{result['events']:,}"},)


@handler(REWARD_EVENTS, label=_("Reward what happened besides orders"), result_text=_rewarded_text, lane=Lane.PROMPT)
def reward(context: JobContext) -> dict[str, Any]:
    """Judge the events that rules ask for and that were not judged yet."""
    judged = 0
    for count in reward_events(actor=system_actor("programmes"), now=clock.utc_now()):
        judged += count
        context.progress(judged, None)
    return {"events": judged}


def _awarded_text(result: Mapping[str, Any]) -> Sequence[str]:
    counts = {"orders": f"{result['orders']:,}", "refused": f"{result['refused']:,}"}
    if result["refused"]:
        return (gettext("%(orders)s past orders were awarded, %(refused)s could not be; the page says why.") % counts,)
    return (gettext("%(orders)s past orders were awarded.") % counts,)


@handler(history_awards.JOB, label=_("Award past orders"), max_attempts=20, result_text=_awarded_text)
def award_history(context: JobContext) -> dict[str, Any]:
    """Award the past that the payload names."""
    award = HistoryAward.objects.get(id=UUID(context.payload["award"]))
    with history_awards.failures_noted(award):
        history_awards.run_history_award(award, actor=system_actor("programmes"), report=context.progress)
    return {"orders": award.orders, "refused": award.refused}
