"""Many rows at once, between frames and tables: COPY, and look-ups of thousands of keys in one statement."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import polars as pl
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from uuid_utils import uuid7

_COPY_ROWS = 20_000
_INSERT_ROWS = 5_000


def new_ids(count: int) -> pl.Series:
    """Return so many new ids (see `ids.new_id`) as text, ascending."""
    return pl.Series("id", [str(uuid7()) for _ in range(count)], dtype=pl.String)


def insert(model: type[models.Model], frame: pl.DataFrame) -> int:
    """Insert the rows of a frame into a model's table in the caller's transaction; return how many.

    Args:
        frame: columns named as the table's; a column it does not name must have a default in the
            database. Ids are text with
            hyphens, money and quantities Int64 ten-thousandths, moments Datetime in UTC, JSON text.

    Raises:
        LookupError: a column that the table does not have.
        django.db.Error: what the database refuses, constraints first of all.
    """
    fields = {field.column: field for field in model._meta.concrete_fields if field.column}
    if unknown := set(frame.columns) - fields.keys():
        raise LookupError(f"{model.__name__} has no columns {sorted(unknown)}")
    if frame.is_empty():
        return 0
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "postgresql":
        _copy(connection, model._meta.db_table, frame)
    else:
        _insert(connection, model._meta.db_table, _stored_as_text(frame, fields))
    return len(frame)


def find(
    model: type[models.Model], columns: Sequence[str], *, among: tuple[str, Iterable[str]], **where: str
) -> pl.DataFrame:
    """Return text columns of the rows whose column `among` is one of the values, and that match `where`.

    Thousands of values go as one parameter: as many placeholders cost more time than the look-up itself.
    """
    column, values = among
    fields = {field.column: field for field in model._meta.concrete_fields if field.column}
    connection = connections[router.db_for_write(model)]
    quoted = connection.ops.quote_name
    is_id = isinstance(_target(fields[column]), models.UUIDField)
    if connection.vendor == "postgresql":
        selected = ", ".join(f"{quoted(name)}::text" for name in columns)
        condition = f"{quoted(column)} = ANY(%s::{'uuid' if is_id else 'text'}[])"
        listed: Any = list(values)
    else:
        selected = ", ".join(quoted(name) for name in columns)
        condition = f"{quoted(column)} IN (SELECT value FROM json_each(%s))"  # noqa: S608  own names
        listed = json.dumps([value.replace("-", "") if is_id else value for value in values])
    conditions = " AND ".join([condition, *(f"{quoted(name)} = %s" for name in where)])
    table = quoted(model._meta.db_table)
    with connection.cursor() as cursor:
        statement = f"SELECT {selected} FROM {table} WHERE {conditions}"  # noqa: S608  own names
        cursor.execute(statement, [listed, *where.values()])
        rows = cursor.fetchall()
    found = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    if connection.vendor == "postgresql":
        return found
    return found.with_columns(
        _hyphened(name) for name in columns if isinstance(_target(fields[name]), models.UUIDField)
    )


def _hyphened(name: str) -> pl.Expr:
    return pl.col(name).str.replace(r"^(.{8})(.{4})(.{4})(.{4})(.{12})$", "$1-$2-$3-$4-$5")


def _copy(connection: BaseDatabaseWrapper, table: str, frame: pl.DataFrame) -> None:
    columns = _names(connection, frame.columns)
    with (
        connection.wrap_database_errors,  # the driver's own copy passes Django by
        connection.cursor() as cursor,
        cursor.copy(f"COPY {connection.ops.quote_name(table)} ({columns}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for part in frame.iter_slices(_COPY_ROWS):
            # An empty field is NULL, "" the empty text: both sides agree on that by default.
            copy.write(part.write_csv(include_header=False, datetime_format="%Y-%m-%d %H:%M:%S%.6f+00"))


def _insert(connection: BaseDatabaseWrapper, table: str, frame: pl.DataFrame) -> None:
    marks = ", ".join(["%s"] * frame.width)
    columns = _names(connection, frame.columns)
    statement = f"INSERT INTO {connection.ops.quote_name(table)} ({columns}) VALUES ({marks})"  # noqa: S608  own names
    with connection.cursor() as cursor:
        rows = frame.iter_rows()
        while part := list(islice(rows, _INSERT_ROWS)):
            cursor.executemany(statement, part)


def _names(connection: BaseDatabaseWrapper, columns: Sequence[str]) -> str:
    return ", ".join(connection.ops.quote_name(column) for column in columns)


def _stored_as_text(frame: pl.DataFrame, fields: Mapping[Any, "models.Field[Any, Any]"]) -> pl.DataFrame:
    """Return the frame with ids, moments and days in the form in which Django keeps them in SQLite."""
    changed = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if isinstance(_target(fields[name]), models.UUIDField):
            changed.append(column.str.replace_all("-", "", literal=True))
        elif dtype == pl.Date:
            changed.append(column.dt.to_string("%Y-%m-%d"))
        elif isinstance(dtype, pl.Datetime):
            whole = column.dt.to_string("%Y-%m-%d %H:%M:%S")
            exact = column.dt.to_string("%Y-%m-%d %H:%M:%S%.6f")
            changed.append(pl.when(column.dt.microsecond() == 0).then(whole).otherwise(exact).alias(name))
    return frame.with_columns(changed)


def _target(field: "models.Field[Any, Any]") -> "models.Field[Any, Any]":
    return field.target_field if isinstance(field, models.ForeignKey) else field
