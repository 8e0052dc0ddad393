"""One export: from the database's state now to a lake that holds exactly it.

What is new is found without trusting clocks. Every row carries `updated_at`, but a long transaction commits
rows that were stamped long before, so "everything after the last export" would lose them. Instead each
export keeps, for every hour of `updated_at`, how many rows the database had and a hash over them. The next
one compares: hours whose print differs hold something new, whenever it was stamped; their (id, revision)
pairs are compared with the lake's, and what the lake lacks is read. At the end the lake must count as many
current rows as the database, or the fact is read anew.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

from troth.kit.ids import new_id
from troth.value.later import duckdb, pa, parquet

from ..errors import LakeBusyError
from . import customers, differences, engine, manifest
from .facts import FACTS, HEADS, LINES, ORDERS, Fact
from .manifest import Manifest
from .source import WANTED, Fingerprint, Hour, Source, snapshot
from .writing import FactWriter

Report = Callable[[str, int, int | None], None]
"""Told the fact being read, the rows read and how many there will be; may raise to stop the export."""

KEEP_RETIRED = timedelta(hours=1)


@dataclass(slots=True)
class ExportResult:
    """What one export did: rows read by fact, and how the lake stands."""

    id: UUID
    rows: dict[str, int] = field(default_factory=dict)
    full: list[str] = field(default_factory=list)
    superseded: dict[str, int] = field(default_factory=dict)
    started_at: datetime | None = None

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())


def export(lake: Path, *, now: datetime, report: Report | None = None, is_rebuild: bool = False) -> ExportResult:
    """Bring the lake up to the database's state as of now.

    Killed at any point, it leaves the lake as it was. `is_rebuild` reads everything anew.

    Raises:
        LakeBusyError: another export of this lake is running.
    """
    lake.mkdir(parents=True, exist_ok=True)
    with locked(lake):
        held = manifest.read(lake)
        sweep(lake, held, now)
        with engine.connection(lake) as duck, snapshot() as source:
            run = _Export(duck, lake, held, now, report or _silent)
            for fact in HEADS:
                run.export_fact(source, fact, is_rebuild=is_rebuild)
            run.export_customers(source)
        return run.finish()


@contextmanager
def locked(lake: Path, name: str = ".lock") -> Iterator[None]:
    """Keep others from doing the same to the lake; the system lets go when the process dies.

    Raises:
        LakeBusyError: somebody holds it.
    """
    with (lake / name).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LakeBusyError from error
        yield


def sweep(lake: Path, held: Manifest, now: datetime) -> None:
    """Delete what killed exports left behind, and files out of use that nobody can still be reading."""
    for path, retired_at in list(held.retired.items()):
        if now - datetime.fromisoformat(retired_at) >= KEEP_RETIRED:
            (lake / path).unlink(missing_ok=True)
            del held.retired[path]
    known = held.known()
    for folder in (*(fact.name for fact in FACTS), "state"):
        for file in (lake / folder).glob("*"):
            if f"{folder}/{file.name}" not in known:
                file.unlink()


def _silent(_fact: str, _done: int, _total: int | None) -> None:
    pass


class _Export:
    """The work of one export on a copy of the manifest, which is written at the end."""

    def __init__(
        self, duck: duckdb.DuckDBPyConnection, lake: Path, held: Manifest, now: datetime, report: Report
    ) -> None:
        self._duck = duck
        self._lake = lake
        self._manifest = held
        self._now = now
        self._report = report
        self._id = new_id()
        self.result = ExportResult(id=self._id, started_at=datetime.now(UTC))

    def export_fact(self, source: Source, fact: Fact, *, is_rebuild: bool) -> None:
        prints = source.fingerprints(fact)
        expected = sum(count for count, _mark in prints.values())
        mode = "rebuild" if is_rebuild else self._find_new(source, fact, prints, expected)
        if mode == "new":
            self._append(source, fact)
        if mode == "rebuild" or self._current_rows(fact) != expected:
            self._rebuild(source, fact, expected)
        self._keep_state(fact, prints)

    def export_customers(self, source: Source) -> None:
        self._manifest.retire([file.path for file in self._manifest.files.get("customers", [])], self._now)
        self._manifest.files["customers"] = customers.write(
            self._duck, self._lake, source, self._id.hex, lambda done: self._report("customers", done, None)
        )
        self.result.rows["customers"] = self._manifest.rows("customers")

    def finish(self) -> ExportResult:
        self.result.superseded = dict(self._manifest.superseded)
        self._manifest.exports.append(
            {
                "id": str(self._id),
                "at": self._now.isoformat(),
                "seconds": round((datetime.now(UTC) - (self.result.started_at or self._now)).total_seconds(), 3),
                "rows": self.result.rows,
                "full": self.result.full,
            }
        )
        manifest.write(self._lake, self._manifest)
        return self.result

    def _find_new(
        self, source: Source, fact: Fact, prints: dict[Hour, Fingerprint], expected: int
    ) -> Literal["same", "new", "rebuild"]:
        if fact.name not in self._manifest.state:
            return "rebuild"
        known = self._known_state(fact)
        hours = [hour for hour, fingerprint in prints.items() if known.get(hour) != fingerprint]
        if not hours:
            return "same"
        found = differences.find(self._duck, self._lake, self._manifest, fact, source.keys(fact, hours))
        if found.is_lake_ahead or len(found.ids) * 2 > expected:
            return "rebuild"
        for name, count in found.superseded.items():
            self._manifest.superseded[name] += count
        source.fill_wanted(found.ids)
        self._wanted = len(found.ids)
        return "new" if found.ids else "same"

    def _append(self, source: Source, fact: Fact) -> None:
        join = f"JOIN {WANTED} w ON w.id = {fact.alias}.id"
        self._write(source, fact, self._wanted, join)
        if fact is ORDERS:
            self._write(source, LINES, None, join)

    def _rebuild(self, source: Source, fact: Fact, expected: int) -> None:
        self._rewrite(source, fact, expected)
        if fact is ORDERS:
            self._rewrite(source, LINES, None)

    def _rewrite(self, source: Source, fact: Fact, total: int | None) -> None:
        self._manifest.retire([file.path for file in self._manifest.files.pop(fact.name, [])], self._now)
        if fact.name in self._manifest.superseded:
            self._manifest.superseded[fact.name] = 0
        self._write(source, fact, total)
        self.result.full.append(fact.name)

    def _write(self, source: Source, fact: Fact, total: int | None, join: str = "") -> None:
        select = f"FROM {fact.table} {fact.alias} {fact.joins} {join}"
        writer = FactWriter(self._duck, self._lake, fact, f"{self._id.hex}{'' if join else '-full'}")
        rows = writer.write(source.blocks(select, fact.columns), lambda done: self._report(fact.name, done, total))
        if not rows and not join:
            writer.write_none()
        self._manifest.files.setdefault(fact.name, []).extend(writer.files)
        self.result.rows[fact.name] = rows

    def _current_rows(self, fact: Fact) -> int:
        return self._manifest.rows(fact.name) - self._manifest.superseded.get(fact.name, 0)

    def _known_state(self, fact: Fact) -> dict[Hour, Fingerprint]:
        rows = parquet.read_table(self._lake / self._manifest.state[fact.name]).to_pylist()
        return {row["hour"]: (row["count"], row["mark"]) for row in rows}

    def _keep_state(self, fact: Fact, prints: dict[Hour, Fingerprint]) -> None:
        if old := self._manifest.state.get(fact.name):
            self._manifest.retire([old], self._now)
        (self._lake / "state").mkdir(exist_ok=True)
        path = f"state/{self._id.hex}-{fact.name}.parquet"
        schema = pa.schema([("hour", pa.timestamp("us")), ("count", pa.int64()), ("mark", pa.int64())])
        rows = [{"hour": hour, "count": count, "mark": mark} for hour, (count, mark) in prints.items()]
        parquet.write_table(pa.Table.from_pylist(rows, schema=schema), self._lake / path)
        manifest.sync_file(self._lake / path)
        self._manifest.state[fact.name] = path
