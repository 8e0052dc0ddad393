"""Background work of complaints."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.lanes import Lane
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

from ..present import present
from .mailbox import Emptied, empty_maildir
from .recovering import measure_recovery
from .scheduling import MAILBOX, RECOVERY, WATCH
from .watching import close_silent_cases, escalate_due

ACTOR = system_actor("voice")


def _watched_text(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result[name]:,}" for name in ("escalated", "closed")}
    return [gettext("Complaints escalated: %(escalated)s; closed without the customer's word: %(closed)s.") % figures]


@handler(WATCH, label=_("Look after the deadlines of complaints"), result_text=_watched_text, lane=Lane.PROMPT)
def watch_cases(context: JobContext) -> dict[str, Any]:
    """Take every due step of escalation, and close what the customer does not answer."""
    now = present()
    escalated = closed = 0
    while some := escalate_due(actor=ACTOR, now=now):
        escalated += some
        context.progress(escalated)
    after = None
    while True:
        some, after = close_silent_cases(actor=ACTOR, now=now, after=after)
        closed += some
        context.progress(escalated + closed)
        if after is None:
            return {"escalated": escalated, "closed": closed}


def _measured_text(result: Mapping[str, Any]) -> Sequence[str]:
    return [
        gettext("People who complained, compared with similar ones: %(people)s.") % {"people": f"{result['people']:,}"}
    ]


@handler(RECOVERY, label=_("Measure what handling complaints earns"), result_text=_measured_text)
def measure(context: JobContext) -> dict[str, Any]:
    """Compare those who complained with similar customers."""
    report = measure_recovery(now=present())
    return {"people": sum(row["people"] for row in report.result["rows"] if row["outcome"] == "all")}


def _emptied_text(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result[name]:,}" for name in ("taken", "refused")}
    return [gettext("Mail taken in: %(taken)s; put aside: %(refused)s.") % figures]


@handler(MAILBOX, label=_("Take in the complaints' mail"), result_text=_emptied_text, lane=Lane.PROMPT)
def read_mailbox(context: JobContext) -> dict[str, Any]:
    """Empty the maildir that the settings name; without one there is nothing to do."""
    done = Emptied()
    if settings.MAILDIR is not None:
        for done in empty_maildir(settings.MAILDIR, actor=ACTOR, now=clock.utc_now()):
            context.progress(done.taken + done.refused)
    return {"taken": done.taken, "refused": done.refused}
