"""The card of a customer's journeys."""

from typing import Any

from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.models import RunState
from troth.console.customers.page import CustomerCard, register
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest

from . import outcomes
from .detail_views import step_label, steps_of

SHOWN = 6


def card(_request: ConsoleRequest, shown: Profile) -> dict[str, Any] | None:
    """Return where the customer is in which journeys; nothing for who was never in one."""
    runs = list(journeys.runs_of(shown.customer.id)[: SHOWN + 1])
    if not runs:
        return None
    runs.sort(key=lambda run: run.state not in (RunState.ACTIVE, RunState.STUCK))
    return {"runs": [_drawn(run) for run in runs[:SHOWN]], "has_more": len(runs) > SHOWN}


def _drawn(run: Any) -> dict[str, Any]:
    document = journeys.document_of(run.version)
    steps = steps_of(document)
    return {
        "run": run,
        "is_stuck": run.state == RunState.STUCK,
        "is_here": run.state in (RunState.ACTIVE, RunState.STUCK),
        "step": step_label(steps[run.step]) if run.step in steps else run.step,
        "end": outcomes.end(run, document),
        "state": outcomes.state(run),
    }


register(CustomerCard("console/journeys/customer_card.html", Permission.JOURNEYS_VIEW, card, 30))
