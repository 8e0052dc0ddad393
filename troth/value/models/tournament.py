"""Which model foretells this company's customers best: all fitted to the past, and held against what came after."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from math import log, sqrt
from typing import Any

import numpy as np
import polars as pl

from troth.value.days import stored_days
from troth.value.errors import FactsError, Problem
from troth.value.facts import as_facts
from troth.value.models.base import reach_of
from troth.value.models.beta_geo import BetaGeoModel, ModifiedBetaGeoModel
from troth.value.models.buying import BuyingModel
from troth.value.models.covariate_facts import TOLD, Covariates
from troth.value.models.covariates import CovariateModel
from troth.value.models.fitting import NotConverged
from troth.value.models.groups import fresh
from troth.value.models.histories import Histories, histories
from troth.value.models.pareto_nbd import ParetoNBDModel
from troth.value.models.special import Array
from troth.value.models.threads import one_thread
from troth.value.summary import observed_until
from troth.value.terms import Unit, require, unit_days

FAMILY: Mapping[str, type[BuyingModel]] = {
    "bg_nbd": BetaGeoModel,
    "mbg_nbd": ModifiedBetaGeoModel,
    "pareto_nbd": ParetoNBDModel,
}
Contestant = type[BuyingModel] | BuyingModel
NAIVE = "as_before"
"""Everybody buys as often in the next span as in the last one of the same length."""

TENTHS = 10
FEWEST = 100  # customers known at an origin, for its tenths to mean something

MOST = 100_000
"""Customers on whom the contestants are told apart: more make the errors of a difference no smaller than matters."""


@dataclass(frozen=True, slots=True)
class Best:
    """The outcome of a tournament.

    winner: its name in `FAMILY`, or `as_before` where no model beats simply going on as before; model: fitted to all of
    the past, the best of the family also where the baseline wins, for P(alive) and values need one.

    trials: one row a contestant and origin: `name`, `origin`, `customers`, `mae` (mean absolute error of a customer's
    purchases in the span), `calibration` (foretold ÷ came, of all), `coverage` (share of the tenths of customers whose
    mean came within its interval; null for the baseline, which has none).
    tenths: one row a contestant, origin and tenth of customers by what was foretold (1 the least): `foretold`, `low`,
    `high`, `came`, means of a customer.
    reason: `clearly_better`, `as_good_and_truer`, or `baseline`; runner_up: whom it was held against; gap, gap_error:
    the mean difference in error between both, and its standard error.
    """

    winner: str
    model: BuyingModel
    reason: str
    runner_up: str
    gap: float
    gap_error: float
    trials: pl.DataFrame
    tenths: pl.DataFrame

    @property
    def why(self) -> str:
        """Return the reason in a sentence."""
        scores = {row["name"]: row for row in averaged(self.trials).to_dicts()}
        mine, other = scores[self.winner], scores[self.runner_up]
        errors = f"{mine['mae']:.3f} against {other['mae']:.3f} purchases"
        if self.reason == "baseline":
            return f"Going on as before foretells a customer's purchases best ({errors}): no model beats it here."
        if self.reason == "clearly_better":
            return f"{self.winner} misses a customer's purchases by less than {self.runner_up}: {errors} on average."
        truth = f"{mine['calibration']:.2f} times what came against {other['calibration']:.2f}"
        return f"{self.winner} and {self.runner_up} miss by about as much ({errors}); of all it foretells {truth}."


def fit_best(
    facts: Any,
    *,
    as_of: date | None = None,
    unit: Unit = "weeks",
    ahead: int = 13,
    folds: int = 3,
    family: Mapping[str, Contestant] | None = None,
    covariates: Any = None,
    level: float = 0.95,
    most: int | None = MOST,
) -> Best:
    """Hold a family of models and the naive baseline against what came after several days of the past.

    Args:
        facts: orders, as for `value.scores`. as_of: the last day that counts.
        ahead: how many units of time are foretold; the origins lie `ahead` units apart, the last one `ahead` before
            `as_of`, so that no customer's future is used twice.
        folds: how many origins; those at which fewer than 100 customers were known or nobody had come back are left
            out.
        family: names and models; by default `FAMILY`, and with covariates also the models that have them. A model that
            was told its covariates stands there as it was made, `BetaGeoCovariatesModel(buying=["channel"])`.
        covariates: `customer_id` and columns of finite numbers that stay as they are, one row for every customer; what
            was not known at an origin has no place in them. Plain models compete beside those that use them, so that
            covariates which do not help lose.
        level: of the intervals.
        most: of more customers than that so many are drawn to compete on, the same every time; the winner is fitted to
            all. None takes all.

    The smallest mean absolute error wins. Where the difference to the next is within two standard errors (paired, over
    customers), the one wins whose total is truer (foretold ÷ came nearest to 1).

    Raises:
        FactsError: facts that cannot be computed with, or too short a past for a single origin.
        TermsError: a setting outside its limits.
    """
    require(ahead >= 1, "ahead", ahead, "must be 1 or more")
    require(folds >= 1, "folds", folds, "must be 1 or more")
    known = None if covariates is None else Covariates.of(covariates)
    if family is None:
        family = FAMILY if known is None else {**FAMILY, **known.family()}
    require(len(family) > 0 and NAIVE not in family, "family", list(family), f"must name a model, none of them {NAIVE}")
    require(most is None or most >= FEWEST, "most", most, f"must be {FEWEST} or more, or None")
    reach_of(level)
    facts = as_facts(facts)
    day = observed_until(facts, as_of)
    step = ahead * unit_days(unit)
    origins = [day - timedelta(days=step * fold) for fold in range(folds, 0, -1)]
    wide = _pasts(facts, day, origins, step)
    wide = wide if known is None else known.joined(wide)
    drawn = wide if most is None or wide.height <= most else wide.sample(most, seed=1)
    pasts = [_Past(drawn, number, origin, unit, timedelta(days=step)) for number, origin in enumerate(origins)]
    pasts = [past for past in pasts if past.is_enough]
    if not pasts:
        what = f"fewer than {FEWEST} customers, or none who had come back, {ahead} {unit} before {day}"
        raise FactsError(Problem("short_past", "orders", "order_date", 0, what, "choose a shorter ahead, or wait"))
    rounds = _rounds(pasts, family, ahead, level)
    return _judged(
        rounds, lambda name: _fitted(family[name], _history(wide, "count", "last", day, unit), unit), family, level
    )


def averaged(trials: pl.DataFrame) -> pl.DataFrame:
    """Means over the origins, each as heavy as its customers: `name`, `mae`, `calibration`, `coverage`, best first.

    `trials` as in `Best.trials`. Raises polars' `ColumnNotFoundError` for a missing column.
    """
    weight = pl.col("customers") / pl.col("customers").sum()
    means = [(pl.col(name) * weight).sum().alias(name) for name in ("mae", "calibration")]
    return trials.group_by("name").agg(*means, pl.col("coverage").mean()).sort("mae", "name")


def _pasts(facts: Any, day: date, origins: Sequence[date], step: int) -> pl.DataFrame:
    """One row a customer: first and last purchase and their number, at each origin and in the spans around it."""
    with stored_days(facts, day) as days:
        bought = days.order_date
        sums: dict[str, Any] = {"first": bought.min(), "count": days.count(), "last": bought.max()}
        for number, origin in enumerate(origins):
            span = timedelta(days=step)
            sums[f"count_{number}"] = (bought <= origin).sum()
            sums[f"last_{number}"] = bought.max(where=bought <= origin)
            sums[f"before_{number}"] = ((bought > origin - span) & (bought <= origin)).sum()
            sums[f"after_{number}"] = ((bought > origin) & (bought <= origin + span)).sum()
        frame: pl.DataFrame = facts.engine.frame(days.group_by("customer_id").agg(**sums))
    # In one order, so that the same facts give the same figures to the last digit.
    return frame.sort("customer_id")


class _Past:
    """What was known at an origin, and what came after."""

    def __init__(self, wide: pl.DataFrame, number: int, origin: date, unit: Unit, span: timedelta) -> None:
        known = wide.filter(pl.col(f"count_{number}") > 0)
        self.origin, self.unit = origin, unit
        self.frame = _history(known, f"count_{number}", f"last_{number}", origin, unit)
        self.before = known[f"before_{number}"].cast(pl.Float64).to_numpy()
        self.came = known[f"after_{number}"].cast(pl.Float64).to_numpy()
        # A first purchase in the span before is no repeat: the baseline foretells repeats, too.
        is_new = (known["first"] > origin - span).to_numpy()
        self.before = np.maximum(self.before - np.where(is_new, 1.0, 0.0), 0.0)
        self.histories = histories(self.frame, unit=unit) if self.is_enough else None

    @property
    def is_enough(self) -> bool:
        return self.frame.height >= FEWEST and bool((self.frame["frequency"] > 0).any())


def _history(known: pl.DataFrame, count: str, last: str, origin: date, unit: Unit) -> pl.DataFrame:
    length = unit_days(unit)
    named = [name for name in known.columns if name.startswith(TOLD)]
    return known.select(
        *(pl.col(name).alias(name.removeprefix(TOLD)) for name in named),
        frequency=pl.col(count).cast(pl.Float64) - 1,
        recency=(pl.col(last) - pl.col("first")).dt.total_days() / length,
        T=(pl.lit(origin) - pl.col("first")).dt.total_days() / length,
    )


def _fitted(kind: Contestant, frame: pl.DataFrame, unit: Unit, counted: Histories | None = None) -> BuyingModel:
    """A contestant fitted: to histories counted already, where it needs nothing beside them."""
    model = fresh(kind)
    if isinstance(model, CovariateModel):
        return model.fit(frame, unit=unit)
    return model.fit(histories(frame, unit=unit) if counted is None else counted)


Foretold = tuple[Array, Array | None, Array | None]  # mean, low, high of every customer


@dataclass(frozen=True, slots=True)
class _Round:
    """One origin: what each contestant foretold of every customer, with low and high, or None."""

    past: _Past
    foretold: Mapping[str, Foretold]

    def errors(self, name: str) -> Array:
        return np.asarray(np.abs(self.foretold[name][0] - self.past.came))


def _rounds(pasts: Sequence[_Past], family: Mapping[str, Contestant], ahead: int, level: float) -> list[_Round]:
    """Every model at every origin; each computes on one thread, so that as many run at once as there are cores."""
    pairs = [(past, name) for past in pasts for name in family]
    with warnings.catch_warnings(), one_thread(), ThreadPoolExecutor(os.cpu_count()) as cores:
        warnings.simplefilter("ignore", NotConverged)  # a bad fit foretells badly, and loses
        told = list(cores.map(lambda pair: _foretold(pair[0], family[pair[1]], ahead, level), pairs))
    found = dict(zip(pairs, told, strict=True))
    naive: dict[_Past, Foretold] = {past: (past.before, None, None) for past in pasts}
    return [_Round(past, {NAIVE: naive[past], **{name: found[past, name] for name in family}}) for past in pasts]


def _foretold(past: _Past, kind: Contestant, ahead: int, level: float) -> Foretold:
    model = _fitted(kind, past.frame, past.unit, past.histories)
    told = model.expected_purchases(past.frame, ahead, level=level)
    mean, low, high = (told[f"expected_purchases{end}"].to_numpy() for end in ("", "_low", "_high"))
    return mean, low, high


def _judged(
    rounds: Sequence[_Round], fit: Callable[[str], BuyingModel], family: Mapping[str, Contestant], level: float
) -> Best:
    tenths = pl.concat([_tenths(one, name, level) for one in rounds for name in one.foretold])
    trials = pl.concat([_trial(one, name, tenths) for one in rounds for name in one.foretold])
    order = averaged(trials)
    first, second = order["name"].to_list()[:2]
    gaps = np.concatenate([one.errors(second) - one.errors(first) for one in rounds])
    gap, error = float(gaps.mean()), float(gaps.std(ddof=1) / sqrt(len(gaps)))
    winner, runner_up, reason = first, second, "clearly_better"
    if gap <= 2 * error:
        off = {row["name"]: _off(row["calibration"]) for row in order.to_dicts()}
        winner, runner_up = sorted((first, second), key=lambda name: off[name])
        reason = "as_good_and_truer"
    if winner == NAIVE:
        reason = "baseline"
    fitted = next(name for name in (winner, *order["name"]) if name in family)
    return Best(winner, fit(fitted), reason, runner_up, gap, error, trials, tenths)


def _off(calibration: float) -> float:
    return abs(log(calibration)) if calibration > 0 else float("inf")


def _tenths(one: _Round, name: str, level: float) -> pl.DataFrame:
    """Customers in ten parts by what was foretold; the interval adds what the model does not know to plain chance."""
    mean, low, high = one.foretold[name]
    nothing = np.full(len(mean), np.nan)
    rows = pl.DataFrame(
        {
            "foretold": mean, "low": nothing if low is None else low, "high": nothing if high is None else high,
            "came": one.past.came,
        }
    ).sort("foretold", "came")  # fmt: skip
    rows = rows.with_columns(tenth=(pl.int_range(pl.len()) * TENTHS // pl.len() + 1).cast(pl.Int64))
    chance = reach_of(level) * pl.col("came").std() / pl.len().sqrt()
    half = (((pl.col("high").mean() - pl.col("low").mean()) / 2) ** 2 + chance**2).sqrt()
    found = rows.group_by("tenth").agg(
        customers=pl.len(),
        foretold=pl.col("foretold").mean(),
        low=pl.col("foretold").mean() - half,
        high=pl.col("foretold").mean() + half,
        came=pl.col("came").mean(),
    )
    edges = [pl.col("low").clip(lower_bound=0).fill_nan(None), pl.col("high").fill_nan(None)]
    named = found.sort("tenth").with_columns(*edges, name=pl.lit(name), origin=pl.lit(one.past.origin))
    return named.select("name", "origin", "tenth", "customers", "foretold", "low", "high", "came")


def _trial(one: _Round, name: str, tenths: pl.DataFrame) -> pl.DataFrame:
    mine = tenths.filter(name=name, origin=one.past.origin)
    inside = mine.select(pl.col("came").is_between("low", "high").mean()).item() if name != NAIVE else None
    came = one.past.came.sum()
    return pl.DataFrame(
        {
            "name": name,
            "origin": one.past.origin,
            "customers": len(one.past.came),
            "mae": float(one.errors(name).mean()),
            "calibration": float(one.foretold[name][0].sum() / came) if came > 0 else 0.0,
            "coverage": inside,
        },
        schema_overrides={"coverage": pl.Float64},
    )
