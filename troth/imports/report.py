"""How an import ended: counts, reasons, the file of refused rows with the original cells, and the file of notes."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, tee
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from troth.value.later import duckdb, pl

from . import reading, refusals, rules
from .limits import Limits
from .models import ImportRun
from .options import Options
from .reading import Source
from .tally import Tally
from .targets import Target, ValueKind

SAMPLE_ROWS = 100
_MEMORY = "256MB"
_KNOWN_WORDS = {"gender": "男, 女, male, female, other", "customer_kind": "个人, 公司, person, company"}
# Excel runs a cell that begins with one of these as a formula, in East Asia the wide ones too (OWASP, "CSV Injection").
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def finish(run: ImportRun, source: Source, tally: Tally, *, limits: Limits) -> dict[str, Any]:
    """Write the files of refused rows and of notes, return the report; repeated after a crash it does the same."""
    with override(run.language):
        sample = _write_refused(run, source, limits)
        notes, tally.noted = _write_noted(run, source, limits)
    if run.options.get("is_dry_run"):
        _count_each_once(run, tally)
    is_dry_run = bool(run.options.get("is_dry_run"))
    return {**tally.as_json(), "sample": sample, "notes": notes, "is_dry_run": is_dry_run}


def tidy(run: ImportRun) -> None:
    """Remove what is not needed once the report is stored.

    The upload stays after a dry run, which is usually followed by the import itself; after that it is personal data
    that nobody needs any more.
    """
    for name in ("staged", "refused", "noted", "scratch", "wanted"):
        shutil.rmtree(run.folder / name, ignore_errors=True)
    leftovers = ["sorted.parquet", "preview.csv"] if run.options.get("is_dry_run") else [
        "sorted.parquet", "preview.csv", "copy.csv", "upload",
    ]  # fmt: skip
    for name in leftovers:
        (run.folder / name).unlink(missing_ok=True)


def _count_each_once(run: ImportRun, tally: Tally) -> None:
    """Count customers and stores that would be added: nothing was, so several batches may have missed the same one."""
    parts = list((run.folder / "wanted").glob("*.parquet"))
    if not parts:
        return
    with duckdb.connect(config={"memory_limit": _MEMORY, "threads": 2}) as database:
        found = database.execute(
            "SELECT what, count(DISTINCT code) FROM read_parquet(?) GROUP BY what",
            [[str(part) for part in parts]],
        )
        for what, count in found.fetchall():
            tally.done[f"{what}s_created"] = tally.mended[f"{what}_added"] = count


def _write_refused(run: ImportRun, source: Source, limits: Limits) -> list[dict[str, Any]]:
    """Write `refused.csv` and return the first refused rows for the screen."""
    folder = run.folder
    new = folder / "refused.new"
    sample: list[dict[str, Any]] = []
    names = column_names(source)
    is_any = False
    with new.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_("Row"), _("Reason"), *(_escaped(name) for name in names)])
        for row, reasons, cells in _refused_rows(run, source, names, limits):
            is_any = True
            _write_row(writer, row, reasons, cells)
            if len(sample) < SAMPLE_ROWS:
                sample.append({"row": row, "reasons": reasons, "cells": [cell[:200] for cell in cells[:50]]})
    if is_any:
        new.replace(run.refused_path)
    else:
        new.unlink()
        run.refused_path.unlink(missing_ok=True)
    return sample


def _write_row(writer: Any, row: int, reasons: list[dict[str, Any]], cells: list[str]) -> None:
    sentences = " ".join(rules.refusal_text(reason["code"], reason["values"]) for reason in reasons)
    writer.writerow([row, _escaped(sentences), *(_escaped(cell) for cell in cells)])


def _write_noted(run: ImportRun, source: Source, limits: Limits) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Write `noted.csv`, a line for each cell left empty; return the first ones and how many there are by reason."""
    new = run.folder / "noted.new"
    first: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    with new.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_("Row"), _("Column"), _("Cell"), _("Why it was left empty")])
        for row, reasons, _cells in _noted_rows(run, source, limits):
            for one in reasons:
                values = one["values"]
                sentence = rules.refusal_text(one["code"], values)
                writer.writerow([row, *(_escaped(str(text)) for text in (values["column"], values["value"], sentence))])
                counts[one["code"]] += 1
                if len(first) < SAMPLE_ROWS:
                    first.append({"row": row, **one})
    if counts:
        new.replace(run.noted_path)
    else:
        new.unlink()
        run.noted_path.unlink(missing_ok=True)
    return first, counts


