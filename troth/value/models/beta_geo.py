"""BG/NBD and MBG/NBD: buying at random at a personal rate, and a personal chance to stop after each purchase."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.special import digamma

from troth.value.models.beta_mean import mean_purchases
from troth.value.models.buying import BuyingModel
from troth.value.models.histories import Histories
from troth.value.models.reading import distinct
from troth.value.models.special import Array, log_rising, logistic, softplus

# In place of the shape that BG/NBD has no use for: without a repeat nobody can have stopped.
TINY = 1e-300


class BetaGeoLikelihood:
    """Log-likelihood and gradient of BG/NBD (`extra` 0) and MBG/NBD (`extra` 1).

    All terms of frequency or T alone are summed over their few distinct values; only the chance to have
    stopped needs every row.
    """

    extra: ClassVar[int] = 0

    def __init__(self, data: Histories) -> None:
        self.x, x_of = np.unique(data.frequency, return_inverse=True)
        self.x_weight = np.bincount(x_of, data.customers)
        self.age, age_of = np.unique(data.T, return_inverse=True)
        self.age_weight = np.bincount(age_of, data.customers)
        self.age_bought = np.bincount(age_of, data.customers * data.frequency)
        once = data.frequency == 0
        self.once_weight = np.bincount(age_of[once], data.customers[once], minlength=len(self.age))
        could_stop = ~once | bool(self.extra)
        self.weight = data.customers[could_stop]
        self.x_of, self.age_of = x_of[could_stop], age_of[could_stop]
        self.last, self.last_of = np.unique(data.recency[could_stop], return_inverse=True)
        self.bought = data.frequency[could_stop]

    def __call__(self, point: Array) -> tuple[float, Array]:
        r, alpha, a, b = np.exp(point)
        kept = b + self.x + self.extra  # purchases after which the customer stayed
        log_age, log_last = np.log(alpha + self.age), np.log(alpha + self.last)
        since = log_age[self.age_of] - log_last[self.last_of]
        odds = (np.log(a) - np.log(np.maximum(kept - 1, TINY)))[self.x_of] + (r + self.bought) * since
        stopped = self.weight * logistic(odds)
        repeats = self.x > 0
        rising = log_rising(r, self.x) + log_rising(b, self.x + self.extra) - log_rising(a + b, self.x + self.extra)
        waited = -r * np.log1p(self.age / alpha)
        value = (
            self.x_weight[repeats] @ rising[repeats]
            + (self.age_weight - self.once_weight) @ waited - self.age_bought @ log_age
            + (self.weight * (self.bought > 0)) @ softplus(odds)
            + self.once_weight @ self._once(waited, a, b)
        )  # fmt: skip
        params = np.array([r, alpha, a, b])
        return float(value), self._slopes(params, stopped, since, log_age) * params

    def _once(self, waited: Array, a: float, b: float) -> Array:
        """ln P(no second purchase), where adding up both ways of it would lose the digits of a small one."""
        return np.log1p(b / (a + b) * np.expm1(waited)) if self.extra else waited

    def _slopes(self, params: Array, stopped: Array, since: Array, log_age: Array) -> Array:
        r, alpha, a, b = params
        kept = b + self.x + self.extra
        stopped_by_x = np.bincount(self.x_of, stopped, minlength=len(self.x))
        nearer = 1 / (alpha + self.age[self.age_of]) - 1 / (alpha + self.last[self.last_of])
        total = self.x_weight.sum()
        of_r = self.x_weight @ (digamma(r + self.x) - digamma(r)) + total * np.log(alpha)
        of_r += stopped @ since - self.age_weight @ log_age
        of_alpha = r / alpha * total - (r * self.age_weight + self.age_bought) @ (1 / (alpha + self.age))
        of_alpha += (stopped * (r + self.bought)) @ nearer
        both = digamma(a + b) - digamma(a + kept)
        of_a = self.x_weight @ both + stopped.sum() / a
        of_b = self.x_weight @ (both - digamma(b) + digamma(kept))
        of_b -= stopped_by_x @ (1 / np.maximum(kept - 1, TINY))
        return np.array([of_r, of_alpha, of_a, of_b])


class ModifiedBetaGeoLikelihood(BetaGeoLikelihood):
    """As BG/NBD, but one may stop right after the first purchase."""

    extra = 1


class BetaGeoModel(BuyingModel):
    """BG/NBD: purchases come at random at a rate of one's own, and after each *repeat* one may stop for good.

    Parameters: `r`, `alpha` (rates are Gamma; `alpha` in the data's unit of time), `a`, `b` (the chance to stop
    is Beta). Who never came back counts as still there, with certainty: where that is not so, take
    `ModifiedBetaGeoModel`. Source: Fader, Hardie, Lee (2005), "Counting your customers" the easy way,
    Marketing Science 24(2), eq. 6 to 10.
    """

    names = ("r", "alpha", "a", "b")
    timed = ("alpha",)
    likelihood = BetaGeoLikelihood
    extra: ClassVar[int] = 0

    def _start(self, rate: float, shape: float) -> Array:
        return np.asarray(np.log(np.array([shape, shape / max(rate, 1e-6), 0.8, 2.5])))

    def _alive(self, point: Array, columns: dict[str, Array]) -> Array:
        r, alpha, a, b = np.exp(point)
        x, last, age = columns["frequency"], columns["recency"], columns["T"]
        kept = b + x + self.extra
        since = np.log1p((age - last) / (alpha + last))
        odds = np.log(a) - np.log(np.maximum(kept - 1, TINY)) + (r + x) * since
        could_stop = (x > 0) | bool(self.extra)
        return np.where(could_stop, logistic(-odds), 1.0)

    def _purchases(self, point: Array, columns: dict[str, Array], ahead: Array) -> Array:
        r, alpha, a, b = np.exp(point)
        shared, place = columns, slice(None)
        if ahead.shape[-1] == 1 and point.ndim == 1:
            # Future buying is made of frequency and age alone, and many share them.
            shared, place = distinct({"frequency": columns["frequency"], "T": columns["T"]})
        x, span = shared["frequency"], ahead / (alpha + shared["T"])
        means = mean_purchases(a, b + x + self.extra, r + x, span)
        return np.asarray(self._alive(point, columns) * means[..., place])

    def _new_purchases(self, point: Array, ahead: Array) -> Array:
        r, alpha, a, b = np.exp(point)
        stays = b / (a + b) if self.extra else 1.0
        size = np.ones_like(ahead)
        return np.asarray(stays * mean_purchases(a, (b + self.extra) * size, r * size, ahead / alpha))

    def _draw(self, random: np.random.Generator, params: Array, age: Array) -> tuple[Array, Array, Array]:
        r, alpha, a, b = params
        rate = random.gamma(r, 1 / alpha, len(age))
        stop = np.clip(random.beta(a, b, len(age)), 1e-15, 1.0)
        could_buy = random.poisson(np.minimum(rate * age, 1e15)).astype(float)
        stops_at = random.geometric(stop).astype(float) - self.extra
        bought = np.minimum(could_buy, stops_at)
        # The k-th of n purchases spread at random over the age.
        place = random.beta(np.maximum(bought, 1), np.maximum(could_buy - bought + 1, 1))
        return bought, np.where(bought > 0, age * place, 0.0), could_buy < stops_at


class ModifiedBetaGeoModel(BetaGeoModel):
    """MBG/NBD: as BG/NBD, but one may also stop right after the very first purchase.

    Parameters as in `BetaGeoModel`. Source: Batislam, Denizel, Filiztekin (2007), Empirical validation and
    comparison of models for customer base analysis; Hoppe, Wagner (2007).
    """

    likelihood = ModifiedBetaGeoLikelihood
    extra = 1
