"""Ways to tell which product comes next: the popular, what goes together, and factors behind the choices."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from troth.value.next_product.baskets import Baskets, Matrix

Array = np.ndarray[Any, Any]

NEIGHBOURS = 200  # of each product
BREADTH = 0.7  # 0.5 is the cosine; nearer to 1, what many buy counts more
SHRINK = 10.0  # so many buyers in common count half
FACTORS = 48
ROUNDS = 12
REGULARIZATION = 20.0
CONFIDENCE = 10.0


class Method(StrEnum):
    """The contestants; `popular` is the one to beat."""

    POPULAR = "popular"
    ITEM_TO_ITEM = "item_to_item"
    ALS = "als"


class Contestant(Protocol):
    """Scores every product for some customers."""

    def scores(self, bought: Matrix) -> Array:
        """Return customers × products, higher is likelier; `bought` holds those customers' rows."""

    def because(self, bought: Matrix, products: Array) -> Array:
        """Return for each customer and product the column of the own product that speaks most for it, −1: none."""


class Popular:
    """What most customers bought lately: the same for everybody."""

    def __init__(self, baskets: Baskets, lately: Array) -> None:
        self._buyers = lately + _buyers(baskets) * 1e-6

    def scores(self, bought: Matrix) -> Array:
        return np.broadcast_to(self._buyers, bought.shape)

    def because(self, bought: Matrix, products: Array) -> Array:
        return np.full(products.shape, -1)


class ItemToItem:
    """What is bought by those who bought the same, shrunk where few buyers are in common, times what sells now.

    Source: Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering" (2001), with the asymmetric cosine of
    Aiolli (2013); shrinkage as in Bell and Koren (2007). The factor of what sells now (buyers of the last quarter ÷ of
    all time) is ours: without it goods that are out of season come up.
    """

    def __init__(self, baskets: Baskets, lately: Array) -> None:
        together = (baskets.bought.T @ baskets.bought).tocoo()
        buyers = _buyers(baskets)
        is_other = together.row != together.col
        row, column, common = together.row[is_other], together.col[is_other], together.data[is_other]
        expected = buyers[row] ** BREADTH * buyers[column] ** (1 - BREADTH)
        now = (lately + 1) / (buyers + 1)
        weight = common / expected * (common / (common + SHRINK)) * now[column]
        like = sparse.csr_array((weight.astype(np.float32), (row, column)), shape=together.shape)
        self._towards = _nearest(like.T.tocsr(), NEIGHBOURS)  # a row for each product that may come next
        self._like = self._towards.T.tocsr()
        self._ties = _between_equals(lately)

    def scores(self, bought: Matrix) -> Array:
        return np.asarray((bought @ self._like).toarray() + self._ties)

    def because(self, bought: Matrix, products: Array) -> Array:
        return _strongest(bought, products, self._towards)


class Factors:
    """Implicit-feedback matrix factorisation by alternating least squares (the `implicit` library).

    Source: Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets" (2008).
    """

    def __init__(self, baskets: Baskets, lately: Array, *, seed: int) -> None:
        from implicit.als import AlternatingLeastSquares  # noqa: PLC0415  loading it takes half a second
        from threadpoolctl import threadpool_limits  # noqa: PLC0415  comes with it

        self._ties = _between_equals(lately)
        with threadpool_limits(1, "blas"):  # the library has threads of its own, and says so when it is made
            self._model = AlternatingLeastSquares(
                factors=min(FACTORS, max(1, min(baskets.bought.shape) - 1)),
                iterations=ROUNDS,
                regularization=REGULARIZATION,
                alpha=CONFIDENCE,
                random_state=seed,
                num_threads=1,  # the same figures on every machine
            )
            self._model.fit(sparse.csr_matrix(baskets.bought), show_progress=False)

    def scores(self, bought: Matrix) -> Array:
        rows = sparse.csr_matrix(bought)
        users = self._model.recalculate_user(np.arange(rows.shape[0]), rows)
        return np.asarray(users @ self._model.item_factors.T) + self._ties

    def because(self, bought: Matrix, products: Array) -> Array:
        factors = self._model.item_factors
        length = np.linalg.norm(factors, axis=1, keepdims=True)
        unit = factors / np.where(length > 0, length, 1)
        found = np.full(products.shape, -1)
        for row in range(products.shape[0]):
            own = bought.indices[bought.indptr[row] : bought.indptr[row + 1]]
            if own.size:
                found[row] = own[np.argmax(unit[products[row]] @ unit[own].T, axis=1)]
        return found


def contestant(method: Method, baskets: Baskets, lately: Array, *, seed: int) -> Contestant:
    """Fit one of them to what was bought; lately: buyers of each product in the last quarter."""
    if method is Method.ITEM_TO_ITEM:
        return ItemToItem(baskets, lately)
    if method is Method.ALS:
        return Factors(baskets, lately, seed=seed)
    return Popular(baskets, lately)


def _buyers(baskets: Baskets) -> Array:
    return np.asarray(baskets.bought.sum(axis=0), dtype=float).ravel()


def _between_equals(lately: Array) -> Array:
    """So little that it only puts equal products in order: for those of whom nothing is known, the popular."""
    return np.asarray(lately / max(lately.max(initial=0), 1) * 1e-6, dtype=np.float32)


def _nearest(like: Matrix, count: int) -> Matrix:
    """Keep the strongest cells of each row."""
    data, columns, starts = [], [], [0]
    for row in range(like.shape[0]):
        part = slice(like.indptr[row], like.indptr[row + 1])
        order = np.lexsort((like.indices[part], -like.data[part]))[:count]
        data.append(like.data[part][order])
        columns.append(like.indices[part][order])
        starts.append(starts[-1] + order.size)
    return sparse.csr_array((np.concatenate(data), np.concatenate(columns), starts), shape=like.shape)


def _strongest(bought: Matrix, products: Array, towards: Matrix) -> Array:
    """For each product the own one with the greatest weight towards it."""
    found = np.full(products.shape, -1)
    for row in range(products.shape[0]):
        own = bought.indices[bought.indptr[row] : bought.indptr[row + 1]]
        for place, product in enumerate(products[row]):
            part = slice(towards.indptr[product], towards.indptr[product + 1])
            is_own = np.isin(towards.indices[part], own)
            if is_own.any():
                found[row, place] = towards.indices[part][is_own][np.argmax(towards.data[part][is_own])]
    return found
