"""Excel workbooks (.xlsx), turned into a UTF-8 CSV copy while streaming: no sheet is ever held in memory.

Own reader on expat instead of a library, for three reasons: the libraries hold the whole sheet (a cell at the far
corner makes them ask for terabytes), they do not say which cells are formulas, and they turn long numbers into floats
before anybody can notice that digits are lost.
"""

import csv
import io
import posixpath
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, TextIO
from xml.parsers import expat

from troth.imports.errors import FileRefusedError
from troth.imports.limits import MIB, Limits
from troth.imports.reading import cells
from troth.imports.reading.damage import damaged

MAX_ROW = 1_048_576
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, ValueError, LookupError, ArithmeticError,
    NotImplementedError,
)  # fmt: skip


@dataclass
class Unpacked:
    """Which sheet was copied, which there are, and what was mended on the way."""

    sheet: str
    sheets: tuple[str, ...]
    mended: dict[str, int] = field(default_factory=dict)


def sheet_names(path: Path, limits: Limits) -> tuple[str, ...]:
    """Return the names of the sheets, in their order. Raises FileRefusedError: see `unpack`."""
    with _opened(path, limits) as workbook:
        return workbook.sheet_names()


def unpack(path: Path, copy: TextIO, sheet: str, max_rows: int | None, limits: Limits) -> Unpacked:
    """Write the cells of a sheet as CSV.

    Dates become ISO text, numbers keep their digits, formula cells give the result stored in the file; nothing is
    ever calculated. A formula without a stored result is written as its own text, which the cell rules refuse.

    Raises:
        FileRefusedError: damaged, hostile, protected, too large, or without such a sheet.
    """
    with _opened(path, limits) as workbook:
        return workbook.copy_sheet(copy, sheet, max_rows)


@contextmanager
def _opened(path: Path, limits: Limits) -> "Iterator[_Workbook]":
    if path.stat().st_size > limits.workbook_bytes:
        raise FileRefusedError(
            "workbook_too_large", what="bytes", found=path.stat().st_size, limit=limits.workbook_bytes
        )
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, limits)
            yield _Workbook(archive, limits, path.stat().st_size)
    except _DAMAGE as error:
        raise damaged(error) from error


