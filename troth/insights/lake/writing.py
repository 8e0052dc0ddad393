"""Arrow in, Parquet out: files of some half a million rows, sorted by day and customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from troth.value.later import duckdb, pa

from . import engine
from .facts import Fact
from .manifest import LakeFile, sync_directory, sync_file

FILE_ROWS = 500_000
WRITE = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"

Report = Callable[[int], None]
"""Told how many rows were read so far; may raise to stop."""


class FactWriter:
    """Writes one fact's rows into files of one export; reading goes on while a file is written."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, lake: Path, fact: Fact, export: str) -> None:
        self._duck = duck
        self._lake = lake
        self._fact = fact
        self._export = export
        self.files: list[LakeFile] = []

    def write(self, blocks: Iterable[pa.Table], report: Report) -> int:
        """Write all blocks and return the number of rows; `report` hears of progress."""
        (self._lake / self._fact.name).mkdir(parents=True, exist_ok=True)
        done = 0
        waiting: list[pa.Table] = []
        with engine.session(self._duck) as duck, ThreadPoolExecutor(1, "lake") as worker:
            running: Future[None] | None = None
            for block in blocks:
                waiting.append(block)
                done += block.num_rows
                report(done)
                if sum(part.num_rows for part in waiting) >= FILE_ROWS:
                    running = self._start(worker, duck, waiting, running)
                    waiting = []
            if waiting:
                running = self._start(worker, duck, waiting, running)
            if running:
                running.result()
        sync_directory(self._lake / self._fact.name)
        return done

    def write_none(self) -> None:
        """Write a file without rows, so that readers find the fact's columns where there is nothing yet."""
        types = {"int": pa.int64()}
        schema = pa.schema((column.name, types.get(column.kind, pa.string())) for column in self._fact.columns)
        self.write([schema.empty_table()], _silent)

    def _start(
        self,
        worker: ThreadPoolExecutor,
        duck: duckdb.DuckDBPyConnection,
        blocks: list[pa.Table],
        running: Future[None] | None,
    ) -> Future[None]:
        if running:
            running.result()  # one file at a time, so that memory stays bounded
        rows = pa.concat_tables(blocks)
        path = f"{self._fact.name}/{self._export}-{len(self.files):04}.parquet"
        self.files.append(LakeFile(path, rows.num_rows))
        return worker.submit(self._write_file, duck, rows, self._lake / path)

    def _write_file(self, duck: duckdb.DuckDBPyConnection, rows: pa.Table, path: Path) -> None:
        duck.register("rows", rows)
        order = dict.fromkeys([self._fact.day, "customer_id"])
        duck.execute(
            f"COPY (SELECT {', '.join(self._fact.parquet)} FROM rows ORDER BY {', '.join(order)})"
            f" TO {engine.quoted(path)} {WRITE}"
        )
        duck.unregister("rows")
        sync_file(path)


def _silent(_done: int) -> None:
    pass
