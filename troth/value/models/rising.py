"""ln Γ(z + k) − ln Γ(z) for k = 0, 1, 2 …, and its slope in z, as tables: sums of logarithms and of inverses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from troth.value.models.special import Array


@dataclass(frozen=True, slots=True)
class Rising:
    """`log[k]` is ln(z (z+1) … (z+k−1)), `slope[k]` its derivative in z."""

    log: Array
    slope: Array

    @classmethod
    def table(cls, z: float, most: int) -> Rising:
        """For k from 0 to `most`."""
        terms = z + np.arange(most)
        zero = np.zeros(1)
        return cls(np.concatenate([zero, np.cumsum(np.log(terms))]), np.concatenate([zero, np.cumsum(1.0 / terms)]))
