"""Reading imports: the list, how far one is, what its file looks like."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from troth.jobs import queries as jobs
from troth.jobs.models import JobStatus

from . import reading, refusals, report, rules
from .errors import ImportNotFoundError
from .limits import Limits
from .models import ImportRun
from .options import Options
from .reading import Source
from .staging import Stager
from .tally import Tally
from .targets import BY_CODE, ValueKind
from .values import numbers

PREVIEW_ROWS = 50


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
    """One cell, and why it would be refused; empty when it would not."""

    text: str
    reason: str


@dataclass(frozen=True)
class PreviewRow:
    """One of the first rows, with the reasons that concern it as a whole."""

    number: int
    cells: list[PreviewCell]
    reasons: list[str]


@dataclass(frozen=True)
class Preview:
    """The first rows of a file as they would be understood.

    Args:
        columns: header texts.
        mended: sentence -> how often, in the rows shown.
        has_ambiguous_dates: none of the rows shown tells day from month.
    """

    columns: list[str]
    rows: list[PreviewRow]
    mended: list[tuple[str, int]]
    has_ambiguous_dates: bool


def preview(run: ImportRun) -> Preview:
    """Return the first 50 rows, read by the options as they are now."""
    source = Source.from_json(run.source)
    options = Options.from_json(run.options)
    limits = Limits(batch_rows=PREVIEW_ROWS)
    batch = next(reading.batches(source, limits=limits), None)
    names = report.column_names(source)
    if batch is None:
        return Preview(names, [], [], has_ambiguous_dates=False)
    stager = Stager(options, limits, options.decimal_mark or _mark(batch, options))
    staged = stager.stage(batch)
    reasons: dict[tuple[int, int], list[str]] = {}
    cells = dict(zip(batch.rows, batch.cells.iter_rows(), strict=True))
    for refusal in staged.refused.iter_rows(named=True):
        original = list(cells.get(refusal["row"], ()))
        reason = report.reason(refusal, original, names, options, limits)
        text = rules.refusal_text(reason["code"], reason["values"])
        reasons.setdefault((refusal["row"], refusal["column"]), []).append(text)
    rows = [
        PreviewRow(
            number,
            [PreviewCell(text[:200], " ".join(reasons.get((number, i), []))) for i, text in enumerate(row)],
            reasons.get((number, refusals.NO_COLUMN), []),
        )
        for number, row in cells.items()
    ]
    mended = [(rules.mending_text(rule), count) for rule, count in staged.mended.most_common()]
    return Preview(names, rows, mended, has_ambiguous_dates=_is_ambiguous(staged.rows, staged.evidence))


def _mark(batch: reading.Batch, options: Options) -> str:
    amounts = [
        str(number)
        for code, number in options.mapping.items()
        if BY_CODE[code].kind in (ValueKind.AMOUNT, ValueKind.QUANTITY)
    ]
    return numbers.guess_mark([batch.cells[name] for name in amounts])


def _is_ambiguous(rows: Any, evidence: dict[str, Any]) -> bool:
    for name, found in evidence.items():
        if not found.total() and f"{name}_day_first" in rows.columns:
            differs = rows[f"{name}_day_first"] != rows[f"{name}_month_first"]
            if differs.any():
                return True
    return False
