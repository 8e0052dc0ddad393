"""What the model is given, checked: every fault is told with its column and row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from troth.value.churn.boosting import Array
from troth.value.errors import FactsError, Problem
from troth.value.facts import polars_of
from troth.value.models.reading import TABLE, no_numbers, refuse

LARGEST = 1e30  # what was learned from is kept in numbers of four bytes
BEYOND, UNKNOWN = f"beyond ±{LARGEST:g}", "leave it empty where it is not known"


def checked_rows(rows: Any, label: str, features: Sequence[str], cut: str) -> tuple[pl.DataFrame, Array, Array]:
    """The frame, its features as numbers (rows × features), and the label as 0 and 1.

    Raises:
        FactsError: a column is missing or of the wrong kind, a label or day is not known, a feature is not finite.
    """
    frame = polars_of(rows, TABLE, [label, cut, *features])
    if frame.schema[cut] != pl.Date:
        what, way_out = f"holds {frame.schema[cut]}, not days", "give the cut-off day of each row"
        raise FactsError(Problem("not_a_day", TABLE, cut, frame.height, what, way_out))
    if not (frame.schema[label].is_numeric() or frame.schema[label] == pl.Boolean):
        raise FactsError(no_numbers(label, str(frame.schema[label])))
    came = frame[label].cast(pl.Float64)
    is_told = came.is_in([0.0, 1.0]).fill_null(value=False).to_numpy()
    refuse(
        frame,
        [
            ("no_label", label, ~is_told, "neither 0 nor 1", "tell of each row whether it left, or leave it out"),
            ("no_day", cut, frame[cut].is_null().to_numpy(), "no day", "give the cut-off day of each row"),
        ],
    )
    return frame, chance_rows(frame, features), came.to_numpy()


def chance_rows(rows: Any, features: Sequence[str]) -> Array:
    """The features as numbers, rows × features; NaN where one is not known.

    Raises:
        FactsError: a column is missing, holds no numbers, or holds an infinite one.
    """
    frame = polars_of(rows, TABLE, features)
    texts = [name for name in features if not (frame[name].dtype.is_numeric() or frame[name].dtype == pl.Boolean)]
    if texts:
        raise FactsError(*(no_numbers(name, str(frame[name].dtype)) for name in texts))
    columns = [frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in features]
    refuse(
        frame,
        [
            ("infinite", name, np.abs(values) > LARGEST, "infinite" if np.isinf(values).any() else BEYOND, UNKNOWN)
            for name, values in zip(features, columns, strict=True)
        ],
    )
    return np.column_stack(columns) if columns else np.empty((frame.height, 0))
