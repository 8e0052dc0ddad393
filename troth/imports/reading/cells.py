"""How Excel stores a cell, and what text it means."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

# Built-in number formats that show dates or times; 27 to 36 and 50 to 58 are the Chinese, Japanese, Korean ones.
_DATE_FORMATS = frozenset(str(i) for i in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_LONGEST_FORMAT = 255  # Excel writes no longer one; a million brackets that never close would take an hour
_EXACT_DIGITS = 15


def is_date_format(number: str, code: str | None) -> bool:
    """Return whether a number format shows a date or a time."""
    if code is None:
        return number in _DATE_FORMATS
    letters = _LITERALS.sub("", code[:_LONGEST_FORMAT].split(";")[0]).lower()
    return "general" not in letters and bool(set(letters) & set("ymdhs"))


def column_index(letters: str) -> int:
    """Return 0 for A, 25 for Z, 26 for AA; a reference that is not one is an error.

    Raises:
        ValueError: not one to three capital letters.
    """
    if not (letters.isascii() and letters.isalpha() and letters.isupper() and len(letters) <= 3):
        raise ValueError(f"cell reference {letters[:20]!r}")
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def number_text(stored: str) -> str:
    """Return the digits a person saw.

    Excel keeps 15 of them. A longer number stays in scientific notation, which the rules for ids and phones refuse:
    its last digits are lost already. Whole numbers are returned as they are stored.
    """
    if stored.isdecimal():
        return stored
    shown = f"{float(stored):.{_EXACT_DIGITS}g}"
    if "e-" in shown:
        return f"{Decimal(shown):f}"
    return shown


def serial_text(stored: str, *, base_1904: bool) -> str:
    """Return the ISO text of a date stored as days since 1900 (or 1904); a bare time as HH:MM:SS."""
    days = Decimal(stored)
    if not 0 <= days < 2_958_466:  # 9999-12-31
        return stored
    moment = serial_moment(days, base_1904=base_1904)
    if days < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d}" if moment.time().isoformat() == "00:00:00" else f"{moment:%Y-%m-%d %H:%M:%S}"


def serial_moment(days: Decimal, *, base_1904: bool = False) -> datetime:
    """Return the moment of a serial day number, to the second.

    Excel believes in 29 February 1900, so days count from 1899-12-30 from March 1900 on and from the 31st before.
    """
    seconds = int((days * 86_400).to_integral_value())
    first_day = date(1904, 1, 1) if base_1904 else date(1899, 12, 30 if days >= 60 else 31)
    base = datetime.combine(first_day, time.min)  # wall-clock time: the sheet knows no zone
    return base + timedelta(seconds=seconds)
