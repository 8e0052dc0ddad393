"""Values as people of a language write them."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

LOCALES = {"zh-hans": "zh_Hans_CN", "en": "en_GB"}


def locale_of(language: str) -> str:
    """Return Babel's name of a language of ours."""
    return LOCALES.get(language.lower(), "en_GB")


def shown(value: Any, language: str) -> str:
    """Return a value as text: days and amounts as the language writes them, whole numbers as they are.

    What looks like a number may be the number of an order, so digits are grouped only by the filter `number`.
    """
    found = next((function for kinds, function in _WAYS if isinstance(value, kinds)), None)
    return str(value) if found is None else found(value, language)


def day(value: date, language: str) -> str:
    """Return 2026年3月2日 or 2 March 2026."""
    return format_date(value, format="long", locale=locale_of(language))


def short_day(value: date, language: str) -> str:
    """Return 3月2日 or 2 March."""
    skeleton = "M月d日" if language.startswith("zh") else "d MMMM"
    return format_date(value, format=skeleton, locale=locale_of(language))


def number(value: Decimal | int, language: str) -> str:
    """Return 12,345.6."""
    return format_decimal(value, locale=locale_of(language), decimal_quantization=False)


def money(value: Decimal | int, currency: str, language: str) -> str:
    """Return ¥1,234.50."""
    return format_currency(value, currency, locale=locale_of(language))


def _listed(values: list[Any] | tuple[Any, ...], language: str) -> str:
    return ("、" if language.startswith("zh") else ", ").join(shown(one, language) for one in values)


_WAYS: tuple[tuple[Any, Callable[[Any, str], str]], ...] = (
    (str, lambda value, _language: value),
    (bool, lambda value, _language: str(value).lower()),
    ((datetime, date), day),
    (Decimal, number),
    ((list, tuple), _listed),
    ((dict, range), lambda _value, _language: ""),  # a whole of parts is no text
)
