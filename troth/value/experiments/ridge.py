"""Linear models held back by a penalty that generalised cross-validation chooses; up to "everybody is alike"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troth.value.later import np

"""Tried per person; beyond the last, every slope is 0."""


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted model. penalty: per person; infinite where a mean for all foretells best."""

    start: float
    centre: Any
    slopes: Any
    penalty: float

    def at(self, rows: Any) -> Any:
        """Return the model's value at each row."""
        return self.start + (rows - self.centre) @ self.slopes


def fit(rows: Any, values: Any) -> Line:
    """Fit values to rows by ridge regression; the mean is not held back. Source: Golub, Heath, Wahba 1979."""
    count, centre, start = len(values), rows.mean(axis=0), float(values.mean())
    inner, rest = rows - centre, values - start
    gram, cross, whole = inner.T @ inner, inner.T @ rest, float(rest @ rest)
    weights, directions = np.linalg.eigh(gram)
    weights, along = weights.clip(min=0.0), directions.T @ cross
    best = (whole / (count - 1) ** 2, float("inf"), np.zeros(rows.shape[1]))
    for penalty in np.logspace(-3, 4, 29) * count:
        held = along / (weights + penalty)
        left = whole - 2 * float(held @ along) + float(held @ (weights * held))
        freedom = count - 1 - float((weights / (weights + penalty)).sum())
        if freedom > 0 and left / freedom**2 < best[0]:
            best = (left / freedom**2, penalty / count, directions @ held)
    return Line(start, centre, best[2], best[1])
