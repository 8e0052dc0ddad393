"""A column of cells on its way to values, with what was refused and what was mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from troth.value.later import pl


@dataclass
class Column:
    """Cells of one column.

    Args:
        text: cleaned text, null where the cell is empty or refused.
        refused: reason code per row, null where nothing is wrong.
        mended: rule code -> which rows it was applied to.
    """

    text: pl.Series
    refused: pl.Series
    mended: dict[str, pl.Series] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: pl.Series) -> Column:
        return cls(cells, pl.Series(values=[None], dtype=pl.String).new_from_index(0, len(cells)))

    def refuse(self, rows: pl.Series, code: str) -> None:
        """Refuse the rows that are not refused yet, and empty their text."""
        rows = rows.fill_null(value=False)
        if rows.any():
            self.refused = (
                pl.Series(values=[code])
                .new_from_index(0, len(rows))
                .zip_with(rows & self.refused.is_null(), self.refused)
            )
            self.text = self.text.zip_with(~rows, _nothing(len(rows)))

    def mend(self, rows: pl.Series, rule: str, text: pl.Series | None = None) -> None:
        """Note that a rule applies to the rows and, where given, take their new text."""
        rows = rows.fill_null(value=False)
        if rows.any():
            self.mended[rule] = self.mended[rule] | rows if rule in self.mended else rows
            if text is not None:
                self.text = text.zip_with(rows, self.text)

    def empty(self, rows: pl.Series) -> None:
        """Count the rows as empty cells."""
        self.text = self.text.zip_with(~rows.fill_null(value=False), _nothing(len(rows)))

    @property
    def present(self) -> pl.Series:
        return self.text.is_not_null()


def _nothing(length: int) -> pl.Series:
    return pl.Series(values=[None], dtype=pl.String).new_from_index(0, length)


def matches(text: pl.Series, pattern: str) -> pl.Series:
    """Return which texts match; false where there is none."""
    return text.str.contains(pattern).fill_null(value=False)


def by_unique(text: pl.Series, parse: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """Parse each different text once; columns such as dates and phones repeat themselves a lot."""
    unique = text.unique(maintain_order=True).alias("text")
    if len(unique) * 2 > len(text):
        return parse(text)
    parsed = parse(unique).with_columns(unique)
    joined = text.alias("text").to_frame().join(parsed, on="text", how="left", nulls_equal=True, maintain_order="left")
    return joined.drop("text")
