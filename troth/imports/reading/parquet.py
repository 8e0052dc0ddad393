"""Parquet files, read in batches of rows; every value is turned into the text a CSV of it would hold."""

from collections import Counter
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from troth.imports.errors import FileRefusedError
from troth.imports.limits import Limits
from troth.imports.reading.source import Batch, Position, Source


def check(path: str, limits: Limits) -> tuple[tuple[str, ...], int]:
    """Return column names and the number of rows.

    Raises:
        FileRefusedError: damaged, nested, or beyond a limit.
    """
    file = _open(path)
    meta = file.metadata
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


def _open(path: str, **options: object) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, **options)
    except (pa.ArrowException, OSError) as error:
        raise FileRefusedError("file_damaged", detail=str(error)[:200]) from error


def batches(source: Source, start: Position, limits: Limits) -> Iterator[Batch]:
    """Yield the rows after `start.offset` rows; whole row groups before it are skipped unread."""
    # Dictionary-encoded text stays so: one long value repeated a million times costs its length once.
    schema = _open(str(source.path)).schema_arrow
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    file = _open(str(source.path), read_dictionary=texts, pre_buffer=False)
    groups, skip = _groups_after(file, start.offset)
    row = start.row
    done = start.offset
    try:
        for chunk in file.iter_batches(batch_size=_batch_rows(file, limits), row_groups=groups):
            rest = chunk.slice(skip) if skip < chunk.num_rows else chunk.slice(chunk.num_rows)
            skip = max(0, skip - chunk.num_rows)
            if rest.num_rows:
                done, row = done + rest.num_rows, row + rest.num_rows
                yield _as_text(rest, row, Position(done, row), limits)
    except (pa.ArrowException, OSError) as error:
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
    row_bytes: int = max(16 * meta.num_columns, unpacked // max(meta.num_rows, 1))
    return max(1, min(limits.batch_rows, limits.batch_bytes // row_bytes))


def _as_text(chunk: pa.RecordBatch, last_row: int, end: Position, limits: Limits) -> Batch:
    columns = [_column_text(chunk.column(i), str(i), limits) for i in range(chunk.num_columns)]
    rows = pl.int_range(last_row - chunk.num_rows + 1, last_row + 1, dtype=pl.Int64, eager=True).alias("row")
    return Batch(rows, pl.DataFrame(columns), [], Counter(), end)


def _column_text(column: pa.Array, name: str, limits: Limits) -> pl.Series:
    if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
        # One character beyond the limit is enough for the cell to be refused by the usual rule.
        short = pc.utf8_slice_codeunits(column.dictionary, 0, limits.cell_chars + 1)
        column = short.take(column.indices)
    elif pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        column = pc.binary_slice(column, 0, limits.cell_chars + 1)
        series = pl.Series(name, column)
        return pl.Series(name, [None if v is None else bytes(v).decode("utf-8", "replace") for v in series])
    series = pl.Series(name, column)
    return _render(series).fill_null("").alias(name)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _render(series: pl.Series) -> pl.Series:
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
