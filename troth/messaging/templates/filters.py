"""Filters that texts may use. All of them are bounded: nothing grows by being repeated."""

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from liquid import RenderContext
from liquid.exceptions import FilterArgumentError
from liquid.filter import with_context
from liquid.undefined import is_undefined

from . import formats

TEXT_LIMIT = 5_000
NUMBER_DIGITS = 15
_SMALLEST = Decimal("1E-28")
_WIDE = Context(prec=60)  # of the largest number, with as many places as the smallest
SCHEMES = ("https", "http", "mailto", "tel")
_LANGUAGE = "troth_language"  # as environment.LANGUAGE


def _text(value: Any) -> str:
    found = "" if value is None or is_undefined(value) else str(value)
    if len(found) > TEXT_LIMIT:
        raise FilterArgumentError(f"a text is longer than {TEXT_LIMIT} characters", token=None)
    return found


def _number(value: Any) -> Decimal:
    try:
        found = Decimal(str(value)) if value is not None and not is_undefined(value) else Decimal(0)
    except InvalidOperation:
        raise FilterArgumentError(f"“{str(value)[:40]}” is not a number", token=None) from None
    return _bounded(found)


def _bounded(found: Decimal) -> Decimal:
    """Return a number of few digits: `1e-999999` written out, or divided by, has a million of them."""
    if not found.is_finite() or found.adjusted() > NUMBER_DIGITS:
        raise FilterArgumentError("a number is too large", token=None)
    is_long = found.as_tuple().exponent < _SMALLEST.as_tuple().exponent  # type: ignore[operator]  # finite: a number
    return found.quantize(_SMALLEST, context=_WIDE) if is_long else found


def _plain(value: Decimal) -> Decimal | int:
    return int(value) if value == value.to_integral_value() else value


def _passing(function: Callable[[str], str]) -> Callable[[Any], Any]:
    """Let what is missing pass, so that it is still noted as missing."""

    def filtered(value: Any) -> Any:
        return value if value is None or is_undefined(value) else _text(function(_text(value)))

    return filtered


def default(value: Any, other: Any = "") -> Any:
    """Return the other where there is no value, or an empty one."""
    return other if value is None or is_undefined(value) or value is False or value in ("", [], {}) else value


def append(value: Any, other: Any = "") -> Any:
    """Return the text followed by the other."""
    return value if value is None or is_undefined(value) else _text(_text(value) + _text(other))


def prepend(value: Any, other: Any = "") -> Any:
    """Return the text preceded by the other."""
    return value if value is None or is_undefined(value) else _text(_text(other) + _text(value))


def truncate(value: Any, length: Any = 50, end: Any = "…") -> Any:
    """Return the beginning of the text, with an ellipsis if something was cut off."""
    if value is None or is_undefined(value):
        return value
    text, most = _text(value), max(int(_number(length)), 1)
    return text if len(text) <= most else text[: max(most - len(_text(end)), 0)] + _text(end)


def replace(value: Any, old: Any, new: Any = "") -> Any:
    """Return the text with every old replaced."""
    if value is None or is_undefined(value):
        return value
    text, before, after = _text(value), _text(old), _text(new)
    if not before:
        return text
    if len(text) + text.count(before) * len(after) > 2 * TEXT_LIMIT:
        raise FilterArgumentError(f"a text is longer than {TEXT_LIMIT} characters", token=None)
    return _text(text.replace(before, after))


def size(value: Any) -> int:
    """Return how many signs or things there are."""
    return len(value) if isinstance(value, str | list | tuple | dict) else 0


def first(value: Any) -> Any:
    """Return the first of a list."""
    return value[0] if isinstance(value, list | tuple) and value else None


def last(value: Any) -> Any:
    """Return the last of a list."""
    return value[-1] if isinstance(value, list | tuple) and value else None


def plus(value: Any, other: Any) -> Decimal | int:
    """Return the sum."""
    return _plain(_bounded(_number(value) + _number(other)))


def minus(value: Any, other: Any) -> Decimal | int:
    """Return the difference."""
    return _plain(_bounded(_number(value) - _number(other)))


def times(value: Any, other: Any) -> Decimal | int:
    """Return the product."""
    return _plain(_bounded(_number(value) * _number(other)))


def divided_by(value: Any, other: Any) -> Decimal | int:
    """Return the quotient, exactly: unlike elsewhere, 7 by 2 is 3.5."""
    divisor = _number(other)
    if not divisor:
        raise FilterArgumentError("a division by zero", token=None)
    return _plain(_bounded(_number(value) / divisor))


def rounded(value: Any, places: Any = 0) -> Decimal | int:
    """Return the number rounded half up."""
    digits = min(max(int(_number(places)), 0), 6)
    return _plain(_number(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


@with_context
def number(value: Any, *, context: RenderContext) -> Any:
    """Return a number with its digits grouped."""
    if value is None or is_undefined(value):
        return value
    return formats.number(_number(value), context.tag_namespace[_LANGUAGE])


@with_context
def money(value: Any, currency: Any = "CNY", *, context: RenderContext) -> Any:
    """Return an amount with its currency."""
    if value is None or is_undefined(value):
        return value
    return formats.money(_number(value), _text(currency)[:3], context.tag_namespace[_LANGUAGE])


@with_context
def day(value: Any, *, context: RenderContext) -> Any:
    """Return a day: 2026年3月2日, 2 March 2026. Days may come as 2026-03-02."""
    return _day(value, formats.day, context)


@with_context
def short_day(value: Any, *, context: RenderContext) -> Any:
    """Return a day without its year: 3月2日, 2 March."""
    return _day(value, formats.short_day, context)


def _day(value: Any, formatted: Callable[[date, str], str], context: RenderContext) -> Any:
    if value is None or is_undefined(value) or value == "":
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            raise FilterArgumentError(f"“{value[:40]}” is not a day", token=None) from None
    if not isinstance(value, date):
        raise FilterArgumentError("what should be a day is not", token=None)
    return formatted(value, context.tag_namespace[_LANGUAGE])


def url_encode(value: Any) -> Any:
    """Return the text as a part of an address."""
    return value if value is None or is_undefined(value) else quote(_text(value), safe="")


def safe_url(value: Any) -> Any:
    """Return an address that may be linked to, "#" for any other: `javascript:` never gets into a message."""
    if value is None or is_undefined(value):
        return value
    text = _text(value).strip()
    return text if _is_linkable(text) else "#"


_UNSEEN = re.compile(r"[\s\x00-\x1f]")


@lru_cache(maxsize=1_000)  # an address stands in a message's text, in its HTML and behind its button
def _is_linkable(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = _UNSEEN.search(text) is None
    return plain and parts.scheme.lower() in SCHEMES and bool(parts.netloc or parts.scheme in ("mailto", "tel"))


FILTERS: dict[str, Callable[..., Any]] = {
    "default": default,
    "upcase": _passing(str.upper),
    "downcase": _passing(str.lower),
    "capitalize": _passing(str.capitalize),
    "strip": _passing(str.strip),
    "append": append,
    "prepend": prepend,
    "truncate": truncate,
    "replace": replace,
    "size": size,
    "first": first,
    "last": last,
    "plus": plus,
    "minus": minus,
    "times": times,
    "divided_by": divided_by,
    "round": rounded,
    "number": number,
    "money": money,
    "day": day,
    "short_day": short_day,
    "url_encode": url_encode,
    "safe_url": safe_url,
}
