"""Pareto/NBD: buying at random at a personal rate, until a personal lifetime ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma

from troth.value.models.buying import BuyingModel
from troth.value.models.histories import Histories
from troth.value.models.quadrature import legendre
from troth.value.models.special import Array, log_rising, logistic, mean_decay, softplus

# The integrand is left out where its logarithm has fallen so far, and cut into panels it is smooth on:
# up to (fall, width) a panel of so many nodes has a relative error below 1e-10.
FALL = 27.0
PANELS = ((8, 4.0, 1.0), (12, 11.0, 2.0), (20, FALL + 0.5, 2.5))
BLOCK = 1024


@dataclass(slots=True)
class Deaths:
    """For each row the logarithm of the odds (died unseen : still there), and its slopes by the parameters."""

    log_odds: Array
    slopes: tuple[Array, Array, Array, Array]  # by r, alpha, s, beta


def deaths(params: Array, x: Array, last: Array, age: Array) -> Deaths:
    """ln ∫ s ((α+T)/(α+τ))^(r+x) ((β+T)/(β+τ))^s dτ/(β+τ) over τ from the last purchase to T.

    Gauss-Legendre in u = ln(min(α, β) + τ), in which the integrand is log-concave and nearly exponential:
    no ₂F₁, nothing overflows.
    """
    r, alpha, s, beta = params
    near, far = np.minimum(alpha, beta) + last, np.maximum(alpha, beta) + last
    width = np.log1p((age - last) / near)
    is_near = alpha <= beta
    steep, flat = ordered(is_near, r + x, np.zeros_like(x) + s + 1.0)
    share = near / far
    rows = Rows(steep, flat, share, width)
    rows.cut()
    total, mean_u, mean_log, inverse_near, inverse_far = rows.integrals()
    log_a, log_b = ordered(is_near, mean_u, mean_log)
    inverse_a, inverse_b = ordered(is_near, inverse_near / near, inverse_far / far)
    to_end_a, to_end_b = np.log1p((age - last) / (alpha + last)), np.log1p((age - last) / (beta + last))
    log_total = np.log(np.maximum(total, 1e-300))
    log_odds = np.log(s) + np.log(np.where(is_near, share, 1.0)) + log_total + (r + x) * to_end_a + s * to_end_b
    log_odds = np.where(total > 0, log_odds, -np.inf)
    slopes = (
        to_end_a - log_a,
        (r + x) * (1 / (alpha + age) - inverse_a),
        1 / s + to_end_b - log_b,
        s / (beta + age) - (s + 1) * inverse_b,
    )
    return Deaths(log_odds, slopes)


def ordered(is_so: Array, one: Array, other: Array) -> tuple[Array, Array]:
    """The two in this order or, where it is not so, in the other; for all rows or for each."""
    if np.ndim(is_so):
        return np.where(is_so, one, other), np.where(is_so, other, one)
    return (one, other) if is_so else (other, one)


@dataclass(slots=True)
class Rows:
    """The integrals ∫ exp(u (1 − steep) − flat ln(1 + share (e^u − 1))) du over u from 0 to `width`."""

    steep: Array
    flat: Array
    share: Array
    width: Array

    def fall(self, rows: Array) -> Array:
        """How far the logarithm of the integrand has fallen at the width, from its start."""
        width = self.width[rows]
        far = np.log1p(self.share[rows] * np.expm1(width))
        return np.asarray((self.steep[rows] - 1) * width + self.flat[rows] * far)

    def cut(self) -> None:
        """Shorten what reaches beyond `FALL`: Newton's steps, which on a convex fall come from above."""
        at_start = self.steep - 1 + self.flat * self.share
        bound = FALL / np.maximum(at_start, 1e-6)
        self.width = np.minimum(self.width, np.maximum(bound, 1e-300))
        for _ in range(8):
            long = np.flatnonzero(self.width * (self.steep + self.flat) > FALL)
            fall = self.fall(long)
            over = fall > FALL + 0.25
            if not over.any():
                return
            long, fall = long[over], fall[over]
            grown = self.share[long] * np.exp(self.width[long])
            rate = self.steep[long] - 1 + self.flat[long] * grown / (1 + grown - self.share[long])
            self.width[long] -= (fall - FALL) / rate

    def integrals(self) -> Array:
        """Five rows: the integral, and under it the means of u, of ln(1 + share (e^u − 1)) and of the two
        inverses e^−u and 1 ÷ (1 + share (e^u − 1)).
        """
        out = np.zeros((5, len(self.width)))
        every = np.arange(len(self.width))
        fall = np.abs(self.fall(every)) + 2.0 * (self.steep < 1) * self.width
        for nodes, panels, rows in self.classes(fall, every):
            for start in range(0, len(rows), BLOCK):
                block = rows[start : start + BLOCK]
                out[:, block] = self.block(block, nodes, panels)
        out[1:] /= np.maximum(out[0], 1e-300)
        return out

    def classes(self, fall: Array, rows: Array) -> Iterator[tuple[int, int, Array]]:
        """Rows that take the same number of nodes and panels."""
        left = rows
        for nodes, most_fall, most_width in PANELS:
            fits = (fall[left] <= most_fall) & (self.width[left] <= most_width)
            if fits.any():
                yield nodes, 1, left[fits]
            left = left[~fits]
        nodes, most_fall, most_width = PANELS[-1]
        wanted = np.ceil(np.maximum(fall[left] / most_fall, self.width[left] / most_width)).astype(int)
        for panels in np.unique(wanted):
            yield nodes, int(panels), left[wanted == panels]

    def block(self, rows: Array, nodes: int, panels: int) -> Array:
        at, weight = legendre(nodes)
        at = ((np.arange(panels)[:, None] + at) / panels).reshape(-1, 1)
        weight = np.tile(weight / panels, panels)
        width = self.width[rows]
        u = at * width
        grown = np.expm1(u)
        far = 1.0 + self.share[rows] * grown
        log_far = np.log(far)
        height = np.exp((1 - self.steep[rows]) * u - self.flat[rows] * log_far)
        height *= weight[:, None] * width
        return np.stack(
            [
                height.sum(axis=0),
                np.einsum("ij,ij->j", height, u),
                np.einsum("ij,ij->j", height, log_far),
                (height / (1.0 + grown)).sum(axis=0),
                (height / far).sum(axis=0),
            ]
        )


