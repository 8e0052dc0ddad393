"""Functions of real numbers that keep their digits where the textbook form loses or overflows them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

# Of floats, but for masks and row numbers.
Array = NDArray[Any]

# Above this argument Stirling's series to five terms is exact to the last digit.
STIRLING_FROM = 30.0


def log_rising(z: float | Array, n: Array) -> Array:
    """ln Γ(z + n) − ln Γ(z), also where both logarithms are huge and their difference is not."""
    z, n = np.broadcast_arrays(np.asarray(z, dtype=float), np.asarray(n, dtype=float))
    small = np.asarray(gammaln(z + n) - gammaln(z))
    is_large = z >= STIRLING_FROM
    if not is_large.any():
        return small
    low, high = np.where(is_large, z, STIRLING_FROM), np.where(is_large, z + n, STIRLING_FROM)
    step = high - low
    large = (low - 0.5) * np.log1p(step / low) + step * np.log(high) - step
    return np.where(is_large, large + stirling_rest(high) - stirling_rest(low), small)


def stirling_rest(z: Array) -> Array:
    """What ln Γ(z) is above (z − 1/2) ln z − z + ln(2π) / 2, for z of `STIRLING_FROM` or more."""
    square = 1.0 / (z * z)
    rest = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    return np.asarray(rest / z)


def mean_decay(z: Array) -> Array:
    """(1 − e^−z) ÷ z, which is 1 at z = 0: the mean of e^−zu over u from 0 to 1."""
    z = np.asarray(z, dtype=float)
    is_tiny = np.abs(z) < 1e-8
    safe = np.where(is_tiny, 1.0, z)
    return np.where(is_tiny, 1.0 - z / 2.0, -np.expm1(-safe) / safe)


def softplus(z: Array) -> Array:
    """ln(1 + e^z)."""
    return np.asarray(np.logaddexp(0.0, z))


def logistic(z: Array) -> Array:
    """1 ÷ (1 + e^−z) without overflow."""
    tail = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, tail) / (1.0 + tail)
