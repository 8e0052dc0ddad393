"""Refused rows and noted cells on their way to the report: row, column, reason code and values, in parts on disk.

A part is named by the step that wrote it and replaces an earlier one of that name, so that a step that is repeated
after a crash lists nothing twice. The cells themselves are fetched from the file in the end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from troth.value.later import duckdb, pl

SCHEMA: dict[str, type] = {
    "row": int,
    "column": int,  # number of the column in the file, -1 where the whole row is meant
    "code": str,
    "values": str,  # JSON
}
NO_COLUMN = -1


def empty() -> pl.DataFrame:
    """Return no refusals."""
    return pl.DataFrame(schema=SCHEMA)


def of_rows(
    rows: pl.Series, code: str | pl.Series, *, column: int = NO_COLUMN, values: pl.Series | None = None
) -> pl.DataFrame:
    """Return refusals of these rows, for one reason or one reason each."""
    return pl.DataFrame({"row": rows}).select(
        pl.col("row").cast(pl.Int64),
        pl.lit(column, dtype=pl.Int64).alias("column"),
        (pl.lit(code) if isinstance(code, str) else code).alias("code"),
        (pl.lit("{}") if values is None else values).alias("values"),
    )


def as_json(frame: pl.DataFrame, **fields: str) -> pl.Series:
    """Return the values of each row's sentence: name in the sentence -> column of the frame."""
    return frame.select(
        pl.struct(pl.col(column).cast(pl.String).alias(name) for name, column in fields.items()).struct.json_encode()
    ).to_series()


def write(folder: Path, name: str, refused: pl.DataFrame) -> None:
    """Keep a part; an empty one only removes what an earlier attempt of the step left."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.parquet"
    if refused.is_empty():
        path.unlink(missing_ok=True)
        return
    new = path.with_suffix(".new")
    refused.select(list(SCHEMA)).write_parquet(new)
    new.replace(path)


def count(refused: pl.DataFrame) -> Counter[str]:
    """Return how often each reason occurs."""
    return Counter(dict(refused.group_by("code").len().iter_rows()))


def rows_in_order(folder: Path, scratch: Path, *, memory: str, without: Path | None = None) -> Iterator[pl.DataFrame]:
    """Yield all refusals by row number, some at a time, without holding them all.

    Args:
        without: a folder of refusals whose rows are left out.
    """
    if not list(folder.glob("*.parquet")):
        return
    with duckdb.connect(config={"memory_limit": memory, "threads": 2, "temp_directory": str(scratch)}) as database:
        parts = [str(folder / "*.parquet")]
        others = ""
        if without is not None and list(without.glob("*.parquet")):
            others = "WHERE row NOT IN (SELECT row FROM read_parquet(?))"
            parts.append(str(without / "*.parquet"))
        found = database.sql(
            f'SELECT DISTINCT row, "column", code, "values" FROM read_parquet(?) {others}'  # noqa: S608  own words
            ' ORDER BY row, "column", code, "values"',
            params=parts,
        )
        for batch in found.to_arrow_reader(20_000):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            yield frame


def values_of(refusal: Mapping[str, object]) -> dict[str, object]:
    """Return the values of one refusal."""
    return dict(json.loads(str(refusal["values"])))
