"""Queries written once a process, and run with new values each time.

Django writes the SQL of a query anew whenever it is asked: half a millisecond for three lines of it. A transaction that
asks ten of them spends half of what it costs by itself on that. What stands in the path of every order is therefore a
`Written`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

from .among import array_of


class Given(models.Expression):
    """Where a value will stand in a statement that is written before the value is known. place: of the value."""

    def __init__(self, place: int) -> None:
        super().__init__(output_field=models.Field())
        self.place = place

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        return "%s", [self]


class Written:
    """A query of plain tuples that is written once: `Written(lambda ids: Model.objects.filter(…).values_list(…))`.

    The function gets the values, or on PostgreSQL, once, a mark for each; so it may use them for nothing but the
    right sides of comparisons: `among` for many ids, numbers or texts, `=` for one id, number or text.
    """

    def __init__(self, make: "Callable[..., QuerySet[Any, Any]]") -> None:
        self._make = make
        self._statement: tuple[str, tuple[Any, ...]] | None = None

    def fetch(self, *values: Any) -> Sequence[tuple[Any, ...]]:
        """Return the rows for these values; columns that Django converts (money) come as they are stored."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor != "postgresql":
            return list(self._make(*values))
        if self._statement is None:
            marks = [Given(place) for place in range(len(values))]
            sql, params = self._make(*marks).query.get_compiler(connection=connection).as_sql()
            self._statement = sql, tuple(params)
        sql, params = self._statement
        filled = [_sent(values[one.place]) if isinstance(one, Given) else one for one in params]
        with server_cursor(connection) as cursor:
            return cursor.execute(sql, filled, binary=True).fetchall()


@contextmanager
def server_cursor(connection: BaseDatabaseWrapper) -> Iterator[psycopg.Cursor[Any]]:
    """Yield a cursor to PostgreSQL past Django's: values go beside the statement, where that puts them into its text.

    Errors are Django's.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor


def _sent(value: Any) -> Any:
    """Return the value as the driver sends it; many go as one text."""
    return array_of(list(value)) if isinstance(value, Collection) and not isinstance(value, str) else value
