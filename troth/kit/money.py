"""Money: Decimal with an ISO currency in Python, whole ten-thousandths in the database.

Integers sum exactly on SQLite (which would keep decimals as floats) and on PostgreSQL alike; four places hold
every ISO 4217 currency and unit prices finer than a cent.
"""

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeVar

from django.core import exceptions
from django.db import models
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

SCALE = 10_000
QUANTUM = Decimal("0.0001")
LIMIT = Decimal(2**63 - 1) / SCALE

# ISO 4217 minor units that are not 2 (the standard's table A.1; the rest of the world has cents).
# fmt: off
_WHOLE = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV",
    "XAF", "XOF", "XPF",
)
# fmt: on
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_MINOR_UNITS = dict.fromkeys(_WHOLE, 0) | dict.fromkeys(_THOUSANDTHS, 3)


_SYMBOLS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "C$",
    "CNY": "¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MOP": "MOP$",
    "NZD": "NZ$",
    "PHP": "₱",
    "SGD": "S$",
    "THB": "฿",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
}


def minor_unit_places(currency: str) -> int:
    """Return how many decimal places the currency is paid in."""
    return _MINOR_UNITS.get(currency, 2)


def symbol_of(currency: str) -> str:
    """Return the symbol that stands before an amount, or the code and a space where there is none."""
    return _SYMBOLS.get(currency, f"{currency}\u00a0")


def in_words(amount: Decimal, currency: str) -> str:
    """Return an amount as it stands in a sentence: "$30", "$12.50", "−¥1,200"; fractions of a cent are kept."""
    places = -int(amount.normalize().as_tuple().exponent)
    places = max(places, minor_unit_places(currency)) if places > 0 else 0
    sign = "\u2212" if amount < 0 else ""
    return f"{sign}{symbol_of(currency)}{abs(amount):,.{places}f}"


@lru_cache(maxsize=2**16)  # prices repeat, and finding one again takes a fifth of the time
def to_stored(amount: Decimal) -> int:
    """Return the amount in ten-thousandths.

    Raises:
        ValueError: more than four decimal places, not finite, or beyond 64 bits.
    """
    if not amount.is_finite():
        raise ValueError(f"amount {amount} is not a finite number")
    if abs(amount) > LIMIT:
        raise ValueError(f"amount {amount} is beyond ±{LIMIT}")
    stored = int(amount.scaleb(4))
    if from_stored(stored) != amount:  # comparing is exact, multiplying would round to the context's digits
        raise ValueError(f"amount {amount} has more than four decimal places")
    return stored


def from_stored(stored: int) -> Decimal:
    """Return the Decimal of an amount in ten-thousandths."""
    return Decimal(stored).scaleb(-4)


Set_contra = TypeVar("Set_contra", contravariant=True)
Get_co = TypeVar("Get_co", covariant=True)


class FixedPointField(models.BigIntegerField[Set_contra, Get_co]):
    """A number with four decimal places: `Decimal` to the program, a 64-bit integer to the database."""

    # What django-stubs reads to type attributes of models; it would keep the integer field's own.
    _pyi_private_set_type: Decimal | int | str | Combinable  # type: ignore[assignment]  # see above
    _pyi_private_get_type: Decimal  # type: ignore[assignment]  # see above
    _pyi_lookup_exact_type: Decimal | int | str  # type: ignore[assignment]  # see above

    description = _("Number with four decimal places")

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_stored(int(value))

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except InvalidOperation as error:
            raise exceptions.ValidationError(_("“%(value)s” is not a number."), params={"value": value}) from error

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        amount = self.to_python(value)
        return None if amount is None else to_stored(amount)

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms  # noqa: PLC0415  only where a form is built

        return forms.DecimalField(
            **{"max_digits": 19, "decimal_places": 4, "label": self.verbose_name, "required": not self.blank, **kwargs}
        )

    @property
    def validators(self) -> list[Any]:  # the integer range check would compare Decimals with stored units
        return list(self._validators)  # type: ignore[attr-defined]  # the stubs leave it out


class MoneyField(FixedPointField[Set_contra, Get_co]):
    """An amount of money; its ISO currency stands in a field beside it."""

    description = _("Amount of money")


class QuantityField(FixedPointField[Set_contra, Get_co]):
    """A quantity, in pieces or in the unit of the goods (kilograms, litres)."""

    description = _("Quantity")
