"""The lookup `among`: thousands of ids or keys as one parameter, where `in` would send as many placeholders."""

import json
from typing import Any
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler


class Among(models.Lookup[Any]):
    """`Model.objects.filter(owner_id__among=ids)`: the column is one of the values, on both databases."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        return list(self.rhs)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        kind = str(self.lhs.output_field.db_type(connection)).split("(", maxsplit=1)[0]
        return f"{column} = ANY(%s::{kind}[])", [*params, array_of(self.rhs)]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        column, params = self.process_lhs(compiler, connection)
        listed = json.dumps([value.hex if isinstance(value, UUID) else value for value in self.rhs])
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, listed)  # noqa: S608  own names


def array_of(values: list[Any]) -> Any:
    """Return ids, numbers and booleans as one text that PostgreSQL reads as an array: the driver takes far longer.

    Texts and moments stay a list, for the driver to quote.
    """
    if not all(value is None or isinstance(value, UUID | int) for value in values):
        return values
    return "{" + ",".join("NULL" if value is None else _element(value) for value in values) + "}"


def _element(value: UUID | int) -> str:
    return value.hex if isinstance(value, UUID) else str(value)


def install() -> None:
    """Teach the lookup to columns of ids and texts."""
    models.UUIDField.register_lookup(Among)
    models.CharField.register_lookup(Among)
