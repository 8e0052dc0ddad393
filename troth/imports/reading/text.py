"""Text files: CSV in any delimiter and encoding, read record by record with exact byte offsets.

Python's csv module takes physical lines and asks only for as many as the record needs, so the bytes handed to it
are an exact position after each record: a killed import goes on at that byte. Stretches without quotation marks and of
even width, most of most files, need no such care and are read by `regular`.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from troth.imports.errors import FileRefusedError
from troth.imports.limits import Limits
from troth.imports.reading import regular
from troth.imports.reading.source import Batch, Fault, Position, Source
from troth.value.later import pl

# The module's own field limit is global and lower than ours; ours is enforced on whole records.
csv.field_size_limit(2**31 - 1)


class _RecordTooLong(Exception):
    pass


class _Lines:
    """Feeds physical lines to csv.reader and knows the byte offset after the last one."""

    def __init__(self, file: BinaryIO, encoding: str, limit: int) -> None:
        self.file = file
        self.encoding = encoding
        self.limit = limit
        self.offset = self.record_start = file.tell()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self.file.readline(self.limit + 1)
        if not raw:
            raise StopIteration
        self.offset += len(raw)
        if self.offset - self.record_start > self.limit:
            raise _RecordTooLong
        return raw.decode(self.encoding, "replace")


class TextReader:
    """Cuts a text file into records from a position on."""

    def __init__(
        self, file: BinaryIO, *, encoding: str, delimiter: str, quote: str, start: Position, limits: Limits
    ) -> None:
        file.seek(start.offset)
        self.row = start.row
        self._limits = limits
        self._lines = _Lines(file, encoding, limits.record_bytes)
        self._delimiter = delimiter
        self._quote = quote
        self.reread = 0
        self._open()

    @property
    def offset(self) -> int:
        return self._lines.record_start

    @property
    def position(self) -> Position:
        return Position(self._lines.record_start, self.row)

    def _open(self) -> None:
        # strict: without it a quote that never closes would silently swallow the rest of the file into one cell.
        if self._quote:
            self._records = csv.reader(self._lines, delimiter=self._delimiter, quotechar=self._quote, strict=True)
        else:
            self._records = csv.reader(self._lines, delimiter=self._delimiter, quoting=csv.QUOTE_NONE, strict=True)

    def next_record(self) -> list[str] | Fault | None:
        """Return the cells of the next record (none for a blank line), a fault, or None at the end."""
        try:
            record = next(self._records)
        except StopIteration:
            return None
        except (csv.Error, _RecordTooLong) as error:
            return self._recover(error)
        self.row += 1
        self._lines.record_start = self._lines.offset
        return record

    def _recover(self, error: Exception) -> Fault:
        """Refuse the physical line on which the broken record begins and go on at the next one."""
        lines = self._lines
        self.reread += lines.offset - lines.record_start
        if self.reread > self._limits.reread_bytes:
            raise FileRefusedError("too_many_broken_quotes")
        lines.file.seek(lines.record_start)
        length = self._skip_line()
        self.row += 1
        lines.offset = lines.record_start = lines.record_start + length
        self._open()
        if length > self._limits.record_bytes:
            return Fault(self.row, "record_too_long", {"bytes": length, "limit": self._limits.record_bytes})
        return Fault(self.row, _fault_code(error), {})

    def _skip_line(self) -> int:
        length = 0
        while chunk := self._lines.file.readline(self._limits.record_bytes):
            length += len(chunk)
            if chunk.endswith(b"\n"):
                break
        return length


def _fault_code(error: Exception) -> str:
    if "new-line character" in str(error):
        return "stray_line_break"
    if "expected after" in str(error):
        return "text_after_quote"
    return "unclosed_quote"


def open_reader(file: BinaryIO, source: Source, start: Position, limits: Limits) -> TextReader:
    """Return a reader of the source's own encoding, delimiter and quote."""
    return TextReader(
        file,
        encoding=source.encoding,
        delimiter=source.delimiter,
        quote=source.quote,
        start=start,
        limits=limits,
    )


def batches(source: Source, start: Position, limits: Limits) -> Iterator[Batch]:
    """Yield the rows from `start` on, at most `limits.batch_rows` and about `limits.batch_bytes` at a time."""
    width = len(source.columns)
    reread = 0
    with source.path.open("rb", buffering=1024 * 1024) as file:
        while True:
            file.seek(start.offset)
            batch = regular.read_batch(file, source, start, limits)
            if batch is None:
                reader = open_reader(file, source, start, limits)
                reader.reread = reread
                batch = _read_batch(reader, width, limits)
                reread = reader.reread
            if batch.end == start:
                return
            yield batch
            start = batch.end


def _read_batch(reader: TextReader, width: int, limits: Limits) -> Batch:
    last = reader.position.offset + limits.batch_bytes
    numbers: list[int] = []
    records: list[list[str]] = []
    faults: list[Fault] = []
    mended: Counter[str] = Counter()
    enough = reader.reread + limits.batch_reread_bytes
    while len(records) + len(faults) < limits.batch_rows and reader.offset < last and reader.reread < enough:
        record = reader.next_record()
        if record is None:
            break
        if isinstance(record, Fault):
            faults.append(record)
        elif not any(record):
            mended["blank_row"] += 1
        elif fitted := _fit(record, width, mended):
            numbers.append(reader.row)
            records.append(fitted)
        else:
            faults.append(Fault(reader.row, "too_many_cells", {"found": len(record), "expected": width}))
    columns = zip(*records, strict=True) if records else [()] * width
    cells = pl.DataFrame([pl.Series(str(i), list(column), dtype=pl.String) for i, column in enumerate(columns)])
    return Batch(pl.Series("row", numbers, dtype=pl.Int64), cells, faults, mended, reader.position)


def _fit(record: list[str], width: int, mended: Counter[str]) -> list[str] | None:
    """Return the record with exactly `width` cells, or None when it has more that are not empty."""
    surplus = len(record) - width
    if surplus == 0:
        return record
    if surplus < 0:
        mended["cells_missing_at_end"] += 1
        return record + [""] * -surplus
    if any(cell.strip() for cell in record[width:]):
        return None
    mended["empty_cells_at_end"] += 1
    return record[:width]
