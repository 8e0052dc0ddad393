"""BG/NBD and Pareto/NBD with covariates that stay as they are: how one was won, where one lives, what one bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import polars as pl

from troth.value.errors import FactsError, Problem
from troth.value.given import seed_of, whole
from troth.value.models.base import DEFAULT_LEVEL
from troth.value.models.beta_geo import BetaGeoModel
from troth.value.models.buying import BuyingModel, times
from troth.value.models.covariate_rows import (
    WIDEST,
    CovariateLikelihood,
    Effect,
    RowLikelihood,
    Spread,
    beta_geo_rows,
    pareto_rows,
)
from troth.value.models.fitting import LIMIT, Objective, maximise
from troth.value.models.histories import HISTORY, Histories, histories
from troth.value.models.pareto_nbd import ParetoNBDModel
from troth.value.models.reading import TABLE, columns_of, frame_of, history_columns
from troth.value.models.space import Space
from troth.value.models.special import Array
from troth.value.terms import Unit, require

MOST = 8.0  # of a coefficient for one deviation of its covariate, as in `CoxModel`
ALONE = 1e-5  # the part of a deviation that the covariates before it must leave unexplained
RESERVED = (*HISTORY, "customers", "customer_id", "t")


class CovariateModel(BuyingModel):
    """A model of repeat buying whose parameters differ between customers by what is known of them.

    `buying` names the covariates of the rate of buying, `leaving` those of leaving; one may stand in both. They are
    columns of finite numbers (a group is told as 0 and 1, or true and false) in whatever is passed to `fit` and asked
    later. Coefficients stand in `params` beside the parameters, as `buying.channel`; a customer all of whose
    covariates are 0 has the parameters themselves.
    """

    plain: ClassVar[type[BuyingModel]]
    parts: ClassVar[dict[str, tuple[str, str, float]]]  # coefficient: covariates of, parameter, sign
    row_likelihood: ClassVar[RowLikelihood]

    def __init__(self, *, buying: Sequence[str] = (), leaving: Sequence[str] = ()) -> None:
        super().__init__()
        for name, given in (("buying", buying), ("leaving", leaving)):
            require(not isinstance(given, str), name, given, "must be a list of columns")
            require(len(set(given)) == len(given), name, list(given), "must name a column once")
            taken = [one for one in given if one in RESERVED]
            require(not taken, name, taken, "is a column of the history itself: give the covariate another name")
        self.buying, self.leaving = tuple(buying), tuple(leaving)
        self.columns = tuple(dict.fromkeys((*buying, *leaving)))
        require(bool(self.columns), "buying, leaving", [], "must name one or more columns; or take the plain model")
        self.effects: dict[str, Effect] = {}
        for prefix, (side, parameter, sign) in self.parts.items():
            place = self.names.index(parameter)
            for column in getattr(self, side):
                self.effects[f"{prefix}.{column}"] = Effect(place, sign, self.columns.index(column))
        widest = np.array([WIDEST.get(name, LIMIT) for name in self.names])
        self._spread = Spread(widest, tuple(self.effects.values()))
        self._plain = self.plain()

    @classmethod
    def from_params(cls, params: Mapping[str, float], *, covariance: Any = None) -> Self:
        """A model with known parameters and coefficients (`buying.channel` and so on; see the class for its parts).

        `covariance` is that of the logarithms of the parameters, then of the coefficients in the order of `all_names`;
        without it they count as exact. Raises `TermsError` for one that is missing, unknown or impossible.
        """
        plain = cls.plain.from_params({name: value for name, value in params.items() if "." not in name})
        given = {name: float(value) for name, value in params.items() if "." in name}
        sides: dict[str, list[str]] = {"buying": [], "leaving": []}
        for name, value in given.items():
            prefix, column = name.split(".", 1)
            known = ", ".join(f"{part}.…" for part in cls.parts)
            require(prefix in cls.parts, "params", name, f"must be one of {', '.join(cls.names)}, {known}")
            require(bool(np.isfinite(value)), name, value, "must be a finite number")
            side = sides[cls.parts[prefix][0]]
            side.extend([column] if column not in side else [])
        model = cls(**sides)
        require(set(given) == set(model.effects), "params", sorted(given), f"must name {', '.join(model.effects)}")
        model._point = np.concatenate([plain.point, [given[name] for name in model.effects]])
        size = len(model._point)
        model._covariance = np.zeros((size, size)) if covariance is None else np.asarray(covariance, dtype=float)
        require(model._covariance.shape == (size, size), "covariance", covariance, f"must be {size} by {size}")
        return model

    @property
    def all_names(self) -> tuple[str, ...]:
        """The parameters, then the coefficients."""
        return (*self.names, *self.effects)

    def read(self, frame: pl.DataFrame) -> dict[str, Array]:
        """The columns of a history and the covariates, checked."""
        return history_columns(frame) | self._covariates(frame)

    def _covariates(self, frame: pl.DataFrame) -> dict[str, Array]:
        texts = [name for name in self.columns if name in frame.columns and not is_number(frame[name].dtype)]
        if texts:
            way_out = "tell a group as 0 and 1, one column each but for the group the others are held against"
            told = [(name, f"holds {frame[name].dtype}, not numbers") for name in texts]
            raise FactsError(*(Problem("no_numbers", TABLE, name, 0, what, way_out) for name, what in told))
        named = [name for name in self.columns if name in frame.columns]
        return columns_of(frame.with_columns(pl.col(named).cast(pl.Float64)), self.columns)

    def _histories(self, data: Any, unit: Unit | None = None) -> Histories:
        if isinstance(data, Histories):
            width = 0 if data.covariates is None else data.covariates.shape[1]
            require(width == len(self.columns), "data", "Histories", "must be a frame: its covariates are needed")
            return data
        return histories(data, unit=unit, read=self.read, covariates=self.columns)

    def _likelihood(self, data: Histories) -> Objective:
        return CovariateLikelihood(data, self._spread, type(self).row_likelihood)

    def _space(self, counted: Histories) -> Space:
        """The search in units of the mean age, and in deviations of each covariate from its mean."""
        plain = super()._space(counted)
        assert counted.covariates is not None
        weights = counted.customers / counted.total
        mean = weights @ counted.covariates
        spread = np.sqrt(weights @ (counted.covariates - mean) ** 2)
        for name, width, middle in zip(self.columns, spread, mean, strict=True):
            what = "must differ between customers"
            require(bool(width > 1e-12 * abs(middle)), f"covariates: {name}", "one value for all", what)
        even = (counted.covariates - mean) / spread
        for side in (self.buying, self.leaving):
            refuse_collinear(side, even[:, [self.columns.index(name) for name in side]], weights)
        base, size = len(self.names), len(self.all_names)
        matrix, offset = np.eye(size), np.concatenate([plain.offset, np.zeros(size - base)])
        for number, effect in enumerate(self.effects.values(), start=base):
            matrix[number, number] = 1 / spread[effect.column]
            matrix[effect.place, number] = -effect.sign * mean[effect.column] / spread[effect.column]
        limits = np.concatenate([plain.limits, [[-MOST, MOST]] * (size - base)])
        return Space(replace(plain.data, covariates=even), self._likelihood, limits, matrix, offset, plain.added)

    def _starts(self, data: Histories) -> list[Array]:
        """From the maximum of the plain model, where covariates do nothing; else from where that one begins."""
        none = np.zeros(len(self.effects))
        begun = self._plain._starts(data)
        likelihood = self._plain._likelihood(data)
        near = maximise(likelihood, begun, scale=data.total).point
        return [np.concatenate([point, none]) for point in (near, *begun)]

    def _start(self, rate: float, shape: float) -> Array:
        return np.concatenate([self._plain._start(rate, shape), np.zeros(len(self.effects))])

    def _rows(self, point: Array, columns: Mapping[str, Array]) -> Array:
        """The logarithms of every row's own parameters."""
        return self._spread.rows(point, np.stack([columns[name] for name in self.columns], axis=1))[0]

    def _alive(self, point: Array, columns: dict[str, Array]) -> Array:
        return self._plain._alive(self._rows(point, columns), columns)

    def _purchases(self, point: Array, columns: dict[str, Array], ahead: Array) -> Array:
        return self._plain._purchases(self._rows(point, columns), columns, ahead)

    def expected_purchases_new_customer(
        self, t: Any, *, level: float | None = DEFAULT_LEVEL, covariates: Any = None
    ) -> pl.DataFrame:
        """Repeat purchases expected of a new customer within `t` (a number or several): one row a `t`.

        `covariates` are those of the customer: a mapping of numbers, or a frame with one row a `t`. Columns: `t`,
        `expected_purchases` and its interval. Raises `FactsError` for covariates that cannot be, `TermsError` for a
        `t` below 0 or covariates that were not told.
        """
        asked = np.atleast_1d(np.asarray(t, dtype=float))
        ahead = times("t", asked, len(asked))
        columns = self._told(covariates, len(ahead))
        frame = pl.DataFrame({"t": ahead})

        def figure(point: Array) -> Array:
            return self._new_purchases(self._rows(point, columns), ahead)

        return frame.hstack(self._framed(frame, "expected_purchases", figure, level))

    def simulate(self, customers: int, T: Any, *, seed: int, covariates: Any = None) -> pl.DataFrame:
        """Made-up customers with these covariates (a mapping of numbers for all, or a frame with one row each):
        `frequency`, `recency`, `T`, `is_alive` at the end, and the covariates.

        The same seed gives the same customers. Raises `FactsError`, `TermsError`.
        """
        customers = whole("customers", customers)
        age, columns = times("T", T, customers), self._told(covariates, customers)
        params = np.exp(self._rows(self.point, columns))
        frequency, recency, is_alive = self._draw(np.random.default_rng(seed_of(seed)), params, age)
        made = {"frequency": frequency.astype(np.int64), "recency": recency, "T": age, "is_alive": is_alive}
        return pl.DataFrame(made | columns)

    def _told(self, covariates: Any, rows: int) -> dict[str, Array]:
        """Covariates of as many customers, those of one for all of them."""
        names = ", ".join(self.columns)
        require(covariates is not None, "covariates", None, f"must tell {names}: this model has no customer without")
        told = self._covariates(frame_of(covariates))
        height = len(told[self.columns[0]])
        require(height in (1, rows), "covariates", f"{height} rows", f"must have one row, or {rows}")
        return {name: np.broadcast_to(column, (rows,)) for name, column in told.items()}

    def _new_purchases(self, point: Array, ahead: Array) -> Array:
        """Of rows that have their own parameters already: covariates are told beside the time."""
        return self._plain._new_purchases(point, ahead)

    def _draw(self, random: np.random.Generator, params: Array, age: Array) -> tuple[Array, Array, Array]:
        return self._plain._draw(random, params, age)