def _refused_rows(
    run: ImportRun, source: Source, names: list[str], limits: Limits
) -> Iterator[tuple[int, list[dict[str, Any]], list[str]]]:
    """Yield row number, reasons and original cells of every refused row, in the order of the file."""
    frames = refusals.rows_in_order(run.folder / "refused", run.folder / "scratch", memory=_MEMORY)
    return _with_cells(frames, run, source, names, limits)


def _noted_rows(
    run: ImportRun, source: Source, limits: Limits
) -> Iterator[tuple[int, list[dict[str, Any]], list[str]]]:
    """Yield row number, notes and original cells of every row that went in without some of its cells."""
    folder = run.folder
    frames = refusals.rows_in_order(folder / "noted", folder / "scratch", memory=_MEMORY, without=folder / "refused")
    return _with_cells(frames, run, source, column_names(source), limits)


def _with_cells(
    frames: Iterator[pl.DataFrame], run: ImportRun, source: Source, names: list[str], limits: Limits
) -> Iterator[tuple[int, list[dict[str, Any]], list[str]]]:
    options = Options.from_json(run.options)
    listed = (refusal for frame in frames for refusal in frame.iter_rows(named=True))
    grouped = ((row, list(found)) for row, found in groupby(listed, key=lambda refusal: refusal["row"]))
    wanted, refused = tee(grouped)
    # One more pass over the file, in step with the refusals, instead of a copy of every refused cell on the way.
    originals = reading.pick(source, (row for row, _found in wanted), limits=limits)
    for (row, found), (_row, raw) in zip(refused, originals, strict=True):
        cells = [cell.replace("\x00", "␀") for cell in raw]  # PostgreSQL keeps no NUL, and nobody sees one
        yield row, [reason(refusal, cells, names, options, limits) for refusal in found], cells


def reason(
    refusal: dict[str, Any], cells: list[str], names: list[str], options: Options, limits: Limits
) -> dict[str, Any]:
    """Return code and values of a refusal, completed by what can be read off the file and the options."""
    values = refusals.values_of(refusal)
    number = refusal["column"]
    if number != refusals.NO_COLUMN:
        code = next((code for code, column in options.mapping.items() if column == number), "")
        target = options.targets.get(code)
        is_day = target is not None and target.kind == ValueKind.DAY
        values |= {
            "column": names[number],
            "value": cells[number][:200] if number < len(cells) else "",
            "currency": options.currency,
            "country": options.country,
            "first": _("130 years ago") if is_day else "1970-01-01",
            "last": _("tomorrow"),
            "known": _known_words(target),
            "limit": _limit(refusal["code"], target, limits),
            **values,
        }
    return {"code": refusal["code"], "values": values}


def _known_words(target: Target | None) -> str:
    if target is None:
        return ""
    if target.kind == ValueKind.YES_NO:
        return "是, 否, yes, no, 1, 0"
    return ", ".join(target.words) or _KNOWN_WORDS.get(target.code, "")


def _limit(code: str, target: Target | None, limits: Limits) -> int:
    if code == "cell_too_long" or target is None:
        return limits.cell_chars
    return 10**10 if code == "amount_too_large" else target.max_chars


def column_names(source: Source) -> list[str]:
    """Return the headers, and "Column 3" where there is none."""
    return [name or _("Column %(number)s") % {"number": number} for number, name in enumerate(source.columns, start=1)]


def _escaped(cell: str) -> str:
    """Return a cell that a spreadsheet shows as text; numbers stay numbers."""
    if cell.startswith(_DANGEROUS) and not _is_number(cell):
        return "'" + cell
    return cell


def _is_number(cell: str) -> bool:
    return cell[:1] in "+-" and cell[1:].replace(".", "", 1).replace(",", "").isdecimal()
