"""Making tasks, many at once, each once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.customers.errors import CustomerErasedError
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit.ids import new_id
from troth.staff import queries as staff

from .errors import TaskRefusedError
from .kinds import Kind, kinds_by_code
from .models import COMPANY_OWNER, ActKind, Task, TaskAct, Team
from .scripts import script_codes

MOST_FACTS = 8_000
"""Characters of the facts of a task, as JSON."""

MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """A task to be made. key: names it, so that the same is made once; see `models.Task` for the rest.

    kind, team, script: codes, the kind's own where empty; assignee_id: the member of staff whose it is from the start;
    due_at: None for as soon as the kind says; facts: JSON values for the call script.
    """

    key: str
    kind: str
    title: str
    customer_id: UUID | None = None
    team: str = ""
    assignee_id: UUID | None = None
    due_at: datetime | None = None
    script: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What drafts may name."""

    kinds: Mapping[str, Kind]
    teams: Mapping[str, int]
    scripts: frozenset[str]
    people: frozenset[UUID]
    customers: frozenset[UUID]


@transaction.atomic
def create_task(draft: TaskDraft, *, actor: Actor, now: datetime) -> UUID:
    """Make a task that a person wrote and return its id; one whose key is there already stays as it is.

    Raises:
        TaskRefusedError: it breaks a rule.
        CustomerErasedError: the data of whom it is about were erased.
    """
    customer_id = draft.customer_id
    if customer_id is not None and customer_services.hold_for_words([customer_id]):
        raise CustomerErasedError(customer_id)
    return create_tasks([draft], actor=actor, now=now)[0]


@transaction.atomic
def create_tasks(drafts: Sequence[TaskDraft], *, actor: Actor, now: datetime) -> list[UUID]:
    """Make tasks and return their ids in the order of the drafts; one whose key is there already stays as it is.

    An assignee who has left is no hindrance: the task then waits for the team.

    Raises:
        TaskRefusedError: a draft breaks a rule; none of them was made.
    """
    if len(drafts) > MOST_AT_ONCE:
        raise TaskRefusedError(_("Make at most %d tasks at once.") % MOST_AT_ONCE, field="drafts", value=len(drafts))
    known = _known(drafts)
    for draft in drafts:
        _check(draft, known)
    rows: dict[tuple[UUID, str], Task] = {}
    for draft in drafts:
        rows.setdefault((draft.customer_id or COMPANY_OWNER, draft.key), _row(draft, known, actor, now))
    Task.objects.bulk_create(rows.values(), ignore_conflicts=True, batch_size=500)
    stored = _ids(rows)
    made = [row for name, row in rows.items() if stored[name] == row.id]
    note_acts(made, ActKind.CREATED, actor=actor, now=now)
    news = [NewEvent("worklist.task.created", row.customer_id, event_data(row)) for row in made]
    events.append_many(news, actor=actor, now=now)
    return [stored[draft.customer_id or COMPANY_OWNER, draft.key] for draft in drafts]


def event_data(task: Task) -> dict[str, Any]:
    """Return what every event of a task carries."""
    return {"task": str(task.id), "kind": task.task_kind, "source": task.source}


def note_acts(tasks: Iterable[Task], act: str, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Keep one act of each of the tasks."""
    TaskAct.objects.bulk_create(
        [
            TaskAct(
                id=new_id(),
                owner_id=task.owner_id,
                task_id=task.id,
                act=act,
                task_kind=task.task_kind,
                actor=actor.code,
                occurred_at=now,
                **values,
            )
            for task in tasks
        ],
        batch_size=500,
    )


def _ids(names: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    wanted = set(names)
    owners, keys = {owner for owner, _key in wanted}, {key for _owner, key in wanted}
    found = Task.objects.filter(owner_id__among=owners, key__among=keys).values_list("owner_id", "key", "id")
    return {(owner, key): task_id for owner, key, task_id in found if (owner, key) in wanted}


def _known(drafts: Sequence[TaskDraft]) -> _Known:
    kinds = kinds_by_code(draft.kind for draft in drafts)
    codes = {draft.team for draft in drafts} | {kind.team for kind in kinds.values()}
    scripts = {draft.script for draft in drafts} - {""}
    people = {draft.assignee_id for draft in drafts if draft.assignee_id}
    return _Known(
        kinds=kinds,
        teams=dict(Team.objects.filter(code__in=codes).values_list("code", "id")),
        scripts=script_codes(scripts),
        people=frozenset(
            staff.people().filter(id__in=people, left_date=None).values_list("id", flat=True) if people else ()
        ),
        customers=frozenset(customers.canonical_ids(draft.customer_id for draft in drafts if draft.customer_id)),
    )


def _check(draft: TaskDraft, known: _Known) -> None:
    if not 1 <= len(draft.key) <= 160:
        raise _refusal("key", draft.key, _("write 1 to 160 characters"))
    if not 1 <= len(draft.title.strip()) <= 200:
        raise _refusal("title", draft.title, _("write 1 to 200 characters"))
    if draft.kind not in known.kinds:
        raise _refusal("kind", draft.kind, _("there is no such kind of task"))
    if draft.team and draft.team not in known.teams:
        raise _refusal("team", draft.team, _("there is no such team"))
    if draft.script and draft.script not in known.scripts:
        raise _refusal("script", draft.script, _("there is no such call script"))
    if draft.customer_id and draft.customer_id not in known.customers:
        raise _refusal("customer_id", draft.customer_id, _("there is no such customer"))
    if draft.priority is not None and not 0 <= draft.priority <= 100:
        raise _refusal("priority", draft.priority, _("write 0 to 100"))
    if len(draft.source) > 120:
        raise _refusal("source", draft.source, _("write at most 120 characters"))
    if len(str(draft.facts)) > MOST_FACTS:
        raise _refusal("facts", "…", _("write at most %d characters") % MOST_FACTS)


def _refusal(name: str, value: object, limit: str) -> TaskRefusedError:
    text = _("%(field)s: “%(value)s” does not fit: %(limit)s.")
    return TaskRefusedError(text % {"field": name, "value": value, "limit": limit}, field=name, value=str(value))


def _row(draft: TaskDraft, known: _Known, actor: Actor, now: datetime) -> Task:
    kind = known.kinds[draft.kind]
    assignee_id = draft.assignee_id if draft.assignee_id in known.people else None
    return Task(
        id=new_id(),
        owner_id=draft.customer_id or COMPANY_OWNER,
        key=draft.key,
        task_kind=draft.kind,
        title=" ".join(draft.title.split()),
        team_id=known.teams.get(draft.team or kind.team),
        assignee_id=assignee_id,
        taken_at=now if assignee_id else None,
        priority=kind.priority if draft.priority is None else draft.priority,
        due_at=draft.due_at or now + timedelta(hours=kind.due_hours),
        script=draft.script or kind.script,
        facts=dict(draft.facts),
        source=draft.source,
        created_at=now,
        created_by=actor.code,
        updated_at=now,
    )
