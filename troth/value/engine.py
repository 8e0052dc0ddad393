"""Where expressions run: Ibis writes the SQL, an engine executes it.

Ibis is used as the compiler only, so an engine is small: it registers inputs, executes, and stores what
several later steps need. `DuckEngine` is the usual one, `troth.value.spark` has the other.
"""

from __future__ import annotations

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from troth.value.later import duckdb, ibis, later, pa, pl

DUCKDB, SPARK = "duckdb", "spark"
types_of_ibis = later("ibis.backends.sql.datatypes")
Table = Any  # ibis.Table: Ibis ships no types that mypy can follow


class Engine(ABC):
    """What a calculation needs of an engine; not safe for two threads at once."""

    dialect: str

    def __init__(self) -> None:
        self._names = count(1)

    @abstractmethod
    def close(self) -> None:
        """Give everything back."""

    @abstractmethod
    def scan(self, files: Sequence[Path]) -> Table:
        """A table over Parquet files, read when asked and only the columns asked for."""

    @abstractmethod
    def register(self, frame: pa.Table) -> Table:
        """A table over an Arrow table."""

    @abstractmethod
    def store(self, expression: Table) -> Table:
        """Execute and keep the rows for later steps."""

    @abstractmethod
    def drop(self, table: Table) -> None:
        """Give back what was stored."""

    @abstractmethod
    def arrow(self, expression: Table) -> pa.Table:
        """Execute and return the rows."""

    @contextmanager
    def stored(self, expression: Table) -> Iterator[Table]:
        """As `store`, given back at the end of the block."""
        table = self.store(expression)
        try:
            yield table
        finally:
            self.drop(table)

    def frame(self, expression: Table) -> pl.DataFrame:
        frame = pl.from_arrow(self.arrow(expression))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def row(self, expression: Table) -> dict[str, Any]:
        """The only row of a result."""
        (row,) = self.arrow(expression).to_pylist()
        return dict(row)

    def sql(self, expression: Table) -> str:
        return compiled(expression.op(), self.dialect)

    def _new_name(self, stem: str) -> str:
        return f"{stem}_{next(self._names)}"


class DuckEngine(Engine):
    """DuckDB in this process; not safe for two threads at once.

    `memory_limit` ("2GB") and `threads` bound it; beyond the limit it spills to `temp_directory`.
    """

    dialect = "duckdb"

    def __init__(
        self,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
        temp_directory: str | Path | None = None,
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "temp_directory": str(temp_directory or Path(tempfile.gettempdir()) / "troth-value"),
            "preserve_insertion_order": False,
        }
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if threads is not None:
            config["threads"] = threads
        self._connection = duckdb.connect(config=config)
        self._connection.execute("set enable_progress_bar = false")

    def close(self) -> None:
        self._connection.close()

    def scan(self, files: Sequence[Path]) -> Table:
        listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        return self._view(f"read_parquet([{listed}], union_by_name = true)")

    def register(self, frame: pa.Table) -> Table:
        name = self._new_name("frame")
        self._connection.register(name, frame)
        return self._described(name)

    def store(self, expression: Table) -> Table:
        name = self._new_name("stored")
        self._connection.execute(f"create temp table {name} as {self.sql(expression)}")
        return ibis.table(expression.schema(), name=name)

    def drop(self, table: Table) -> None:
        self._connection.execute(f"drop table {table.get_name()}")

    def arrow(self, expression: Table) -> pa.Table:
        return self._connection.sql(self.sql(expression)).to_arrow_table()

    def _view(self, source: str) -> Table:
        name = self._new_name("files")
        self._connection.execute(f"create temp view {name} as select * from {source}")  # noqa: S608  # our names
        return self._described(name)

    def _described(self, name: str) -> Table:
        rows = self._connection.execute(f"describe {name}").fetchall()
        return ibis.table({row[0]: types_of_ibis.DuckDBType.from_string(row[1]) for row in rows}, name=name)


def engine_named(name: str | None = None, **bounds: Any) -> Engine:
    """The engine of this name, `duckdb` or `spark`; without one, that of `TROTH_ENGINE`, else DuckDB.

    Raises `ValueError` for another name, `ImportError` where PySpark is wanted and not installed.
    """
    name = name or os.environ.get("TROTH_ENGINE") or DUCKDB
    if name == SPARK:
        try:
            from troth.value.spark import SparkEngine  # noqa: PLC0415  # PySpark may not be there
        except ImportError as missing:
            raise ImportError("the engine spark needs PySpark: pip install -r requirements/spark.txt") from missing
        return SparkEngine(**bounds)
    if name != DUCKDB:
        raise ValueError(f"TROTH_ENGINE={name}: there is no such engine; use {DUCKDB} or {SPARK}")
    return DuckEngine(**bounds)


@lru_cache(maxsize=512)
def compiled(node: Any, dialect: str) -> str:
    """The SQL of an expression; equal ones are written once, for writing outlasts small data."""
    was_fusing = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False  # engines do it themselves; in Ibis it takes half of the writing
    try:
        return str(ibis.to_sql(node.to_expr(), dialect=dialect, pretty=False))
    finally:
        ibis.options.sql.fuse_selects = was_fusing
