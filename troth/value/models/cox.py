"""What makes customers leave sooner or later: Cox's proportional hazards, with Efron's answer to ties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import polars as pl
from scipy.special import chdtrc, ndtr

from troth.value.models.base import DEFAULT_LEVEL, NotFitted, framed, reach_of
from troth.value.models.fitting import FitReport, maximise, report_of
from troth.value.models.reading import columns_of, frame_of
from troth.value.models.special import Array
from troth.value.models.survival import Spells, spells_of
from troth.value.terms import require

MOST = 8.0
"""Of a coefficient for one deviation of its covariate: beyond e^8 times as fast the covariate tells who leaves."""


class CoxLikelihood:
    """Partial log-likelihood and its gradient; `features` are in deviations from their mean."""

    def __init__(self, spells: Spells, features: Array) -> None:
        order = np.argsort(-spells.duration, kind="stable")
        self.features, self.weight = features[order], spells.customers[order]
        ended, duration = spells.ended[order], spells.duration[order]
        # Times fall: whoever is watched at a time stands above the last row of it.
        self.gone = np.flatnonzero(ended)
        times, self.time_of = np.unique(-duration[self.gone], return_inverse=True)
        self.last = np.searchsorted(-duration, times, side="right") - 1
        count = np.bincount(self.time_of, minlength=len(times))
        self.rank = np.concatenate([np.arange(n) / n for n in count]) if len(times) else np.zeros(0)
        self.row_of = np.repeat(np.arange(len(times)), count)
        # Those who leave at one time share its terms evenly, by their mean weight.
        self.share = (np.bincount(self.time_of, self.weight[self.gone], minlength=len(times)) / count)[self.row_of]

    def __call__(self, point: Array) -> tuple[float, Array]:
        size = len(self.last)
        lift = self.features @ point
        shift = lift.max(initial=0.0)
        risk = self.weight * np.exp(lift - shift)
        at_risk, leaving = np.cumsum(risk)[self.last], np.bincount(self.time_of, risk[self.gone], minlength=size)
        moments = risk[:, None] * self.features
        at_risk_by = np.cumsum(moments, axis=0)[self.last]
        leaving_by = np.stack([np.bincount(self.time_of, one, minlength=size) for one in moments[self.gone].T], axis=1)
        # Of those who left at one time, each is compared with the mean of the orders in which they may have done so.
        rest = at_risk[self.row_of] - self.rank * leaving[self.row_of]
        rest_by = at_risk_by[self.row_of] - self.rank[:, None] * leaving_by[self.row_of]
        weight = self.weight[self.gone]
        value = weight @ (lift[self.gone] - shift) - self.share @ np.log(rest)
        return float(value), weight @ self.features[self.gone] - (self.share / rest) @ rest_by

    def steps(self, point: Array) -> tuple[Array, Array]:
        """Breslow's rise of the common hazard at each time somebody left, times rising."""
        risk = self.weight * np.exp(self.features @ point)
        gone = np.bincount(self.time_of, self.weight[self.gone], minlength=len(self.last))
        return self.last[::-1], (gone / np.cumsum(risk)[self.last])[::-1]


