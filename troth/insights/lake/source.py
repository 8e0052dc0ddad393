"""Reading the database in one snapshot, as Arrow, without ever holding a whole table."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as shared_connection
from django.db.backends.base.base import BaseDatabaseWrapper

from troth.value.later import csv, pa

from .facts import Column, Fact

Fingerprint = tuple[int, int]
"""Number of rows, and the exclusive or of a hash over id, moment of change and revision of each."""

Hour = datetime
"""The beginning of an hour, UTC, naive."""

ONE_HOUR = timedelta(hours=1)
BLOCK_BYTES = 16 * 2**20
MAX_RANGES = 100
WANTED = "lake_wanted"


class Source(ABC):
    """A database read as of one moment."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Hold one snapshot for the length of the block."""

    @abstractmethod
    def blocks(self, select: str, columns: Sequence[Column]) -> Iterator[pa.Table]:
        """Yield the rows of "FROM …" in tables of some 16 MB."""

    @abstractmethod
    def fingerprints(self, fact: Fact) -> dict[Hour, Fingerprint]:
        """Return a fingerprint for each hour in which rows were last changed."""

    @abstractmethod
    def between(self, column: str, start: Hour, end: Hour) -> str:
        """Return the condition that a moment lies in [start, end)."""

    @abstractmethod
    def fill_wanted(self, ids: Sequence[str]) -> None:
        """Remember ids in the table `lake_wanted`, for this snapshot."""

    def keys(self, fact: Fact, hours: Iterable[Hour]) -> Iterator[pa.Table]:
        """Yield `id` and `revision` of the rows last changed in these hours."""
        ranges = _ranges(hours)
        if not ranges:
            return
        within = " OR ".join(self.between(f"{fact.alias}.{fact.changed_at}", start, end) for start, end in ranges)
        columns = [Column("id", f"{fact.alias}.id", "id"), Column("revision", fact.revision, "int")]
        yield from self.blocks(f"FROM {fact.table} {fact.alias} WHERE {within}", columns)


class TextSource(Source):
    """A database that hands out lines of CSV, parsed in C: Python objects would cost many times that."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Read in the transaction that is open."""
        yield

    @abstractmethod
    def texts(self, select: str, columns: Sequence[Column]) -> Iterator[Any]:
        """Yield the rows of "FROM …" as lines of CSV, with their line ends."""

    def blocks(self, select: str, columns: Sequence[Column]) -> Iterator[pa.Table]:
        """Yield the rows of "FROM …" in tables of some 16 MB."""
        waiting: list[Any] = []
        size = 0
        for text in self.texts(select, columns):
            waiting.append(text)
            size += len(text)
            if size >= BLOCK_BYTES:
                yield parse(b"".join(waiting), columns)
                waiting, size = [], 0
        if waiting:
            yield parse(b"".join(waiting), columns)


@contextmanager
def snapshot() -> Iterator[Source]:
    """Open the database as of now; what others commit meanwhile is not seen.

    A connection of its own, so that the caller can go on reporting progress on the shared one; inside a
    transaction (tests) the shared one, which alone sees the uncommitted rows.
    """
    from .postgres import PostgresSource, PostgresTransactionSource  # noqa: PLC0415  they know this module
    from .sqlite import SqliteSource  # noqa: PLC0415  one of two, by the database

    is_shared = _must_share()
    connection = shared_connection if is_shared else shared_connection.copy()
    source: Source
    if connection.vendor == "postgresql":
        source = PostgresTransactionSource(connection) if is_shared else PostgresSource(connection)
    else:
        source = SqliteSource(connection)
    try:
        with source.transaction():
            yield source
    finally:
        if not is_shared:
            connection.close()


def _must_share() -> bool:
    is_in_memory = getattr(shared_connection, "is_in_memory_db", None)
    return bool(shared_connection.in_atomic_block or (is_in_memory and is_in_memory()))


def parse(text: bytes, columns: Sequence[Column]) -> pa.Table:
    """Return CSV lines as an Arrow table; an empty field is null, an empty string is quoted."""
    return csv.read_csv(
        io.BytesIO(text),
        read_options=csv.ReadOptions(column_names=[column.name for column in columns], block_size=4 * 2**20),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={column.name: pa.int64() if column.kind == "int" else pa.string() for column in columns},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def _ranges(hours: Iterable[Hour]) -> list[tuple[Hour, Hour]]:
    """Return the hours as few ranges: neighbours joined; one range over all of them if they are too many to
    list.
    """
    ranges: list[tuple[Hour, Hour]] = []
    for hour in sorted(hours):
        if ranges and ranges[-1][1] == hour:
            ranges[-1] = (ranges[-1][0], hour + ONE_HOUR)
        else:
            ranges.append((hour, hour + ONE_HOUR))
    return ranges if len(ranges) <= MAX_RANGES else [(ranges[0][0], ranges[-1][1])]
