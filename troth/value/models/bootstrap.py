"""How much a fit would differ with other customers of the same kind: fits to customers drawn again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np
import polars as pl

from troth.value.models.base import DEFAULT_LEVEL, Model, framed, reach_of
from troth.value.models.fitting import Maximum, continued
from troth.value.models.space import Space
from troth.value.models.special import Array
from troth.value.terms import require

M = TypeVar("M", bound=Model)
MOST_DRAWS = 100_000


@dataclass(frozen=True)
class Bootstrap(Generic[M]):
    """The fits to customers drawn with replacement from those of a model.

    points: one row a draw, in the coordinates of `model.point`. not_reached: how many of the draws ended without a
    certain maximum, and stand where the search stopped. drawn_again: how many were replaced by others because nobody
    in them had come back.
    """

    model: M
    points: Array
    not_reached: int
    drawn_again: int

    def summary(self, *, level: float = DEFAULT_LEVEL) -> pl.DataFrame:
        """One row a parameter: `parameter`, `estimate` (that of the fit), `low`, `high`: quantiles of the draws.

        Raises:
            TermsError: a level outside 0 to 1.
        """
        drawn = np.stack([self.model.natural(point) for point in self.points])
        low, high = ends_of(drawn, level)
        estimates = self.model.params
        columns = {"parameter": list(estimates), "estimate": list(estimates.values()), "low": low, "high": high}
        return pl.DataFrame(columns)

    def interval(self, figure: Callable[[M], Any], *, level: float = DEFAULT_LEVEL) -> pl.DataFrame:
        """Estimate and interval of whatever can be asked of the model: one row a value of the figure.

        Args:
            figure: from a model to a number or a column of them, such as
                `lambda model: model.expected_purchases(frame, 12, level=None)["expected_purchases"]`.

        Columns: `figure` (that of the fit), `figure_low`, `figure_high` (quantiles of the draws).

        Raises:
            TermsError: a level outside 0 to 1, or a figure that is not finite in some draw.
        """
        estimate = values_of(figure(self.model))
        drawn = np.stack([values_of(figure(self.model.at(point))) for point in self.points])
        if not np.isfinite(drawn).all():
            return framed(pl.DataFrame(), "figure", (drawn,))  # refuses
        return framed(pl.DataFrame(), "figure", (estimate, *ends_of(drawn, level)))


def values_of(given: Any) -> Array:
    return np.atleast_1d(np.asarray(given, dtype=float))


def ends_of(drawn: Array, level: float) -> tuple[Array, Array]:
    reach_of(level)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def bootstrapped(model: M, space: Space, *, draws: int, seed: int) -> Bootstrap[M]:
    """Fit to `draws` samples of as many customers, each from where the model's own fit ended.

    Sampling weighs the distinct rows anew (multinomial), so that it costs no more memory than one fit.
    """
    require(2 <= draws <= MOST_DRAWS, "draws", draws, f"must lie between 2 and {MOST_DRAWS}")
    data = space.data
    is_whole = bool((data.customers == np.floor(data.customers)).all())
    require(is_whole, "customers", "a share of one", "must be whole numbers: customers are drawn one by one")
    near = Maximum(
        space.inner(model.point), space.inner_covariance(model.covariance), 0.0, True, np.zeros(len(model.point)), 0
    )
    random, chance = np.random.default_rng(seed), data.customers / data.total
    points: list[Array] = []
    not_reached = drawn_again = 0
    while len(points) < draws:
        counts = random.multinomial(int(data.total), chance).astype(float)
        is_drawn = counts > 0
        part = replace(data.take(is_drawn), customers=counts[is_drawn])
        if not part.frequency.any():
            drawn_again += 1
            continue
        found = continued(space.likelihood(part), near, scale=part.total, limits=space.limits)
        not_reached += not found.is_reached
        points.append(space.own(found).point)
    return Bootstrap(model, np.stack(points), not_reached, drawn_again)
