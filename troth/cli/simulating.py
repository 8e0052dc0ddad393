"""`simulate`: what a draft would have given over the company's own past."""

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from troth.cli.exits import Exit
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.kit.money import minor_unit_places
from troth.programs import queries as programs
from troth.programs.document.reading import read_document
from troth.programs.errors import DocumentInvalidError, ProgrammeNotFoundError
from troth.sales import services as sales
from troth.sales.rehearsal_result import RehearsalResult, SideResult

WIDTH = 120  # columns of a table that goes into a file


def simulate(file: Path, first_day: date, last_day: date, beside: str, *, as_json: bool) -> int:
    """Replay these days through the file's programme and through the version in force; print both.

    beside: code of the programme to compare with, "" for that of the file's own code, if there is one.
    """
    try:
        text = file.read_text(encoding="utf-8")
        programme_id = _compared(read_document(text).programme, beside)
    except OSError as error:
        typer.echo(f"troth: {file}: {error.strerror}", err=True)
        return Exit.FAILED
    except DocumentInvalidError as error:
        for problem in error.problems:
            typer.echo(f"{file}:{problem.line}:{problem.column}: {problem.path}: {problem.message}", err=True)
        return Exit.FAILED
    except ProgrammeNotFoundError as error:
        typer.echo(f"troth: {error}", err=True)
        return Exit.FAILED
    try:
        result = _replayed(text, programme_id, first_day, last_day)
    except TrothError as error:
        typer.echo(f"troth: {error}", err=True)
        return Exit.FAILED
    if as_json:
        typer.echo(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
    else:
        _print(result)
    return Exit.DONE


def _compared(own: str, beside: str) -> UUID:
    """Return the programme to compare with; an id of none where the draft's was never published."""
    try:
        return programs.programme_by_code(beside or own).id
    except ProgrammeNotFoundError:
        if beside:
            raise
        return new_id()


def _replayed(text: str, programme_id: UUID, first_day: date, last_day: date) -> RehearsalResult:
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True
    )
    with progress:
        bar = progress.add_task(_("Orders"), total=None)
        return sales.rehearse(
            text,
            programme_id=programme_id,
            first_day=first_day,
            last_day=last_day,
            report=lambda done, total: progress.update(bar, completed=done, total=total),
        )


def _print(result: RehearsalResult) -> None:
    counts = {"orders": f"{result.orders:,}", "lines": f"{result.lines:,}", "members": f"{result.members:,}"}
    typer.echo(_("%(orders)s orders, %(lines)s lines, %(members)s customers.") % counts)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    table = Table(title=_("Draft and version in force"))
    table.add_column("")
    sides = [result.draft, *([result.compared] if result.compared else [])]
    for side in sides:
        table.add_column(_("draft") if side is result.draft else side.name, justify="right")
    for title, values in _rows(sides, result.currency):
        table.add_row(title, *values)
    console.print(table)
    amounts = {"cost": _paid(result.extra_cost, result.currency), "currency": result.currency}
    typer.echo(_("On orders that were made anyway the draft costs %(cost)s %(currency)s more.") % amounts)
    if result.break_even_sales is not None:
        needed = {"sales": _paid(result.break_even_sales, result.currency), "currency": result.currency}
        typer.echo(_("Further sales of %(sales)s %(currency)s would earn it back.") % needed)


def _rows(sides: list[SideResult], currency: str) -> list[tuple[str, list[str]]]:
    currencies = sorted({code for side in sides for code in side.points})
    rows = [(code, [f"{side.points.get(code, 0):,}" for side in sides]) for code in currencies]
    rows.append((_("Cost"), [_paid(side.cost, currency) for side in sides]))
    rows.append((_("Orders with an award"), [f"{side.orders_awarded:,}" for side in sides]))
    rows.append((_("Customers with an award"), [f"{side.members_awarded:,}" for side in sides]))
    for tier in sorted({tier for side in sides for tier in side.tiers}):
        rows.append((_("Tier %(tier)s") % {"tier": tier or "–"}, [f"{side.tiers.get(tier, 0):,}" for side in sides]))
    for rule in sorted({rule.rule for side in sides for rule in side.rules}):
        given = [sum(one.amount for one in side.rules if one.rule == rule) for side in sides]
        rows.append((_("Rule %(rule)s") % {"rule": rule}, [f"{amount:,}" for amount in given]))
    return rows


def _paid(amount: str, currency: str) -> str:
    """Return an amount with as many places as the currency is paid in; `--json` keeps all of them."""
    return f"{Decimal(amount):,.{minor_unit_places(currency)}f}"
