"""Importing files: take one in, settle how it is read, start it, stop it, go on with it."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.jobs import running as job_running
from troth.jobs import services as jobs
from troth.kit.ids import new_id
from troth.programs import queries as programs
from troth.staff import queries as staff

from . import headers, own_columns, reading, targets
from .errors import FileRefusedError, ImportStateError, MappingError, NothingEarnsError
from .limits import DEFAULT, MIB
from .models import ImportMapping, ImportRun
from .options import Options, OrderNumbers
from .queries import run_of
from .reading import Source
from .targets import Shape
from .tasks import FORGET_JOB, JOB

PREVIEW_ROWS = 50
FORGET_EVERY = timedelta(days=1)
_REMEMBERED = (
    "mapping",
    "source",
    "encoding",
    "delimiter",
    "quote",
    "sheet",
    "header_row",
    "decimal_mark",
    "date_order",
    "on_conflict",
    "on_missing",
    "order_numbers",
)
_READING = ("encoding", "delimiter", "quote", "sheet", "header_row")


def receive(
    *,
    actor: Actor,
    now: datetime,
    file_name: str,
    content: BinaryIO | Iterable[bytes],
    shape: Shape | None = None,
    **choices: Any,
) -> ImportRun:
    """Take a file in, look at it, and guess how it is to be read; nothing is imported yet.

    Args:
        content: an open file, or its parts.
        shape: what one row is; None to guess.
        choices: fields of `options.Options` that are known already.

    Raises:
        FileRefusedError: it cannot be read, or breaks a limit; nothing is kept of it.
    """
    run = ImportRun(
        id=new_id(),
        file_name=Path(file_name).name[:200] or "file",
        size_bytes=0,
        language=get_language() or "en",
        created_by=actor.code,
        created_at=now,
    )
    run.folder.mkdir(parents=True)
    try:
        run.size_bytes = _store(content, run.upload_path)
        source = _look(run, choices)
        options = _first_options(source, shape, choices)
    except BaseException:
        shutil.rmtree(run.folder, ignore_errors=True)
        raise
    run.shape, run.options, run.source = options.shape.value, options.as_json(), source.as_json()
    run.save(force_insert=True)
    return run


def _store(content: BinaryIO | Iterable[bytes], path: Path) -> int:
    size = 0
    parts = iter(lambda: content.read(MIB), b"") if hasattr(content, "read") else content
    with path.open("wb") as upload:
        for part in parts:
            size += upload.write(part)
            if size > DEFAULT.file_bytes:
                raise FileRefusedError("file_too_large", bytes=size, limit=DEFAULT.file_bytes)
    return size


def _look(run: ImportRun, choices: dict[str, Any]) -> Source:
    """Return what the file's beginning shows; of a workbook no more rows are unpacked than are shown."""
    wanted = {name: choices[name] for name in _READING if choices.get(name) is not None}
    new, kept = run.folder / "preview.new", run.folder / "preview.csv"
    try:
        source = reading.prepare(
            run.upload_path, copy_to=new, preview_rows=PREVIEW_ROWS + DEFAULT.header_rows, **wanted
        )
    except FileRefusedError:
        new.unlink(missing_ok=True)  # what was shown before stays
        raise
    if source.path != new:
        return source
    new.replace(kept)
    return replace(source, path=kept)


def _first_options(source: Source, shape: Shape | None, choices: dict[str, Any]) -> Options:
    """Return remembered choices for files with these headers, else guesses; what was said comes first."""
    shape = shape or headers.guess_shape(source.columns)
    options = Options(shape=shape, mapping=headers.guess(source.columns, own_columns.offered(shape)))
    if (company := staff.company_or_none()) is not None:
        options = replace(options, currency=company.currency, time_zone=company.time_zone, country=company.country)
    remembered = ImportMapping.objects.filter(
        fingerprint=headers.fingerprint(source.columns, shape), shape=shape.value
    ).first()
    if remembered is not None:
        options = Options.from_json(options.as_json() | remembered.options)
        options = replace(options, mapping={code: options.mapping[code] for code in options.targets})
    given = {name: value for name, value in choices.items() if value is not None}
    if remembered is None and shape != Shape.CUSTOMERS:
        given = _numbers_of_source(given.get("source", options.source)) | given
    return Options.from_json(options.as_json() | given)


