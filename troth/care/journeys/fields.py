"""What a journey's conditions may ask: the customer's fields, and the data of the event that set the run off."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.events import queries as events
from troth.kit.conditions import catalogue as conditions
from troth.kit.conditions.catalogue import Catalogue, Subject
from troth.kit.conditions.fields import Field, Group, ValueType
from troth.kit.money import LIMIT

EVENT = Group("event", _("Event"), order=1)
TEXT, NUMBER = "event", "event_number"


def event_fields(name: str) -> dict[str, str] | None:
    """Return the fields of an event's data with their meaning, None where neither we nor the company know the event."""
    return next((dict(kind.fields) for kind in events.event_types() if kind.name == name), None)


def catalogue_of(event: str = "") -> Catalogue:
    """Return the fields for branches, exits and the audience: the customer's, and those of the event's data."""
    customer = conditions.catalogue("customer")
    return Catalogue(customer.subject, [*_data_fields(event), *customer])


def event_catalogue(event: str) -> Catalogue:
    """Return the fields of an event's data alone, each as text and as a number."""
    return Catalogue(Subject("event", _("Event")), _data_fields(event))


def record_of(facts: Mapping[str, Any]) -> "Record":
    """Return the data of an event as the language reads it; what it does not hold is unknown."""
    return Record(facts)


class Record(dict[str, Any]):
    """Values of `event.*` and `event_number.*` by operand, worked out when asked."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self._facts = facts

    def __contains__(self, operand: object) -> bool:
        return True

    def __missing__(self, operand: str) -> Any:
        group, _dot, name = operand.partition(".")
        value = self._facts.get(name)
        if value is None:
            return None
        return _number(value) if group == NUMBER else _text(value)


def is_of_event(code: str) -> bool:
    """Tell whether a field is one of the event's data."""
    return code.partition(".")[0] in (TEXT, NUMBER)


def _data_fields(event: str) -> list[Field]:
    names = event_fields(event) or {}
    texts = [Field(f"{TEXT}.{name}", ValueType.TEXT, name, EVENT, description=what) for name, what in names.items()]
    return texts + [
        Field(f"{NUMBER}.{name}", ValueType.NUMBER, f"{name} (123)", EVENT, description=what)
        for name, what in names.items()
    ]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= LIMIT else None
