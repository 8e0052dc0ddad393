"""What the ledger refuses."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy as ngettext

from troth.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TrothError


class OperationRefusedError(InvalidError):
    """A value of an operation breaks its rule."""

    code = "operation_refused"


class CurrencyRefusedError(InvalidError):
    """A value of a point currency breaks its rule."""

    code = "point_currency_refused"


class CurrencyUnknownError(NotFoundError):
    """There is no such point currency."""

    code = "point_currency_unknown"

    def __init__(self, code: str) -> None:
        text = _("There is no point currency “%(code)s”. Make it first, or name one that exists.")
        super().__init__(text % {"code": code}, field="currency", value=code)


class CurrencyClosedError(ConflictError):
    """The currency is no longer given out."""

    code = "point_currency_closed"

    def __init__(self, code: str) -> None:
        text = _("“%(code)s” is no longer given out; what members have can still be spent.")
        super().__init__(text % {"code": code}, field="currency", value=code)


class OperationConflictError(ConflictError):
    """The key named another operation."""

    code = "operation_conflict"

    def __init__(self, key: str) -> None:
        text = _("The key “%(key)s” was used for another operation of this account. Use a new key for new content.")
        super().__init__(text % {"key": key}, field="key", value=key)


class InsufficientPointsError(ConflictError):
    """More is asked for than is available."""

    code = "insufficient_points"

    def __init__(self, amount: int, available: int) -> None:
        text = ngettext(
            "%(amount)d point is asked for and %(available)d are available.",
            "%(amount)d points are asked for and %(available)d are available.",
            amount,
        )
        values = {"amount": amount, "available": available}
        super().__init__(text % values, field="amount", value=amount, limit=available)


class ShortfallRefusedError(ConflictError):
    """More is to be taken back than is there, and the currency neither owes nor writes off."""

    code = "shortfall_refused"

    def __init__(self, amount: int, found: int) -> None:
        text = _("%(amount)d points are to be taken back and %(found)d are left. This currency allows no arrears.")
        super().__init__(text % {"amount": amount, "found": found}, field="amount", value=amount, limit=found)


class TransactionUnknownError(NotFoundError):
    """There is no such operation of this owner."""

    code = "transaction_unknown"

    def __init__(self, of: str | UUID) -> None:
        text = _("This owner has no operation “%(of)s” in this currency.")
        super().__init__(text % {"of": of}, field="of", value=str(of))


class NotReversibleError(ConflictError):
    """This kind of operation is not reversed."""

    code = "not_reversible"

    def __init__(self, kind: str) -> None:
        text = _("An operation of this kind (%(kind)s) is not reversed; post the opposite one.")
        super().__init__(text % {"kind": kind}, field="of", value=kind)


class AlreadyReversedError(ConflictError):
    """More would be reversed than was posted."""

    code = "already_reversed"

    def __init__(self, amount: int, left: int) -> None:
        text = _("%(amount)d points are to be reversed and %(left)d of the operation are left to reverse.")
        super().__init__(text % {"amount": amount, "left": left}, field="amount", value=amount, limit=left)


class HoldRefusedError(ConflictError):
    """The hold is over, or smaller than what is asked of it."""

    code = "hold_refused"


class ApprovalNeededError(ForbiddenError):
    """The adjustment needs a second person."""

    code = "approval_needed"

    def __init__(self, amount: int, limit: int) -> None:
        text = _("An adjustment of %(amount)d is above %(limit)d and needs a second person. Request it instead.")
        super().__init__(text % {"amount": amount, "limit": limit}, field="amount", value=amount, limit=limit)


class SamePersonError(ForbiddenError):
    """Who asked cannot approve."""

    code = "same_person"

    def __init__(self) -> None:
        super().__init__(_("Somebody else must approve what you asked for."))


class RequestUnknownError(NotFoundError):
    """There is no such request."""

    code = "request_unknown"

    def __init__(self, request_id: UUID) -> None:
        super().__init__(_("There is no such request."), value=str(request_id))


class RequestClosedError(ConflictError):
    """The request was decided already."""

    code = "request_closed"

    def __init__(self, request_id: UUID) -> None:
        super().__init__(_("This request was decided already."), value=str(request_id))


class TransferRefusedError(ConflictError):
    """The currency's rule forbids the transfer."""

    code = "transfer_refused"


class PoolRefusedError(ForbiddenError):
    """The member may not spend this from the household's pool."""

    code = "pool_refused"

    def __init__(self, message: Any, **fields: Any) -> None:
        super().__init__(message, field="spender_id", **fields)


class NothingToDoError(ConflictError):
    """Nothing has expired, or nothing waits to become usable."""

    code = "nothing_to_do"


class ProofBrokenError(TrothError):
    """Stored data contradict each other."""

    code = "proof_broken"
    status = 500

    def __init__(self, broken: Sequence[str]) -> None:
        text = _("The ledger is broken: %(list)s. Run “troth prove”, and restore what was changed past the ledger.")
        super().__init__(text % {"list": "; ".join(broken)}, broken=list(broken))
