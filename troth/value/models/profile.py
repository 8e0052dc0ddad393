"""Intervals from the likelihood itself, where a parabola is a poor likeness of it."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.optimize import brentq

from troth.value.models.base import Model, reach_of
from troth.value.models.fitting import Maximum, continued, maximise
from troth.value.models.space import Space
from troth.value.models.special import Array

FIRST_STEP, WIDE = 0.5, 2.0  # of a coordinate whose standard error says nothing: none, or wider than this
CLOSE = 1e-4  # of a coordinate: how near an end of an interval is found


def profiled(model: Model, space: Space, *, level: float) -> pl.DataFrame:
    """For each parameter the values with which the best of all others still explains the data well enough.

    Well enough: within half the chi-squared quantile (one degree of freedom) of the greatest log-likelihood. Where
    the search ends first the interval is open on that side. Source: Venzon, Moolgavkar (1988), A method for computing
    profile-likelihood-based confidence intervals.
    """
    reach = reach_of(level)
    profile = Profile(space, model, reach**2 / 2)
    errors = np.sqrt(np.diag(model.covariance))
    ends: dict[str, list[float]] = {"low": [], "high": []}
    is_open: dict[str, list[bool]] = {"is_low_open": [], "is_high_open": []}
    for place, error in enumerate(errors):
        step = 1.05 * reach * error if 0 < error < WIDE else FIRST_STEP
        for side, direction in (("low", -1), ("high", 1)):
            end, is_beyond = profile.end(place, direction * step)
            moved = model.point.copy()
            moved[place] = end
            ends[side].append(float(model.natural(moved)[place]))
            is_open[f"is_{side}_open"].append(is_beyond)
    estimates = model.params
    columns = {"parameter": list(estimates), "estimate": list(estimates.values())}
    return pl.DataFrame(columns | ends | is_open)


class Profile:
    """How much the log-likelihood must fall where one coordinate is held away from its best."""

    def __init__(self, space: Space, model: Model, allowed: float) -> None:
        self.objective, self.limits, self.total = space.own_objective(), space.own_limits(), space.data.total
        self.best, self.covariance, self.allowed = model.point, model.covariance, allowed
        self.greatest = self.objective(self.best)[0]

    def end(self, place: int, step: float) -> tuple[float, bool]:
        """Where the fall is just what chance allows, in the direction of the step; else the limit, and true."""
        inside, edge = float(self.best[place]), float(self.limits[place, int(step > 0)])
        while True:
            is_edge = abs(step) >= abs(edge - inside)
            outside = edge if is_edge else inside + step
            if self.over(outside, place) > 0:
                break
            if is_edge:
                return edge, True
            inside, step = outside, step * 1.6
        return float(brentq(self.over, inside, outside, args=(place,), xtol=CLOSE)), False

    def over(self, value: float, place: int) -> float:
        """How far the fall is above what is allowed; in square roots, which run nearly straight."""
        if value == self.best[place]:
            return -float(np.sqrt(self.allowed))
        fall = max(self.greatest - self.held(place, value).log_likelihood, 0.0)
        return float(np.sqrt(fall) - np.sqrt(self.allowed))

    def held(self, place: int, value: float) -> Maximum:
        """The greatest likelihood with this coordinate held, from where a parabola would have it."""
        around, limits = np.delete(self.covariance[place], place), np.delete(self.limits, place, axis=0)
        others = np.delete(np.delete(self.covariance, place, axis=0), place, axis=1)
        start, spread = np.delete(self.best, place), max(float(self.covariance[place, place]), 1e-12)
        if around.any():
            others = others - np.outer(around, around) / spread
            start = np.clip(start + around / spread * (value - self.best[place]), *limits.T)

        def rest(point: Array) -> tuple[float, Array]:
            whole, slopes = self.objective(np.insert(point, place, value))
            return whole, np.delete(slopes, place)

        near = Maximum(start, others, 0.0, True, np.zeros(len(start)), 0)
        found = continued(rest, near, scale=self.total, limits=limits)
        return found if found.is_reached else maximise(rest, [found.point], scale=self.total, limits=limits)
