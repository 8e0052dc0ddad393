"""Operands as they come in JSON, made into Python values; each refusal says what would be right."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from troth.kit.money import LIMIT

from . import days
from .fields import ValueType
from .tree import Scalar

MAX_TEXT = 200
MAX_DAYS = 36_500
MAX_COUNT = 10**15


class OperandError(ValueError):
    """The operand is not what the operator takes; the text says what is."""


def text(raw: Any) -> str:
    """Read a text."""
    if not isinstance(raw, str) or not raw.strip():
        raise OperandError(_("give a text that is not empty"))
    if "\x00" in raw:
        raise OperandError(_("the text has a NUL character; remove it"))
    if any("\ud800" <= character <= "\udfff" for character in raw):
        raise OperandError(_("the text has half a character; remove it"))
    stripped = raw.strip()
    if len(stripped) > MAX_TEXT:
        raise OperandError(
            _("the text has %(length)d characters; at most %(limit)d are allowed")
            % {"length": len(stripped), "limit": MAX_TEXT}
        )
    return stripped


def number(raw: Any) -> Decimal:
    """Read a decimal number of at most four places."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        raise OperandError(_("give a number, for example 12.5"))
    try:
        found = Decimal(str(raw).strip())
    except InvalidOperation:
        raise OperandError(_("“%(value)s” is not a number; write it like 1234.5") % {"value": str(raw)[:40]}) from None
    if not found.is_finite() or abs(found) > LIMIT:
        raise OperandError(_("the number is too large; at most %(limit)s") % {"limit": int(LIMIT)})
    if found != round(found, 4):
        raise OperandError(_("%(value)s has more than four decimal places; round it") % {"value": str(raw)[:40]})
    return _without_zeros(found)


def count(raw: Any) -> int:
    """Read a whole number."""
    found = number(raw)
    if found != found.to_integral_value() or abs(found) > MAX_COUNT:
        raise OperandError(_("“%(value)s” is not a whole number") % {"value": str(raw)[:40]})
    return int(found)


def day(raw: Any) -> date:
    """Read a day as ISO 8601."""
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise OperandError(_("“%(value)s” is not a day; write it like 2026-03-15") % {"value": str(raw)[:40]}) from None


def day_count(raw: Any) -> int:
    """Read a number of days."""
    found = count(raw)
    if not 1 <= found <= MAX_DAYS:
        raise OperandError(_("give a number of days from 1 to %(limit)d") % {"limit": MAX_DAYS})
    return found


def period(raw: Any) -> str:
    """Read the code of a period."""
    if not isinstance(raw, str) or raw not in days.PERIODS:
        raise OperandError(_("choose one of %(codes)s") % {"codes": ", ".join(days.PERIODS)})
    return raw


def month(raw: Any) -> int:
    """Read a month's number."""
    found = count(raw)
    if not 1 <= found <= 12:
        raise OperandError(_("give a month from 1 to 12"))
    return found


def _without_zeros(found: Decimal) -> Decimal:
    """Return the number in one written form, so that equal conditions are equal."""
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


SCALARS: dict[ValueType, Callable[[Any], Scalar]] = {
    ValueType.TEXT: text,
    ValueType.NUMBER: number,
    ValueType.COUNT: count,
    ValueType.MONEY: number,
    ValueType.DATE: day,
    ValueType.MOMENT: day,
    ValueType.CHOICE: text,
    ValueType.CHOICE_SET: text,
    ValueType.TEXT_SET: text,
}
"""How one operand of a field of this type is read."""