def _numbers_of_source(source: str) -> dict[str, Any]:
    """Return how the system counted its orders the last time: with another count each order would come in twice."""
    last = ImportMapping.objects.filter(options__source=source).exclude(shape=Shape.CUSTOMERS.value)
    newest = last.order_by("-used_at").first()
    return {"order_numbers": newest.options["order_numbers"]} if newest and "order_numbers" in newest.options else {}


@transaction.atomic
def choose(run_id: UUID, *, actor: Actor, now: datetime, **choices: Any) -> ImportRun:
    """Change how a file that is not started yet will be read; what is read otherwise is looked at anew.

    Raises:
        ImportNotFoundError: no such import.
        ImportStateError: it is started already.
        FileRefusedError: it cannot be read that way; nothing changes.
        MappingError: a column that is not there, or one that is used twice.
    """
    run = _draft(run_id)
    before = Options.from_json(run.options)
    options = Options.from_json(run.options | choices)
    if any(getattr(before, name) != getattr(options, name) for name in _READING):
        source = _look(run, options.as_json())
        run.source = source.as_json()
        if "mapping" not in choices:
            options = replace(options, mapping=headers.guess(source.columns, own_columns.offered(options.shape)))
    elif options.shape != before.shape and "mapping" not in choices:
        options = replace(options, mapping=headers.guess(run.source["columns"], own_columns.offered(options.shape)))
    _check_mapping(run, options)
    run.shape, run.options = options.shape.value, options.as_json()
    run.save(update_fields=["shape", "options", "source"])
    return run


@transaction.atomic
def start(run_id: UUID, *, actor: Actor, now: datetime, is_dry_run: bool = False) -> ImportRun:
    """Start the import in the background, or a dry run, which reads and checks everything and writes nothing.

    Raises:
        ImportNotFoundError: no such import.
        ImportStateError: it runs or is done already; only a dry run may be followed by the import itself.
        MappingError: a column that is needed is not named.
        NothingEarnsError: the orders shall earn, and no programme is in force.
    """
    run = _draft(run_id)
    options = replace(Options.from_json(run.options), is_dry_run=is_dry_run)
    if options.is_earning and options.shape != Shape.CUSTOMERS and not programs.versions_in_force().at(now):
        message = _("No programme is in force, so the orders cannot earn. Publish one, or import them as history.")
        raise NothingEarnsError(message, field="is_earning")
    _check_mapping(run, options)
    groups = targets.missing(options.shape, set(options.mapping))
    if options.order_numbers == OrderNumbers.STORE_DAY and options.shape != Shape.CUSTOMERS:
        groups += [("store",)] if "store" not in options.mapping else []
    if groups:
        names = [_(" or ").join(str(targets.BY_CODE[code].label) for code in group) for group in groups]
        message = _("Name the columns of: %(names)s.") % {"names": "; ".join(names)}
        raise MappingError(message, field="mapping", missing=[list(group) for group in groups])
    _remember(run, options, now)
    job = jobs.enqueue(JOB, actor=actor, now=now, payload={"run": str(run.id)}, unique_key=str(run.id))
    run.options, run.job_id, run.report, run.finished_at = options.as_json(), job.id, {}, None
    run.save(update_fields=["options", "job_id", "report", "finished_at"])
    data = {"import": str(run.id), "shape": run.shape, "is_dry_run": is_dry_run}
    events.append("imports.run.started", actor=actor, now=now, data=data)
    jobs.schedule(FORGET_JOB, every=FORGET_EVERY, first_at=now + FORGET_EVERY)
    return run


