"""Workbooks of Excel 97 to 2003 (.xls), which tills and ERP systems still write; at most 65,536 rows."""

import csv
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

from python_calamine import CalamineError, CalamineWorkbook

from troth.imports.errors import FileRefusedError
from troth.imports.limits import Limits
from troth.imports.reading.cells import number_text
from troth.imports.reading.workbook import Unpacked

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def unpack(path: Path, copy: TextIO, sheet: str | None, max_rows: int | None, limits: Limits) -> Unpacked:
    """Write the cells of a sheet (the first one by default) as CSV.

    Raises:
        FileRefusedError: damaged, protected, too large, or without such a sheet.
    """
    size = path.stat().st_size
    if size > limits.old_workbook_bytes:
        raise FileRefusedError("workbook_too_large", what="bytes", found=size, limit=limits.old_workbook_bytes)
    if _ENCRYPTED in path.read_bytes():  # a protected .xlsx looks like an .xls from outside
        raise FileRefusedError("workbook_encrypted")
    try:
        return _copy(CalamineWorkbook.from_path(str(path)), copy, sheet, max_rows, limits)
    except CalamineError as error:
        raise FileRefusedError("file_damaged", detail=str(error)[:200]) from error


def _copy(
    workbook: CalamineWorkbook, copy: TextIO, wanted: str | None, max_rows: int | None, limits: Limits
) -> Unpacked:
    names = tuple(workbook.sheet_names)
    if not names:
        raise FileRefusedError("file_damaged", detail="no sheets")
    name = names[0] if wanted is None else wanted
    if name not in names:
        raise FileRefusedError("sheet_missing", sheet=name, sheets=", ".join(names))
    sheet = workbook.get_sheet_by_name(name)
    if sheet.total_width > limits.columns:
        raise FileRefusedError("too_many_columns", columns=sheet.total_width, limit=limits.columns)
    if not sheet.total_height:
        raise FileRefusedError("sheet_empty", sheet=name)
    _write(sheet.to_python(skip_empty_area=False, nrows=max_rows), copy)
    return Unpacked(name, names)


def _write(rows: Iterable[list[Any]], copy: TextIO) -> None:
    writer = csv.writer(copy, lineterminator="\n")
    for row in rows:
        writer.writerow([_text(value) for value in row])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return number_text(repr(value).removesuffix(".0"))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time.min else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    return str(value)
