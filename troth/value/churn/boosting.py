"""Boosted trees that each look at one feature: what they say of a customer is a sum, one term a feature.

A tree of one feature is a step function of it, so thousands of them are one table a feature, and the sum of the tables
is the logarithm of the odds. What a feature adds is therefore read off, exact and the same whatever the others are; no
attribution has to be estimated afterwards. The price is that features do not act together: what only a combination
tells (silence against the usual gap) must be a feature itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from threadpoolctl import threadpool_limits

Array = np.ndarray[Any, Any]

STEPS = 64  # at most so many intervals of a feature
ROUNDS = 150
LEARNING_RATE = 0.06
LEAVES = 6
LEAST_IN_LEAF = 20
LEAST_SHARE_IN_LEAF = 0.005
PENALTY = 1.0  # on the size of what a leaf says
NEWTON_STEPS = 50
ALIKE = 1e-9  # of log odds: less apart than this is no difference


@dataclass(frozen=True, slots=True)
class Additive:
    """log odds = start + Σ table[feature][interval of the value], straightened by slope and shift.

    edges: of each feature, rising; a value belongs to the interval it closes. tables: what each interval adds; the
    first entry is for "not known". usual: the mean of each table over the rows it was learned from, so that points say
    what differs from the usual customer.
    """

    features: tuple[str, ...]
    edges: tuple[Array, ...]
    tables: tuple[Array, ...]
    usual: Array
    start: float
    slope: float = 1.0
    shift: float = 0.0

    def points(self, rows: Array) -> Array:
        """What each feature adds to the log odds of each row, against the usual customer. rows × features."""
        found = np.empty(rows.shape)
        for place, (edges, table) in enumerate(zip(self.edges, self.tables, strict=True)):
            found[:, place] = self.slope * (table[codes_of(rows[:, place], edges)] - self.usual[place])
        return found

    @property
    def base(self) -> float:
        """The log odds of a customer who is usual in everything."""
        return self.shift + self.slope * (self.start + float(self.usual.sum()))

    def log_odds(self, rows: Array) -> Array:
        """Log odds of each row."""
        found: Array = self.base + self.points(rows).sum(axis=1)
        return found

    def probability(self, rows: Array) -> Array:
        """Chance of each row, 0 to 1."""
        found: Array = expit(self.log_odds(rows))
        return found

    def straightened(self, rows: Array, came: Array) -> Additive:
        """The same tables, calibrated on rows they have not seen: log odds × slope + shift (Platt 1999).

        The slope is never below 0: a calibration slice must not turn the order of customers around.
        """
        slope, shift = platt(self.log_odds(rows), came)
        return Additive(
            self.features, self.edges, self.tables, self.usual, self.start,
            self.slope * slope, shift + slope * self.shift,
        )  # fmt: skip


def edges_of(values: Array, steps: int = STEPS) -> Array:
    """The rising inner edges that cut known values into at most so many intervals of about equal size."""
    known = values[np.isfinite(values)]
    if known.size == 0:
        return np.empty(0)
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, steps + 1)[1:-1], method="inverted_cdf"))
    found: Array = cuts[cuts < known.max()]
    return found


def codes_of(values: Array, edges: Array) -> Array:
    """The interval of each value, from 1; 0 where it is not known."""
    found: Array = np.searchsorted(edges, values, side="left") + 1
    found[~np.isfinite(values)] = 0
    return found


def learn(rows: Array, came: Array, features: Sequence[str], *, seed: int) -> Additive:
    """The tables that tell rows where it came (1) from the others (0).

    Gradient boosting by scikit-learn's histogram trees, no interactions, on one thread: the same figures whatever the
    machine has.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  two seconds, for few

    edges = tuple(edges_of(rows[:, place]) for place in range(len(features)))
    codes = np.column_stack([codes_of(rows[:, place], cut) for place, cut in enumerate(edges)])
    trees = HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        learning_rate=LEARNING_RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=max(LEAST_IN_LEAF, int(len(rows) * LEAST_SHARE_IN_LEAF)),
        l2_regularization=PENALTY,
        interaction_cst="no_interactions",
        early_stopping=False,  # it would hold out rows at random, not the latest
        random_state=seed,
    )
    with threadpool_limits(limits=1):
        trees.fit(codes.astype(np.float32), came)
        start, tables = tables_of(trees, edges)
    usual = np.array([table[codes[:, place]].mean() for place, table in enumerate(tables)])
    return Additive(tuple(features), edges, tables, usual, start)


def tables_of(trees: Any, edges: Sequence[Array]) -> tuple[float, tuple[Array, ...]]:
    """What trees say, written out: each interval of each feature asked once, the others at the first interval."""
    sizes = [len(cut) + 2 for cut in edges]
    asked = np.ones((1 + sum(sizes), len(edges)), dtype=np.float32)
    row = 1
    for place, size in enumerate(sizes):
        asked[row : row + size, place] = np.arange(size)
        row += size
    told = trees.decision_function(asked)
    parts = np.split(told[1:] - told[0], np.cumsum(sizes)[:-1])
    return float(told[0]), tuple(parts)


def platt(log_odds: Array, came: Array) -> tuple[float, float]:
    """Slope (0 or more) and shift of the logistic curve of what came on log odds, by maximum likelihood.

    Counts are moved by one as in Platt (1999), so that a slice told apart perfectly has an end.
    """
    yes, no = float(came.sum()), float(len(came) - came.sum())
    goal = np.where(came > 0, (yes + 1) / (yes + 2), 1 / (no + 2))
    # Chances that differ by rounding alone are all the same: drawn apart, their noise would be taken for an order.
    centre, scale = float(log_odds.mean()), float(log_odds.std()) if np.ptp(log_odds) > ALIKE else 1.0
    x = (log_odds - centre) / scale
    slope, shift = 1.0, float(np.log((yes + 1) / (no + 1)))
    for _step in range(NEWTON_STEPS):
        chance = expit(slope * x + shift)
        miss, weight = goal - chance, chance * (1 - chance) + 1e-12
        a, b, c = float((weight * x * x).sum()) + 1e-9, float((weight * x).sum()), float(weight.sum())
        up, over = float((miss * x).sum()), float(miss.sum())
        det = a * c - b * b
        move = np.clip([(c * up - b * over) / det, (a * over - b * up) / det], -4, 4)
        slope, shift = slope + move[0], shift + move[1]
        if np.abs(move).max() < 1e-10:
            break
    if slope < 0:
        slope, shift = 0.0, float(np.log((yes + 1) / (no + 1)))
    return slope / scale, shift - slope * centre / scale
