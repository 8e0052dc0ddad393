"""Running plans of return visits: who is due, who calls, who gets a message, who is left in peace."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, ConsentPurpose, IdentityKind
from troth.customers.queries import Contactable
from troth.events import services as events
from troth.insights import queries as insights
from troth.insights.models import CustomerScore
from troth.segments import queries as segments
from troth.staff import queries as staff

from .making import TaskDraft, create_tasks
from .models import Moment, Task, TaskState, Touch, VisitPlan
from .touches import Reach, reached_since, write_to

KIND = "return_visit"
CATCH_UP_DAYS = 3
"""A worker that stood still plans late what fell into so many days; older visits would come too late to please."""

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody whose return visit it is time for. touch: what they get; why_not: a code where that is nothing."""

    customer_id: UUID
    touch: str
    band: str
    owner_id: UUID | None
    why_not: str = ""


def run_plan(plan_id: int, *, actor: Actor, now: datetime, until: date | None = None) -> dict[str, int]:
    """Plan every day of a plan that is not planned yet, up to `until`, and return how many are reached how.

    Run again, or twice at once, it plans nobody twice: tasks and messages are named by plan, customer and day.

    Args:
        until: the last day to be planned; left out: the company's today.
    """
    counts = {Touch.HIGH.value: 0, Touch.LOW.value: 0, Touch.TECH.value: 0}
    last = until or staff.company().today(now)
    while (found := _plan_next(plan_id, last, actor, now)) is not None:
        counts = {touch: number + found[touch] for touch, number in counts.items()}
    return counts


@transaction.atomic
def _plan_next(plan_id: int, today: date, actor: Actor, now: datetime) -> dict[str, int] | None:
    """Plan the first day that is not planned yet; None if there is none. Of two at once the second waits, and sees."""
    VisitPlan.objects.select_for_update().get(id=plan_id)
    plan = VisitPlan.objects.select_related("team").get(id=plan_id)
    done = plan.planned_until_date or today - timedelta(days=1)
    day = max(done + timedelta(days=1), today - timedelta(days=CATCH_UP_DAYS))
    if day > today:
        return None
    found = _plan_day(plan, day, actor, now)
    VisitPlan.objects.filter(id=plan.id).update(planned_until_date=day)
    return found


def due_on(plan: VisitPlan, day: date, *, now: datetime) -> list[Due]:
    """Return whose return visit a plan would make on a day, the most valuable first, and what each would get."""
    ids = _meant(plan, day - timedelta(days=plan.days_after))
    people = customers.contactables(ids, purposes=[ConsentPurpose.SERVICE], kinds=[IdentityKind.PHONE])
    scores = insights.scores(ids)
    rested = _visited_since(ids, now - timedelta(days=plan.rest_days)) if plan.rest_days else set()
    ranked = sorted(people, key=lambda one: (-_revenue(scores.get(one)), one))
    found = [_due(plan, one, people[one], scores.get(one), is_rested=one in rested) for one in ranked]
    return _within_limit(plan, found)


def _plan_day(plan: VisitPlan, day: date, actor: Actor, now: datetime) -> dict[str, int]:
    found = due_on(plan, day, now=now)
    source = f"plan:{plan.code}"
    calls = [one for one in found if one.touch == Touch.HIGH]
    for start in range(0, len(calls), BATCH):
        drafts = [_draft(plan, one, day, source) for one in calls[start : start + BATCH]]
        create_tasks(drafts, actor=actor, now=now)
    reached = {Touch.LOW: 0, Touch.TECH: 0}
    for touch in reached:
        some = [
            Reach(f"{source}:{day.isoformat()}", one.customer_id, touch, plan.template, source)
            for one in found
            if one.touch == touch
        ]
        reached[touch] = write_to(some, actor=actor, now=now) if plan.template else 0
    counts = {"calls": len(calls), "messages": reached[Touch.LOW], "self_service": reached[Touch.TECH]}
    if any(counts.values()):
        events.append("worklist.plan.run", actor=actor, now=now, data={"plan": plan.code} | counts)
    return {Touch.HIGH: len(calls), Touch.LOW: reached[Touch.LOW], Touch.TECH: reached[Touch.TECH]}


