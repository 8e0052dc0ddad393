"""Whether the customers of today still look like those from whom was learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from troth.value.churn.boosting import Array, codes_of, edges_of
from troth.value.terms import require

TENTHS = 10
LEAST_SHARE = 1e-4  # an empty interval counts as so much: the logarithm needs something
WATCH_FROM, SHIFTED_FROM = 0.1, 0.25
"""The thresholds in general use: below 0.1 steady, from 0.25 on shifted (Siddiqi 2006)."""


def population_stability(before: Any, now: Any) -> float:
    """PSI = Σ (now − before) · ln(now ÷ before) over the tenths of before, and over "not known" as one more interval.

    before, now: numbers; not finite is not known. 0: the same shares; a hundredth of a percent is the least share.
    Where either side is empty nothing has moved: 0. Raises `TermsError` for what cannot be read as numbers.
    """
    before, now = _read("before", before), _read("now", now)
    if not before.size or not now.size:
        return 0.0
    edges = edges_of(before, TENTHS)
    return stability(_shares(before, edges), _shares(now, edges))


def _read(name: str, given: Any) -> Array:
    try:
        found: Array = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        found = np.empty((0, 0))
    require(found.ndim == 1, name, given, "must be a column of numbers")
    return found


def stability(before: Array, now: Array) -> float:
    """PSI of shares by interval."""
    before, now = np.maximum(before, LEAST_SHARE), np.maximum(now, LEAST_SHARE)
    return float(((now - before) * np.log(now / before)).sum())


def _shares(values: Array, edges: Array) -> Array:
    counts = np.bincount(codes_of(values, edges), minlength=len(edges) + 2)
    found: Array = counts / max(len(values), 1)
    return found


def drift_of(before: Mapping[str, Array], now: Mapping[str, Array]) -> pl.DataFrame:
    """`feature`, `psi`, `state` (`steady`, `watch` from 0.1, `shifted` from 0.25), the most shifted first."""
    rows = [(name, population_stability(values, now[name])) for name, values in before.items()]
    frame = pl.DataFrame(rows, schema={"feature": pl.String, "psi": pl.Float64}, orient="row")
    psi = pl.col("psi")
    state = pl.when(psi >= SHIFTED_FROM).then(pl.lit("shifted")).when(psi >= WATCH_FROM).then(pl.lit("watch"))
    return frame.with_columns(state=state.otherwise(pl.lit("steady"))).sort("psi", "feature", descending=[True, False])