def _check_archive(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    if len(entries) > limits.workbook_entries:
        raise FileRefusedError("workbook_too_large", what="entries", found=len(entries), limit=limits.workbook_entries)
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > limits.workbook_unpacked_bytes or (
        unpacked > limits.workbook_ratio_floor_bytes and unpacked > limits.workbook_ratio * packed
    ):
        raise FileRefusedError("workbook_bomb", unpacked=unpacked, packed=packed, limit=limits.workbook_ratio)
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefusedError("workbook_encrypted")


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile, limits: Limits, packed: int) -> None:
        self._archive = archive
        self._limits = limits
        self._packed = packed
        self._written = 0

    def sheet_names(self) -> tuple[str, ...]:
        return tuple(self._sheets()[0])

    def copy_sheet(self, copy: TextIO, name: str, max_rows: int | None) -> Unpacked:
        sheets, base_1904 = self._sheets()
        if name not in sheets:
            raise FileRefusedError("sheet_missing", sheet=name, sheets=", ".join(sheets))
        sheet = _Sheet(self._shared_strings(), self._date_styles(), base_1904, self._limits)
        writer = csv.writer(copy, lineterminator="\n")
        rows = 0
        with self._archive.open(sheets[name]) as part:
            for row in islice(sheet.rows(part), max_rows):
                self._count(writer.writerow(row))
                rows += any(row)
        if not rows:
            raise FileRefusedError("sheet_empty", sheet=name)
        return Unpacked(name, tuple(sheets), dict(sheet.mended))

    def _count(self, written: int) -> None:
        """Stop a copy that grows beyond what the file can honestly hold: cells may repeat one long shared text."""
        self._written += written
        limits = self._limits
        if self._written > min(
            limits.workbook_unpacked_bytes, max(limits.workbook_ratio_floor_bytes, limits.workbook_ratio * self._packed)
        ):
            raise FileRefusedError(
                "workbook_bomb", unpacked=self._written, packed=self._packed, limit=limits.workbook_ratio
            )

    def _sheets(self) -> tuple[dict[str, str], bool]:
        """Return sheet name -> part name, and whether days count from 1904."""
        targets: dict[str, str] = {}
        sheets: dict[str, str] = {}
        base_1904 = False

        def relation(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship":
                targets[attributes["Id"]] = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")

        def element(name: str, attributes: dict[str, str]) -> None:
            nonlocal base_1904
            if name == "workbookPr":
                base_1904 = attributes.get("date1904", "0") in ("1", "true")
            if name == "sheet":
                key = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                sheets[attributes["name"]] = targets[key]

        self._walk("xl/_rels/workbook.xml.rels", relation)
        self._walk("xl/workbook.xml", element)
        parts = set(self._archive.namelist())
        return {name: part for name, part in sheets.items() if part in parts}, base_1904

    def _walk(self, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
        if part in self._archive.namelist():
            with self._archive.open(part) as file:
                parser = _parser()
                parser.StartElementHandler = lambda name, attributes: start(_local(name), attributes)
                _feed(parser, file)

    def _date_styles(self) -> frozenset[str]:
        """Return the style numbers whose number format shows a date or a time."""
        custom: dict[str, str] = {}
        dates: list[bool] = []
        inside = ""

        def element(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if name == "numFmt":
                custom[attributes["numFmtId"]] = attributes.get("formatCode", "")
            elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                inside = name
            elif name == "xf" and inside == "cellXfs":
                number = attributes.get("numFmtId", "0")
                dates.append(cells.is_date_format(number, custom.get(number)))

        self._walk("xl/styles.xml", element)
        return frozenset(str(i) for i, is_date in enumerate(dates) if is_date)

    def _shared_strings(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._archive.namelist():
            return []
        reader = _SharedStrings(self._limits)
        with self._archive.open("xl/sharedStrings.xml") as file:
            reader.read(file)
        return reader.strings


class _SharedStrings:
    """The table of texts that the cells point into; the only part that must be held, hence with its own limits."""

    def __init__(self, limits: Limits) -> None:
        self.strings: list[str] = []
        self._limits = limits
        self._bytes = 0
        self._parts: list[str] = []
        self._in_text = False
        self._phonetic = 0

    def read(self, file: IO[bytes]) -> None:
        parser = _parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        _feed(parser, file)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "rPh":  # how a Japanese or Chinese text is pronounced, not part of it
            self._phonetic += 1
        self._in_text = local == "t" and not self._phonetic

    def _text(self, data: str) -> None:
        if self._in_text:
            self._bytes += len(data)
            self._check("shared string characters", self._bytes, self._limits.shared_string_bytes)
            self._parts.append(data)

    def _end(self, name: str) -> None:
        local = _local(name)
        self._in_text = False
        if local == "rPh":
            self._phonetic -= 1
        elif local == "si":
            self.strings.append("".join(self._parts)[: self._limits.cell_chars + 1])
            self._parts.clear()
            self._check("shared strings", len(self.strings), self._limits.shared_strings)

    @staticmethod
    def _check(what: str, found: int, limit: int) -> None:
        if found > limit:
            raise FileRefusedError("workbook_too_large", what=what, found=found, limit=limit)


class _Sheet:
    """Turns the events of a worksheet part into rows of text."""

    def __init__(self, strings: list[str], date_styles: frozenset[str], base_1904: bool, limits: Limits) -> None:
        self.mended: Counter[str] = Counter()
        self._strings = strings
        self._date_styles = date_styles
        self._base_1904 = base_1904
        self._limits = limits
        self._columns: dict[str, int] = {}
        self._ready: list[list[str]] = []
        self._row_number = 0
        self._row: list[str] = []
        self._row_chars = 0
        self._kind = self._style = self._value = self._formula = ""
        self._column = -1
        self._has_formula = False
        self._collect = ""

    def rows(self, part: IO[bytes]) -> Iterator[list[str]]:
        parser = _parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        while chunk := part.read(MIB // 4):
            parser.Parse(chunk, False)
            yield from self._ready
            self._ready.clear()
        parser.Parse(b"", True)
        yield from self._ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "c":
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._column = self._column_of(attributes.get("r"))
            self._value = self._formula = ""
            self._has_formula = False
        elif local in ("v", "t"):
            self._collect = "v"
        elif local == "f":
            self._collect = "f"
            self._has_formula = True
        elif local == "row":
            self._begin_row(attributes.get("r"))

    def _text(self, data: str) -> None:
        if self._collect == "v":
            if len(self._value) <= self._limits.cell_chars:
                self._value += data
        elif self._collect == "f" and len(self._formula) < 200:
            self._formula += data

    def _end(self, name: str) -> None:
        self._collect = ""
        local = _local(name)
        if local == "c":
            self._end_cell()
        elif local == "row":
            self._ready.append(self._row)

    def _begin_row(self, reference: str | None) -> None:
        number = int(reference) if reference else self._row_number + 1
        if not self._row_number < number <= MAX_ROW:
            raise FileRefusedError("file_damaged", detail=f"row {number} after row {self._row_number}")
        self._ready.extend([] for _ in range(number - self._row_number - 1))
        self._row_number = number
        self._row = []
        self._row_chars = 0

    def _column_of(self, reference: str | None) -> int:
        if reference is None:
            return self._column + 1 if self._row else 0
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = cells.column_index(letters)
        return column

    def _end_cell(self) -> None:
        value = self._cell_value()
        if not value:
            return
        if self._column >= self._limits.columns:
            raise FileRefusedError("too_many_columns", columns=self._column + 1, limit=self._limits.columns)
        missing = self._column - len(self._row)
        if missing > 0:
            self._row.extend([""] * missing)
        if missing < 0:  # the same cell twice: the file was not written by a spreadsheet
            raise FileRefusedError("file_damaged", detail=f"cell twice in row {self._row_number}")
        self._row.append(value)
        self._row_chars += len(value)
        if self._row_chars > self._limits.record_bytes:
            raise FileRefusedError(
                "workbook_row_too_long", row=self._row_number, found=self._row_chars, limit=self._limits.record_bytes
            )

    def _cell_value(self) -> str:
        if self._has_formula:
            if not self._value:
                return "=" + self._formula
            self.mended["formula_result_used"] += 1
        if self._kind == "s":
            return self._strings[int(self._value)] if self._value else ""
        if self._kind == "b":
            return "TRUE" if self._value == "1" else "FALSE"
        if self._kind != "n" or not self._value:
            return self._value
        if self._style in self._date_styles:
            return cells.serial_text(self._value, base_1904=self._base_1904)
        return cells.number_text(self._value)


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 64 * 1024

    def refuse(*_args: object) -> None:
        raise FileRefusedError("workbook_entities")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _feed(parser: Any, file: IO[bytes] | io.BufferedReader) -> None:
    while chunk := file.read(MIB // 4):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
