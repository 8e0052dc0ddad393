"""Bodies about tasks."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.worklist.models import TaskState

from ..fields import NO_NUL, Flag, Marks, Moment, MomentText, Request, Response, Whole, example

TaskCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
StaffCode = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]
TaskKey = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[!-~]+$")]
TaskTitle = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
TaskNote = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
TaskAnswer = Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)] | Flag | Whole


class TaskIn(Request):
    """A task to be made."""

    model_config = example({"key": "lead-815", "kind": "call", "title": "Call about the new range", "priority": 70})

    key: TaskKey = Field(description="Your name for the task: made again under it, the one that is there is given.")
    kind: TaskCode = Field(description="Code of its kind, for example call or return_visit.")
    title: TaskTitle = Field(description="What is to be done, in a line.")
    customer_id: UUID | None = Field(None, description="Whom it is about; left out: nobody in particular.")
    team: TaskCode | None = Field(None, description="Code of the team that it waits for; left out: the kind's own.")
    assignee: StaffCode | None = Field(None, description="Staff number of whose it is; left out: anybody's.")
    due_at: Moment | None = Field(None, description="By when; left out: as soon as its kind says.")
    script: TaskCode | None = Field(None, description="Code of the call script; left out: the kind's own.")
    facts: Marks = Field(default_factory=dict, description="What the call script may name under `facts`.")
    priority: Annotated[Whole, Field(ge=0, le=100)] | None = Field(
        None, description="0 to 100, the higher the more urgent; left out: the kind's own."
    )


class TakeIn(Request):
    """Who takes a task."""

    member: StaffCode = Field(description="Staff number of whoever takes it.")


class PutOffIn(Request):
    """Until when a task is put off."""

    until: Moment = Field(description="It is among those to be done again then; at most two years away.")


class TaskNoteIn(Request):
    """Something written beside a task."""

    note: Annotated[TaskNote, Field(min_length=1)] = Field(description="For colleagues.")


class CompleteIn(Request):
    """How a task went."""

    model_config = example({"member": "1007", "outcome": "reached", "note": "Likes it", "answers": {"mood": "pleased"}})

    member: StaffCode = Field(description="Staff number of whoever did it.")
    outcome: TaskCode = Field(description="Code of one of its kind's outcomes.")
    note: TaskNote = Field("", description="What happened.")
    answers: dict[TaskCode, TaskAnswer] = Field(
        default_factory=dict, description="What was filled in, by the codes of the kind's fields."
    )
    again_at: Moment | None = Field(None, description="When it is tried again, where the outcome keeps it open.")


class TaskOut(Response):
    """One piece of work for a person."""

    id: UUID = Field(description="Its id.")
    key: str = Field(description="The name that its maker gave it.")
    kind: str = Field(description="Code of its kind.")
    title: str | None = Field(description="What is to be done; null without customers.view_personal.")
    customer_id: UUID | None = Field(description="Whom it is about, or null.")
    state: TaskState = Field(description="Where it stands.")
    team: str | None = Field(description="Code of the team that it waits for, or null.")
    assignee: str | None = Field(description="Staff number of whose it is, or null.")
    priority: int = Field(description="0 to 100, the higher the more urgent.")
    due_at: MomentText | None = Field(description="By when, or null.")
    hidden_until: MomentText | None = Field(description="Put off till then, or null.")
    attempts: int = Field(description="How often it was tried.")
    outcome: str = Field(description="How it went last, or empty.")
    source: str = Field(description="What it was made for, such as journey:… or api.")
    created_at: MomentText = Field(description="When it was made.")
    completed_at: MomentText | None = Field(description="When it was closed, or null.")


class TaskPage(Response):
    """A page of tasks."""

    items: list[TaskOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")
