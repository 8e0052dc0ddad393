"""Rows of a batch written set-wise: one COPY and one UPDATE a table, whatever the size of the batch."""

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models

from troth.kit import rows, updates
from troth.kit.money import FixedPointField, to_stored

Change = Callable[[Any], Any]


def insert(model: type[models.Model], new: Iterable[models.Model]) -> None:
    """Insert new rows, given as instances whose ids are set or left to the database."""
    columns, changes = _written(model)
    rows.insert(model, columns, (_values(row, columns, changes) for row in new))


def update(model: type[models.Model], changed: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Store these columns of changed rows."""
    _all, changes = _written(model)
    named = ("id", *columns)
    updates.update(model, named, [_values(row, named, changes) for row in changed])


def _values(row: models.Model, columns: Sequence[str], changes: dict[str, Change]) -> list[Any]:
    values = [getattr(row, column) for column in columns]
    for place, column in enumerate(columns):
        if column in changes and values[place] is not None:
            values[place] = changes[column](values[place])
    return values


@cache
def _written(model: type[models.Model]) -> tuple[tuple[str, ...], dict[str, Change]]:
    """Return the columns that are written, and what must be done to the values of some."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    changes: dict[str, Change] = {}
    for field in fields:
        if isinstance(field, FixedPointField):
            changes[field.attname] = _money
        elif isinstance(field, models.JSONField):
            changes[field.attname] = json.dumps
    return tuple(field.attname for field in fields), changes


def _money(value: Any) -> int:
    return to_stored(value if isinstance(value, Decimal) else Decimal(value))
