"""Tasks for people: list them, make them, take them, say how they went."""

from typing import Annotated
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.staff import queries as staff
from troth.worklist import queries
from troth.worklist import services as worklist
from troth.worklist.models import Task, TaskState
from troth.worklist.queries import TaskFilter

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from .task_schemas import (
    CompleteIn,
    PutOffIn,
    StaffCode,
    TakeIn,
    TaskCode,
    TaskIn,
    TaskNoteIn,
    TaskOut,
    TaskPage,
)

router = Router(tags=["Tasks"])


class TaskListFilter(BaseModel):
    """Which tasks."""

    state: TaskState | None = Field(None, description="In this state; left out: in any.")
    kind: TaskCode | None = Field(None, description="Of this kind.")
    team: TaskCode | None = Field(None, description="Of this team.")
    assignee: StaffCode | None = Field(None, description="Of the member of staff with this number.")
    customer_id: UUID | None = Field(None, description="About this customer, under any of their records.")


@reads(router, "/tasks", scope=Permission.TASKS_VIEW, response=TaskPage)
def list_tasks(request: ApiRequest, which: Annotated[TaskListFilter, Query(...)], paging: PagingQuery) -> TaskPage:
    """List tasks, the newest first."""
    wanted = TaskFilter(
        state=which.state or "",
        kind=which.kind or "",
        team=which.team or "",
        assignee_id=staff.member(which.assignee).id if which.assignee else None,
        customer_ids=tuple(customers.record_ids(which.customer_id)) if which.customer_id else (),
    )
    rows, cursor = page(queries.tasks(wanted, actor=request.auth, now=staff.moment(request.now)), paging, keys=("-id",))
    return TaskPage(items=[_shown(row, request.auth) for row in rows], next_cursor=cursor)


@reads(router, "/tasks/{task_id}", scope=Permission.TASKS_VIEW, response=TaskOut)
def get_task(request: ApiRequest, task_id: Path[UUID]) -> TaskOut:
    """Get a task."""
    return _shown(queries.task(task_id), request.auth)


@writes(router, "POST", "/tasks", scope=Permission.TASKS_WORK, response=TaskOut, status=201)
def create_task(request: ApiRequest, task: TaskIn) -> TaskOut:
    """Make a task; under a key that is there already, get the task that is there."""
    draft = worklist.TaskDraft(
        key=f"api:{task.key}",
        kind=task.kind,
        title=task.title,
        customer_id=task.customer_id,
        team=task.team or "",
        assignee_id=staff.member(task.assignee).id if task.assignee else None,
        due_at=task.due_at,
        script=task.script or "",
        facts=task.facts,
        source="api",
        priority=task.priority,
    )
    task_id = worklist.create_task(draft, actor=request.auth, now=staff.moment(request.now))
    return _shown(queries.task(task_id), request.auth)


@writes(router, "POST", "/tasks/{task_id}/take", scope=Permission.TASKS_WORK, response=TaskOut)
def take_task(request: ApiRequest, task_id: Path[UUID], taken: TakeIn) -> TaskOut:
    """Make a task somebody's. Of two who take it at once one gets it; the other is told whose it is (409)."""
    member = staff.member(taken.member)
    row = worklist.take(task_id, member_id=member.id, actor=request.auth, now=staff.moment(request.now))
    return _shown(row, request.auth)


@writes(router, "POST", "/tasks/{task_id}/complete", scope=Permission.TASKS_WORK, response=TaskOut)
def complete_task(request: ApiRequest, task_id: Path[UUID], done: CompleteIn) -> TaskOut:
    """Say how a task went: it is closed, or stays to be tried again, as the outcome says."""
    row = worklist.complete(
        task_id,
        outcome=done.outcome,
        note=done.note,
        answers=done.answers,
        again_at=done.again_at,
        member_id=staff.member(done.member).id,
        actor=request.auth,
        now=staff.moment(request.now),
    )
    return _shown(row, request.auth)


@writes(router, "POST", "/tasks/{task_id}/give-back", scope=Permission.TASKS_WORK, response=TaskOut)
def give_task_back(request: ApiRequest, task_id: Path[UUID]) -> TaskOut:
    """Give a task back to its team."""
    return _shown(worklist.release(task_id, actor=request.auth, now=staff.moment(request.now)), request.auth)


@writes(router, "POST", "/tasks/{task_id}/put-off", scope=Permission.TASKS_WORK, response=TaskOut)
def put_task_off(request: ApiRequest, task_id: Path[UUID], wanted: PutOffIn) -> TaskOut:
    """Put a task off: until then it is not among those to be done."""
    now = staff.moment(request.now)
    return _shown(worklist.snooze(task_id, until=wanted.until, actor=request.auth, now=now), request.auth)


@writes(router, "POST", "/tasks/{task_id}/notes", scope=Permission.TASKS_WORK, response=TaskOut)
def add_task_note(request: ApiRequest, task_id: Path[UUID], written: TaskNoteIn) -> TaskOut:
    """Write a note beside a task, also a closed one."""
    now = staff.moment(request.now)
    return _shown(worklist.comment(task_id, note=written.note, actor=request.auth, now=now), request.auth)


@writes(router, "POST", "/tasks/{task_id}/cancel", scope=Permission.TASKS_WORK, response=TaskOut)
def cancel_task(request: ApiRequest, task_id: Path[UUID]) -> TaskOut:
    """Cancel a task that is not needed any more."""
    now = staff.moment(request.now)
    return _shown(worklist.cancel(task_id, reason="api", actor=request.auth, now=now), request.auth)


@writes(router, "POST", "/tasks/{task_id}/reopen", scope=Permission.TASKS_WORK, response=TaskOut)
def reopen_task(request: ApiRequest, task_id: Path[UUID]) -> TaskOut:
    """Open a closed task again, for whoever had it."""
    return _shown(worklist.reopen(task_id, actor=request.auth, now=staff.moment(request.now)), request.auth)


def _shown(row: Task, actor: Actor) -> TaskOut:
    may_see = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)  # a title may name a person
    return TaskOut(
        id=row.id,
        key=row.key.removeprefix("api:"),
        kind=row.task_kind,
        title=row.title if may_see else None,
        customer_id=row.customer_id,
        state=TaskState(row.state),
        team=row.team.code if row.team else None,
        assignee=row.assignee.code if row.assignee else None,
        priority=row.priority,
        due_at=row.due_at,
        hidden_until=row.hidden_until,
        attempts=row.attempts,
        outcome=row.outcome,
        source=row.source,
        created_at=row.created_at,
        completed_at=row.completed_at,
    )
