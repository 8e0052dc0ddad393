"""One fit a group (segment, country, store, tier …), all in one call and on one GROUP BY."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import polars as pl

from troth.value.errors import ValueFault
from troth.value.models.buying import BuyingModel
from troth.value.models.covariates import CovariateModel
from troth.value.models.fitting import NotConverged
from troth.value.models.histories import GroupedHistories, grouped
from troth.value.terms import Unit

M = TypeVar("M", bound=BuyingModel)


@dataclass(frozen=True)
class GroupFits(Generic[M]):
    """`models` by group (a tuple of the values of `by`), and `refused`: groups nothing could be fitted to."""

    by: tuple[str, ...]
    models: dict[tuple[Any, ...], M]
    refused: dict[tuple[Any, ...], ValueFault]

    @property
    def frame(self) -> pl.DataFrame:
        """One row a fitted group: the columns `by`, each parameter with its `_se`, `log_likelihood`,
        `customers`, `converged`, `message`.
        """
        return pl.DataFrame([row_of(self.by, key, model) for key, model in self.models.items()])


def row_of(by: tuple[str, ...], key: tuple[Any, ...], model: BuyingModel) -> dict[str, Any]:
    errors = {f"{name}_se": error for name, error in model.standard_errors.items()}
    report = model.report
    return {
        **dict(zip(by, key, strict=True)),
        **model.params,
        **errors,
        "log_likelihood": report.log_likelihood,
        "customers": report.customers,
        "converged": report.converged,
        "message": report.message,
    }


def fresh(model: type[M] | M) -> M:
    """Return an unfitted model of the same kind: of a class, or of a model that was told its covariates."""
    return model() if isinstance(model, type) else deepcopy(model)


def fit_by(model: type[M] | M, data: Any, by: str | Sequence[str], *, unit: Unit | None = None) -> GroupFits[M]:
    """Fit `model` to every group of a frame with `frequency`, `recency`, `T` and the columns `by`.

    A model with covariates is passed as it was made, `BetaGeoCovariatesModel(buying=["channel"])`, and the frame has
    their columns; a group in which a covariate is the same for all is refused by its name, as in `fit`.

    Straight from facts or a lake: pass `histories_of(facts, groups=…, by=…)` as `data`. A group without a
    single repeat, or with one customer, stands in `refused` with its reason; what has not converged says so in
    `frame`. Raises `FactsError`, naming column and row.
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    parts = data if isinstance(data, GroupedHistories) else _parts(fresh(model), data, names, unit)
    models: dict[tuple[Any, ...], M] = {}
    refused: dict[tuple[Any, ...], ValueFault] = {}
    for key, part in parts:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotConverged)
                models[key] = fresh(model).fit(part)
        except ValueFault as error:
            refused[key] = error
    return GroupFits(names, models, refused)


def _parts(model: BuyingModel, data: Any, by: tuple[str, ...], unit: Unit | None) -> GroupedHistories:
    columns = model.columns if isinstance(model, CovariateModel) else ()
    return grouped(data, by, unit=unit, read=model.read, covariates=columns)
