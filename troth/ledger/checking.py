"""What can be said of an operation before looking at any account."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from troth.kit.errors import TrothError
from troth.kit.money import to_stored

from .errors import CurrencyUnknownError, OperationRefusedError
from .models import ExpiryKind, OwnerKind, PointCurrency
from .operations import Activate, Adjust, Capture, Earn, HoldPoints, Operation, Reverse, Spend, Transfer

KEY_LENGTH = 120
REASON_LENGTH = 60
LARGEST = 10**15
"""No operation is larger, so that sums over thousands of them stay within 64 bits."""

CLOCK_TOLERANCE = timedelta(days=1)  # a till's clock may be ahead of ours, or set to another zone
MOST_COUNTED = 36_500
"""Days, months or years of an expiry: a hundred years in days."""

_OWNER_KINDS = frozenset(OwnerKind.values)


def problem_of(operation: Operation, currencies: Mapping[str, PointCurrency], now: datetime) -> TrothError | None:
    """Return why the operation cannot be carried out whatever the account holds, or None."""
    try:
        _check(operation, now)
    except TrothError as error:
        return error
    if operation.currency not in currencies:
        return CurrencyUnknownError(operation.currency)
    return None


def fingerprint_of(operation: Operation) -> str:
    """Return a hash of the content: all but the key, the owner's record, the moment and the reason's data."""
    content = [type(operation).__name__, operation.reason.code]
    content += [f"{getattr(operation, name)!r}" for name in _content_names(type(operation))]
    return blake2b("\x1f".join(content).encode(), digest_size=16).hexdigest()


_NOT_CONTENT = {"key", "owner", "currency", "occurred_at", "reason"}
_names: dict[type[Operation], tuple[str, ...]] = {}


def _content_names(kind: type[Operation]) -> tuple[str, ...]:
    if kind not in _names:
        _names[kind] = tuple(one.name for one in fields(kind) if one.name not in _NOT_CONTENT)
    return _names[kind]


def _refuse(field: str, value: Any, message: str | Promise) -> OperationRefusedError:
    text = _("%(field)s %(value)s: %(message)s") % {"field": field, "value": value, "message": message}
    return OperationRefusedError(text, field=field, value=str(value))


def _check(operation: Operation, now: datetime) -> None:
    if not operation.key or len(operation.key) > KEY_LENGTH:
        raise _refuse("key", operation.key, _("must have 1 to %(most)d characters") % {"most": KEY_LENGTH})
    if operation.key.startswith("part:"):
        raise _refuse("key", operation.key, _("must not begin with “part:”, which the ledger uses itself"))
    if not operation.reason.code or len(operation.reason.code) > REASON_LENGTH:
        most = {"most": REASON_LENGTH}
        raise _refuse("reason", operation.reason.code, _("must be a code of 1 to %(most)d characters") % most)
    if operation.owner.kind not in _OWNER_KINDS:
        raise _refuse("owner", operation.owner.kind, _("must be customer, household, staff or partner"))
    check_moment("occurred_at", operation.occurred_at)
    if operation.occurred_at > now + CLOCK_TOLERANCE:
        raise _refuse("occurred_at", operation.occurred_at.isoformat(), _("must not lie in the future"))
    check = _CHECKS.get(type(operation))
    if check is not None:
        check(operation)


def check_moment(field: str, moment: datetime) -> None:
    """Refuse a moment without zone, or so far away that nothing could be added to it."""
    if moment.tzinfo is None:
        raise _refuse(field, moment.isoformat(), _("must name its time zone"))
    if not 1970 <= moment.year <= 9000:
        raise _refuse(field, moment.isoformat(), _("must lie between the years 1970 and 9000"))


def check_amount(amount: Any, field: str = "amount") -> None:
    """Refuse what is not a whole number from 1 to the largest."""
    if type(amount) is not int or not 1 <= amount <= LARGEST:
        raise _refuse(field, amount, _("must be a whole number from 1 to %(most)d") % {"most": LARGEST})


def check_expiry(kind: str, count: int) -> None:
    """Refuse an expiry of unknown kind or without its number."""
    if kind not in set(ExpiryKind.values) - {ExpiryKind.FIXED}:
        raise _refuse("expiry_kind", kind, _("must be never, days, month_end, year_end or inactivity"))
    least = 1 if kind in (ExpiryKind.DAYS, ExpiryKind.INACTIVITY) else 0
    most = {"years": MOST_COUNTED // 365, "months": MOST_COUNTED // 30}
    limit = {ExpiryKind.YEAR_END: most["years"], ExpiryKind.MONTH_END: most["months"]}.get(
        ExpiryKind(kind), MOST_COUNTED
    )
    if type(count) is not int or not least <= count <= limit:
        message = _("must be a whole number from %(least)d to %(most)d") % {"least": least, "most": limit}
        raise _refuse("expiry_count", count, message)


def _earn(operation: Earn) -> None:
    check_amount(operation.amount)
    if operation.activates_at is not None and operation.awaits_event:
        raise _refuse("awaits_event", operation.awaits_event, _("must be empty where activates_at is given"))
    _check_waiting(operation)
    if operation.expiry is not None:
        check_expiry(operation.expiry.kind, operation.expiry.count)
    if operation.activates_at is not None:
        check_moment("activates_at", operation.activates_at)
    if operation.expires_at is not None:
        check_moment("expires_at", operation.expires_at)
        if operation.expires_at <= (operation.activates_at or operation.occurred_at):
            raise _refuse("expires_at", operation.expires_at.isoformat(), _("must lie after they become usable"))
    for name, most in (("awaits_event", 80), ("rule", 80), ("source", 120)):
        if len(getattr(operation, name)) > most:
            message = _("must have at most %(most)d characters") % {"most": most}
            raise _refuse(name, getattr(operation, name), message)
    _check_cost(operation.unit_cost, operation.cost_currency)


def _check_waiting(operation: Earn) -> None:
    until = operation.awaits_until
    if until is None:
        return
    check_moment("awaits_until", until)
    if not operation.awaits_event:
        raise _refuse("awaits_until", until.isoformat(), _("must be empty where awaits_event is"))
    if until <= operation.occurred_at:
        raise _refuse("awaits_until", until.isoformat(), _("must lie after occurred_at"))


def _check_cost(unit_cost: Decimal | None, currency: str) -> None:
    if (unit_cost is None) != (currency == ""):
        raise _refuse("cost_currency", currency, _("must be given exactly where unit_cost is"))
    if unit_cost is None:
        return
    if len(currency) != 3:
        raise _refuse("cost_currency", currency, _("must be an ISO code of three letters"))
    try:
        stored = to_stored(unit_cost * 1000)
    except ValueError:
        stored = -1
    if stored < 0:
        raise _refuse("unit_cost", unit_cost, _("must not be negative, nor have more than seven decimal places"))


def _amount(operation: Spend | HoldPoints | Transfer) -> None:
    check_amount(operation.amount)


def _hold(operation: HoldPoints) -> None:
    check_amount(operation.amount)
    check_moment("expires_at", operation.expires_at)
    if operation.expires_at <= operation.occurred_at:
        raise _refuse("expires_at", operation.expires_at.isoformat(), _("must lie after occurred_at"))


def _partial(operation: Capture | Reverse) -> None:
    if operation.amount is not None:
        check_amount(operation.amount)


def _adjust(operation: Adjust) -> None:
    if type(operation.amount) is not int or not 1 <= abs(operation.amount) <= LARGEST:
        message = _("must be a whole number other than 0, at most %(most)d") % {"most": LARGEST}
        raise _refuse("amount", operation.amount, message)


def _transfer(operation: Transfer) -> None:
    check_amount(operation.amount)
    if operation.to.kind not in _OWNER_KINDS:
        raise _refuse("to", operation.to.kind, _("must be customer, household, staff or partner"))


def _activate(operation: Activate) -> None:
    if (operation.of is None) == (operation.event == ""):
        raise _refuse("of", operation.of, _("either of or event must be given, not both"))


_CHECKS: dict[type[Operation], Any] = {
    Earn: _earn,
    Spend: _amount,
    HoldPoints: _hold,
    Capture: _partial,
    Reverse: _partial,
    Adjust: _adjust,
    Transfer: _transfer,
    Activate: _activate,
}
