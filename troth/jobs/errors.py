"""What jobs refuse, and how a running job is told to stop."""

from troth.kit.errors import ConflictError, NotFoundError


class JobNotFoundError(NotFoundError):
    """No such job."""

    code = "job_not_found"


class JobAlreadyActiveError(ConflictError):
    """The same work waits or runs already."""

    code = "job_already_active"


class JobStateError(ConflictError):
    """The job is past the state in which this could be done."""

    code = "job_state"


class JobCancelledError(Exception):
    """Raised inside a handler when somebody asked to cancel; let it pass, the runner notes it."""


class TurnOverError(Exception):
    """Raised inside a handler that had its turn while others of its lane wait; let it pass, the job is queued again."""


class LeaseLostError(Exception):
    """Raised inside a handler whose lease went to another worker; let it pass, so that its transaction rolls back."""
