"""Reading files: look at one (`prepare`), then take its rows in batches from any position (`batches`)."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from troth.imports.errors import FileRefusedError
from troth.imports.headers import find_header, recognised
from troth.imports.limits import DEFAULT, MIB, Limits
from troth.imports.reading import old_workbook, sniffing, text, workbook
from troth.imports.reading.source import Batch, Fault, Position, Source
from troth.value.later import later

if TYPE_CHECKING:
    from troth.imports.reading import parquet
else:
    parquet = later("troth.imports.reading.parquet")

__all__ = ["Batch", "Fault", "Position", "Source", "batches", "pick", "prepare"]

_KNOWN_HEADERS = 2  # one known word may stand on any cover sheet


def prepare(
    path: Path,
    *,
    copy_to: Path,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str = '"',
    sheet: str | None = None,
    header_row: int | None = None,
    preview_rows: int | None = None,
    limits: Limits = DEFAULT,
) -> Source:
    """Look at a file and return it ready to be read; what is not said is guessed.

    Args:
        copy_to: where a UTF-8 copy goes when the file cannot be read in place (workbooks, UTF-16).
        header_row: row number of the header, 0 for none.
        preview_rows: unpack only so many rows of a workbook, to show them soon.

    Raises:
        FileRefusedError: empty, of another kind, damaged, or beyond a limit.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise FileRefusedError("file_too_large", bytes=size, limit=limits.file_bytes)
    kind = sniffing.file_kind(path)
    if kind == "parquet":
        columns, rows = parquet.check(str(path), limits)
        return Source(path=path, kind="parquet", size_bytes=rows, columns=columns, header_row=0, start=Position(0, 0))
    if kind == "text":
        return _prepare_text(path, copy_to, encoding, delimiter, quote, header_row, limits)
    book = workbook if kind == "xlsx" else old_workbook
    name = sheet if sheet is not None else _first_known_sheet(path, book, limits)
    with copy_to.open("w", encoding="utf-8", newline="") as copy:
        unpacked = book.unpack(path, copy, name, preview_rows, limits)
    source = _with_header(copy_to, "utf-8", ",", '"', 0, header_row, limits)
    return _replace(source, sheet=unpacked.sheet, sheets=unpacked.sheets, mended=unpacked.mended)


def _first_known_sheet(path: Path, book: ModuleType, limits: Limits) -> str:
    """Return the first sheet whose headers are known, else the first that is not empty: cover sheets stand in front."""
    names: tuple[str, ...] = book.sheet_names(path, limits)
    if not names:
        raise FileRefusedError("file_damaged", detail="no sheets")
    if len(names) == 1:
        return names[0]
    filled = []
    for name in names[: limits.sheets_looked_at]:
        beginning = io.StringIO()
        try:
            book.unpack(path, beginning, name, limits.header_rows, limits)
        except FileRefusedError as refused:
            if refused.reason != "sheet_empty":
                raise
            continue
        filled.append(name)
        beginning.seek(0)
        if max((recognised(record) for record in csv.reader(beginning)), default=0) >= _KNOWN_HEADERS:
            return name
    return filled[0] if filled else names[0]


def _prepare_text(
    path: Path,
    copy_to: Path,
    encoding: str | None,
    delimiter: str | None,
    quote: str,
    header_row: int | None,
    limits: Limits,
) -> Source:
    found, skip_bytes = sniffing.encoding_of(path)
    encoding = encoding or found
    if encoding not in sniffing.ENCODINGS:
        raise FileRefusedError("encoding_unknown", encoding=encoding, known=", ".join(sniffing.ENCODINGS))
    old_mac = _is_old_mac(path)
    if encoding.startswith("utf-16") or old_mac:
        _copy_as_utf8(path, copy_to, encoding, returns_end_lines=old_mac)
        path, encoding, skip_bytes = copy_to, "utf-8", 0
    if delimiter is None:
        delimiter = sniffing.delimiter_of(path, encoding=encoding, skip_bytes=skip_bytes, quote=quote)
    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise FileRefusedError("delimiter_invalid", delimiter=delimiter)
    return _with_header(path, encoding, delimiter, quote, skip_bytes, header_row, limits)


