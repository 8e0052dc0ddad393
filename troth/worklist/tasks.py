"""Background work of the worklist."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from .models import Touch, VisitPlan
from .planning import run_plan
from .plans import PLAN

ACTOR = system_actor("worklist")


def _planned_text(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result[name]:,}" for name in (Touch.HIGH.value, Touch.LOW.value, Touch.TECH.value)}
    return [
        gettext("Return visits planned: %(high)s calls, %(low)s messages, %(tech)s invitations to self-service.")
        % figures
    ]


@handler(PLAN, label=_("Plan return visits"), result_text=_planned_text)
def plan_visits(context: JobContext) -> dict[str, Any]:
    """Run every plan that is switched on, or the one that was asked for; run again, it plans nobody twice."""
    counts = {touch.value: 0 for touch in (Touch.HIGH, Touch.LOW, Touch.TECH)}
    plans = list(VisitPlan.objects.filter(is_active=True).order_by("code"))
    if wanted := context.payload.get("plan"):
        plans = [plan for plan in plans if plan.code == wanted]
    for place, plan in enumerate(plans):
        context.progress(place, len(plans), note=str(plan))
        found = run_plan(plan.id, actor=ACTOR, now=staff.moment(clock.utc_now()))
        counts = {touch: number + found[touch] for touch, number in counts.items()}
    return counts
