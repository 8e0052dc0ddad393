"""Days that people keep, or the trade keeps, without a day off."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from dateutil.easter import easter

from troth.kit.festivals.days import Festival, FestivalKind

_SUNDAY: Final = 6
_THURSDAY: Final = 3

_EVERYWHERE: Final[frozenset[str]] = frozenset()
_CHINA: Final = frozenset({"CN"})
_WEST: Final = frozenset({"US", "CA", "GB", "IE", "AU", "NZ", "DE", "AT", "CH", "FR", "NL", "BE", "IT", "ES"})
_ASIA: Final = frozenset({"CN", "HK", "MO", "SG", "MY", "JP", "IN", "PH"})
_MAY_MOTHERS: Final = _ASIA | {"TW", "US", "CA", "AU", "NZ", "DE", "AT", "CH", "IT", "NL", "BE", "FI", "DK", "BR", "ZA"}
_JUNE_FATHERS: Final = _ASIA | {"US", "CA", "GB", "IE", "FR", "NL", "ZA"}


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth weekday (0 is Monday) of a month; -1 the last."""
    if nth > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def _nth(month: int, weekday: int, nth: int, *, later: int = 0) -> Callable[[int], date]:
    return lambda year: nth_weekday(year, month, weekday, nth) + timedelta(days=later)


def _french_mothers(year: int) -> date:
    """Return the last Sunday of May, a week later where that is Pentecost (Code de l'action sociale, D215-1)."""
    day = nth_weekday(year, 5, _SUNDAY, -1)
    return day + timedelta(days=7) if day == easter(year) + timedelta(days=49) else day


_OBSERVED, _TRADE = FestivalKind.OBSERVANCE, FestivalKind.COMMERCIAL
# code, English, Chinese, kind, countries (none: everywhere), the day in a year
_DAYS: Final[tuple[tuple[str, str, str, FestivalKind, frozenset[str], Callable[[int], date]], ...]] = (
    ("valentines", "Valentine's Day", "情人节", _TRADE, _EVERYWHERE, _fixed(2, 14)),
    ("womens_day", "Women's Day", "妇女节", _OBSERVED, _EVERYWHERE, _fixed(3, 8)),
    ("consumer_rights", "Consumer Rights Day", "消费者权益日", _OBSERVED, _EVERYWHERE, _fixed(3, 15)),
    ("mothers_day", "Mother's Day", "母亲节", _TRADE, frozenset({"GB", "IE"}),
     lambda year: easter(year) - timedelta(days=21)),
    ("youth_day", "Youth Day", "青年节", _OBSERVED, _CHINA, _fixed(5, 4)),
    ("mothers_day", "Mother's Day", "母亲节", _TRADE, _MAY_MOTHERS, _nth(5, _SUNDAY, 2)),
    ("mothers_day", "Mother's Day", "母亲节", _TRADE, frozenset({"FR"}), _french_mothers),
    ("love_520", "520", "520表白日", _TRADE, _CHINA, _fixed(5, 20)),
    ("childrens_day", "Children's Day", "儿童节", _OBSERVED, _CHINA, _fixed(6, 1)),
    ("shopping_618", "618 shopping festival", "618购物节", _TRADE, _CHINA, _fixed(6, 18)),
    ("fathers_day", "Father's Day", "父亲节", _TRADE, _JUNE_FATHERS, _nth(6, _SUNDAY, 3)),
    ("party_day", "Founding Day of the Party", "建党节", _OBSERVED, _CHINA, _fixed(7, 1)),
    ("army_day", "Army Day", "建军节", _OBSERVED, _CHINA, _fixed(8, 1)),
    ("teachers_day", "Teachers' Day", "教师节", _OBSERVED, _CHINA, _fixed(9, 10)),
    ("halloween", "Halloween", "万圣夜", _TRADE, _WEST, _fixed(10, 31)),
    ("singles_day", "Double 11", "双11", _TRADE, _EVERYWHERE, _fixed(11, 11)),
    ("black_friday", "Black Friday", "黑色星期五", _TRADE, _EVERYWHERE, _nth(11, _THURSDAY, 4, later=1)),
    ("cyber_monday", "Cyber Monday", "网络星期一", _TRADE, _WEST, _nth(11, _THURSDAY, 4, later=4)),
    ("double_12", "Double 12", "双12", _TRADE, _CHINA, _fixed(12, 12)),
    ("christmas_eve", "Christmas Eve", "平安夜", _TRADE, _EVERYWHERE, _fixed(12, 24)),
    ("christmas_day", "Christmas Day", "圣诞节", _TRADE, _EVERYWHERE, _fixed(12, 25)),
)  # fmt: skip


@lru_cache(maxsize=512)
def kept(year: int, country: str) -> tuple[Festival, ...]:
    """Return the days kept in a country without the law's word."""
    return tuple(
        Festival(code, english, chinese, find(year), kind)
        for code, english, chinese, kind, countries, find in _DAYS
        if not countries or country in countries
    )