def _draft(plan: VisitPlan, one: Due, day: date, source: str) -> TaskDraft:
    return TaskDraft(
        key=f"{source}:{day.isoformat()}",
        kind=KIND,
        title=_("Return visit: %(plan)s") % {"plan": plan},
        customer_id=one.customer_id,
        team=plan.team.code if plan.team else "",
        assignee_id=one.owner_id if plan.is_by_owner else None,
        script=plan.script,
        facts={"plan": plan.code, "days": plan.days_after},
        source=source,
        priority=plan.priority,
    )


def _due(plan: VisitPlan, customer_id: UUID, who: Contactable, score: CustomerScore | None, *, is_rested: bool) -> Due:
    band = score.band if score else ""
    touch = plan.touches.get(band, Touch.NONE)
    why_not = ""
    if who.is_erased:
        why_not = "erased"
    elif is_rested:
        why_not = "visited"
    elif touch == Touch.HIGH and _refuses_calls(who):
        why_not = "no_calls"
    elif touch == Touch.NONE:
        why_not = "band"
    return Due(customer_id, Touch.NONE if why_not else touch, band, who.staff_owner_id, why_not)


def _refuses_calls(who: Contactable) -> bool:
    keys = [(ConsentPurpose.SERVICE, ConsentChannel.PHONE), (ConsentPurpose.SERVICE, ConsentChannel.ANY)]
    said = [who.consents[key] for key in keys if key in who.consents]
    return bool(said) and not max(said, key=lambda act: act.occurred_at).is_given


def _within_limit(plan: VisitPlan, found: Sequence[Due]) -> list[Due]:
    """Who is beyond the day's limit of calls gets a message."""
    kept, calls = [], 0
    for one in found:
        is_call = one.touch == Touch.HIGH
        calls += is_call
        if is_call and plan.most_a_day and calls > plan.most_a_day:
            one = Due(one.customer_id, Touch.LOW, one.band, one.owner_id)  # noqa: PLW2901  the same one, reached otherwise
        kept.append(one)
    return kept


def _meant(plan: VisitPlan, day: date) -> list[UUID]:
    """Return the canonical customers whose moment was on the day, of the segment only if the plan names one."""
    found = set(customers.canonical_ids(_CANDIDATES[plan.moment](day)).values())
    if plan.segment_id and found:
        found &= set(segments.member_ids(plan.segment_id).filter(owner_id__among=found))
    return sorted(found)


def _bought_on(day: date) -> Iterable[UUID]:
    return activity.orders().filter(order_date=day).order_by().values_list("owner_id", flat=True).distinct()


def _first_bought_on(day: date) -> Iterable[UUID]:
    """Who bought on the day and, under any record, never before."""
    return _without_other_orders(_bought_on(day), order_date__lt=day)


def _silent_since(day: date) -> Iterable[UUID]:
    """Whose last order was on the day: nothing came after it, under any record."""
    return _without_other_orders(_bought_on(day), order_date__gt=day)


def _without_other_orders(ids: Iterable[UUID], **others: date) -> list[UUID]:
    groups = customers.record_groups(ids)
    records = {record for group in groups.values() for record in group}
    if not records:
        return []
    rows = activity.orders().filter(owner_id__among=records, **others).order_by()
    known = set(rows.values_list("owner_id", flat=True).distinct())
    return [group[0] for group in groups.values() if not known & set(group)]


_CANDIDATES: Mapping[str, Callable[[date], Iterable[UUID]]] = {
    Moment.ORDER: _bought_on,
    Moment.FIRST_ORDER: _first_bought_on,
    Moment.SILENCE: _silent_since,
}


def _visited_since(ids: Collection[UUID], since: datetime) -> set[UUID]:
    """Return who has a return visit waiting, or had one since, by a call or by a message."""
    groups = customers.record_groups(ids)
    owners = {record: group[0] for group in groups.values() for record in group}
    if not owners:
        return set()
    rows = Task.objects.filter(owner_id__among=set(owners), task_kind=KIND, updated_at__gte=since)
    waiting = Task.objects.filter(owner_id__among=set(owners), task_kind=KIND, state=TaskState.OPEN)
    found = [*rows.values_list("owner_id", flat=True), *waiting.values_list("owner_id", flat=True)]
    found += reached_since(set(owners), since)
    return {owners[one] for one in found}


def _revenue(score: CustomerScore | None) -> Decimal:
    return score.revenue if score else Decimal(0)
