"""What is known of a file once it was looked at, and what one batch of its rows is."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from troth.value.later import pl


@dataclass(frozen=True)
class Position:
    """A place between two rows to which a reader can return exactly.

    Args:
        offset: bytes into a text file; rows into a Parquet file.
        row: number of the last row before it, counted as a spreadsheet does: the first row is 1, blank rows count.
    """

    offset: int = 0
    row: int = 0


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file that is ready to be read in batches.

    Args:
        path: what is read; for workbooks and UTF-16 a UTF-8 copy beside the upload.
        columns: header texts in order, an empty string where a header cell is empty.
        header_row: row number of the header; 0 when no row is one (Parquet names its columns by itself).
        start: position of the first data row.
        mended: how often a rule was applied while the copy was made, by rule code.
    """

    path: Path
    kind: Literal["text", "parquet"]
    size_bytes: int
    columns: tuple[str, ...]
    header_row: int
    start: Position
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    mended: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"path": str(self.path)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Source:
        return cls(
            **data
            | {
                "path": Path(data["path"]),
                "columns": tuple(data["columns"]),
                "sheets": tuple(data["sheets"]),
                "start": Position(**data["start"]),
            }
        )


@dataclass(frozen=True)
class Fault:
    """A row that could not even be cut into cells: its number, the reason code and the values of its sentence."""

    row: int
    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """Some rows as text.

    Args:
        rows: row numbers, Int64.
        cells: one String column per column of the file, named "0", "1", …; as long as `rows`.
        faults: rows that are missing from `cells`, with the reason.
        mended: rule code -> number of rows.
        end: where to go on after this batch.
    """

    rows: pl.Series
    cells: pl.DataFrame
    faults: list[Fault]
    mended: Counter[str]
    end: Position
