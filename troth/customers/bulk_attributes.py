"""Attributes that files bring: columns named `attribute:CODE`, with cells of the attribute's type."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.money import SCALE

from .models import AttributeDefinition, AttributeType
from .services.attributes import AttributeValue, put, typed_value, values_held

PREFIX = "attribute:"


@dataclass(frozen=True, slots=True)
class SaidAttribute:
    """What a row says of one customer and attribute."""

    customer_id: UUID
    code: str
    value: AttributeValue


def columns_of(columns: Iterable[str]) -> dict[str, AttributeDefinition]:
    """Return, of these columns, those of an attribute in use, each with its definition."""
    codes = {column.removeprefix(PREFIX): column for column in columns if column.startswith(PREFIX)}
    if not codes:
        return {}
    found = AttributeDefinition.objects.filter(code__in=codes, is_active=True).order_by("code")
    return {codes[definition.code]: definition for definition in found}


def said(
    customer_id: UUID, row: Mapping[str, Any], columns: Mapping[str, AttributeDefinition]
) -> Iterator[SaidAttribute]:
    """Yield what the filled cells of a row say; numbers come in ten-thousandths.

    Raises:
        AttributeRefusedError: a cell is not of its attribute's type.
    """
    for column, definition in columns.items():
        cell = row[column]
        if cell is not None and definition.attribute_type == AttributeType.NUMBER:
            cell = Decimal(cell) / SCALE
        if (value := typed_value(definition, cell)) is not None:
            yield SaidAttribute(customer_id, definition.code, value)


def settle(said: Sequence[SaidAttribute]) -> list[SaidAttribute]:
    """Return what differs from what is held."""
    wanted = {(one.code, one.customer_id): one for one in said}
    by_code: dict[str, list[UUID]] = defaultdict(list)
    for code, customer_id in wanted:
        by_code[code].append(customer_id)
    held = {
        (code, customer_id): value
        for code, customers in by_code.items()
        for customer_id, value in values_held(code, customers).items()
    }
    return [one for key, one in wanted.items() if held.get(key) != one.value]


def write(said: Sequence[SaidAttribute], *, actor: Actor, now: datetime, new: frozenset[UUID]) -> None:
    """Set what `settle` returned in the caller's transaction; customers who are not `new` get an event each."""
    by_code: dict[str, dict[UUID, AttributeValue]] = defaultdict(dict)
    codes: dict[UUID, set[str]] = defaultdict(set)
    for one in said:
        by_code[one.code][one.customer_id] = one.value
        codes[one.customer_id].add(one.code)
    for code, values in by_code.items():
        put(code, values, now=now)
    news = [
        events.NewEvent("customers.attribute.set", customer_id, {"attributes": sorted(found)})
        for customer_id, found in codes.items()
        if customer_id not in new
    ]
    events.append_many(news, actor=actor, now=now)
