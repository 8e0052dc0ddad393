"""Shifted beta-geometric: how long contracts last when at each renewal a customer may leave."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import polars as pl

from troth.value.errors import FactsError, Problem
from troth.value.given import seed_of, whole
from troth.value.models.base import DEFAULT_LEVEL, Model, framed, interval
from troth.value.models.buying import times
from troth.value.models.fitting import maximise, report_of
from troth.value.models.reading import TABLE, contract_columns, frame_of
from troth.value.models.rising import Rising
from troth.value.models.special import Array
from troth.value.terms import require

MOST_PERIODS = 100_000


class ShiftedBetaGeoLikelihood:
    """Log-likelihood and gradient; `left[t]` customers left at renewal t, `stayed[t]` are there after t of them."""

    def __init__(self, left: Array, stayed: Array) -> None:
        self.left, self.stayed = left, stayed

    def __call__(self, point: Array) -> tuple[float, Array]:
        alpha, beta = np.exp(point)
        most = len(self.left)
        of_beta, of_both = Rising.table(beta, most), Rising.table(alpha + beta, most)
        lost, at = self.left[1:], np.arange(1, most)
        value = lost @ (point[0] + of_beta.log[at - 1] - of_both.log[at])
        value += self.stayed @ (of_beta.log[:most] - of_both.log[:most])
        both = lost @ of_both.slope[at] + self.stayed @ of_both.slope[:most]
        of_alpha = lost.sum() / alpha - both
        slope_beta = lost @ of_beta.slope[at - 1] + self.stayed @ of_beta.slope[:most] - both
        return float(value), np.array([of_alpha, slope_beta]) * (alpha, beta)


class ShiftedBetaGeoModel(Model):
    """sBG: at the end of each period a customer leaves with a chance of one's own, which is Beta(alpha, beta).

    Data, one row a customer: `recency`, the number of the last period with a contract, and `T`, the number of
    the period now running; equal for who is still there. Optional `customers` counts who shares a row. The
    rate of retention grows with time because those who leave easily leave first. Source: Fader, Hardie (2007),
    How to project customer retention, Journal of Interactive Marketing 21(1), eq. 5 to 8.
    """

    names = ("alpha", "beta")

    def fit(self, data: Any) -> Self:
        """Fit by maximum likelihood. Raises `FactsError`, naming column and row; warns `NotConverged`."""
        left, stayed = renewals(data)
        total = float(left.sum() + stayed.sum())
        if total < 2 or not left.any():
            what = "nobody has left" if total >= 2 else "fewer than two customers"
            way_out = "without a single loss there is nothing to learn from; observe for longer"
            raise FactsError(Problem("no_losses", TABLE, "recency", int(total), what, way_out))
        starts = [np.log(np.array(start)) for start in ((1.0, 2.0), (0.5, 0.5), (5.0, 20.0))]
        maximum = maximise(ShiftedBetaGeoLikelihood(left, stayed), starts, scale=total)
        rows = int(np.count_nonzero(left) + np.count_nonzero(stayed))
        return self._keep(maximum, report_of(maximum, self.names, customers=total, rows=rows))

    def log_likelihood(self, data: Any) -> float:
        """The log-likelihood of data under the parameters."""
        return ShiftedBetaGeoLikelihood(*renewals(data))(self.point)[0]

    def survival(self, periods: int, *, level: float | None = DEFAULT_LEVEL) -> pl.DataFrame:
        """Of new customers, the share still there after 0, 1, … `periods` renewals, and the rate of retention.

        Columns: `renewals`, `survival` with its interval, `retention_rate` (of those there before it; 1 at 0).
        """
        at = np.arange(limited("periods", periods) + 1)

        def share(point: Array) -> Array:
            return np.exp(log_survival(point, periods)[at])

        found = framed(pl.DataFrame({"renewals": at}), "survival", self._figures(share, level, "logit"))
        alpha, beta = np.exp(self.point)
        rates = np.where(at > 0, (beta + at - 1) / (alpha + beta + at - 1), 1.0)
        return pl.DataFrame({"renewals": at}).hstack(found).with_columns(retention_rate=rates)

    def probability_active(self, data: Any, t: int, *, level: float | None = DEFAULT_LEVEL) -> pl.DataFrame:
        """The chance to be there after `t` further renewals, for each row; 0 for who has left.

        Columns: `customer_id` where given, `probability_active` and its interval.
        """
        frame = frame_of(data)
        columns = contract_columns(frame)
        is_there = columns["recency"] == columns["T"]
        renewed = columns["T"].astype(np.int64) - 1
        limited("t", t)

        def chance(point: Array) -> Array:
            survival = log_survival(point, int(renewed.max(initial=0)) + t)
            return np.where(is_there, np.exp(survival[renewed + t] - survival[renewed]), 0.0)

        return framed(frame, "probability_active", self._figures(chance, level, "logit"))

    def expected_periods(
        self, data: Any, t: int, *, discount: float = 0.0, level: float | None = DEFAULT_LEVEL
    ) -> pl.DataFrame:
        """Further periods expected within the next `t`, each worth 1 ÷ (1 + discount)^k, k periods from now.

        `discount` is the rate of one period; times the margin of a period this is the value to come. Columns:
        `customer_id` where given, `expected_periods` and its interval; 0 for who has left.
        """
        require(discount >= 0, "discount", discount, "must be 0 or more")
        frame = frame_of(data)
        columns = contract_columns(frame)
        is_there = columns["recency"] == columns["T"]
        renewed, row_of = np.unique(columns["T"].astype(np.int64) - 1, return_inverse=True)
        worth = (1 + discount) ** -np.arange(1.0, limited("t", t) + 1)

        def periods(point: Array) -> Array:
            survival = log_survival(point, int(renewed.max(initial=0)) + t)
            sums = [float(worth @ np.exp(survival[n + 1 : n + 1 + t] - survival[n])) for n in renewed]
            return np.where(is_there, np.array(sums)[row_of], 0.0)

        return framed(frame, "expected_periods", self._figures(periods, level, "log"))

    def simulate(self, customers: int, T: Any, *, seed: int) -> pl.DataFrame:
        """Made-up customers observed to period `T`: `recency`, `T`."""
        customers = whole("customers", customers)
        age = times("T", T, customers)
        require(bool((age >= 1).all() and (age == np.floor(age)).all()), "T", T, "counts periods from 1: must be whole")
        random = np.random.default_rng(seed_of(seed))
        alpha, beta = np.exp(self.point)
        last = random.geometric(np.clip(random.beta(alpha, beta, customers), 1e-15, 1.0))
        return pl.DataFrame({"recency": np.minimum(last, age).astype(np.int64), "T": age.astype(np.int64)})

    def _figures(self, figure: Any, level: float | None, scale: Any) -> tuple[Array, ...]:
        if level is None:
            return (figure(self.point),)
        return interval(figure, self.point, self.covariance, level=level, scale=scale)


def log_survival(point: Array, most: int) -> Array:
    """ln of the share still there after 0 … `most` renewals."""
    alpha, beta = np.exp(point)
    return np.asarray(Rising.table(beta, most).log - Rising.table(alpha + beta, most).log)


def renewals(data: Any) -> tuple[Array, Array]:
    """How many left at renewal t, and how many are there after t renewals, for t from 0 on."""
    frame = frame_of(data)
    columns = contract_columns(frame)
    weight = np.ones(frame.height)
    if "customers" in frame.columns:
        weight = frame["customers"].cast(pl.Float64).to_numpy()
    recency, age = columns["recency"].astype(np.int64), columns["T"].astype(np.int64)
    limited("T", int(age.max(initial=1)))
    is_there = recency == age
    most = int(age.max(initial=1)) + 1
    left = np.bincount(recency[~is_there], weight[~is_there], minlength=most)
    stayed = np.bincount(age[is_there] - 1, weight[is_there], minlength=most)
    return left.astype(float), stayed.astype(float)


def limited(name: str, periods: int) -> int:
    require(0 <= periods <= MOST_PERIODS, name, periods, f"must lie between 0 and {MOST_PERIODS:,} periods")
    return periods
