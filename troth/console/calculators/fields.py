"""Fields that calculators share: amounts, percentages, counts; each with the limits it refuses beyond."""

from decimal import Decimal
from typing import Any

from django import forms

MOST_MONEY = Decimal(10) ** 12
MOST_PEOPLE = 10**10


def money(label: Any, *, least: Decimal | None = Decimal(0), **more: Any) -> forms.DecimalField:
    """Return a field for an amount; `least=None` lets it fall below zero."""
    low = -MOST_MONEY if least is None else least
    return _number(forms.DecimalField, label, min_value=low, max_value=MOST_MONEY, **more)


def percent(
    label: Any, *, least: Decimal = Decimal(0), most: Decimal = Decimal(100), **more: Any
) -> forms.DecimalField:
    """Return a field for a percentage: 5 is five per cent."""
    return _number(forms.DecimalField, label, min_value=least, max_value=most, **more)


def people(label: Any, *, least: int = 0, most: int = MOST_PEOPLE, **more: Any) -> forms.IntegerField:
    """Return a field for a count."""
    field = forms.IntegerField(label=label, min_value=least, max_value=most, **more)
    field.widget.attrs["inputmode"] = "numeric"
    return field


def number(label: Any, *, most: Decimal, **more: Any) -> forms.DecimalField:
    """Return a field for a plain number of 0 or more."""
    return _number(forms.DecimalField, label, min_value=Decimal(0), max_value=most, **more)


def share(given: Decimal) -> float:
    """Return a percentage as a share of 0 to 1."""
    return float(given / 100)


def shown(given: Any, places: int) -> str:
    """Return a figure for a form: rounded, without zeros at its end."""
    rounded = Decimal(str(given)).quantize(Decimal(1).scaleb(-places))
    return format(rounded.normalize(), "f") if rounded else "0"


def _number(kind: type[forms.DecimalField], label: Any, **more: Any) -> forms.DecimalField:
    field = kind(label=label, max_digits=20, decimal_places=6, **more)
    field.widget.attrs |= {"step": "any", "inputmode": "decimal"}
    return field
