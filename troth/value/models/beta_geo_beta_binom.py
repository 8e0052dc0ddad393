"""BG/BB: buying at set occasions (a yearly appeal, a season), until one stops before one of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import polars as pl

from troth.value.models.base import DEFAULT_LEVEL
from troth.value.models.buying import BuyingModel, times
from troth.value.models.histories import Histories
from troth.value.models.reading import occasion_columns
from troth.value.models.rising import Rising
from troth.value.models.special import Array
from troth.value.terms import require

BLOCK_TERMS = 1_000_000


class Tables:
    """The rising factorials of α, β, α + β, δ, γ + δ up to the longest history."""

    def __init__(self, params: Array, most: int) -> None:
        alpha, beta, gamma, delta = map(float, params)
        self.gamma = gamma
        self.a, self.b, self.ab = (Rising.table(z, most) for z in (alpha, beta, alpha + beta))
        self.d, self.gd = Rising.table(delta, most), Rising.table(gamma + delta, most)


class Terms:
    """For some rows every way the history can have gone: stopped after occasion j, for j from the last purchase
    to the one before the end, or (j the end) never.
    """

    def __init__(self, x: Array, last: Array, age: Array) -> None:
        counts = (age - last + 1).astype(np.int64)
        self.starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        self.row = np.repeat(np.arange(len(x)), counts)
        self.x = x.astype(np.int64)[self.row]
        self.j = np.arange(counts.sum()) - np.repeat(self.starts, counts) + last.astype(np.int64)[self.row]
        self.is_end = self.j == age.astype(np.int64)[self.row]
        self.stays = self.j + ~self.is_end  # how many times the coin of stopping was thrown

    def log_heights(self, tables: Tables) -> Array:
        bought = tables.a.log[self.x] + tables.b.log[self.j - self.x] - tables.ab.log[self.j]
        stayed = tables.d.log[self.j] - tables.gd.log[self.stays]
        return np.asarray(bought + stayed + np.where(self.is_end, 0.0, np.log(tables.gamma)))

    def log_sums(self, heights: Array) -> Array:
        top = np.maximum.reduceat(heights, self.starts)
        return np.asarray(top + np.log(np.add.reduceat(np.exp(heights - top[self.row]), self.starts)))

    def slopes(self, tables: Tables) -> Iterator[Array]:
        of_both = tables.ab.slope[self.j]
        yield tables.a.slope[self.x] - of_both
        yield tables.b.slope[self.j - self.x] - of_both
        of_stay = tables.gd.slope[self.stays]
        yield np.where(self.is_end, 0.0, 1.0 / tables.gamma) - of_stay
        yield tables.d.slope[self.j] - of_stay


class BetaGeoBetaBinomLikelihood:
    """Log-likelihood and gradient of BG/BB."""

    def __init__(self, data: Histories) -> None:
        self.data = data
        self.most = int(data.T.max(initial=0)) + 1

    def blocks(self) -> Iterator[slice]:
        """Rows whose terms fit into memory together."""
        ends = np.cumsum(self.data.T - self.data.recency + 1)
        cuts = np.searchsorted(ends, np.arange(BLOCK_TERMS, ends[-1] + BLOCK_TERMS, BLOCK_TERMS), side="right")
        edges = np.unique(np.concatenate([[0], cuts, [len(ends)]]))
        yield from (slice(start, end) for start, end in pairwise(edges))

    def __call__(self, point: Array) -> tuple[float, Array]:
        params = np.exp(point)
        tables = Tables(params, self.most)
        value, gradient = 0.0, np.zeros(4)
        for rows in self.blocks():
            data = self.data.take(rows)
            terms = Terms(data.frequency, data.recency, data.T)
            heights = terms.log_heights(tables)
            sums = terms.log_sums(heights)
            value += float(data.customers @ sums)
            weight = data.customers[terms.row] * np.exp(heights - sums[terms.row])
            gradient += np.array([weight @ slope for slope in terms.slopes(tables)])
        return value, gradient * params


class BetaGeoBetaBinomModel(BuyingModel):
    """BG/BB: at each of `T` occasions a customer who is still there buys with a chance of one's own, and before
    each occasion may stop for good.

    Data: `frequency` (occasions with a purchase, the first not counted), `recency` (the number of the last
    such occasion, 0 for none), `T` (occasions so far), all whole. Parameters: `alpha`, `beta` (the chance to
    buy is Beta), `gamma`, `delta` (the chance to stop is Beta). `probability_alive` is that of being there at
    the next occasion. Source: Fader, Hardie, Shang (2010), Customer-base analysis in a discrete-time
    noncontractual setting, Marketing Science 29(6), eq. 5, 11 and 13.
    """

    names = ("alpha", "beta", "gamma", "delta")
    timed: ClassVar[tuple[str, ...]] = ()
    likelihood = BetaGeoBetaBinomLikelihood

    def read(self, frame: pl.DataFrame) -> dict[str, Array]:
        """The columns of a history of occasions, checked."""
        return occasion_columns(frame)

    def _start(self, rate: float, shape: float) -> Array:
        return np.asarray(np.log(np.array([shape, shape * 0.7, 0.7, 2.5])))

    def _alive(self, point: Array, columns: dict[str, Array]) -> Array:
        share = self._log_share(point, columns, bought=0)
        return np.asarray(np.exp(share + self._log_stay(point, columns["T"], 1)))

    def _purchases(self, point: Array, columns: dict[str, Array], ahead: Array) -> Array:
        share = self._log_share(point, columns, bought=1)
        return np.asarray(np.exp(share) * self._stays(point, columns["T"], ahead))

    def _new_purchases(self, point: Array, ahead: Array) -> Array:
        alpha, beta = np.exp(point[:2])
        return np.asarray(alpha / (alpha + beta) * self._stays(point, np.zeros_like(ahead), ahead))

    def _log_share(self, point: Array, columns: dict[str, Array], *, bought: int) -> Array:
        """ln of P(history | never stopped) ÷ P(history), the former with so many purchases more."""
        x, last, age = columns["frequency"], columns["recency"], columns["T"]
        tables = Tables(np.exp(point), int(age.max(initial=0)) + 2)
        out = np.zeros(len(x))
        for rows in BetaGeoBetaBinomLikelihood(Histories(x, last, age, np.ones(len(x)))).blocks():
            terms = Terms(x[rows], last[rows], age[rows])
            out[rows] = -terms.log_sums(terms.log_heights(tables))
        x, n = x.astype(np.int64), age.astype(np.int64)
        return np.asarray(out + tables.a.log[x + bought] + tables.b.log[n - x] - tables.ab.log[n + bought])

    def _log_stay(self, point: Array, age: Array, ahead: int) -> Array:
        """ln of the chance to stay for all occasions up to so many ahead."""
        gamma, delta = np.exp(point[2:])
        n = age.astype(np.int64) + ahead
        most = int(n.max(initial=0))
        return np.asarray(Rising.table(delta, most).log[n] - Rising.table(gamma + delta, most).log[n])

    def _stays(self, point: Array, age: Array, ahead: Array) -> Array:
        """Σ of the chances to stay up to occasion T + k, over k from 1 to `ahead`."""
        gamma, delta = np.exp(point[2:])
        most = int((age + ahead).max(initial=0))
        stay = np.exp(Rising.table(delta, most).log - Rising.table(gamma + delta, most).log)
        both = np.stack(np.broadcast_arrays(age, ahead), axis=1)
        pairs, pair_of = np.unique(both.astype(np.int64), axis=0, return_inverse=True)
        sums = np.array([stay[n + 1 : n + 1 + t].sum() for n, t in pairs])
        return np.asarray(sums[pair_of.reshape(-1)])

    def expected_purchases(self, data: Any, t: Any, *, level: float | None = DEFAULT_LEVEL) -> pl.DataFrame:
        """As for the other models; `t` counts occasions and must be whole."""
        require_whole(t)
        return super().expected_purchases(data, t, level=level)

    def expected_purchases_new_customer(self, t: Any, *, level: float | None = DEFAULT_LEVEL) -> pl.DataFrame:
        """As for the other models; `t` counts occasions and must be whole."""
        require_whole(t)
        return super().expected_purchases_new_customer(t, level=level)

    def simulate(self, customers: int, T: Any, *, seed: int) -> pl.DataFrame:
        """As for the other models: `frequency`, `recency`, `T`, `is_alive`. All count occasions; `T` must be whole."""
        require_whole(times("T", T, customers))
        return super().simulate(customers, T, seed=seed)

    def _draw(self, random: np.random.Generator, params: Array, age: Array) -> tuple[Array, Array, Array]:
        alpha, beta, gamma, delta = params
        buys = random.beta(alpha, beta, len(age))
        stays = random.geometric(np.clip(random.beta(gamma, delta, len(age)), 1e-15, 1.0)) - 1
        frequency, recency = np.zeros(len(age)), np.zeros(len(age))
        for occasion in range(1, int(age.max(initial=0)) + 1):
            is_there = (stays >= occasion) & (age >= occasion)
            bought = is_there & (random.random(len(age)) < buys)
            frequency += bought
            recency[bought] = occasion
        return frequency, recency, stays > age


def require_whole(t: Any) -> None:
    asked = np.asarray(t, dtype=float)
    require(bool((asked == np.floor(asked)).all()), "t", t, "counts occasions: must be whole")