def _is_old_mac(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(MIB)
    return b"\r" in head and b"\n" not in head


def _copy_as_utf8(path: Path, copy_to: Path, encoding: str, *, returns_end_lines: bool) -> None:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as source, copy_to.open("w", encoding="utf-8", newline="") as copy:
        first = True
        while chunk := source.read(MIB):
            part = decoder.decode(chunk)
            part = part.removeprefix("\ufeff") if first else part
            copy.write(part.replace("\r", "\n") if returns_end_lines else part)
            first = False
        copy.write(decoder.decode(b"", final=True))


def _with_header(
    path: Path,
    encoding: str,
    delimiter: str,
    quote: str,
    skip_bytes: int,
    header_row: int | None,
    limits: Limits,
) -> Source:
    """Read the first rows, settle which of them is the header, and place the start after it."""
    first: list[list[str]] = []
    too_long: list[Fault] = []
    places: list[Position] = [Position(skip_bytes, 0)]
    with path.open("rb") as file:
        reader = text.TextReader(
            file, encoding=encoding, delimiter=delimiter, quote=quote, start=places[0], limits=limits
        )
        while len(first) < max(limits.header_rows, header_row or 0):
            record = reader.next_record()
            if record is None:
                break
            if isinstance(record, Fault) and record.code == "record_too_long":
                too_long.append(record)
            first.append([] if isinstance(record, Fault) else record)
            places.append(reader.position)
    number = find_header(first) if header_row is None else header_row
    for fault in too_long:
        if fault.row <= number or number == 0:
            raise FileRefusedError("first_rows_too_long", row=fault.row, **fault.values)
    if not any(any(record) for record in first):
        raise FileRefusedError("file_empty")
    if number > len(first):
        raise FileRefusedError("header_missing", limit=len(first))
    return Source(
        path=path,
        kind="text",
        size_bytes=path.stat().st_size,
        columns=_columns(first, number, limits),
        header_row=number,
        start=places[number],
        encoding=encoding,
        delimiter=delimiter,
        quote=quote,
    )


def _columns(first: list[list[str]], header_row: int, limits: Limits) -> tuple[str, ...]:
    if header_row:
        names = [cell.strip().strip("\x00") for cell in first[header_row - 1]]
    else:
        names = [""] * max(len(record) for record in first)
    while header_row and names and not names[-1]:
        names.pop()
    if not names:
        raise FileRefusedError("header_missing", limit=len(first))
    if len(names) > limits.columns:
        raise FileRefusedError("too_many_columns", columns=len(names), limit=limits.columns)
    return tuple(names)


def _replace(source: Source, *, sheet: str, sheets: tuple[str, ...], mended: dict[str, int]) -> Source:
    return Source.from_json(source.as_json() | {"sheet": sheet, "sheets": sheets, "mended": mended})


def batches(source: Source, *, start: Position | None = None, limits: Limits = DEFAULT) -> Iterator[Batch]:
    """Yield the rows of a source from a position on; by default from the first row after the header.

    Raises:
        FileRefusedError: more rows than allowed, damaged, or broken beyond telling the rows apart.
    """
    read = parquet.batches if source.kind == "parquet" else text.batches
    for batch in read(source, start or source.start, limits):
        if batch.end.row > limits.rows:
            raise FileRefusedError("too_many_rows", limit=limits.rows)
        yield batch


def pick(source: Source, rows: Iterable[int], *, limits: Limits = DEFAULT) -> Iterator[tuple[int, list[str]]]:
    """Yield the original cells of the named rows, as far as they can be cut into cells.

    Args:
        rows: row numbers, ascending.
    """
    wanted = iter(rows)
    row = next(wanted, None)
    if source.kind == "parquet":
        yield from _pick_parquet(source, row, wanted, limits)
        return
    with source.path.open("rb", buffering=MIB) as file:
        reader = text.open_reader(file, source, source.start, limits)
        while row is not None and (record := reader.next_record()) is not None:
            while row is not None and row < reader.row:
                row = next(wanted, None)
            if row == reader.row:
                yield row, [] if isinstance(record, Fault) else record
                row = next(wanted, None)


def _pick_parquet(
    source: Source, row: int | None, wanted: Iterator[int], limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    for batch in parquet.batches(source, source.start, limits):
        first = batch.end.row - len(batch.rows) + 1
        while row is not None and row <= batch.end.row:
            if row >= first:
                yield row, list(batch.cells.row(row - first))
            row = next(wanted, None)
        if row is None:
            return