def is_number(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind == pl.Boolean


def refuse_collinear(names: Sequence[str], even: Array, weights: Array) -> None:
    """Refuse a covariate that the ones before it tell to the last digits: its coefficient could be anything."""
    if not names:
        return
    left = np.abs(np.diag(np.linalg.qr(even * np.sqrt(weights)[:, None], mode="r")))
    left = np.append(left, np.zeros(len(names) - len(left)))
    for place, name in enumerate(names):
        others = ", ".join(names[:place])
        what = "must say something the others do not: leave it out"
        require(bool(left[place] > ALONE), f"covariates: {name}", f"told by {others}", what)


class BetaGeoCovariatesModel(CovariateModel):
    """BG/NBD with covariates.

    A customer's rate of buying is multiplied by exp(γ·z): `alpha` becomes alpha exp(−γ·z), with γ in `buying.…`. The
    covariates of leaving act on both shapes of the chance to stop: a exp(γ·z) and b exp(γ·z), with one coefficient
    each in `a.…` and `b.…`; where the first is above the second, the covariate makes customers stop sooner.
    Source: Fader, Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models.
    """

    plain = BetaGeoModel
    names = BetaGeoModel.names
    timed = BetaGeoModel.timed
    likelihood = BetaGeoModel.likelihood
    parts: ClassVar[dict[str, tuple[str, str, float]]] = {
        "buying": ("buying", "alpha", -1.0),
        "a": ("leaving", "a", 1.0),
        "b": ("leaving", "b", 1.0),
    }
    row_likelihood = beta_geo_rows


class ParetoNBDCovariatesModel(CovariateModel):
    """Pareto/NBD with covariates.

    A customer's rate of buying is multiplied by exp(γ·z), his rate of leaving by exp(δ·z): `alpha` becomes
    alpha exp(−γ·z), with γ in `buying.…`, and `beta` becomes beta exp(−δ·z), with δ in `leaving.…`.
    Source: Fader, Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models.
    """

    plain = ParetoNBDModel
    names = ParetoNBDModel.names
    timed = ParetoNBDModel.timed
    likelihood = ParetoNBDModel.likelihood
    parts: ClassVar[dict[str, tuple[str, str, float]]] = {
        "buying": ("buying", "alpha", -1.0),
        "leaving": ("leaving", "beta", -1.0),
    }
    row_likelihood = pareto_rows
