"""Writing tasks, teams, kinds and scripts. Import as one thing: `from troth.worklist import services as worklist`."""

from .feeds import close_feed, open_feed, read_feed
from .kinds import Kind, NoteField, Outcome, save_kind
from .making import TaskDraft, create_task, create_tasks
from .planning import due_on, run_plan
from .plans import PlanFields, fields_of, plan_now, save_plan
from .scripts import archive_script, publish_script, save_script
from .teams import save_team
from .touches import TEXT as RETURN_VISIT_TEXT
from .touches import Messenger, Reach, register_messenger
from .touches import texts as visit_texts
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
    "RETURN_VISIT_TEXT",
    "Kind",
    "Messenger",
    "NoteField",
    "Outcome",
    "PlanFields",
    "Reach",
    "TaskDraft",
    "archive_script",
    "assign",
    "cancel",
    "cancel_by_source",
    "close_feed",
    "comment",
    "complete",
    "create_task",
    "create_tasks",
    "due_on",
    "fields_of",
    "open_feed",
    "plan_now",
    "publish_script",
    "read_feed",
    "register_messenger",
    "release",
    "remind",
    "reopen",
    "run_plan",
    "save_kind",
    "save_plan",
    "save_script",
    "save_team",
    "snooze",
    "take",
    "take_next",
    "visit_texts",
]
