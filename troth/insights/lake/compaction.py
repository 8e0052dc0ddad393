"""Keeping the lake in few files without superseded rows, so that reading stays fast."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from troth.kit.ids import new_id
from troth.value.later import duckdb

from . import engine, manifest
from .exporting import locked, sweep
from .facts import LINES, ORDERS, RETURNS, SERVICE_COSTS, Fact
from .manifest import LakeFile, Manifest, sync_directory, sync_file
from .writing import FILE_ROWS, WRITE

SMALL_FILE_ROWS = FILE_ROWS // 4
MAX_SMALL_FILES = 24
MAX_SUPERSEDED_SHARE = 0.02


def compact(lake: Path, *, now: datetime, is_forced: bool = False) -> list[str]:
    """Join small files and drop superseded rows where there are many (or any, if forced); return the facts
    rewritten.

    The lake holds the same facts before, meanwhile and after; old files stay a while for who is still
    reading them.

    Raises:
        LakeBusyError: an export is running.
    """
    with locked(lake), engine.connection(lake) as duck:
        held = manifest.read(lake)
        sweep(lake, held, now)
        work = _Compaction(lake, held, now, duck)
        for fact in (ORDERS, LINES, RETURNS, SERVICE_COSTS):
            if is_forced or _superseded_share(held, fact) > MAX_SUPERSEDED_SHARE:
                work.drop_superseded(fact)
            small = [file for file in held.files.get(fact.name, []) if file.rows < SMALL_FILE_ROWS]
            if len(small) > (1 if is_forced else MAX_SMALL_FILES):
                work.join(fact, small)
        if work.changed:
            manifest.write(lake, held)
        return sorted(work.changed)


def _superseded_share(held: Manifest, fact: Fact) -> float:
    rows = held.rows(fact.name)
    return held.superseded.get(fact.name, 0) / rows if rows else 0.0


def _has_superseded(held: Manifest, fact: Fact) -> bool:
    return any(held.superseded[name] for name in (fact.name, *((LINES.name,) if fact is ORDERS else ())))


class _Compaction:
    def __init__(self, lake: Path, held: Manifest, now: datetime, duck: duckdb.DuckDBPyConnection) -> None:
        self._lake = lake
        self._manifest = held
        self._now = now
        self._duck = duck
        self._id = new_id().hex
        self._count = 0
        # Lines follow their order, so its revisions tell also of them, whether or not it has superseded rows left.
        self._newest = {
            fact.name: self._newest_table(fact) for fact in (ORDERS, RETURNS) if _has_superseded(held, fact)
        }
        self._newest[LINES.name] = self._newest.get(ORDERS.name, "")
        self.changed: set[str] = set()

    def drop_superseded(self, fact: Fact) -> None:
        """Write anew, one by one, the files that hold superseded rows."""
        newest = self._newest.get(fact.name)
        if not newest:
            return
        for file in list(self._manifest.files.get(fact.name, [])):
            kept = (
                f"SELECT f.* FROM {engine.scan([self._lake / file.path])} f LEFT JOIN {newest} n ON"
                f" n.id = f.{fact.key}"
                f" WHERE n.id IS NULL OR n.revision = f.revision"
            )
            rows = self._one(f"SELECT count(*) FROM ({kept})")
            if rows < file.rows:
                self._replace(fact, [file], kept, rows)
        self._manifest.superseded[fact.name] = 0

    def join(self, fact: Fact, small: list[LakeFile]) -> None:
        """Put small files together into one."""
        current = [file for file in small if file in self._manifest.files[fact.name]]
        if len(current) > 1:
            rows = f"SELECT * FROM {engine.scan([self._lake / file.path for file in current])}"
            self._replace(fact, current, rows, sum(file.rows for file in current))

    def _replace(self, fact: Fact, files: list[LakeFile], query: str, rows: int) -> None:
        path = f"{fact.name}/{self._id}-{self._count:04}-compact.parquet"
        self._count += 1
        kept = [file for file in self._manifest.files[fact.name] if file not in files]
        if rows or not kept:
            target = self._lake / path
            self._duck.execute(f"COPY ({query} ORDER BY {fact.day}, customer_id) TO {engine.quoted(target)} {WRITE}")
            sync_file(target)
            sync_directory(target.parent)
            kept.append(LakeFile(path, rows))
        self._manifest.files[fact.name] = kept
        self._manifest.retire([file.path for file in files], self._now)
        self.changed.add(fact.name)

    def _newest_table(self, fact: Fact) -> str:
        files = engine.scan(self._manifest.paths(self._lake, fact.name))
        self._duck.execute(
            f"CREATE TABLE newest_{fact.name} AS SELECT {fact.key} AS id, max(revision) AS revision"
            f" FROM {files}"
            " WHERE revision > 1 GROUP BY 1"
        )
        return f"newest_{fact.name}"

    def _one(self, query: str) -> Any:
        row = self._duck.execute(query).fetchone()
        return row[0] if row else None
