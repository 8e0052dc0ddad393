"""The quick way through a text file: stretches in which every line is a record and has as many cells as the header.

Where that is certain Polars cuts the lines, several times faster than the csv module; where it is not, `text` does.
Both give the same batches, which a property test holds true.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from typing import BinaryIO

from troth.imports.limits import MIB, Limits
from troth.imports.reading.source import Batch, Position, Source
from troth.value.later import np, pl

_STRETCH_BYTES = 8 * MIB


def read_batch(file: BinaryIO, source: Source, start: Position, limits: Limits) -> Batch | None:
    """Return the next stretch of rows, or None where it is not regular; `file` stands at `start`."""
    width = len(source.columns)
    stretch = _whole_lines(file.read(min(_STRETCH_BYTES, limits.batch_bytes)), limits)
    if width < 2 or not stretch or (source.quote and source.quote.encode() in stretch):
        return None
    text = _utf8(stretch, source.encoding)
    separator = source.delimiter.encode()
    if text is None or len(separator) != 1 or b"\r" in text or text.startswith(BOM_UTF8):
        return None
    lines = text.count(b"\n")
    if text.count(separator) != lines * (width - 1):
        return None
    cells = _cut(text, source.delimiter, width)
    if cells is None or len(cells) != lines:
        return None
    row = start.row + lines
    return _without_blank_rows(cells, start.row, Position(start.offset + len(stretch), row))


def _whole_lines(data: bytes, limits: Limits) -> bytes:
    """Return the lines that are complete, at most as many as a batch has rows; nothing if one is too long."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    if len(ends) == 0 or int(np.diff(ends, prepend=-1).max()) > limits.record_bytes:
        return b""
    return data[: int(ends[min(len(ends), limits.batch_rows) - 1]) + 1]


def _utf8(stretch: bytes, encoding: str) -> bytes | None:
    """Return the stretch in UTF-8 with plain line ends, None where a character cannot be read."""
    try:
        text = stretch.decode(encoding)
    except UnicodeDecodeError:
        return None
    encoded = stretch if encoding == "utf-8" else text.encode()
    return encoded.replace(b"\r\n", b"\n")


def _cut(text: bytes, delimiter: str, width: int) -> pl.DataFrame | None:
    """Return the cells; None if a line has more than the others, for then another one has fewer."""
    try:
        return pl.read_csv(
            text,
            has_header=False,
            separator=delimiter,
            quote_char=None,
            schema={str(number): pl.String for number in range(width)},
            empty_string_is_null=False,
            extra_columns="raise",
        )
    except pl.exceptions.PolarsError:
        return None


def _without_blank_rows(cells: pl.DataFrame, row: int, end: Position) -> Batch:
    rows = pl.int_range(row + 1, end.row + 1, dtype=pl.Int64, eager=True).alias("row")
    filled = cells.select(pl.any_horizontal(pl.all() != "")).to_series()
    mended: Counter[str] = Counter()
    if not filled.all():
        mended["blank_row"] = int((~filled).sum())
        cells, rows = cells.filter(filled), rows.filter(filled)
    return Batch(rows, cells, [], mended, end)
