"""Numbers, money, days and names as people write them, in English and in Chinese.

The language is the one that is active; moments are shown in the active time zone (the company's). charts.js
has the same rules for numbers that charts draw.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from babel.dates import format_date, format_timedelta
from django.utils import timezone
from django.utils.translation import get_language

from troth.kit.money import minor_unit_places, symbol_of

Number = Decimal | int | float

currency_symbol = symbol_of

MINUS = "\u2212"
COMPACT_FROM = 10_000
# unit, its sign, and the size that already rounds up to one of it
_UNITS_EN = ((10**9, "B", 10**9 - 10**6 // 2), (10**6, "M", 10**6 - 10**3 // 2), (10**3, "k", COMPACT_FROM))
_UNITS_ZH = ((10**8, "亿", 10**8 - 10**4 // 2), (10**4, "万", COMPACT_FROM))
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def is_chinese() -> bool:
    """Tell whether the active language is Chinese."""
    return (get_language() or "en").startswith("zh")


def count(value: Number, places: int = 0) -> str:
    """Return a number with thousands separators: 12345 → "12,345"."""
    return _signed(_exact(value), places)


def compact(value: Number) -> str:
    """Return a number short enough for a card: 12345 → "12.3k" or "1.2万"; small ones stay whole."""
    number = _exact(value)
    return ("" if number >= 0 else MINUS) + _compact_size(abs(number))


def money(amount: Number, currency: str) -> str:
    """Return an amount with its symbol, in the places the currency is paid in: "¥1,234.50"."""
    number = _exact(amount)
    places = minor_unit_places(currency)
    return _prefixed(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), currency, f",.{places}f")


class PointUnit(Protocol):
    """What tells how points of a currency are written: decimal places, and the money that cashback is in."""

    @property
    def decimals(self) -> int: ...

    @property
    def money_currency(self) -> str: ...


def units(amount: int, currency: PointUnit) -> str:
    """Return points, given in the smallest unit, as people write them: "1,234", "12.5", cashback "¥12.50"."""
    number = Decimal(amount).scaleb(-currency.decimals)
    return money(number, currency.money_currency) if currency.money_currency else count(number, currency.decimals)


def signed_units(amount: int, currency: PointUnit) -> str:
    """Return points that came or went, with their sign: "+120", "−30"; none is "0"."""
    return ("+" if amount > 0 else "") + units(amount, currency)


def money_compact(amount: Number, currency: str) -> str:
    """Return an amount for a card: "¥515万", "$5.2M"; below ten thousand without its cents."""
    number = _exact(amount)
    return ("" if number >= 0 else MINUS) + symbol_of(currency) + _compact_size(abs(number))


def percent(ratio: Number, places: int = 1) -> str:
    """Return a ratio as a percentage: 0.1234 → "12.3%"."""
    return _signed(_exact(ratio) * 100, places) + "%"


def change(ratio: Number, places: int = 1) -> str:
    """Return a relative change with its sign: 0.031 → "+3.1%"; no change is "0.0%"."""
    text = percent(ratio, places)
    return text if text.startswith(MINUS) or not text.strip("0.%") else f"+{text}"


def day(value: date) -> str:
    """Return a day: "21 Nov 2026" or "2026年11月21日". Moments are turned into the active zone first."""
    local = _local(value)
    return format_date(local, "yyyy年M月d日" if is_chinese() else "d MMM yyyy", locale=_locale())


def month(value: date) -> str:
    """Return a month: "Nov 2026" or "2026年11月"."""
    return format_date(_local(value), "yyyy年M月" if is_chinese() else "MMM yyyy", locale=_locale())


def moment(value: datetime) -> str:
    """Return a day and the time in the active zone: "21 Nov 2026, 14:05" or "2026年11月21日 14:05"."""
    local = timezone.localtime(value)
    return f"{day(value)}{' ' if is_chinese() else ', '}{local:%H:%M}"


def ago(value: datetime, now: datetime) -> str:
    """Return how long ago something was, in one unit: "3 days ago" or "3天前"."""
    return format_timedelta(value - now, add_direction=True, locale=_locale(), threshold=1.2)


def initials(name: str) -> str:
    """Return the one or two signs that stand for a name: 明 for 王小明, AB for Anna Berg."""
    if _HAN.search(name):
        return name.strip()[-1:]
    words = [word for word in re.split(r"[\s.@_-]+", name) if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _signed(number: Decimal, places: int) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return ("" if rounded >= 0 else MINUS) + f"{abs(rounded):,.{places}f}"


def _prefixed(number: Decimal, currency: str, spec: str) -> str:
    return ("" if number >= 0 else MINUS) + symbol_of(currency) + format(abs(number), spec)


def _compact_size(size: Decimal) -> str:
    whole = size.quantize(Decimal(1), ROUND_HALF_UP)
    if size < 10:
        return _tenths(size)
    if whole < COMPACT_FROM:
        return f"{whole:,}"
    unit, suffix, _ = next(row for row in (_UNITS_ZH if is_chinese() else _UNITS_EN) if whole >= row[2])
    scaled = size / unit
    if scaled.quantize(Decimal("0.1"), ROUND_HALF_UP) < 100:
        return _tenths(scaled) + suffix
    return f"{scaled.quantize(Decimal(1), ROUND_HALF_UP):,}{suffix}"


def _tenths(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.1'), ROUND_HALF_UP):f}".removesuffix(".0")


def _local(value: date) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value


def _locale() -> str:
    return "zh_Hans_CN" if is_chinese() else "en"


def listed(texts: Iterable[str]) -> str:
    """Return texts one after the other: "a, b", or "甲、乙" in Chinese."""
    return ("、" if is_chinese() else ", ").join(texts)
