"""PostgreSQL as a source of the lake: COPY, in a REPEATABLE READ transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .facts import Column, Fact
from .source import WANTED, Fingerprint, Hour, Source


class PostgresSource(Source):
    """Rows leave PostgreSQL by COPY TO STDOUT as CSV."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.connection.in_atomic_block:  # a test's transaction: there is nothing else to see
            yield
            return
        with self.connection.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")

    def texts(self, select: str, columns: Sequence[Column]) -> Iterator[Any]:
        values = ", ".join(_value(column) for column in columns)
        query = f"COPY (SELECT {values} {select}) TO STDOUT (FORMAT csv)"
        with self.connection.cursor() as cursor, cursor.copy(query) as copy:
            yield from copy

    def fingerprints(self, fact: Fact) -> dict[Hour, Fingerprint]:
        # These hash functions may change with a major version of PostgreSQL: then everything is compared
        # once more.
        moment = f"{fact.changed_at} AT TIME ZONE 'UTC'"
        row_hash = f"uuid_hash_extended(id, timestamp_hash_extended({moment}, {fact.revision}))"
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT date_trunc('hour', {moment}), count(*), bit_xor({row_hash}) FROM {fact.table}"
                " GROUP BY 1"
            )
            return {hour: (count, mark) for hour, count, mark in cursor.fetchall()}

    def between(self, column: str, start: Hour, end: Hour) -> str:
        return f"({column} >= '{start}+00' AND {column} < '{end}+00')"

    def fill_wanted(self, ids: Sequence[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {WANTED} (id uuid PRIMARY KEY)")
            cursor.execute(f"TRUNCATE {WANTED}")
            with cursor.copy(f"COPY {WANTED} (id) FROM STDIN") as copy:
                for start in range(0, len(ids), 10_000):
                    copy.write("".join(f"{row_id}\n" for row_id in ids[start : start + 10_000]))
            cursor.execute(f"ANALYZE {WANTED}")


def _value(column: Column) -> str:
    return f"{column.sql} AT TIME ZONE 'UTC'" if column.kind == "moment" else column.sql
