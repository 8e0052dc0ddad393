"""What the rows of one order must agree about before they become an order, or a return, or both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from troth.value.later import pl

from . import refusals
from .tally import Tally
from .targets import Shape

# An order belongs to one customer and one till; a number that a second store uses too is another order.
_AGREED = ("customer_id", "card", "phone", "email", "currency", "store", "original_order_id")
# These may differ between rows; the first filled one speaks for the order.
_FIRST = ("channel", "staff", "payment", "name")
_DAY = timedelta(hours=24)


class Rows:
    """The sorted rows of some whole orders, of which more and more are refused while they are looked at."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self.rows = rows
        self.tally = Tally()
        self._refused: list[pl.DataFrame] = []

    @property
    def good(self) -> pl.DataFrame:
        """Return the rows that are not refused."""
        return self.rows.filter(~pl.col("is_refused"))

    def refuse(self, keys: pl.DataFrame, code: str, **values: str) -> None:
        """Refuse all rows, not refused yet, of the orders in `keys`.

        Args:
            keys: a `key` column and the columns that the sentence's values come from.
            values: name in the sentence -> column.
        """
        if keys.is_empty():
            return
        hit = self.good.select("row", "key").join(keys, on="key", maintain_order="left")
        self._add(refusals.of_rows(hit["row"], code, values=refusals.as_json(hit, **values)))
        self._mark(pl.col("key").is_in(keys["key"].implode()))

    def refuse_dates(self, column_numbers: dict[str, int]) -> None:
        """Refuse the rows whose dates could not be settled."""
        bad = self.rows.filter(pl.col("date_code").is_not_null())
        for (target,), part in bad.group_by("date_target"):
            number = column_numbers[str(target)]
            self._add(refusals.of_rows(part["row"], part["date_code"], column=number))
        self._mark(pl.col("date_code").is_not_null())

    def _add(self, refused: pl.DataFrame) -> None:
        self._refused.append(refused)
        self.tally.refused.update(refusals.count(refused))
        self.tally.refused_rows += refused["row"].n_unique()

    def _mark(self, where: pl.Expr) -> None:
        self.rows = self.rows.with_columns(is_refused=pl.col("is_refused") | where)

    def refused(self) -> pl.DataFrame:
        """Return everything refused here."""
        return pl.concat([refusals.empty(), *self._refused])


def check(rows: Rows, shape: Shape, column_numbers: dict[str, int]) -> None:
    """Refuse whole orders: with a refused row, with rows that disagree, or standing in the file twice."""
    rows.refuse_dates(column_numbers)
    broken = rows.rows.filter("is_refused").group_by("key").agg(pl.col("row").min())
    rows.refuse(broken.rename({"row": "bad"}), "order_has_refused_row", order="key", row="bad")
    if shape == Shape.ORDERS:
        _check_repeats(rows)
    _check_agreement(rows)


def _check_repeats(rows: Rows) -> None:
    """One row is one order here: the same row again is dropped, another one with its number refuses both."""
    content = [name for name in rows.rows.columns if name not in ("row", "date_code", "date_target")]
    counts = rows.good.group_by("key").agg(pl.len().alias("rows"), pl.struct(content).n_unique().alias("contents"))
    rows.refuse(counts.filter(pl.col("contents") > 1), "order_id_twice", order="key")
    repeated = int((counts.filter(pl.col("contents") == 1)["rows"] - 1).sum())
    if repeated:
        rows.tally.mended["duplicate_row"] += repeated
        is_first = pl.col("row") == pl.col("row").min().over("key")
        rows.rows = rows.rows.filter(pl.col("is_refused") | is_first)


def _check_agreement(rows: Rows) -> None:
    present = [name for name in _AGREED if name in rows.rows.columns]
    grouped = rows.good.group_by("key").agg(
        *(pl.col(name).drop_nulls().first().alias(f"{name}_first") for name in present),
        *(pl.col(name).drop_nulls().last().alias(f"{name}_last") for name in present),
        *(pl.col(name).drop_nulls().n_unique().alias(f"{name}_count") for name in present),
        pl.col("ordered_at").min().alias("ordered_at_first"),
        pl.col("ordered_at").max().alias("ordered_at_last"),
    )
    taken: set[str] = set()
    for name in present:
        other = _other_value(rows.good, name) if (grouped[f"{name}_count"] > 1).any() else None
        bad = grouped.filter(pl.col(f"{name}_count") > 1, ~pl.col("key").is_in(list(taken)))
        if other is not None and not bad.is_empty():
            _refuse_disagreement(rows, bad.join(other, on="key"), name, f"{name}_first", "other")
            taken |= set(bad["key"])
    spread = pl.col("ordered_at_last") - pl.col("ordered_at_first")
    far = grouped.filter(spread > _DAY, ~pl.col("key").is_in(list(taken)))
    _refuse_disagreement(rows, far, "ordered_at", "ordered_at_first", "ordered_at_last")


def _other_value(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return per order the first value that differs from its first one."""
    first = pl.col(name).drop_nulls().first().over("key")
    return rows.filter(pl.col(name) != first).group_by("key").agg(pl.col(name).first().alias("other"))


def _refuse_disagreement(rows: Rows, bad: pl.DataFrame, name: str, first: str, second: str) -> None:
    named = bad.with_columns(pl.lit(name).alias("field_name"))
    rows.refuse(named, "order_lines_disagree", order="key", field="field_name", first=first, second=second)


def documents(rows: Rows, columns: Sequence[str]) -> pl.DataFrame:
    """Return one row per order: its key, moment, and the values that speak for it; absent columns are null."""
    good = rows.good
    wanted = [name for name in columns if name in good.columns]
    spread = good.group_by("key").agg(pl.col("ordered_at").n_unique().alias("n"))
    rows.tally.mended["earliest_time"] += int((spread["n"] > 1).sum())
    for name in _FIRST:
        if name in wanted:
            differing = good.group_by("key").agg(pl.col(name).drop_nulls().n_unique().alias("n"))
            rows.tally.mended["first_of_order"] += int((differing["n"] > 1).sum())
    found = good.group_by("key", maintain_order=True).agg(
        pl.col("ordered_at").min().alias("occurred_at"),
        pl.col("row").min(),
        pl.col("is_return").all().alias("only_returns"),
        pl.col("is_return").any().alias("has_returns"),
        *(pl.col(name).drop_nulls().first() for name in wanted),
    )
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in wanted]
    return found.with_columns(absent)
