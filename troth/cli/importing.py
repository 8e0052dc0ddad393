"""`import`."""

import json
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from django.db import connection
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from troth.access.actors import Actor, system_actor
from troth.cli.exits import Exit
from troth.imports import own_columns, rules
from troth.imports import queries as imports
from troth.imports import services as import_services
from troth.imports.errors import MappingError
from troth.imports.models import ImportRun
from troth.imports.options import Options
from troth.imports.targets import Shape
from troth.jobs.models import JobStatus
from troth.kit import clock

POLL_SECONDS = 0.3
_FIGURES = ("is_dry_run", "rows", "refused_rows", "done", "mended", "refused", "noted")


def import_file(
    kind: str,
    file: Path,
    mapping: list[str],
    *,
    source: str,
    is_earning: bool,
    orders: dict[str, str],
    is_dry_run: bool,
    refused: Path | None,
    as_json: bool,
) -> int:
    """Import one file in this process; the exit code is 3 if rows were refused.

    Args:
        orders: how orders are to be taken, by field of `troth.imports.options.Options`; what is left out stays as the
            last time.
    """
    actor = system_actor("import")
    choices: dict[str, Any] = {"source": source} if source else {}
    if is_earning:
        choices["is_earning"] = True
    choices |= orders
    run = _received(kind, file, mapping, choices, actor)
    run = import_services.start(run.id, actor=actor, now=clock.utc_now(), is_dry_run=is_dry_run)
    _work_off(run, actor)
    state = imports.progress(run)
    if state.status != JobStatus.SUCCEEDED:
        typer.echo(f"troth: {state.error or _('The import was stopped; rows that are in stay in.')}", err=True)
        return Exit.FAILED
    kept = _kept(run.refused_path, refused or file.with_name(f"{file.stem}.refused.csv"))
    noted = _kept(run.noted_path, (refused or file).with_name(f"{file.stem}.noted.csv"))
    if as_json:
        typer.echo(json.dumps(_as_json(run, kept, noted), ensure_ascii=False, indent=2))
    else:
        _tell(run, kept, noted)
    return Exit.INCOMPLETE if kept else Exit.DONE


def _received(kind: str, file: Path, mapping: list[str], choices: dict[str, Any], actor: Actor) -> ImportRun:
    """Take the file in; of orders, the headers tell whether a row is an order or a line of one."""
    with file.open("rb") as content:
        run = import_services.receive(
            actor=actor,
            now=clock.utc_now(),
            file_name=file.name,
            content=content,
            shape=Shape.CUSTOMERS if kind == "customers" else None,
            **choices,
        )
    changes: dict[str, Any] = {}
    if kind == "orders" and run.shape == Shape.CUSTOMERS:
        changes["shape"] = Shape.ORDERS
    if changes:
        run = import_services.choose(run.id, actor=actor, now=clock.utc_now(), **changes)
    if mapping:
        chosen = _chosen(mapping, run)
        run = import_services.choose(run.id, actor=actor, now=clock.utc_now(), mapping=chosen)
    return run


def _chosen(mapping: list[str], run: ImportRun) -> dict[str, int]:
    """Return the guessed mapping with what was said put over it.

    Raises:
        MappingError: a part is not MEANING=COLUMN, or the file has no such column.
    """
    columns: list[str] = run.source["columns"]
    known = [target.code for target in own_columns.offered(Shape(run.shape))]
    said: dict[str, int] = {}
    for part in mapping:
        meaning, mark, column = part.partition("=")
        if not mark or meaning not in known:
            message = _("“%(part)s” is not MEANING=COLUMN; meanings are: %(known)s.")
            raise MappingError(message % {"part": part, "known": ", ".join(known)}, field="mapping", value=part)
        if column in columns:
            said[meaning] = columns.index(column)
        elif column.isdecimal() and 1 <= int(column) <= len(columns):
            said[meaning] = int(column) - 1
        else:
            message = _("The file has no column “%(column)s”; it has: %(columns)s.")
            values = {"column": column, "columns": ", ".join(columns)}
            raise MappingError(message % values, field="mapping", value=column)
    taken = set(said.values())
    guessed = {code: number for code, number in run.options["mapping"].items() if number not in taken}
    return guessed | said


def _work_off(run: ImportRun, actor: Actor) -> None:
    """Do the work here, or watch the worker do it if it was quicker; Ctrl-C stops the import for good."""
    with _bar(run):
        try:
            import_services.work_off(run)
            while imports.progress(run).is_active:
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            import_services.cancel(run.id, actor=actor, now=clock.utc_now())
            raise
    run.refresh_from_db()


@contextmanager
def _bar(run: ImportRun) -> Iterator[None]:
    """Show progress on standard error while somebody looks."""
    if not sys.stderr.isatty():
        yield
        return
    stop = threading.Event()
    watcher = threading.Thread(target=_show, args=(run, stop), name="progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


def _show(run: ImportRun, stop: threading.Event) -> None:
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=Console(stderr=True),
        transient=True,
    )
    try:
        with progress:
            bar = progress.add_task("", total=1.0, left="")
            while not stop.wait(POLL_SECONDS):
                state = imports.progress(run)
                left = "" if state.seconds_left is None else _("%(seconds)d s left") % {"seconds": state.seconds_left}
                progress.update(bar, completed=state.fraction, description=state.note, left=left)
    finally:
        connection.close()


def _kept(path: Path, target: Path) -> Path | None:
    """Copy refused rows, or notes, to where the user finds them; return where, or None if there are none."""
    if not path.exists():
        return None
    shutil.copyfile(path, target)
    return target


def _as_json(run: ImportRun, kept: Path | None, noted: Path | None) -> dict[str, Any]:
    columns = run.source["columns"]
    return {
        "import": str(run.id),
        "shape": run.shape,
        "mapping": {code: columns[number] for code, number in run.options["mapping"].items()},
        **{name: run.report[name] for name in _FIGURES},
        "refused_file": str(kept) if kept else None,
        "noted_file": str(noted) if noted else None,
    }


def _tell(run: ImportRun, kept: Path | None, noted: Path | None) -> None:
    report, columns = run.report, run.source["columns"]
    if report["is_dry_run"]:
        typer.echo(_("Dry run: nothing was written. The columns were read as:"))
        options = Options.from_json(run.options)
        for code, number in sorted(options.mapping.items(), key=lambda one: one[1]):
            typer.echo(f"  {columns[number]} → {options.targets[code].label} ({code})")
    numbers = {"rows": f"{report['rows']:,}", "refused": f"{report['refused_rows']:,}"}
    typer.echo(_("%(rows)s rows read, %(refused)s refused.") % numbers)
    for name in rules.DONE:
        if count := report["done"].get(name):
            typer.echo("  " + _("%(what)s: %(count)s") % {"what": rules.done_text(name), "count": f"{count:,}"})
    for rule, count in sorted(report["mended"].items(), key=lambda item: -item[1]):
        typer.echo(f"  {count:,} × {rules.mending_text(rule)}")
    if kept:
        typer.echo(_("The refused rows with their reasons: %(path)s") % {"path": kept})
    if noted:
        cells = {"count": f"{sum(report['noted'].values()):,}", "path": noted}
        typer.echo(_("Cells left empty in rows that went in: %(count)s. Each with its reason: %(path)s") % cells)
