"""Reading rows as plain tuples, quickly."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from .statements import server_cursor


def fetch(rows: "QuerySet[Any, Any]") -> Sequence[tuple[Any, ...]]:
    """Return the tuples of a `values_list`, on PostgreSQL in its binary form.

    Django has moments parsed from text in Python, which for thousands of rows costs more than the query. Columns that
    Django converts (money) come as they are stored.
    """
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        return list(rows.all())
    try:
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # narrowed to nothing: Django knows without asking
        return []
    with server_cursor(connection) as cursor:
        return cursor.execute(sql, params, binary=True).fetchall()
