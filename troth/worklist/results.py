"""How much work people have, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncDate

from troth.staff import queries as staff
from troth.staff.models import StaffMember

from .models import ActKind, Effect, Task, TaskAct, TaskState


@dataclass(frozen=True, slots=True)
class Workload:
    """What somebody has to do: member None for what nobody has taken. to_come: put off, or due later than now."""

    member: StaffMember | None
    open: int
    overdue: int
    to_come: int


@dataclass(frozen=True, slots=True)
class PersonResults:
    """What somebody did in a period. attempts: tries without an end; hours: from taking to the end, on average."""

    member: StaffMember | None
    done: int = 0
    failed: int = 0
    attempts: int = 0
    on_time: int = 0
    hours: float | None = None

    @property
    def closed(self) -> int:
        """Return how many tasks were ended."""
        return self.done + self.failed

    @property
    def success(self) -> float | None:
        """Return the share of the ended ones that went well, None where none was ended."""
        return self.done / self.closed if self.closed else None

    @property
    def punctuality(self) -> float | None:
        """Return the share of the ended ones that were ended by their time, None where none was ended."""
        return self.on_time / self.closed if self.closed else None


@dataclass(frozen=True, slots=True)
class Results:
    """What was done in a period: per person, per outcome (kind, outcome code, count), per day (done, failed)."""

    people: list[PersonResults] = field(default_factory=list)
    outcomes: list[tuple[str, str, int]] = field(default_factory=list)
    days: list[tuple[date, int, int]] = field(default_factory=list)

    @property
    def total(self) -> PersonResults:
        """Return the sum over everybody."""
        timed = [(one.hours, one.closed) for one in self.people if one.hours is not None]
        weight = sum(count for _hours, count in timed)
        return PersonResults(
            None,
            sum(one.done for one in self.people),
            sum(one.failed for one in self.people),
            sum(one.attempts for one in self.people),
            sum(one.on_time for one in self.people),
            sum(hours * count for hours, count in timed) / weight if weight else None,
        )


def workload(now: datetime, *, team: str = "") -> list[Workload]:
    """Return what everybody has to do, who has most first; what nobody has taken comes first of all."""
    rows = Task.objects.filter(state=TaskState.OPEN)
    if team:
        rows = rows.filter(team__code=team)
    is_later = Q(hidden_until__gt=now)
    counted = (
        rows.order_by()
        .values("assignee_id")
        .annotate(
            open=Count("id"),
            overdue=Count("id", filter=Q(due_at__lt=now) & (Q(hidden_until=None) | ~is_later)),
            to_come=Count("id", filter=is_later | Q(due_at__gt=now)),
        )
    )
    found = {row["assignee_id"]: (row["open"], row["overdue"], row["to_come"]) for row in counted}
    people = _people(found)
    loads = [Workload(people.get(one) if one else None, *numbers) for one, numbers in found.items()]
    return sorted(loads, key=lambda one: (one.member is not None, -one.open, str(one.member)))


def results(since: datetime, until: datetime, *, zone: str, team: str = "", kind: str = "") -> Results:
    """Return what was done from `since` to before `until`; days are those of the zone."""
    acts = TaskAct.objects.filter(occurred_at__gte=since, occurred_at__lt=until)
    ended = Task.objects.filter(state=TaskState.DONE, completed_at__gte=since, completed_at__lt=until)
    if kind:
        acts, ended = acts.filter(task_kind=kind), ended.filter(task_kind=kind)
    if team:
        acts = acts.filter(task_id__in=Task.objects.filter(team__code=team).values("id"))
        ended = ended.filter(team__code=team)
    tried = dict(acts.filter(act=ActKind.ATTEMPTED).order_by().values_list("member_id").annotate(Count("id")))
    closing = acts.filter(act=ActKind.COMPLETED, task_id__in=ended.values("id")).order_by()
    effects: dict[UUID | None, dict[str, int]] = {}
    for member_id, effect, count in closing.values_list("member_id", "effect").annotate(Count("id")):
        effects.setdefault(member_id, {})[effect] = count
    times = _times(ended)
    known = effects.keys() | tried.keys()
    people = _people(dict.fromkeys(known, ()))
    found = [
        PersonResults(
            people.get(one) if one else None,
            effects.get(one, {}).get(Effect.DONE, 0),
            effects.get(one, {}).get(Effect.FAILED, 0),
            tried.get(one, 0),
            *times.get(one, (0, None)),
        )
        for one in known
    ]
    outcomes = closing.values_list("task_kind", "outcome").annotate(count=Count("id")).order_by("-count", "outcome")
    return Results(
        sorted(found, key=lambda one: (-one.closed, -one.attempts, str(one.member))),
        [(task_kind, outcome, count) for task_kind, outcome, count in outcomes],
        _days(closing, zone),
    )


def _times(ended: "QuerySet[Task]") -> dict[UUID | None, tuple[int, float | None]]:
    took = ExpressionWrapper(F("completed_at") - F("taken_at"), output_field=DurationField())
    rows = (
        ended.order_by()
        .values("completed_by")
        .annotate(on_time=Count("id", filter=Q(due_at=None) | Q(completed_at__lte=F("due_at"))), span=Avg(took))
    )
    return {
        row["completed_by"]: (row["on_time"], row["span"].total_seconds() / 3600 if row["span"] is not None else None)
        for row in rows
    }


def _days(closing: "QuerySet[TaskAct]", zone: str) -> list[tuple[date, int, int]]:
    rows = (
        closing.values(day=TruncDate("occurred_at", tzinfo=ZoneInfo(zone)))
        .annotate(done=Count("id", filter=Q(effect=Effect.DONE)), failed=Count("id", filter=Q(effect=Effect.FAILED)))
        .order_by("day")
    )
    return [(row["day"], row["done"], row["failed"]) for row in rows]


def _people(ids: Iterable[UUID | None]) -> dict[UUID, StaffMember]:
    return staff.people().in_bulk([one for one in ids if one])
