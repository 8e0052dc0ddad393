"""Reading imports: the list, how far one is, what its file looks like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from troth.jobs import queries as jobs
from troth.jobs.models import JobStatus
from troth.value.later import pl

from . import reading, refusals, report, rules, sorting
from .errors import ImportNotFoundError
from .limits import MIB, Limits
from .models import ImportRun
from .options import Options
from .reading import Source
from .staging import Staged, Stager
from .tally import Tally
from .targets import NUMERIC, Shape
from .values import numbers

PREVIEW_ROWS = 50
_BLANK_BATCHES = 100  # so far down is looked for the first row that is not blank
# A page is asked for again and again: it reads a little, however broken the file is.
_LIMITS = Limits(batch_rows=PREVIEW_ROWS, batch_bytes=4 * MIB, batch_reread_bytes=16 * MIB)


def runs() -> QuerySet[ImportRun]:
    """Return imports, newest first."""
    return ImportRun.objects.order_by("-created_at", "-id")


def run_of(run_id: UUID, *, is_locked: bool = False) -> ImportRun:
    """Return one import.

    Raises:
        ImportNotFoundError: no such import.
    """
    found = ImportRun.objects.select_for_update() if is_locked else ImportRun.objects
    run = found.filter(id=run_id).first()
    if run is None:
        raise ImportNotFoundError(_("There is no import %(id)s.") % {"id": run_id})
    return run


@dataclass(frozen=True)
class Progress:
    """How far an import is.

    Args:
        status: "draft" or the status of its job.
        fraction: from 0 to 1.
        seconds_left: None while nothing can be said.
        note: what is being done, in words.
        error: why it failed, in words.
    """

    status: str
    fraction: float
    rows_per_second: int
    seconds_left: int | None
    note: str
    error: str
    tally: Tally
    is_stopping: bool

    @property
    def is_active(self) -> bool:
        return self.status in (JobStatus.QUEUED, JobStatus.RUNNING)


def progress(run: ImportRun) -> Progress:
    """Return how far the import is."""
    if run.job_id is None:
        return Progress("draft", 0.0, 0, None, "", "", Tally(), is_stopping=False)
    job = jobs.job(run.job_id)
    speed = job.checkpoint.get("speed", {})
    return Progress(
        status=job.status,
        fraction=job.fraction_done or 0.0,
        rows_per_second=speed.get("rows_per_second", 0),
        seconds_left=speed.get("seconds_left"),
        note=job.progress_note,
        error=job.error_message,
        tally=Tally.from_json(run.report or job.checkpoint.get("tally", {})),
        is_stopping=job.is_active and job.cancel_requested_at is not None,
    )


@dataclass(frozen=True)
class PreviewCell:
    """One cell, and what is wrong with it; `is_refused` where the row cannot go in for it, else it is left empty."""

    text: str
    reason: str = ""
    is_refused: bool = False


@dataclass(frozen=True)
class PreviewRow:
    """One of the first rows, with the reasons that concern it as a whole; without cells if it cannot be cut."""

    number: int
    cells: list[PreviewCell]
    reasons: list[str]

    @property
    def is_refused(self) -> bool:
        return bool(self.reasons) or any(cell.is_refused for cell in self.cells)


@dataclass(frozen=True)
class Preview:
    """The first rows of a file as they would be understood.

    Args:
        columns: header texts.
        mended: sentence -> how often, in the rows shown.
        has_ambiguous_dates: none of the rows shown tells day from month.
        is_cut_short: there are fewer rows than usual, because so many of them cannot be cut into cells.
    """

    columns: list[str]
    rows: list[PreviewRow]
    mended: list[tuple[str, int]]
    has_ambiguous_dates: bool
    is_cut_short: bool = False

    @property
    def refused_count(self) -> int:
        return sum(row.is_refused for row in self.rows)

    @property
    def empty_count(self) -> int:
        """Return how many cells would be left empty."""
        return sum(bool(cell.reason) and not cell.is_refused for row in self.rows for cell in row.cells)


def preview(run: ImportRun, *, now: datetime) -> Preview:
    """Return the first 50 rows, read by the options as they are now; what only the database knows is not asked.

    Raises:
        FileRefusedError: the file cannot be read any more.
    """
    source = Source.from_json(run.source)
    options = Options.from_json(run.options)
    batches = islice(reading.batches(source, limits=_LIMITS), _BLANK_BATCHES)
    batch = next((batch for batch in batches if len(batch.rows) or batch.faults), None)
    names = report.column_names(source)
    if batch is None:
        return Preview(names, [], [], has_ambiguous_dates=False)
    staged = Stager(options, _LIMITS, options.decimal_mark or _mark(batch, options)).stage(batch)
    found = _Reasons(batch, staged, source, options, now)
    rows = [found.row(number) for number in sorted({*batch.rows, *(fault.row for fault in batch.faults)})]
    mended = [(rules.mending_text(rule), count) for rule, count in staged.mended.most_common()]
    is_whole = len(batch.rows) + len(batch.faults) >= PREVIEW_ROWS
    return Preview(
        names,
        rows,
        mended,
        has_ambiguous_dates=_is_ambiguous(staged.rows, staged.evidence),
        is_cut_short=bool(batch.faults) and not is_whole and _goes_on(source, batch),
    )


def _goes_on(source: Source, batch: reading.Batch) -> bool:
    return source.kind == "text" and batch.end.offset < source.size_bytes


class _Reasons:
    """What is wrong with the rows of one batch, in words."""

    def __init__(self, batch: reading.Batch, staged: Staged, source: Source, options: Options, now: datetime) -> None:
        self._cells = dict(zip(batch.rows, batch.cells.iter_rows(), strict=True))
        self._cells |= _uncut_cells(batch, source)
        self._refused: dict[tuple[int, int], list[str]] = {}
        self._noted: dict[tuple[int, int], list[str]] = {}
        self._names = report.column_names(source)
        self._options = options
        days = sorting.days_out_of_range(staged.rows, options, staged.evidence, now)
        self._add(self._refused, pl.concat([staged.refused, days.filter("is_refused").drop("is_refused")]))
        self._add(self._noted, pl.concat([staged.noted, days.filter(~pl.col("is_refused")).drop("is_refused")]))
        self._add(self._refused, self._siblings(staged.rows))

    def _add(self, reasons: dict[tuple[int, int], list[str]], found: pl.DataFrame) -> None:
        for refusal in found.iter_rows(named=True):
            original = list(self._cells.get(refusal["row"], ()))
            reason = report.reason(refusal, original, self._names, self._options, _LIMITS)
            text = rules.refusal_text(reason["code"], reason["values"])
            reasons.setdefault((refusal["row"], refusal["column"]), []).append(text)

    def _siblings(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that are well by themselves, but stand in an order with one that is not."""
        if self._options.shape == Shape.CUSTOMERS:
            return refusals.empty()
        bad = pl.Series([number for number, _column in self._refused], dtype=pl.Int64)
        broken = rows.filter(pl.col("row").is_in(bad.implode())).group_by("key").agg(pl.col("row").min().alias("bad"))
        good = rows.filter(~pl.col("row").is_in(bad.implode())).select("row", "key")
        hit = good.join(broken, on="key", maintain_order="left")
        return refusals.of_rows(
            hit["row"], "order_has_refused_row", values=refusals.as_json(hit, order="key", row="bad")
        )

    def row(self, number: int) -> PreviewRow:
        reasons = self._refused.get((number, refusals.NO_COLUMN), [])
        return PreviewRow(number, [self._cell(number, i, text) for i, text in enumerate(self._cells[number])], reasons)

    def _cell(self, number: int, column: int, text: str) -> PreviewCell:
        refused = self._refused.get((number, column), [])
        return PreviewCell(
            text[:200], " ".join(refused or self._noted.get((number, column), [])), is_refused=bool(refused)
        )


def _uncut_cells(batch: reading.Batch, source: Source) -> dict[int, tuple[str, ...]]:
    """Return, of rows with more cells than the header has columns, the first ones; of others that failed, nothing."""
    rows = [fault.row for fault in batch.faults]
    width = len(source.columns)
    found = {row: tuple(cells[:width]) for row, cells in reading.pick(source, rows, limits=_LIMITS)}
    return {row: found.get(row, ()) for row in rows}


def _mark(batch: reading.Batch, options: Options) -> str:
    amounts = [str(options.mapping[code]) for code, target in options.targets.items() if target.kind in NUMERIC]
    return numbers.guess_mark([batch.cells[name] for name in amounts])


def _is_ambiguous(rows: Any, evidence: dict[str, Any]) -> bool:
    for name, found in evidence.items():
        if not found.total() and f"{name}_day_first" in rows.columns:
            differs = rows[f"{name}_day_first"] != rows[f"{name}_month_first"]
            if differs.any():
                return True
    return False
