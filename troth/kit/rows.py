"""Rows of plain values into a table at once: COPY on PostgreSQL, one prepared statement on SQLite.

For batches of hundreds of rows that a service has as tuples; for frames of many thousands see `frames`. A model
instance costs more time than storing its row, so hot paths write through here.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from uuid_utils import uuid7

from .among import array_of
from .statements import server_cursor

_UNLESS_THERE = " ON CONFLICT DO NOTHING"
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def new_id_text() -> str:
    """Return a new id (see `ids.new_id`) as text with hyphens, for half the price."""
    return str(uuid7())


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows into a model's table in the caller's transaction.

    Args:
        columns: the table's names; each row has a value for every one. Ids are UUID or text with hyphens, money and
            quantities whole ten-thousandths, moments aware datetimes, JSON text; None is NULL.

    Raises:
        LookupError: a column that the table does not have.
        django.db.Error: what the database refuses, constraints first of all.
    """
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "postgresql":
        _copy(connection, _copy_statement(model, tuple(columns)), rows)
    else:
        _insert(connection, model, tuple(columns), rows)


def insert_missing(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], *, returning: Sequence[str] = ()
) -> list[tuple[Any, ...]]:
    """Insert rows as `insert` does, but leave out those that a unique constraint refuses: they are there already.

    They are inserted in the order given; where two transactions want the same row, the second waits for the first.

    Args:
        returning: columns to return of each row that was inserted. On PostgreSQL only; SQLite returns none.
    """
    if not rows:
        return []
    connection = connections[router.db_for_write(model)]
    if connection.vendor != "postgresql":
        _insert(connection, model, tuple(columns), rows, _UNLESS_THERE)
        return []
    listed = [array_of(list(column)) for column in zip(*rows, strict=True)]
    statement = _missing_statement(model, tuple(columns))
    if returning:
        names = ", ".join(f'"{column}"' for column in returning)
        statement = f"{statement} RETURNING {names}"
    with server_cursor(connection) as cursor:
        cursor.execute(statement, listed)
        return list(cursor.fetchall()) if returning else []


@cache
def _missing_statement(model: type[models.Model], columns: tuple[str, ...]) -> str:
    connection = connections[router.db_for_write(model)]
    kinds = [str(field.db_type(connection)).split("(", maxsplit=1)[0] for field in _fields(model, columns)]
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    names = ", ".join(f'"{column}"' for column in columns)
    table = model._meta.db_table
    return f'INSERT INTO "{table}" ({names}) SELECT * FROM unnest({arrays}){_UNLESS_THERE}'  # noqa: S608  own names


def _copy(connection: BaseDatabaseWrapper, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    text = "".join(["\t".join([_cell(value) for value in row]) + "\n" for row in rows])
    if not text:
        return
    with server_cursor(connection) as cursor, cursor.copy(statement) as copy:
        copy.write(text)


def _cell(value: Any) -> str:
    """Return a value in PostgreSQL's own text format, in which quotes stand as they are: JSON is full of them."""
    if value is None:
        return "\\N"
    text = value if type(value) is str else str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return text.translate(_ESCAPED)
    return text


@cache
def _copy_statement(model: type[models.Model], columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{field.column}"' for field in _fields(model, columns))
    return f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'


def _insert(
    connection: BaseDatabaseWrapper,
    model: type[models.Model],
    columns: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
    ending: str = "",
) -> None:
    statement, changes = _insert_statement(model, columns)
    with connection.cursor() as cursor:
        cursor.executemany(statement + ending, [_changed(row, changes) for row in rows])


@cache
def _insert_statement(
    model: type[models.Model], columns: tuple[str, ...]
) -> tuple[str, tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """Return the statement, and what must be done to the values at which places."""
    fields = _fields(model, columns)
    changes: list[tuple[int, Callable[[Any], Any]]] = []
    for place, field in enumerate(fields):
        target = _target(field)
        if isinstance(target, models.UUIDField):
            changes.append((place, _id_text))
        elif isinstance(target, models.DateTimeField):
            changes.append((place, _moment_text))
        elif isinstance(target, models.DateField):
            changes.append((place, str))
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'  # noqa: S608  own names
    return statement, tuple(changes)


def _changed(row: Sequence[Any], changes: tuple[tuple[int, Callable[[Any], Any]], ...]) -> list[Any]:
    """Return the row in the form in which Django keeps ids, moments and days in SQLite."""
    values = list(row)
    for place, change in changes:
        if values[place] is not None:
            values[place] = change(values[place])
    return values


@lru_cache(maxsize=20_000)  # an order's id stands in each of its lines
def _id_text(value: Any) -> str:
    return str(value).replace("-", "")


@lru_cache(maxsize=20_000)
def _moment_text(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))


def _fields(model: type[models.Model], columns: tuple[str, ...]) -> "list[models.Field[Any, Any]]":
    known = {field.column: field for field in model._meta.concrete_fields if field.column}
    if unknown := set(columns) - known.keys():
        raise LookupError(f"{model.__name__} has no columns {sorted(unknown)}")
    return [known[column] for column in columns]


def _target(field: "models.Field[Any, Any]") -> "models.Field[Any, Any]":
    return field.target_field if isinstance(field, models.ForeignKey) else field