def cancel(run_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Ask a running import to stop; rows that are in stay in, and it can be resumed.

    Raises:
        ImportNotFoundError: no such import.
        ImportStateError: it is not started.
        JobStateError: it is over.
    """
    run = run_of(run_id)
    if run.job_id is None:
        raise ImportStateError(_("This import is not started."), state="draft")
    jobs.cancel(run.job_id, actor=actor, now=now)


def resume(run_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Go on with a cancelled or failed import where it stopped.

    Raises:
        ImportNotFoundError: no such import.
        ImportStateError: it is not started.
        JobStateError: it runs or is done.
    """
    run = run_of(run_id)
    if run.job_id is None:
        raise ImportStateError(_("This import is not started."), state="draft")
    jobs.retry(run.job_id, actor=actor, now=now)


@transaction.atomic
def discard(run_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Remove a file that was not imported.

    Raises:
        ImportNotFoundError: no such import.
        ImportStateError: it is started; cancel it instead.
    """
    run = _draft(run_id)
    shutil.rmtree(run.folder, ignore_errors=True)
    run.delete()


@transaction.atomic
def forget_files(*, actor: Actor, now: datetime) -> int:
    """Remove what is personal of files that were taken in long ago, and return how many they were.

    Of an import that is over, the refused rows go and its figures stay; a file that was never imported goes whole. What
    still runs is left alone. After `IMPORT_FILES_DAYS`.
    """
    until = now - timedelta(days=settings.IMPORT_FILES_DAYS)
    over = list(ImportRun.objects.select_for_update().filter(finished_at__lt=until, is_forgotten=False))
    never = list(ImportRun.objects.select_for_update().filter(job_id__isnull=True, created_at__lt=until))
    for run in over:
        run.report, run.is_forgotten = run.report | {"sample": [], "notes": []}, True
        run.save(update_fields=["report", "is_forgotten"])
    ImportRun.objects.filter(id__in=[run.id for run in never]).delete()
    forgotten = [*over, *never]
    if forgotten:
        data = {"imports": [str(run.id) for run in forgotten]}
        events.append("imports.files.forgotten", actor=actor, now=now, data=data)
    # Last: if this fails in the middle, the rows say so no more than the folders, and the next day does the rest.
    for run in forgotten:
        shutil.rmtree(run.folder, ignore_errors=True)
    return len(forgotten)


def import_file(
    path: Path, *, shape: Shape | None, actor: Actor, now: datetime, is_dry_run: bool = False, **choices: Any
) -> ImportRun:
    """Take in a file of this machine and start its import: what the command line and the demo call.

    Nothing has happened to its rows yet: the worker does it, or `work_off` here and now.

    Raises:
        FileRefusedError, MappingError: see `receive` and `start`.
    """
    with path.open("rb") as content:
        run = receive(actor=actor, now=now, file_name=path.name, content=content, shape=shape, **choices)
    return start(run.id, actor=actor, now=now, is_dry_run=is_dry_run)


def work_off(run: ImportRun) -> None:
    """Do a started import in this process instead of waiting for the worker; its state tells how it ended."""
    if run.job_id is not None:
        job_running.run(run.job_id)
        run.refresh_from_db()


def _draft(run_id: UUID) -> ImportRun:
    """Return a run that may be changed and started: a new one, or one whose dry run is over.

    Raises:
        ImportNotFoundError, ImportStateError
    """
    run = run_of(run_id, is_locked=True)
    if run.is_forgotten:
        raise ImportStateError(_("The file was removed after some time. Upload it again."), state="forgotten")
    if run.job_id is not None and not (run.finished_at and run.options.get("is_dry_run")):
        raise ImportStateError(_("This import is started already."), state="started")
    return run


def _check_mapping(run: ImportRun, options: Options) -> None:
    count = len(run.source["columns"])
    known = {target.code for target in own_columns.offered(options.shape)}
    seen: set[int] = set()
    for code, number in options.mapping.items():
        if code not in known or not 0 <= number < count:
            message = _("“%(code)s” cannot be column %(number)s of this file.") % {
                "code": code,
                "number": number + 1,
            }
            raise MappingError(message, field="mapping", target=code, column=number)
        if number in seen:
            message = _("Column %(number)s is named twice; each column means one thing.") % {"number": number + 1}
            raise MappingError(message, field="mapping", target=code, column=number)
        seen.add(number)


def _remember(run: ImportRun, options: Options, now: datetime) -> None:
    chosen = {name: value for name, value in options.as_json().items() if name in _REMEMBERED}
    ImportMapping.objects.update_or_create(
        fingerprint=headers.fingerprint(run.source["columns"], options.shape),
        shape=options.shape.value,
        defaults={"options": chosen, "used_at": now},
    )
