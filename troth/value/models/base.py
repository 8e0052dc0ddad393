"""What all models have: named parameters with standard errors, a report, and intervals by the delta method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, ClassVar, Literal, Self

import numpy as np
import polars as pl
from scipy.special import ndtri

from troth.value.errors import TermsError, ValueFault
from troth.value.given import number
from troth.value.models.fitting import FitReport, Maximum
from troth.value.models.special import Array, logistic
from troth.value.models.threads import on_one_thread
from troth.value.terms import require

Scale = Literal["log", "logit", "identity"]
DEFAULT_LEVEL = 0.95
DIFFERENCE = 1e-4


class NotFitted(ValueFault):
    """A model is asked before it was fitted or given parameters."""


class Model:
    """Parameters by name, positive and searched as logarithms; a subclass may add others, searched as they are."""

    names: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        self._point: Array | None = None  # logarithms of the parameters
        self._covariance: Array | None = None
        self._report: FitReport | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, float], *, covariance: Any = None) -> Self:
        """A model with known parameters; without `covariance` (of their logarithms) they count as exact.

        Raises `TermsError` for a missing, unknown or not positive one.
        """
        model = cls()
        missing = [name for name in cls.names if name not in params]
        require(not missing, "params", dict(params), f"must name {', '.join(cls.names)}")
        require(set(params) == set(cls.names), "params", dict(params), f"must name {', '.join(cls.names)} only")
        for name, given in params.items():
            require(np.isfinite(given) and given > 0, name, given, "must be a finite number above 0")
        point = np.log(np.array([float(params[name]) for name in cls.names]))
        size = len(point)
        model._point = point
        model._covariance = np.zeros((size, size)) if covariance is None else np.asarray(covariance, dtype=float)
        require(model._covariance.shape == (size, size), "covariance", covariance, f"must be {size} by {size}")
        return model

    @property
    def point(self) -> Array:
        """The coordinates of the search: the logarithms of the parameters, in the order of `names`."""
        if self._point is None:
            raise NotFitted(f"{type(self).__name__} has no parameters yet: call fit(data) or from_params(...)")
        return self._point

    @property
    def covariance(self) -> Array:
        """Covariance of `point`: the inverse of the observed information."""
        assert self.point is not None
        assert self._covariance is not None
        return self._covariance

    @property
    def report(self) -> FitReport:
        """How the fit went."""
        if self._report is None:
            raise NotFitted(f"{type(self).__name__} was not fitted: its parameters were given")
        return self._report

    @property
    def params(self) -> dict[str, float]:
        """The parameters by name, in the model's unit of time; the source of each model says what they mean."""
        return dict(zip(self.all_names, map(float, self.natural(self.point)), strict=True))

    @property
    def all_names(self) -> tuple[str, ...]:
        """The names of all parameters, in the order of `point`."""
        return self.names

    def natural(self, point: Array) -> Array:
        """The parameters of a point of the search: e^point but for coefficients, which are searched as they are."""
        positive = len(self.names)
        return np.concatenate([np.exp(point[:positive]), point[positive:]])

    @property
    def standard_errors(self) -> dict[str, float]:
        """The standard errors of `params` in their units, by the delta method; 0 for one held at the search's limit."""
        slopes = self.natural(self.point)
        slopes[len(self.names) :] = 1.0
        errors = np.sqrt(np.diag(self.covariance)) * slopes
        return dict(zip(self.all_names, map(float, errors), strict=True))

    def summary(self, *, level: float = DEFAULT_LEVEL) -> pl.DataFrame:
        """One row a parameter: `parameter`, `estimate`, `standard_error`, `low`, `high` at the given level.

        The intervals are symmetric in the logarithm, so that a positive parameter stays positive.
        """
        reach = np.sqrt(np.diag(self.covariance)) * reach_of(level)
        return pl.DataFrame(
            {
                "parameter": list(self.all_names),
                "estimate": list(self.params.values()),
                "standard_error": list(self.standard_errors.values()),
                "low": self.natural(self.point - reach),
                "high": self.natural(self.point + reach),
            }
        )

    def at(self, point: Array) -> Self:
        """The same model with other parameters, taken as exact: a point of the search, as in `point`."""
        other = copy(self)
        other._point, other._covariance = point, np.zeros((len(point), len(point)))
        return other

    def _keep(self, maximum: Maximum, report: FitReport, shift: Array | None = None) -> Self:
        """Take over a fit; `shift` brings the logarithms back from the fit's own unit of time."""
        self._point = maximum.point if shift is None else maximum.point + shift
        self._covariance = maximum.covariance
        self._report = report
        return self

    def __repr__(self) -> str:
        if self._point is None:
            return f"{type(self).__name__}()"
        told = ", ".join(f"{name}={figure:.4g}" for name, figure in self.params.items())
        return f"{type(self).__name__}({told})"