class ParetoLikelihood:
    """Log-likelihood and gradient of Pareto/NBD."""

    def __init__(self, data: Histories) -> None:
        self.data = data
        self.x, x_of = np.unique(data.frequency, return_inverse=True)
        self.x_weight = np.bincount(x_of, data.customers)
        self.age, age_of = np.unique(data.T, return_inverse=True)
        self.age_weight = np.bincount(age_of, data.customers)
        self.age_bought = np.bincount(age_of, data.customers * data.frequency)
        self.is_once = data.frequency == 0
        self.once_weight = np.bincount(age_of[self.is_once], data.customers[self.is_once], minlength=len(self.age))

    def __call__(self, point: Array) -> tuple[float, Array]:
        params = np.exp(point)
        r, alpha, s, beta = params
        data = self.data
        died = deaths(params, data.frequency, data.recency, data.T)
        share = data.customers * logistic(died.log_odds)
        total = self.x_weight.sum()
        bought = r * self.age_weight + self.age_bought
        log_a, log_b = np.log(alpha + self.age), np.log(beta + self.age)
        value = (
            self.x_weight @ log_rising(r, self.x)
            - (self.age_weight - self.once_weight) @ log_still_there(params, self.age)
            - self.age_bought @ log_a
            + (data.customers * ~self.is_once) @ softplus(died.log_odds)
            + self._once(params, died.log_odds)
        )
        by_r, by_alpha, by_s, by_beta = (share @ slope for slope in died.slopes)
        of_r = self.x_weight @ (digamma(r + self.x) - digamma(r)) + total * np.log(alpha) - self.age_weight @ log_a
        of_alpha = r / alpha * total - bought @ (1 / (alpha + self.age))
        of_s = total * np.log(beta) - self.age_weight @ log_b
        of_beta = s / beta * total - s * self.age_weight @ (1 / (beta + self.age))
        slopes = np.array([of_r + by_r, of_alpha + by_alpha, of_s + by_s, of_beta + by_beta])
        return float(value), slopes * params

    def _once(self, params: Array, log_odds: Array) -> float:
        """ln P(no second purchase) of all who bought once, from P(a second one) where that is the smaller."""
        age, weight = self.data.T[self.is_once], self.data.customers[self.is_once]
        again = second_purchase(params, age)
        rarely = np.log1p(-np.minimum(again, 0.5))
        often = softplus(log_odds[self.is_once]) - log_still_there(params, age)
        return float(weight @ np.where(again < 0.5, rarely, often))


