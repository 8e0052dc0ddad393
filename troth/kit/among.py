"""The lookup `among`: thousands of ids or keys as one parameter, where `in` would send as many placeholders."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler


class Among(models.Lookup[Any]):
    """`Model.objects.filter(owner_id__among=ids)`: the column is one of the values, on both databases."""

    lookup_name = "among"

    def get_prep_lookup(self) -> Any:
        return self.rhs if hasattr(self.rhs, "resolve_expression") else list(self.rhs)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        kind = str(self.lhs.output_field.db_type(connection)).split("(", maxsplit=1)[0]
        listed = array_of(self.rhs) if isinstance(self.rhs, list) else self.rhs  # of a statement written beforehand
        return f"{column} = ANY(%s::{kind}[])", [*params, listed]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        column, params = self.process_lhs(compiler, connection)
        listed = json.dumps([value.hex if isinstance(value, UUID) else value for value in self.rhs])
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, listed)  # noqa: S608  own names


def array_of(values: list[Any]) -> str:
    """Return ids, numbers, texts, days and moments as one text that PostgreSQL reads as an array.

    The driver does the same value by value, which takes far longer.
    """
    return "{" + ",".join([_ELEMENTS.get(type(value), _quoted)(value) for value in values]) + "}"


def _quoted(value: Any) -> str:
    text = str(value)
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


_ELEMENTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _none: "NULL",
    UUID: lambda value: value.hex,
    int: str,
    bool: lambda value: "t" if value else "f",
}


def install() -> None:
    """Teach the lookup to columns of ids, references and texts."""
    models.UUIDField.register_lookup(Among)
    models.ForeignKey.register_lookup(Among)
    models.CharField.register_lookup(Among)
