"""What a caller hands over: a number, a whole number, a text, a column; refused by its name, its value and its row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import inf, isfinite
from typing import Any

from troth.value.errors import FactsError, Problem, TermsError
from troth.value.facts import polars_of
from troth.value.later import np, pl
from troth.value.terms import require

INT64 = 2**63
LARGEST = 1e100
"""Squares of what is larger cannot be added up."""


def number(
    name: str,
    given: Any,
    limit: str = "must be a finite number",
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """The number as a float. Raises `TermsError` with the limit for text, None, what is not finite or lies outside."""
    require(isinstance(given, (int, float, Decimal, np.number)), name, given, limit)
    try:
        found = float(given)
    except OverflowError:  # a whole number of more than 308 digits
        found = inf
    require(isfinite(found), name, given, limit)
    is_inside = (
        (least is None or found >= least)
        and (above is None or found > above)
        and (most is None or found <= most)
        and (below is None or found < below)
    )
    require(is_inside, name, given, limit)
    return found


def whole(name: str, given: Any, *, least: int = 1, most: int = INT64 - 1) -> int:
    """The whole number. Raises `TermsError` for a fraction, infinity, text, or one outside `least` to `most`."""
    limit = f"must be a whole number, {least} or more" if most == INT64 - 1 else f"must be {least} to {most}, whole"
    found = number(name, given, limit, least=least, most=most)
    require(found == int(found) and not isinstance(given, bool), name, given, limit)
    return int(given)


def seed_of(given: Any) -> int:
    """The seed of a draw, as NumPy and scikit-learn both take it."""
    return whole("seed", given, least=0, most=2**32 - 1)


def text(name: str, given: Any) -> str:
    """The text. Raises `TermsError` for anything else: an answer that was not given has no words."""
    require(isinstance(given, str), name, given, "must be a text; leave out who wrote nothing, or pass ''")
    return str(given)


def people_of(given: Any, table: str, columns: Sequence[str]) -> pl.DataFrame:
    """A polars, pandas or Arrow frame as polars. Raises `TermsError` for a missing column."""
    frame = polars_of(given, table, ())
    for name in columns:
        require(name in frame.columns, table, frame.columns, f"must have a column {name}")
    return frame


def refuse_repeated(frame: pl.DataFrame, table: str) -> None:
    """Refuse a customer who stands twice. Raises `FactsError` naming him."""
    again = frame.filter(~pl.col("customer_id").is_first_distinct())
    if again.height:
        what = f"{again['customer_id'][0]!r} stands twice"
        raise FactsError(Problem("repeated_id", table, "customer_id", again.height, what, "one row a customer"))


def refuse_mixed(frame: pl.DataFrame, table: str) -> None:
    """Refuse money of more than one currency, where the frame tells it. Raises `FactsError` naming them."""
    if "currency" in frame.columns and frame["currency"].n_unique() > 1:
        kinds = ", ".join(sorted(str(kind) for kind in frame["currency"].unique()))
        what = f"more than one: {kinds}"
        raise FactsError(
            Problem("mixed_currencies", table, "currency", frame.height, what, "keep one, or convert first")
        )


def column(frame: pl.DataFrame, name: str, limit: str, *, may_miss: bool = False) -> pl.Series:
    """A column of numbers, or of true and false, as floats. Raises `TermsError` for text and for the first row whose
    figure is not finite, or null unless that `may_miss`."""
    kind = frame[name].dtype
    is_number = kind.is_numeric() or kind in (pl.Boolean, pl.Null)
    require(is_number, name, str(kind), "must hold numbers, or true and false")
    found = frame[name].cast(pl.Float64)
    refuse_rows(name, frame[name], ~found.is_finite().fill_null(value=may_miss), limit)
    return found


def flags(frame: pl.DataFrame, name: str, limit: str = "must be true or false") -> pl.Series:
    """A column of true and false, or of 1 and 0, as floats. Raises `TermsError` as `column` does."""
    found = column(frame, name, limit)
    refuse_rows(name, frame[name], ~found.is_in([0.0, 1.0]), limit)
    return found


def amounts(frame: pl.DataFrame, name: str, limit: str) -> pl.Series:
    """A column of money, or of what else is squared and added up. Raises `TermsError` as `column` does."""
    found = column(frame, name, limit)
    refuse_rows(name, frame[name], found.abs() > LARGEST, f"must lie within ±{LARGEST:g}")
    return found


def refuse_rows(name: str, values: pl.Series, is_bad: pl.Series, limit: str) -> None:
    """Raise `TermsError` for the first bad row, with what stands there."""
    if is_bad.any():
        row = int(is_bad.arg_true()[0])
        raise TermsError(name, values[row], f"in row {row} (counted from 0): {limit}")
