"""SQLite as a source of the lake: each row as a line of CSV, made inside SQLite, in a read transaction."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from .facts import Column, Fact
from .source import WANTED, Fingerprint, Hour, TextSource

FETCH_ROWS = 5_000


class SqliteSource(TextSource):
    """Rows leave SQLite as text in one column: far fewer Python objects than a tuple of values."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.connection.in_atomic_block:  # a test's transaction: there is nothing else to see
            yield
            return
        with self.connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # Django's way would keep everybody else from writing
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")

    def texts(self, select: str, columns: Sequence[Column]) -> Iterator[Any]:
        pattern = ",".join(_pattern(column) for column in columns)
        values = ", ".join(_value(column) for column in columns)
        cursor = self.connection.connection.execute(f"SELECT printf('{pattern}' || char(10), {values}) {select}")
        cursor.row_factory = None
        while rows := cursor.fetchmany(FETCH_ROWS):
            yield "".join([text for (text,) in rows]).encode()

    def fingerprints(self, fact: Fact) -> dict[Hour, Fingerprint]:
        raw = self.connection.connection
        raw.create_aggregate("lake_mark", 1, _Mark)
        found = raw.execute(
            f"SELECT substr({fact.changed_at}, 1, 13), count(*), lake_mark(id || {fact.changed_at} ||"
            f" {fact.revision})"
            f" FROM {fact.table} GROUP BY 1"
        )
        return {datetime.strptime(hour, "%Y-%m-%d %H"): (count, mark) for hour, count, mark in found}  # noqa: DTZ007  # UTC, naive

    def between(self, column: str, start: Hour, end: Hour) -> str:
        return f"({column} >= '{start}' AND {column} < '{end}')"

    def fill_wanted(self, ids: Sequence[str]) -> None:
        raw = self.connection.connection
        raw.execute(f"CREATE TEMP TABLE IF NOT EXISTS {WANTED} (id char(32) PRIMARY KEY) WITHOUT ROWID")
        raw.execute(f"DELETE FROM {WANTED}")
        raw.executemany(f"INSERT INTO {WANTED} VALUES (?)", ((row_id.replace("-", ""),) for row_id in ids))


class _Mark:
    """Exclusive or of a 63-bit hash of each row's text: the same whatever the order of the rows."""

    def __init__(self) -> None:
        self.mark = 0

    def step(self, text: str) -> None:
        self.mark ^= int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1

    def finalize(self) -> int:
        return self.mark


def _pattern(column: Column) -> str:
    """Return how SQLite's printf writes the column: %w doubles quotes, %s leaves null empty."""
    return '"%w"' if column.kind == "text" and not column.is_nullable else "%s"


def _value(column: Column) -> str:
    if column.kind == "text" and column.is_nullable:
        return f"'\"' || replace({column.sql}, '\"', '\"\"') || '\"'"
    return column.sql
