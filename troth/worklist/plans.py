"""Plans of return visits: kept here, run in `planning`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.insights.models import Band
from troth.jobs import services as jobs
from troth.jobs.models import Job
from troth.kit import clock
from troth.segments import queries as segments
from troth.staff import queries as staff

from . import touches
from .errors import PlanRefusedError
from .models import Moment, Team, Touch, VisitPlan
from .scripts import script_codes

PLAN = "worklist.plan_visits"
MORNING_HOUR = 7
MOST_DAYS = 730

BY_VALUE: Mapping[str, str] = {
    Band.DIAMOND: Touch.HIGH,
    Band.GOLD: Touch.HIGH,
    Band.SILVER: Touch.LOW,
    Band.ORDINARY: Touch.TECH,
    Band.NEW: Touch.LOW,
    Band.INACTIVE: Touch.TECH,
    "": Touch.LOW,
}
"""What each value band gets unless the company says otherwise; "" has no band yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFields:
    """What a plan says; see `models.VisitPlan`. team: code."""

    code: str
    name: str
    name_zh: str = ""
    moment: str = Moment.ORDER
    days_after: int = 7
    segment_id: UUID | None = None
    touches: Mapping[str, str] = field(default_factory=lambda: dict(BY_VALUE))
    team: str = ""
    is_by_owner: bool = True
    script: str = "return_visit"
    template: str = ""
    priority: int = 50
    most_a_day: int = 0
    rest_days: int = 14
    is_active: bool = False


@transaction.atomic
def save_plan(fields: PlanFields, *, actor: Actor, now: datetime, begins: date | None = None) -> VisitPlan:
    """Add a plan or change the one of this code; switched on, it begins with today and plans nothing of the past.

    begins: the first day that is planned once it is switched on; left out: the company's today.

    Raises:
        PlanRefusedError: a field breaks its rule.
        SegmentNotFoundError: no such segment.
    """
    _check(fields)
    if fields.segment_id:
        segments.segment(fields.segment_id)
    team = Team.objects.filter(code=fields.team).first() if fields.team else None
    plan = VisitPlan.objects.select_for_update().filter(code=fields.code).first()
    if fields.template and (plan is None or plan.template != fields.template):
        _check_template(fields.template, actor, now)
    if plan is None:
        plan = VisitPlan(code=fields.code, created_at=now, created_by=actor.code)
    if fields.is_active and not plan.is_active:
        plan.planned_until_date = (begins or staff.company().today(now)) - timedelta(days=1)
    for name in (
        "name", "name_zh", "moment", "days_after", "segment_id", "is_by_owner", "script", "template", "priority",
        "most_a_day", "rest_days", "is_active",
    ):  # fmt: skip
        setattr(plan, name, getattr(fields, name))
    plan.touches, plan.team, plan.updated_at = dict(fields.touches), team, now
    plan.save()
    events.append("worklist.plan.saved", actor=actor, now=now, data={"plan": plan.code})
    if plan.is_active:
        schedule_planning(now)
    return plan


def fields_of(plan: VisitPlan) -> PlanFields:
    """Return what a plan says."""
    return PlanFields(
        code=plan.code,
        name=plan.name,
        name_zh=plan.name_zh,
        moment=plan.moment,
        days_after=plan.days_after,
        segment_id=plan.segment_id,
        touches=dict(plan.touches),
        team=plan.team.code if plan.team else "",
        is_by_owner=plan.is_by_owner,
        script=plan.script,
        template=plan.template,
        priority=plan.priority,
        most_a_day=plan.most_a_day,
        rest_days=plan.rest_days,
        is_active=plan.is_active,
    )


def schedule_planning(now: datetime) -> None:
    """Have return visits planned every morning of the company's day from tomorrow on."""
    zone = staff.company().time_zone
    tomorrow = clock.business_date(now, zone) + timedelta(days=1)
    morning = clock.day_start(tomorrow, zone) + timedelta(hours=MORNING_HOUR)
    jobs.schedule(PLAN, every=timedelta(days=1), first_at=morning)


def plan_now(code: str, *, actor: Actor, now: datetime) -> Job:
    """Have a plan that is switched on planned at once, as every morning; nobody is planned twice.

    Raises:
        PlanRefusedError: there is no such plan, or it is switched off.
        JobAlreadyActiveError: plans are being run already.
    """
    plan = VisitPlan.objects.filter(code=code).first()
    if plan is None or not plan.is_active:
        raise _refusal("code", code, _("there is no such plan that is switched on"))
    return jobs.enqueue(PLAN, actor=actor, now=now, payload={"plan": plan.code}, unique_key=plan.code)


def _check_template(code: str, actor: Actor, now: datetime) -> None:
    touches.prepare(code, actor=actor, now=now)
    if code not in touches.texts():
        limit = _("no text about service in use is called that, or it asks for facts that a plan does not know")
        raise _refusal("template", code[:80], limit)


def _check(fields: PlanFields) -> None:
    if slugify(fields.code) != fields.code.lower() or not 1 <= len(fields.code) <= 40:
        raise _refusal("code", fields.code, _("write 1 to 40 letters, digits, hyphens or underscores"))
    if not 1 <= len(fields.name.strip()) <= 80 or len(fields.name_zh) > 80:
        raise _refusal("name", fields.name, _("write 1 to 80 characters"))
    if fields.moment not in Moment.values:
        raise _refusal("moment", fields.moment, ", ".join(Moment.values))
    if not 0 <= fields.days_after <= MOST_DAYS or not 0 <= fields.rest_days <= MOST_DAYS:
        raise _refusal("days_after", fields.days_after, _("write 0 to %d days") % MOST_DAYS)
    if not 0 <= fields.priority <= 100 or not 0 <= fields.most_a_day <= 100_000:
        raise _refusal("priority", fields.priority, _("write 0 to 100"))
    if set(fields.touches) - BY_VALUE.keys() or set(fields.touches.values()) - set(Touch.values):
        raise _refusal("touches", dict(fields.touches), ", ".join(Touch.values))
    if fields.team and not Team.objects.filter(code=fields.team).exists():
        raise _refusal("team", fields.team, _("there is no such team"))
    if fields.script and fields.script not in script_codes({fields.script}):
        raise _refusal("script", fields.script, _("there is no such call script"))


def _refusal(name: str, value: object, limit: str) -> PlanRefusedError:
    text = _("%(field)s: “%(value)s” does not fit: %(limit)s.")
    return PlanRefusedError(text % {"field": name, "value": value, "limit": limit}, field=name, value=str(value))
