"""What sales refuse by themselves; the rest comes from the modules below."""

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import InvalidError, NotFoundError


class RehearsalNotFoundError(NotFoundError):
    """No such rehearsal."""

    code = "rehearsal_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such rehearsal."))


class RehearsalRefusedError(InvalidError):
    """A rehearsal cannot be asked for, or stopped, this way."""

    code = "rehearsal_refused"


class PaymentRefusedError(InvalidError):
    """The tag that names the points an order is paid with breaks its rule."""

    code = "payment_refused"
