"""What sales refuse by themselves; the rest comes from the modules below."""

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import ForbiddenError, InvalidError, NotFoundError, TrothError


class RehearsalNotFoundError(NotFoundError):
    """No such rehearsal."""

    code = "rehearsal_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such rehearsal."))


class RehearsalRefusedError(InvalidError):
    """A rehearsal cannot be asked for, or stopped, this way."""

    code = "rehearsal_refused"


class HistoryAwardNotFoundError(NotFoundError):
    """No such award of the past."""

    code = "history_award_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such award of past orders."))


class HistoryAwardRefusedError(InvalidError):
    """The past cannot be awarded, or the request decided or stopped, this way."""

    code = "history_award_refused"


class OwnRequestError(ForbiddenError):
    """Who asked cannot approve."""

    code = "own_request"

    def __init__(self) -> None:
        super().__init__(_("Somebody else must approve what you asked for."))


class PaymentRefusedError(InvalidError):
    """The tag that names the points an order is paid with breaks its rule."""

    code = "payment_refused"


class ReplayEndedError(TrothError):
    """A process that replayed a programme ended in the middle."""

    code = "replay_ended"
    status = 503

    def __init__(self, exit_code: int) -> None:
        text = _(
            "A process of the rehearsal ended in the middle (exit code %(code)d), for example because memory ran out."
            " Nothing was changed; start the rehearsal again, over fewer days if it ends again."
        )
        super().__init__(text % {"code": exit_code}, exit_code=exit_code)
