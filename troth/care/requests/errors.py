"""What service requests refuse."""

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class RequestNotFoundError(NotFoundError):
    """No such request."""

    code = "service_request_not_found"

    def __init__(self, number: str) -> None:
        super().__init__(_("There is no service request %(number)s.") % {"number": number}, number=number)


class RequestRefusedError(InvalidError):
    """A field of a request breaks its rule."""

    code = "service_request_refused"


class RequestStateError(ConflictError):
    """The request does not stand where this could be done."""

    code = "service_request_state"


class TechnicianBusyError(ConflictError):
    """The technician is somewhere else at that time."""

    code = "technician_busy"
