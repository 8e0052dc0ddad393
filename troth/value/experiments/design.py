"""Columns of any kind as numbers that a linear model can bend: steps at fifths, one column a level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from troth.value.later import np, pl
from troth.value.terms import require

FIFTHS = (0.2, 0.4, 0.6, 0.8)
FEWEST = 0.01
"""A level that fewer than this share of people have stands with the others of its kind."""


def matrix(people: pl.DataFrame, features: Sequence[str]) -> Any:
    """Return one row a person and columns of mean 0 and deviation 1, floats; a column that says nothing is left out.

    Numbers enter as they are (damped by a logarithm, so that one large amount does not rule) and as steps at their
    fifths; texts and true/false by a column for each level. An unknown value has a column of its own.

    Raises:
        TermsError: no feature, or one that is missing or of a kind that is neither number nor text.
    """
    require(len(features) > 0, "features", list(features), "must name at least one column")
    columns: list[Any] = []
    for name in features:
        require(name in people.columns, "features", name, f"must be one of {', '.join(people.columns)}")
        columns += _columns(people[name])
    found = np.column_stack(columns) if columns else np.empty((len(people), 0))
    spread = found.std(axis=0)
    found = found[:, spread > 0]
    return (found - found.mean(axis=0)) / spread[spread > 0]


def _columns(column: pl.Series) -> list[Any]:
    if column.dtype.is_numeric():
        return _numbers(column)
    kinds = (pl.String, pl.Boolean, pl.Categorical, pl.Enum)
    is_level = column.dtype in kinds or column.dtype == pl.Null
    require(is_level, f"feature {column.name}", str(column.dtype), "must hold numbers, texts or true and false")
    return _levels(column.cast(pl.String))


def _numbers(column: pl.Series) -> list[Any]:
    known = column.cast(pl.Float64)
    known = known.set(~known.is_finite().fill_null(False), None)
    unknown = known.is_null()
    values = known.fill_null(known.median() if known.drop_nulls().len() else 0.0).to_numpy()
    steps: Any = np.unique(np.quantile(values, FIFTHS)) if len(values) else ()
    damped = np.sign(values) * np.log1p(np.abs(values))
    found = [damped, *((values > step).astype(float) for step in steps)]
    return [*found, unknown.cast(pl.Float64).to_numpy()] if unknown.any() else found


def _levels(column: pl.Series) -> list[Any]:
    told = column.fill_null("")
    counted = told.value_counts(sort=True)
    kept = counted.filter(pl.col("count") >= FEWEST * len(column))[column.name].to_list()
    return [(told == level).cast(pl.Float64).to_numpy() for level in sorted(kept)]