def log_still_there(params: Array, age: Array) -> Array:
    """−ln P(no purchase and no end up to an age)."""
    r, alpha, s, beta = params
    return np.asarray(r * np.log1p(age / alpha) + s * np.log1p(age / beta))


def second_purchase(params: Array, age: Array) -> Array:
    """P(a second purchase up to an age): ∫ r/(α+τ) (α/(α+τ))^r (β/(β+τ))^s dτ."""
    r, alpha, s, beta = params
    is_near = alpha <= beta
    steep, flat = ordered(is_near, np.zeros_like(age) + r + 1.0, np.zeros_like(age) + s)
    near = np.minimum(alpha, beta)
    share = np.zeros_like(age) + near / np.maximum(alpha, beta)
    rows = Rows(steep, flat, share, np.log1p(age / near))
    rows.cut()
    return np.asarray(rows.integrals()[0] * r * np.where(is_near, 1.0, share))


class ParetoNBDModel(BuyingModel):
    """Pareto/NBD: purchases come at random at a rate of one's own until an unseen lifetime, exponential at a
    rate of one's own, is over.

    Parameters: `r`, `alpha` (rates of buying are Gamma) and `s`, `beta` (rates of leaving are Gamma); `alpha`
    and `beta` in the data's unit of time. Source: Schmittlein, Morrison, Colombo (1987), Management Science
    33(1); Fader, Hardie (2005), A note on deriving the Pareto/NBD model.
    """

    names = ("r", "alpha", "s", "beta")
    timed = ("alpha", "beta")
    likelihood = ParetoLikelihood

    def _start(self, rate: float, shape: float) -> Array:
        return np.asarray(np.log(np.array([shape, shape / max(rate, 1e-6), 0.6, 0.5])))

    def _alive(self, point: Array, columns: dict[str, Array]) -> Array:
        died = deaths(np.exp(point), columns["frequency"], columns["recency"], columns["T"])
        return logistic(-died.log_odds)

    def _purchases(self, point: Array, columns: dict[str, Array], ahead: Array) -> Array:
        r, alpha, s, beta = np.exp(point)
        age = columns["T"]
        rate = (r + columns["frequency"]) / (alpha + age)
        if ahead.shape[-1] == 1 and point.ndim == 1:
            ages, place = np.unique(age, return_inverse=True)
            within = lifetime_within(s, beta + ages, ahead)[..., place]
        else:
            within = lifetime_within(s, beta + age, ahead)
        return np.asarray(self._alive(point, columns) * rate * within)

    def _new_purchases(self, point: Array, ahead: Array) -> Array:
        r, alpha, s, beta = np.exp(point)
        return np.asarray(r / alpha * lifetime_within(s, np.full_like(ahead, beta), ahead))

    def _draw(self, random: np.random.Generator, params: Array, age: Array) -> tuple[Array, Array, Array]:
        r, alpha, s, beta = params
        rate = random.gamma(r, 1 / alpha, len(age))
        life = random.exponential(1.0, len(age)) / np.maximum(random.gamma(s, 1 / beta, len(age)), 1e-300)
        until = np.minimum(life, age)
        bought = random.poisson(np.minimum(rate * until, 1e15)).astype(float)
        place = random.random(len(age)) ** (1 / np.maximum(bought, 1))
        return bought, np.where(bought > 0, until * place, 0.0), life > age


def lifetime_within(s: float | Array, scale: Array, ahead: Array) -> Array:
    """∫ (scale ÷ (scale + τ))^s dτ from 0 to `ahead`: the expected time a customer stays within it."""
    span = np.log1p(ahead / scale)
    return np.asarray(scale * span * mean_decay((s - 1) * span))
