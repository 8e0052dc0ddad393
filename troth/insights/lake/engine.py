"""DuckDB as the lake's writer and comparer: bounded memory, spills beside the lake, no network."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from troth.value.later import duckdb

MEMORY_LIMIT = "1GB"
SPILL = ".spill"


@contextmanager
def connection(lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB in memory for work on this lake."""
    opened = duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "threads": os.cpu_count() or 1,
            "temp_directory": str(lake / SPILL),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def session(duck: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a session of an open DuckDB, with temporary tables of its own: far cheaper than another DuckDB."""
    opened = duck.cursor()
    try:
        yield opened
    finally:
        opened.close()


def scan(paths: Sequence[Path]) -> str:
    """Return the SQL of a table over these Parquet files.

    Raises:
        ValueError: no files: there is no table without columns.
    """
    if not paths:
        raise ValueError("a scan needs at least one file")
    return f"read_parquet([{', '.join(quoted(path) for path in paths)}])"


def quoted(path: Path) -> str:
    """Return the path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"
