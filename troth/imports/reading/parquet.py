"""Parquet files, read in batches of rows; every value is turned into the text a CSV of it would hold."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.imports.errors import FileRefusedError
from troth.imports.limits import Limits
from troth.imports.reading.damage import damaged
from troth.imports.reading.source import Batch, Position, Source

_DAMAGE = (pa.ArrowException, pl.exceptions.PolarsError, OSError, UnicodeDecodeError)
# The days 0001-01-02 to 9999-12-30, counted from 1970: any zone's clock shows them with four digits for the year. Past
# far larger ones, such as the infinity that databases export, polars ends the process instead of raising an error.
_FIRST_DAY, _LAST_DAY = -719_161, 2_932_895
_UNITS_PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_INT64 = 2**63 - 1
_TEXTS = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
    pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view,
)  # fmt: skip


def check(path: str, limits: Limits) -> tuple[tuple[str, ...], int]:
    """Return column names and the number of rows.

    Raises:
        FileRefusedError: damaged, nested, or beyond a limit.
    """
    try:
        return _checked(_open(path), limits)
    except _DAMAGE as error:
        raise damaged(error) from error


def _checked(file: pq.ParquetFile, limits: Limits) -> tuple[tuple[str, ...], int]:
    meta = file.metadata
    if not meta.num_columns:
        raise FileRefusedError("file_empty")
    if meta.num_columns > limits.columns:
        raise FileRefusedError("too_many_columns", columns=meta.num_columns, limit=limits.columns)
    if meta.num_rows > limits.rows:
        raise FileRefusedError("too_many_rows", limit=limits.rows)
    for group in range(meta.num_row_groups):
        size = meta.row_group(group).total_byte_size
        if size > limits.parquet_row_group_bytes:
            raise FileRefusedError("parquet_row_group_too_large", bytes=size, limit=limits.parquet_row_group_bytes)
    for column in file.schema_arrow:
        if pa.types.is_nested(column.type):
            raise FileRefusedError("parquet_nested", column=column.name)
    return tuple(file.schema_arrow.names), meta.num_rows


def _open(path: str, **options: Any) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, arrow_extensions_enabled=False, **options)
    except _DAMAGE as error:
        raise damaged(error) from error


def batches(source: Source, start: Position, limits: Limits) -> Iterator[Batch]:
    """Yield the rows after `start.offset` rows; whole row groups before it are skipped unread."""
    # Repeated text stays in its dictionary until a batch is cut: there a value costs its length in every row.
    schema = _open(str(source.path)).schema_arrow
    file = _open(str(source.path), read_dictionary=[field.name for field in schema if _is_text(field.type)])
    groups, skip = _groups_after(file, start.offset)
    row = start.row
    done = start.offset
    try:
        for chunk in file.iter_batches(batch_size=_batch_rows(file, limits), row_groups=groups):
            rest = chunk.slice(skip) if skip < chunk.num_rows else chunk.slice(chunk.num_rows)
            skip = max(0, skip - chunk.num_rows)
            for part in _parts(_shortened(rest, limits), limits):
                done, row = done + part.num_rows, row + part.num_rows
                yield _as_text(part, row, Position(done, row))
    except _DAMAGE as error:
        raise damaged(error) from error
    except pl.exceptions.PanicException as error:  # no Exception to Python: it would end the worker
        raise FileRefusedError("file_damaged", detail=str(error)[:200]) from error


def _groups_after(file: pq.ParquetFile, rows: int) -> tuple[list[int], int]:
    """Return the row groups that hold rows after the first `rows`, and how many to skip of the first such group."""
    groups = list(range(file.metadata.num_row_groups))
    while groups and rows >= file.metadata.row_group(groups[0]).num_rows:
        rows -= file.metadata.row_group(groups.pop(0)).num_rows
    return groups, rows


def _batch_rows(file: pq.ParquetFile, limits: Limits) -> int:
    """Fewer rows at a time when rows are wide, so that a batch stays within its bytes."""
    meta = file.metadata
    unpacked = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
    # Values of a fixed width are decoded at once, however often one is repeated.
    row_bytes: int = max(sum(_width(field.type) for field in file.schema_arrow), unpacked // max(meta.num_rows, 1))
    return max(1, min(limits.batch_rows, limits.batch_bytes // row_bytes))


def _width(kind: pa.DataType) -> int:
    return int(kind.byte_width) if pa.types.is_fixed_size_binary(kind) else 16


def _shortened(chunk: pa.RecordBatch, limits: Limits) -> pa.RecordBatch:
    """Return the columns, named by number, with texts of at most one character too many: enough to be refused."""
    columns = [_short(column, limits) for column in chunk.columns]
    return pa.RecordBatch.from_arrays(columns, names=[str(i) for i in range(len(columns))])


def _short(column: pa.Array, limits: Limits) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, _short(column.dictionary, limits))
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return pc.utf8_slice_codeunits(column, 0, limits.cell_chars + 1)
    if pa.types.is_binary(column.type) or pa.types.is_fixed_size_binary(column.type):
        values = pc.binary_slice(column.cast(pa.binary()), 0, limits.cell_chars + 1).to_pylist()
        return pa.array([None if v is None else v.decode("utf-8", "replace") for v in values], pa.string())
    return column


def _parts(chunk: pa.RecordBatch, limits: Limits) -> Iterator[pa.RecordBatch]:
    """Cut rows where their text, each repeated value counted as often as it stands there, fills a batch."""
    sizes = np.zeros(chunk.num_rows, dtype=np.int64)
    for column in chunk.columns:
        if pa.types.is_dictionary(column.type):
            lengths = pc.binary_length(column.dictionary).take(column.indices).fill_null(0)
            sizes += lengths.to_numpy(zero_copy_only=False)
    ends = np.cumsum(sizes)
    first = 0
    while first < chunk.num_rows:
        before = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + limits.batch_bytes, side="right")))
        yield chunk.slice(first, last - first)
        first = last


def _as_text(chunk: pa.RecordBatch, last_row: int, end: Position) -> Batch:
    columns = [_render(_series(name, chunk.column(name))) for name in chunk.schema.names]
    rows = pl.int_range(last_row - chunk.num_rows + 1, last_row + 1, dtype=pl.Int64, eager=True).alias("row")
    return Batch(rows, pl.DataFrame([column.fill_null("") for column in columns]), [], Counter(), end)


def _series(name: str, column: pa.Array) -> pl.Series:
    """Return a column as polars can hold it."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    elif pa.types.is_decimal256(kind):
        column = column.cast(pa.string())
    elif pa.types.is_duration(kind):
        column = column.cast(pa.int64())
    try:
        return pl.Series(name, column)
    except pl.exceptions.ComputeError:
        if not pa.types.is_timestamp(kind):
            raise
        return pl.Series(name, column.cast(pa.timestamp(kind.unit, "UTC")))  # of a zone that nobody knows


