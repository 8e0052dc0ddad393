"""The likelihoods of BG/NBD and Pareto/NBD where every customer has parameters of his own, made of covariates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from troth.value.models.beta_geo import TINY
from troth.value.models.histories import Histories
from troth.value.models.pareto_nbd import deaths, log_still_there, second_purchase
from troth.value.models.special import Array, log_rising, logistic, softplus

# Beyond e^±25 of what is measured in time, and e^±12 of a shape, a customer's own parameter stands still: nothing that
# can be observed tells such values apart, and floating point could not hold them.
WIDEST = {"alpha": 25.0, "beta": 25.0, "a": 12.0, "b": 12.0}


@dataclass(frozen=True, slots=True)
class Effect:
    """One coefficient: times `sign` and the covariate in `column`, it is added to the logarithm in `place`."""

    place: int
    sign: float
    column: int


@dataclass(frozen=True, slots=True)
class Spread:
    """From one point (logarithms of the parameters, then coefficients) to the logarithms of every row."""

    widest: Array  # of each logarithm
    effects: tuple[Effect, ...]

    def rows(self, point: Array, covariates: Array) -> tuple[Array, Array]:
        """One column a row, and where it may still move."""
        size = len(self.widest)
        rows = np.repeat(point[:size, None], len(covariates), axis=1)
        for effect, coefficient in zip(self.effects, point[size:], strict=True):
            rows[effect.place] += effect.sign * coefficient * covariates[:, effect.column]
        # The parameters themselves may lie anywhere: the bound is for what covariates make of them.
        bound = np.maximum(self.widest, np.abs(point[:size]))[:, None]
        return np.clip(rows, -bound, bound), np.abs(rows) <= bound

    def gathered(self, slopes: Array, weights: Array, covariates: Array) -> Array:
        """The slopes of every row as those of the point."""
        weighed = slopes * weights
        of = [effect.sign * (weighed[effect.place] @ covariates[:, effect.column]) for effect in self.effects]
        return np.concatenate([weighed.sum(axis=1), of])


# Logarithms of the parameters (one column a row) and histories, to log-likelihood and slopes of each row.
RowLikelihood = Callable[[Array, Histories], tuple[Array, Array]]


class CovariateLikelihood:
    """Log-likelihood and gradient of a model with covariates, summed over its distinct rows."""

    def __init__(self, data: Histories, spread: Spread, rows: RowLikelihood) -> None:
        assert data.covariates is not None
        self.data, self.covariates, self.spread, self.of_rows = data, data.covariates, spread, rows

    def __call__(self, point: Array) -> tuple[float, Array]:
        rows, is_free = self.spread.rows(point, self.covariates)
        value, slopes = self.of_rows(rows, self.data)
        weights = self.data.customers
        return float(weights @ value), self.spread.gathered(slopes * is_free, weights, self.covariates)


def beta_geo_rows(point: Array, data: Histories) -> tuple[Array, Array]:
    """ln L of each row under BG/NBD, and its slopes by ln r, ln alpha, ln a, ln b."""
    params = np.exp(point)
    r, alpha, a, b = params
    x, last, age = data.frequency, data.recency, data.T
    is_back = x > 0
    since = np.log1p((age - last) / (alpha + last))
    kept = np.maximum(b + x - 1, TINY)
    odds = np.where(is_back, np.log(a) - np.log(kept) + (r + x) * since, -np.inf)
    stopped, waited = logistic(odds), np.log1p(age / alpha)
    rising = log_rising(r, x) + log_rising(b, x) - log_rising(a + b, x)
    value = rising - r * waited - x * np.log(alpha + age) + softplus(odds)
    both = digamma(a + b) - digamma(a + b + x)
    slopes = np.stack(
        [
            digamma(r + x) - digamma(r) - waited + stopped * since,
            r / alpha - (r + x) / (alpha + age) + stopped * (r + x) * (1 / (alpha + age) - 1 / (alpha + last)),
            both + stopped / a,
            both - digamma(b) + digamma(b + x) - stopped / kept,
        ]
    )
    return value, slopes * params


def pareto_rows(point: Array, data: Histories) -> tuple[Array, Array]:
    """ln L of each row under Pareto/NBD, and its slopes by ln r, ln alpha, ln s, ln beta."""
    params = np.exp(point)
    r, alpha, s, beta = params
    x, age = data.frequency, data.T
    died = deaths(params, x, data.recency, age)
    gone, still = logistic(died.log_odds), log_still_there(params, age)
    value = log_rising(r, x) - still - x * np.log(alpha + age) + softplus(died.log_odds)
    # Of who bought once, ln P(no second purchase), from P(a second one) where that is the smaller.
    once = np.flatnonzero(x == 0)
    again = second_purchase(params[:, once], age[once])
    value[once] = np.where(again < 0.5, np.log1p(-np.minimum(again, 0.5)), value[once])
    of_r, of_alpha, of_s, of_beta = died.slopes
    slopes = np.stack(
        [
            digamma(r + x) - digamma(r) - np.log1p(age / alpha) + gone * of_r,
            r / alpha - (r + x) / (alpha + age) + gone * of_alpha,
            gone * of_s - np.log1p(age / beta),
            s / beta - s / (beta + age) + gone * of_beta,
        ]
    )
    return value, slopes * params
