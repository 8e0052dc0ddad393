"""Numbers out of forms and addresses, where anybody may write anything.

Python reads "1e999999999" as a number, and needs the memory of a city to write it out; it refuses to read five thousand
digits with an error of its own. No column holds either.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

DIGITS = 9
LONGEST = 60
MOST_EXPONENT = 20
"""Of ten: of the largest number, and turned around of the smallest."""


def whole(text: str, *, digits: int = DIGITS) -> int | None:
    """Return the whole number that a text is; None for anything else, and for more digits than are meant."""
    return int(text) if text.isdecimal() and len(text) <= digits else None


def decimal(text: str) -> Decimal | None:
    """Return the number that a text is; None for what is none, is infinite, or is beyond any amount."""
    text = text.strip()
    try:
        number = Decimal(text) if len(text) <= LONGEST else Decimal("NaN")
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > MOST_EXPONENT:
        return None
    return number


def stated(text: str) -> Decimal:
    """Return the number that a text is, 0 for no text; NaN for what is no number, which is refused further on."""
    found = decimal(text.strip() or "0")
    return Decimal("NaN") if found is None else found


class DecimalField(forms.DecimalField):
    """A number of at most nineteen digits, as many as our columns hold."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 19, **options})
