"""Many rows changed at once, each to its own values: one statement on PostgreSQL, one prepared one on SQLite."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections, models, router

from .among import array_of
from .statements import server_cursor


def update(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set columns of rows that are named by their first value, in the caller's transaction.

    Args:
        columns: the table's names, the key first. Values as `rows.insert` takes them: ids are UUID, money whole
            ten-thousandths, moments aware.
    """
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    statement = _statement(model, tuple(columns), connection.vendor)
    if connection.vendor == "postgresql":
        with server_cursor(connection) as server:
            server.execute(statement, [array_of(list(column)) for column in zip(*rows, strict=True)])
        return
    with connection.cursor() as cursor:
        # The key stands last in the statement.
        cursor.executemany(statement, [[_stored(value) for value in (*row[1:], row[0])] for row in rows])


@cache
def _statement(model: type[models.Model], columns: tuple[str, ...], vendor: str) -> str:
    table = model._meta.db_table
    key, *changed = columns
    if vendor != "postgresql":
        settings = ", ".join(f'"{column}" = %s' for column in changed)
        return f'UPDATE "{table}" SET {settings} WHERE "{key}" = %s'  # noqa: S608  own names
    connection = connections[router.db_for_write(model)]
    fields = {field.column: field for field in model._meta.concrete_fields}
    kinds = [str(fields[column].db_type(connection)).split("(", maxsplit=1)[0] for column in columns]
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    settings = ", ".join(f'"{column}" = new."{column}"' for column in changed)
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f'UPDATE "{table}" SET {settings} FROM unnest({arrays}) AS new({names}) '  # noqa: S608  own names
        f'WHERE "{table}"."{key}" = new."{key}"'
    )


def _stored(value: Any) -> Any:
    """Return the value as Django keeps it in SQLite."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    if isinstance(value, date):
        return value.isoformat()
    return value