class CoxModel:
    """Cox's model: the rate of leaving at any time is a common one times exp(coefficient × covariate).

    Ties are Efron's. Source: Cox (1972), Regression models and life-tables; Efron (1977), The efficiency of Cox's
    likelihood function for censored data.
    """

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        if not self._names:
            return "CoxModel()"
        told = zip(self._names, self._coefficients, strict=True)
        return f"CoxModel({', '.join(f'{name}={figure:.4g}' for name, figure in told)})"

    def fit(self, data: Any, covariates: Sequence[str], *, duration: str = "duration", ended: str = "ended") -> Self:
        """Find the coefficients of greatest partial likelihood.

        Args:
            data: as `survival_curve`, with the covariates: finite numbers; a group is told as 0 and 1.

        Raises:
            FactsError: a missing column, a value that is no finite number, durations that cannot be.
            TermsError: no covariate, one named twice, one with the same value for all, nobody left.
        """
        require(len(covariates) > 0, "covariates", list(covariates), "must name one or more columns")
        require(len(set(covariates)) == len(covariates), "covariates", list(covariates), "must name a column once")
        frame = frame_of(data).with_columns(pl.col(pl.Boolean).exclude(ended).cast(pl.Float64))
        spells = spells_of(frame, duration, ended)
        require(bool(spells.ended.any()), ended, False, "must be true for somebody: nobody left")
        columns = columns_of(frame, covariates)
        features = np.stack([columns[name] for name in covariates], axis=1)
        weights = spells.customers / spells.customers.sum()
        self._mean = weights @ features
        self._spread = np.sqrt(weights @ (features - self._mean) ** 2)
        for name, spread, middle in zip(covariates, self._spread, self._mean, strict=True):
            require(
                spread > 1e-12 * abs(middle),
                f"covariates: {name}",
                "one value for all",
                "must differ between customers",
            )
        likelihood = CoxLikelihood(spells, (features - self._mean) / self._spread)
        gone = float(spells.customers[spells.ended].sum())
        limits = np.array([[-MOST, MOST]] * len(covariates))
        maximum = maximise(likelihood, [np.zeros(len(covariates))], scale=gone, limits=limits)
        self._names = tuple(covariates)
        self._coefficients = maximum.point / self._spread
        self._covariance = maximum.covariance / np.outer(self._spread, self._spread)
        total = float(spells.customers.sum())
        self._report = report_of(maximum, self._names, customers=total, rows=frame.height)
        self._without = likelihood(np.zeros(len(covariates)))[0]
        last, rises = likelihood.steps(maximum.point)
        self._times, self._hazard = np.sort(spells.duration)[::-1][last], np.cumsum(rises)
        self._watched = float(spells.duration.max())
        return self

    @property
    def report(self) -> FitReport:
        """How the fit went; `at_limit` names covariates that tell leaving from staying without fail."""
        self._require_fit()
        return self._report

    @property
    def chance(self) -> float:
        """How likely covariates that say nothing would fit as well (likelihood ratio)."""
        self._require_fit()
        return float(chdtrc(len(self._names), 2 * (self._report.log_likelihood - self._without)))

    def summary(self, *, level: float = DEFAULT_LEVEL) -> pl.DataFrame:
        """One row a covariate: `covariate`, `coefficient`, `standard_error`, `hazard_ratio` (how many times as fast one
        leaves for each unit more), its `low` and `high`, and `chance` (two-sided p of no effect; null for one held at
        the limit of the search)."""
        self._require_fit()
        errors = np.sqrt(np.diag(self._covariance))
        reach = errors * reach_of(level)
        z = np.abs(self._coefficients) / np.where(errors > 0, errors, 1.0)
        cut = np.log(np.finfo(float).max) - 1
        ratios = [np.exp(np.clip(self._coefficients + side * reach, -cut, cut)) for side in (0, -1, 1)]
        found = pl.DataFrame(
            {
                "covariate": list(self._names), "coefficient": self._coefficients, "standard_error": errors,
                "hazard_ratio": ratios[0], "low": ratios[1], "high": ratios[2], "chance": 2 * ndtr(-z),
            }
        )  # fmt: skip
        is_told = pl.Series(errors > 0)
        return found.with_columns(chance=pl.when(is_told).then("chance"))

    def hazard_ratio(self, data: Any) -> pl.DataFrame:
        """How many times as fast as the mean customer each leaves: `customer_id` where given, `hazard_ratio`."""
        frame, lift = self._lift(data)
        return framed(frame, "hazard_ratio", (np.exp(lift),))

    def survival(self, data: Any, time: float) -> pl.DataFrame:
        """The share still there at a time, of customers like each row: `customer_id` where given, `survival`.

        Raises:
            TermsError: the time lies beyond what was watched, for which nothing is known.
        """
        frame, lift = self._lift(data)
        is_known = 0 <= time <= self._watched
        require(is_known, "time", time, f"must lie within what was watched, 0 to {self._watched:g}")
        place = int(np.searchsorted(self._times, time, side="right"))
        hazard = self._hazard[place - 1] if place else 0.0
        return framed(frame, "survival", (np.exp(-hazard * np.exp(lift)),))

    def _lift(self, data: Any) -> tuple[pl.DataFrame, Array]:
        self._require_fit()
        frame = frame_of(data).with_columns(pl.col(pl.Boolean).cast(pl.Float64))
        columns = columns_of(frame, self._names)
        features = np.stack([columns[name] for name in self._names], axis=1)
        return frame, np.clip((features - self._mean) @ self._coefficients, -600.0, 600.0)

    def _require_fit(self) -> None:
        if not self._names:
            raise NotFitted("CoxModel has no coefficients yet: call fit(data, covariates)")
