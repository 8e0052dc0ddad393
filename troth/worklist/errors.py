"""What the worklist refuses."""

from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class TaskNotFoundError(NotFoundError):
    """No such task."""

    code = "task_not_found"

    def __init__(self, task_id: UUID) -> None:
        super().__init__(_("There is no task %(id)s.") % {"id": task_id}, task=str(task_id))


class TaskRefusedError(InvalidError):
    """A field of a task, or what was noted of it, breaks its rule."""

    code = "task_refused"


class TaskTakenError(ConflictError):
    """Somebody else has taken the task."""

    code = "task_taken"

    def __init__(self, by: str, **fields: str) -> None:
        super().__init__(_("%(name)s has taken this task already. Take the next one.") % {"name": by}, **fields)


class TaskClosedError(ConflictError):
    """The task is done or cancelled."""

    code = "task_closed"

    def __init__(self, state: str, task_id: UUID) -> None:
        message = _("This task is closed already: %(state)s.") % {"state": state}
        super().__init__(message, task=str(task_id))


class NoMemberError(ForbiddenError):
    """Who asks is no member of staff that could take a task."""

    code = "no_member"

    def __init__(self) -> None:
        super().__init__(
            _("Your login belongs to no member of staff. Link it under Settings, Staff & roles, to have tasks.")
        )


class TeamRefusedError(InvalidError):
    """A team cannot be stored this way."""

    code = "team_refused"


class TaskKindRefusedError(InvalidError):
    """A kind of task cannot be stored this way."""

    code = "task_kind_refused"


class ScriptRefusedError(InvalidError):
    """A call script cannot be stored, or filled in, this way."""

    code = "script_refused"


class ScriptStateError(ConflictError):
    """The call script is not in a state in which this could be done."""

    code = "script_state"


class PlanRefusedError(InvalidError):
    """A plan of return visits cannot be stored this way."""

    code = "plan_refused"
