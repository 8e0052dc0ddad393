"""Writing tasks, teams, kinds and scripts. Import as one thing: `from troth.worklist import services as worklist`."""

from .kinds import Kind, NoteField, Outcome, save_kind
from .making import TaskDraft, create_tasks
from .working import (
    assign,
    cancel,
    cancel_by_source,
    comment,
    complete,
    release,
    remind,
    reopen,
    snooze,
    take,
    take_next,
)

__all__ = [
    "Kind",
    "NoteField",
    "Outcome",
    "TaskDraft",
    "assign",
    "cancel",
    "cancel_by_source",
    "comment",
    "complete",
    "create_tasks",
    "release",
    "remind",
    "reopen",
    "save_kind",
    "snooze",
    "take",
    "take_next",
]
