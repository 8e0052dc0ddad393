"""Running an import: read, sort, write, report. Each step can be killed at any moment and repeated.

Reading writes parts to disk and notes in the job's checkpoint which byte comes next. Writing notes in the
transaction of the rows how many sorted rows are in, so that no row is lost and none is written twice, whatever dies
when.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.jobs.running import JobContext
from troth.value.later import pl

from . import reading, refusals, report, sorting
from .customer_writing import CustomerBatch
from .limits import Limits
from .models import ImportRun
from .options import Options
from .order_writing import OrderBatch, Writing
from .reading import Position, Source
from .staging import Stager
from .tally import Tally
from .targets import NUMERIC, Shape
from .values import numbers
from .values.dates import DateOrder

# How much of the work each step is, roughly: for one bar over all of them.
_READ, _SORT, _WRITE = 0.40, 0.05, 0.55
_ATTEMPTS = 3  # a number that somebody else records at the same moment is found at the second attempt
_SAMPLE_ROWS = 10_000


class _Batch(Protocol):
    tally: Tally
    noted: pl.DataFrame

    def run(self) -> pl.DataFrame: ...


class Import:
    """One import in the hands of a job."""

    def __init__(self, run: ImportRun, context: JobContext, *, actor: Actor, now: datetime, limits: Limits) -> None:
        self._run = run
        self._context = context
        self._actor = actor
        self._now = now
        self._limits = limits
        self._options = Options.from_json(run.options)
        self._state: dict[str, Any] = {
            "phase": "read",
            "part": 0,
            "written": 0,
            "evidence": {},
            **context.checkpoint,
        }
        self._tally = Tally.from_json(self._state.get("tally", {}))
        self._began = time.monotonic()
        self._began_at = self._fraction()
        self._phase_began = time.monotonic()
        self._phase_rows = self._rows_done()

    def execute(self) -> dict[str, Any]:
        """Do what is left to be done and return the report.

        Raises:
            FileRefusedError: the file as a whole cannot be imported.
            JobCancelledError: somebody asked to stop; rows that are in stay in.
        """
        steps = {"read": self._read, "sort": self._sort, "write": self._write}
        source = self._source()
        for phase, step in steps.items():
            if self._state["phase"] == phase:
                self._phase_began, self._phase_rows = time.monotonic(), self._rows_done()
                step(source)
        self._report_progress(_("Writing the report"), force=True)
        return report.finish(self._run, source, self._tally, limits=self._limits)

    def _source(self) -> Source:
        """Return the file ready to be read; a workbook is unpacked once, however often the import resumes."""
        if "source" in self._state:
            return Source.from_json(self._state["source"])
        self._report_progress(_("Looking at the file"), force=True)
        source = reading.prepare(
            self._run.upload_path,
            copy_to=self._run.folder / "copy.csv",
            encoding=self._options.encoding,
            delimiter=self._options.delimiter,
            quote=self._options.quote,
            sheet=self._options.sheet,
            header_row=self._options.header_row,
            limits=self._limits,
        )
        self._state |= {
            "source": source.as_json(),
            "offset": source.start.offset,
            "row": source.start.row,
            "decimal_mark": self._options.decimal_mark or self._guess_mark(source),
        }
        self._tally.mended.update(source.mended)
        self._save()
        return source

    def _guess_mark(self, source: Source) -> str:
        amounts = [
            str(self._options.mapping[code]) for code, target in self._options.targets.items() if target.kind in NUMERIC
        ]
        first = next(reading.batches(source, limits=self._limits), None)
        if first is None or not amounts:
            return "."
        return numbers.guess_mark([first.cells[name].head(_SAMPLE_ROWS) for name in amounts])

    # Reading

    def _read(self, source: Source) -> None:
        stager = Stager(self._options, self._limits, self._state["decimal_mark"])
        start = Position(self._state["offset"], self._state["row"])
        for batch in reading.batches(source, start=start, limits=self._limits):
            staged = stager.stage(batch)
            part = self._state["part"]
            _write_part(self._run.folder / "staged", part, staged.rows)
            refusals.write(self._run.folder / "refused", f"read-{part:06}", staged.refused)
            refusals.write(self._run.folder / "noted", f"read-{part:06}", staged.noted)
            self._tally.add(
                Tally(
                    rows=len(batch.rows) + len(batch.faults),
                    refused_rows=staged.refused["row"].n_unique(),
                    mended=staged.mended,
                    refused=refusals.count(staged.refused),
                )
            )
            for name, found in staged.evidence.items():
                self._state["evidence"][name] = dict(Counter(self._state["evidence"].get(name, {})) + found)
            self._state |= {"part": part + 1, "offset": batch.end.offset, "row": batch.end.row}
            self._save()
            self._report_progress(_("Reading: %(rows)s rows") % {"rows": f"{self._tally.rows:,}"})
        self._next_phase("sort")

    # Sorting

    def _sort(self, source: Source) -> None:
        self._report_progress(_("Bringing the rows of each order together"), force=True)
        orders = {name: self._date_order(name) for name in ("ordered_at", "birth_date", "joined_date")}
        total = 0
        if list((self._run.folder / "staged").glob("*.parquet")):
            total, oversized = sorting.sort(
                self._run.folder, options=self._options, orders=orders, limits=self._limits, now=self._now
            )
            if oversized:
                self._tally.refused["too_many_lines"] += oversized
                self._tally.refused_rows += oversized
        for name, order in orders.items():
            if rule := self._date_rule(order):
                self._tally.mended[rule] += 1 if name in self._state["evidence"] else 0
        self._tally.mended = +self._tally.mended
        self._state["total"] = total
        self._next_phase("write")

    def _date_order(self, name: str) -> DateOrder:
        found = self._state["evidence"].get(name, {})
        return DateOrder.from_evidence(
            only_day_first=found.get("day_first", 0), only_month_first=found.get("month_first", 0)
        )

    def _date_rule(self, order: DateOrder) -> str | None:
        if self._options.date_order != "auto":
            return "chosen_date_order"
        rules = {
            DateOrder.DAY_FIRST: "day_first",
            DateOrder.MONTH_FIRST: "month_first",
            DateOrder.BOTH: "second_date_format",
        }
        return rules.get(order)

    # Writing

    def _write(self, source: Source) -> None:
        total = self._state["total"]
        for rows in self._sorted_batches(total):
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    self._write_batch(rows)
                    break
                except IntegrityError:
                    if attempt == _ATTEMPTS:
                        raise
            self._report_progress(
                _("Checking: %(rows)s of %(total)s rows")
                % {"rows": f"{self._state['written']:,}", "total": f"{total:,}"}
                if self._options.is_dry_run
                else _("Writing: %(rows)s of %(total)s rows")
                % {"rows": f"{self._state['written']:,}", "total": f"{total:,}"}
            )
        self._next_phase("report")

    def _sorted_batches(self, total: int) -> Iterator[pl.DataFrame]:
        """Yield rows of whole orders; the position after each is in the state by then."""
        rows = pl.scan_parquet(self._run.folder / "sorted.parquet")
        while (position := self._state["written"]) < total:
            batch = rows.slice(position, sorting.ROWS_PER_GROUP).collect()
            if position + len(batch) < total:
                # The last order may go on in the next rows: it waits for them.
                batch = batch.filter(pl.col("key") != batch["key"][-1])
            yield batch

    def _write_batch(self, rows: pl.DataFrame) -> None:
        position = self._state["written"]
        writing = Writing(self._options, self._run.id, self._actor, self._now)
        kind = CustomerBatch if self._options.shape == Shape.CUSTOMERS else OrderBatch
        tally = Tally.from_json(self._tally.as_json())
        with transaction.atomic():
            batch: _Batch = kind(rows, writing)
            refused = batch.run()
            if isinstance(batch, OrderBatch) and self._options.is_dry_run:
                _write_part(self._run.folder / "wanted", position, batch.wanted)
            refusals.write(self._run.folder / "refused", f"write-{position:012}", refused)
            refusals.write(self._run.folder / "noted", f"write-{position:012}", batch.noted)
            tally.add(batch.tally)
            state = self._state | {"written": position + len(rows), "tally": tally.as_json()}
            self._context.save_checkpoint(state)
        self._state, self._tally = state, tally

    # Progress

    def _next_phase(self, phase: str) -> None:
        self._state["phase"] = phase
        self._save()

    def _save(self) -> None:
        self._state["tally"] = self._tally.as_json()
        self._context.save_checkpoint(self._state)

    def _report_progress(self, note: str, *, force: bool = False) -> None:
        done = self._fraction()
        elapsed = time.monotonic() - self._began
        left = elapsed * (1 - done) / (done - self._began_at) if done > self._began_at else None
        seconds = max(time.monotonic() - self._phase_began, 0.001)
        self._state["speed"] = {
            "rows_per_second": round((self._rows_done() - self._phase_rows) / seconds),
            "seconds_left": None if left is None else round(left),
        }
        self._context.progress(round(done * 1000), 1000, note=note, force=force)

    def _rows_done(self) -> int:
        return int(self._state["written"] if self._state["phase"] == "write" else self._tally.rows)

    def _fraction(self) -> float:
        """Return how much of the whole work is done, from 0 to 1."""
        phase = self._state["phase"]
        if phase == "read":
            source = self._state.get("source")
            return _READ * float(self._state["offset"] / max(source["size_bytes"], 1)) if source else 0.0
        if phase == "sort":
            return _READ
        if phase == "write":
            return _READ + _SORT + _WRITE * float(self._state["written"] / max(self._state["total"], 1))
        return 1.0


def _write_part(folder: Path, number: int, rows: pl.DataFrame) -> None:
    """Write a part under its number, in place of one that an attempt before a crash may have left."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number:012}.parquet"
    if rows.is_empty():
        path.unlink(missing_ok=True)
        return
    new = path.with_suffix(".new")
    rows.write_parquet(new, compression="lz4")
    new.replace(path)
