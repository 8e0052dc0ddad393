"""Work for people: teams, kinds of tasks, tasks and what was done with them, call scripts, plans of return visits."""

from .plans import Moment, Touch, VisitPlan
from .scripts import CallScript, CallScriptVersion
from .tasks import COMPANY_OWNER, ActKind, Effect, Task, TaskAct, TaskState
from .teams import CalendarFeed, TaskKind, Team, TeamMember

__all__ = [
    "COMPANY_OWNER",
    "ActKind",
    "CalendarFeed",
    "CallScript",
    "CallScriptVersion",
    "Effect",
    "Moment",
    "Task",
    "TaskAct",
    "TaskKind",
    "TaskState",
    "Team",
    "TeamMember",
    "Touch",
    "VisitPlan",
]