def _is_text(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _TEXTS)


def _render(series: pl.Series) -> pl.Series:
    if series.dtype in (pl.Date, pl.Datetime):
        units = _UNITS_PER_DAY[series.dtype.time_unit] if isinstance(series.dtype, pl.Datetime) else 1
        stored = series.to_physical().cast(pl.Int64)
        first, last = max(_FIRST_DAY * units, -_INT64), min(_LAST_DAY * units, _INT64)
        if not (inside := stored.is_between(first, last)).all():
            far = "1970-01-01 + " + (stored // units).cast(pl.String) + " d"  # no day, and read as none
            inside = inside.fill_null(value=True)
            return _shown(series.zip_with(inside, series.clear(len(series)))).zip_with(inside, far)
    return _shown(series)


def _shown(series: pl.Series) -> pl.Series:
    if isinstance(series.dtype, pl.Datetime):
        pattern = "%Y-%m-%d %H:%M:%S%.f%:z" if series.dtype.time_zone else "%Y-%m-%d %H:%M:%S%.f"
        return series.dt.to_string(pattern)
    if series.dtype.is_float():
        # Whole numbers that pandas kept as floats because a cell was empty; 13800138000.0 means 13800138000.
        whole = (series == series.floor()) & (series.abs() < 2**53)
        return (
            series.cast(pl.Int64, strict=False)
            .cast(pl.String)
            .zip_with(whole.fill_null(value=False), series.cast(pl.String))
        )
    return series.cast(pl.String)
