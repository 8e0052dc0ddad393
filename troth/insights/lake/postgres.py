"""PostgreSQL as a source of the lake, in a REPEATABLE READ transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from adbc_driver_postgresql import dbapi
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import conninfo, pq

from troth.value.later import pa

from .facts import Column, Fact
from .source import WANTED, Fingerprint, Hour, Source, TextSource

CREATE_WANTED = f"CREATE TEMP TABLE IF NOT EXISTS {WANTED} (id uuid PRIMARY KEY)"


class PostgresSource(Source):
    """Rows leave PostgreSQL by binary COPY, read in C straight into Arrow, over a connection of its own."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._conninfo = _conninfo(connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with dbapi.connect(self._conninfo) as self._connection:  # closing it rolls back
            self._run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self._run(CREATE_WANTED)
            yield

    def blocks(self, select: str, columns: Sequence[Column]) -> Iterator[pa.Table]:
        with self._connection.cursor() as cursor:
            cursor.execute(_query(select, columns))
            for batch in cursor.fetch_record_batch():
                yield pa.Table.from_batches([batch])

    def fingerprints(self, fact: Fact) -> dict[Hour, Fingerprint]:
        with self._connection.cursor() as cursor:
            cursor.execute(_fingerprints(fact))
            return {hour: (count, mark) for hour, count, mark in cursor.fetchall()}

    def between(self, column: str, start: Hour, end: Hour) -> str:
        return _between(column, start, end)

    def fill_wanted(self, ids: Sequence[str]) -> None:
        self._run(f"TRUNCATE {WANTED}")
        texts = pa.table({"id": pa.array(ids, pa.string())})
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest("lake_given", texts, mode="replace", temporary=True)
        self._run(f"INSERT INTO {WANTED} SELECT id::uuid FROM lake_given")
        self._run(f"ANALYZE {WANTED}")

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)


class PostgresTransactionSource(TextSource):
    """Rows as the caller's own transaction sees them: COPY as text over its connection."""

    def texts(self, select: str, columns: Sequence[Column]) -> Iterator[Any]:
        query = f"COPY ({_query(select, columns)}) TO STDOUT (FORMAT csv)"
        with self.connection.cursor() as cursor, cursor.copy(query) as copy:
            yield from copy

    def fingerprints(self, fact: Fact) -> dict[Hour, Fingerprint]:
        with self.connection.cursor() as cursor:
            cursor.execute(_fingerprints(fact))
            return {hour: (count, mark) for hour, count, mark in cursor.fetchall()}

    def between(self, column: str, start: Hour, end: Hour) -> str:
        return _between(column, start, end)

    def fill_wanted(self, ids: Sequence[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(CREATE_WANTED)
            cursor.execute(f"TRUNCATE {WANTED}")
            with cursor.copy(f"COPY {WANTED} (id) FROM STDIN") as copy:
                copy.write("".join(f"{row_id}\n" for row_id in ids))


def _query(select: str, columns: Sequence[Column]) -> str:
    zones = {"moment": " AT TIME ZONE 'UTC'"}
    values = (f"{column.sql}{zones.get(column.kind, '')} AS {column.name}" for column in columns)
    return f"SELECT {', '.join(values)} {select}"


def _fingerprints(fact: Fact) -> str:
    # These hash functions may change with a major version of PostgreSQL: then all is compared once more.
    moment = f"{fact.changed_at} AT TIME ZONE 'UTC'"
    row_hash = f"uuid_hash_extended(id, timestamp_hash_extended({moment}, {fact.revision}))"
    return f"SELECT date_trunc('hour', {moment}), count(*), bit_xor({row_hash}) FROM {fact.table} GROUP BY 1"


def _between(column: str, start: Hour, end: Hour) -> str:
    return f"({column} >= '{start}+00' AND {column} < '{end}+00')"


def _conninfo(connection: BaseDatabaseWrapper) -> str:
    """Return how Django connects, in libpq's words."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    given = connection.get_connection_params()
    return conninfo.make_conninfo(**{name: value for name, value in given.items() if name in known})
