"""Reading tasks: lists, counts, one task's history. Import: `from troth.worklist import queries as worklist`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.insights import queries as insights
from troth.staff.models import StaffMember

from .errors import TaskNotFoundError
from .feeds import feed_of, feed_tasks
from .filling import FACTS, Filled, facts_of, fill, fill_text, unknown_facts
from .ical import calendar_of
from .kinds import Kind, NoteField, Outcome, all_kinds, kind_of, kinds_by_code
from .models import CallScript, Task, TaskAct, TaskState, Team, VisitPlan
from .results import PersonResults, Results, Workload, results, workload
from .scripts import STARTERS as OUR_SCRIPTS
from .scripts import StarterScript, starter, text_of
from .working import member_of

__all__ = [
    "FACTS",
    "OUR_SCRIPTS",
    "Counts",
    "Filled",
    "Kind",
    "NoteField",
    "Outcome",
    "PersonResults",
    "Results",
    "StarterScript",
    "TaskFilter",
    "Workload",
    "acts_of",
    "all_kinds",
    "bands_of",
    "calendar_of",
    "counts",
    "effect_of",
    "ended_for",
    "facts_of",
    "feed_of",
    "feed_tasks",
    "fill",
    "fill_text",
    "kind_of",
    "kinds_by_code",
    "member_of",
    "of_customer",
    "plans",
    "reminders_due",
    "results",
    "script_or_none",
    "scripts",
    "starter",
    "task",
    "tasks",
    "teams",
    "text_of",
    "unknown_facts",
    "workload",
]

URGENT_FIRST = ("-priority", F("due_at").asc(nulls_last=True), "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """What narrows a list of tasks; every field that is set does.

    mine: tasks of the actor; team: code, "mine" for those of the actor's teams that nobody has; state: code, "due" for
    open ones to be done now, "overdue", "later" for those put off, "open" for all open ones, "" for all.
    """

    mine: bool = False
    team: str = ""
    state: str = "due"
    kind: str = ""
    assignee_id: UUID | None = None
    is_unassigned: bool = False
    customer_ids: tuple[UUID, ...] = ()
    source: str = ""
    done_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits for somebody: to be done now, of that late, put off, waiting for anybody of the teams."""

    due: int
    overdue: int
    later: int
    team: int


def tasks(wanted: TaskFilter, *, actor: Actor, now: datetime) -> "QuerySet[Task]":
    """Return the tasks that are wanted: open ones by urgency, others newest first."""
    rows = Task.objects.select_related("team", "assignee").filter(_state(wanted.state, now))
    member = member_of(actor) if wanted.mine or wanted.team == "mine" else None
    if wanted.mine:
        rows = rows.filter(assignee=member) if member else rows.none()
    if wanted.team == "mine":
        rows = rows.filter(team__places__member=member, assignee=None) if member else rows.none()
    elif wanted.team:
        rows = rows.filter(team__code=wanted.team)
    if wanted.kind:
        rows = rows.filter(task_kind=wanted.kind)
    if wanted.assignee_id:
        rows = rows.filter(assignee_id=wanted.assignee_id)
    if wanted.is_unassigned:
        rows = rows.filter(assignee=None)
    if wanted.customer_ids:
        rows = rows.filter(owner_id__in=wanted.customer_ids)
    if wanted.source:
        rows = rows.filter(source=wanted.source)
    if wanted.done_since:
        rows = rows.filter(completed_at__gte=wanted.done_since)
    is_open = wanted.state in {"due", "overdue", "later", TaskState.OPEN}
    return rows.order_by(*URGENT_FIRST) if is_open else rows.order_by("-updated_at", "-id")


def counts(actor: Actor, now: datetime) -> Counts:
    """Return how much waits for the actor; nothing for who is no member of staff."""
    member = member_of(actor)
    if member is None:
        return Counts(0, 0, 0, 0)
    mine = Task.objects.filter(assignee=member, state=TaskState.OPEN).aggregate(
        due=Count("id", filter=_state("due", now)),
        overdue=Count("id", filter=_state("overdue", now)),
        later=Count("id", filter=_state("later", now)),
    )
    waiting = Task.objects.filter(_state("due", now), team__places__member=member, assignee=None).count()
    return Counts(mine["due"], mine["overdue"], mine["later"], waiting)


def task(task_id: UUID) -> Task:
    """Return one task.

    Raises:
        TaskNotFoundError: no such task.
    """
    found = Task.objects.select_related("team", "assignee").filter(id=task_id).first()
    if found is None:
        raise TaskNotFoundError(task_id)
    return found


def ended_for(source: str, *, key: str) -> Task | None:
    """Return the closed task of this key that was made for a source; None while it is open, or there is none."""
    return Task.objects.filter(source=source, key=key).exclude(state=TaskState.OPEN).first()


def effect_of(found: Task) -> str:
    """Return what the outcome of a task did with it, "" before there is one."""
    outcome = kind_of(found.task_kind).outcome(found.outcome)
    return outcome.effect if outcome else ""


def acts_of(task_id: UUID) -> "QuerySet[TaskAct]":
    """Return what was done with a task, newest first."""
    return TaskAct.objects.filter(task_id=task_id).order_by("-occurred_at", "-id")


def of_customer(customer_id: UUID) -> "QuerySet[Task]":
    """Return every task about a customer, under any of their records: open ones first, then the newest."""
    rows = Task.objects.select_related("team", "assignee").filter(owner_id__in=customers.record_ids(customer_id))
    return rows.order_by(F("completed_at").desc(nulls_first=True), "-created_at", "-id")


def bands_of(customer_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return the value band of these canonical customers, as code and in words; who has no score is left out."""
    scores = insights.scores(customer_ids)
    return {owner_id: (score.band, score.get_band_display()) for owner_id, score in scores.items()}


def reminders_due(member: StaffMember, now: datetime, *, within: timedelta = timedelta(minutes=15)) -> list[Task]:
    """Return the member's tasks whose reminder has come, or comes within a quarter of an hour."""
    rows = Task.objects.filter(assignee=member, state=TaskState.OPEN, remind_at__lte=now + within)
    return list(rows.order_by("remind_at", "id")[:20])


def teams(*, is_active: bool | None = True) -> "QuerySet[Team]":
    """Return teams by name with how many people each has; None for those out of use too."""
    rows = Team.objects.annotate(
        people=Count("places", filter=Q(places__member__left_date=None), distinct=True)
    ).order_by("name", "code")
    return rows if is_active is None else rows.filter(is_active=is_active)


def scripts() -> "QuerySet[CallScript]":
    """Return the company's scripts in use, by name."""
    return CallScript.objects.filter(archived_at=None).order_by("name", "code")


def script_or_none(code: str) -> CallScript | None:
    """Return the company's script of the code, also one out of use."""
    return CallScript.objects.filter(code=code).first()


def plans() -> "QuerySet[VisitPlan]":
    """Return the plans of return visits, those that run first."""
    return VisitPlan.objects.select_related("segment", "team").order_by("-is_active", "name", "code")


def _state(state: str, now: datetime) -> Q:
    is_open = Q(state=TaskState.OPEN)
    is_now = Q(hidden_until=None) | Q(hidden_until__lte=now)
    return {
        "": Q(),
        "due": is_open & is_now,
        "overdue": is_open & is_now & Q(due_at__lt=now),
        "later": is_open & Q(hidden_until__gt=now),
        "closed": ~is_open,
    }.get(state, Q(state=state))
