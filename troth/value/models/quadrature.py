"""Nodes and weights of Gauss-Legendre quadrature."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from troth.value.models.special import Array


@lru_cache(maxsize=8)
def legendre(nodes: int) -> tuple[Array, Array]:
    """Nodes in (0, 1) and weights that sum to 1."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return (at + 1.0) / 2.0, weight / 2.0
