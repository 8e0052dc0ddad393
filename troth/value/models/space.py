"""Where a fit is searched: histories in units the search likes, and the way back to the data's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from troth.value.models.fitting import Maximum, Objective
from troth.value.models.histories import Histories
from troth.value.models.special import Array


@dataclass(frozen=True, slots=True)
class Space:
    """The search of one fit; its points lead to those of the model by `matrix` @ point + `offset`.

    `limits` are the (low, high) rows of the search; `added` is what its units add to the log-likelihood.
    """

    data: Histories
    likelihood: Callable[[Histories], Objective]
    limits: Array
    matrix: Array
    offset: Array
    added: float

    def own(self, maximum: Maximum) -> Maximum:
        """A maximum of the search as one of the model."""
        point = self.matrix @ maximum.point + self.offset
        return replace(maximum, point=point, covariance=self.matrix @ maximum.covariance @ self.matrix.T)

    def inner(self, point: Array) -> Array:
        """A point of the model as one of the search."""
        return np.asarray(np.linalg.solve(self.matrix, point - self.offset))

    def inner_covariance(self, covariance: Array) -> Array:
        """The covariance of a point of the model as one of the search."""
        way = np.linalg.inv(self.matrix)
        return np.asarray(way @ covariance @ way.T)

    def own_limits(self) -> Array:
        """The limits of the search in the model's coordinates, as (low, high) rows."""
        middle, half = self.limits.mean(axis=1), np.diff(self.limits, axis=1)[:, 0] / 2
        reach = np.abs(self.matrix) @ half
        centre = self.matrix @ middle + self.offset
        return np.stack([centre - reach, centre + reach], axis=1)

    def own_objective(self) -> Objective:
        """Log-likelihood and gradient in the model's coordinates."""
        objective, way = self.likelihood(self.data), np.linalg.inv(self.matrix)

        def asked(point: Array) -> tuple[float, Array]:
            value, gradient = objective(way @ (point - self.offset))
            return value, way.T @ gradient

        return asked
