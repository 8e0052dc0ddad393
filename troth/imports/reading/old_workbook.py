"""Workbooks of Excel 97 to 2003 (.xls), which tills and ERP systems still write; at most 65,536 rows."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from troth.imports.errors import FileRefusedError
from troth.imports.limits import Limits
from troth.imports.reading.cells import number_text
from troth.imports.reading.workbook import Unpacked

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_READER = Path(__file__).with_name("old_workbook_process.py")


def sheet_names(path: Path, limits: Limits) -> tuple[str, ...]:
    """Return the names of the sheets, in their order. Raises FileRefusedError: see `unpack`."""
    with _read(path, "", 0, limits) as told:
        return tuple(_told(next(told, None), "sheets", path, limits))


def unpack(path: Path, copy: TextIO, sheet: str, max_rows: int | None, limits: Limits) -> Unpacked:
    """Write the cells of a sheet as CSV.

    Raises:
        FileRefusedError: damaged, hostile, protected, too large, or without such a sheet.
    """
    with _read(path, sheet, max_rows or 0, limits) as told:
        names = tuple(_told(next(told, None), "sheets", path, limits))
        if sheet not in names:
            raise FileRefusedError("sheet_missing", sheet=sheet, sheets=", ".join(names))
        width = _told(next(told, None), "width", path, limits)
        if width > limits.columns:
            raise FileRefusedError("too_many_columns", columns=width, limit=limits.columns)
        is_filled = _write(told, copy, path.stat().st_size, limits)
    if not is_filled:
        raise FileRefusedError("sheet_empty", sheet=sheet)
    return Unpacked(sheet, names)


@contextmanager
def _read(path: Path, sheet: str, max_rows: int, limits: Limits) -> Iterator[Iterator[Any]]:
    """Give what the reading process tells; refuse the file if it dies of its bounds."""
    size = path.stat().st_size
    if size > limits.old_workbook_bytes:
        raise FileRefusedError("workbook_too_large", what="bytes", found=size, limit=limits.old_workbook_bytes)
    if _ENCRYPTED in path.read_bytes():  # a protected .xlsx looks like an .xls from outside
        raise FileRefusedError("workbook_encrypted")
    arguments = [str(path), sheet, str(max_rows), str(limits.old_workbook_memory_bytes)]
    with subprocess.Popen(  # noqa: S603  our own script; no shell
        [sys.executable, "-I", str(_READER), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        lines = process.stdout
        try:
            yield (json.loads(line) for line in lines)
            is_read = lines.read(1) == ""
        finally:
            if process.poll() is None and not _ends_soon(process):
                process.kill()
    if is_read and process.returncode:
        raise _hostile(path, limits)


def _ends_soon(process: "subprocess.Popen[str]") -> bool:
    try:
        process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        return False
    return True


def _told(found: Any, name: str, path: Path, limits: Limits) -> Any:
    if found is None:  # it died before it could say anything
        raise _hostile(path, limits)
    if "damaged" in found:
        raise FileRefusedError("file_damaged", detail=found["damaged"])
    return found[name]


def _hostile(path: Path, limits: Limits) -> FileRefusedError:
    limit = limits.old_workbook_memory_bytes
    return FileRefusedError("workbook_too_large", what="memory", found=f"> {limit}", limit=limit)


def _write(rows: Iterator[Any], copy: TextIO, packed: int, limits: Limits) -> bool:
    """Write the rows and tell whether any holds something."""
    is_filled = False
    writer = csv.writer(copy, lineterminator="\n")
    most = max(limits.workbook_ratio_floor_bytes, limits.workbook_ratio * packed)
    written = 0
    for row in rows:
        if isinstance(row, dict):
            _told(row, "damaged", Path(), limits)
        is_filled = is_filled or any(text for _kind, text in row)
        written += writer.writerow([number_text(text) if kind == "number" else text for kind, text in row])
        if written > min(most, limits.workbook_unpacked_bytes):
            raise FileRefusedError("workbook_bomb", unpacked=written, packed=packed, limit=limits.workbook_ratio)
    return is_filled