def reach_of(level: float) -> float:
    """How many standard errors an interval of this level reaches to each side."""
    level = number("level", level, "must lie between 0 and 1, such as 0.95", above=0, below=1)
    return float(ndtri((1 + level) / 2))


def interval(
    figure: Callable[[Array], Array], point: Array, covariance: Array, *, level: float, scale: Scale
) -> tuple[Array, Array, Array]:
    """Estimate, low and high of a figure of the parameters, by the delta method on a scale that keeps limits.

    The interval tells how surely the *expectation* is known from the data the model was fitted on; what one
    customer then does varies more: see `simulate`.
    """
    estimate, variance = moments(figure, point, covariance)
    return estimate, *around(estimate, np.sqrt(variance) * reach_of(level), scale)


@on_one_thread
def moments(figure: Callable[[Array], Array], point: Array, covariance: Array) -> tuple[Array, Array]:
    """A figure of the parameters and its variance, by the delta method."""
    estimate = figure(point)
    variance = np.zeros_like(estimate)
    if covariance.any():
        slopes = [slope_of(figure, point, column) for column in range(len(point))]
        for one, row in zip(slopes, covariance, strict=True):
            for other, shared in zip(slopes, row, strict=True):
                variance += shared * one * other
    return estimate, np.maximum(variance, 0.0)


def slope_of(figure: Callable[[Array], Array], point: Array, column: int) -> Array:
    step = np.zeros_like(point)
    step[column] = DIFFERENCE
    return (figure(point + step) - figure(point - step)) / (2 * DIFFERENCE)


def around(estimate: Array, reach: Array, scale: Scale) -> tuple[Array, Array]:
    """The ends of an interval; an estimate at the limit of its scale (0 or 1) is its own interval."""
    if scale == "identity":
        return estimate - reach, estimate + reach
    tiny = np.finfo(float).tiny
    if scale == "log":
        factor = np.exp(np.minimum(reach / np.maximum(estimate, tiny), 700.0))
        is_inside = estimate > tiny
        high = np.minimum(estimate, np.finfo(float).max / factor) * factor
        return np.where(is_inside, estimate / factor, estimate), np.where(is_inside, high, estimate)
    share = estimate * (1 - estimate)
    is_inside = share > 1e-12
    middle = np.where(is_inside, estimate, 0.5)
    odds = np.log(middle) - np.log1p(-middle)
    width = np.where(is_inside, reach / np.maximum(share, 1e-12), 0.0)
    low, high = logistic(odds - width), logistic(odds + width)
    return np.where(is_inside, low, estimate), np.where(is_inside, high, estimate)


def framed(frame: pl.DataFrame, name: str, figures: tuple[Array, ...]) -> pl.DataFrame:
    """The figures as columns, beside `customer_id` where there is one; one row a row given, in its order."""
    for figure in figures:
        if not np.isfinite(figure).all():
            raise TermsError(name, "given parameters", "lead beyond what floating point can hold")
    columns = [pl.Series(f"{name}{end}", figure) for end, figure in zip(("", "_low", "_high"), figures, strict=False)]
    known = [frame["customer_id"]] if "customer_id" in frame.columns else []
    return pl.DataFrame([*known, *columns])
