"""Reads an .xls workbook in a process of its own, with bounds on memory and time, for its library reads it whole.

A cell of a few bytes may stand for a text of thousands: what a file unpacks to cannot be told from its size. Run as a
script with path, sheet (empty: none), number of rows (0: all) and bytes of memory; says what it finds in lines of JSON:
the names of the sheets, the width, then each row as pairs of kind and text.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

SECONDS = 120


def main(path: str, wanted: str, max_rows: int, memory_bytes: int) -> None:
    """Write the sheet's rows to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        workbook = CalamineWorkbook.from_path(path)
        names = workbook.sheet_names
        _say({"sheets": names})
        if wanted not in names:
            return
        sheet = workbook.get_sheet_by_name(wanted)
        _say({"width": sheet.total_width})
        for number, row in enumerate(sheet.iter_rows()):
            if max_rows and number >= max_rows:
                return
            _say([_pair(value) for value in row])
    except CalamineError as error:
        _say({"damaged": str(error)[:200]})


def _say(told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")


def _pair(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return "text", str(value).upper()
    if isinstance(value, (int, float)):
        return "number", repr(value).removesuffix(".0")
    if isinstance(value, datetime):
        return "text", f"{value:%Y-%m-%d}" if value.time() == time.min else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (date, time, timedelta)):
        return "text", str(value)
    return "text", str(value)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
