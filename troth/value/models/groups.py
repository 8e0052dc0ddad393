"""One fit a group (segment, country, store, tier …), all in one call and on one GROUP BY."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import polars as pl

from troth.value.errors import FactsError
from troth.value.models.buying import BuyingModel
from troth.value.models.fitting import NotConverged
from troth.value.models.histories import GroupedHistories, grouped
from troth.value.terms import Unit

M = TypeVar("M", bound=BuyingModel)


@dataclass(frozen=True)
class GroupFits(Generic[M]):
    """`models` by group (a tuple of the values of `by`), and `refused`: groups nothing could be fitted to."""

    by: tuple[str, ...]
    models: dict[tuple[Any, ...], M]
    refused: dict[tuple[Any, ...], FactsError]

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


def fit_by(model: type[M], data: Any, by: str | Sequence[str], *, unit: Unit | None = None) -> GroupFits[M]:
    """Fit `model` to every group of a frame with `frequency`, `recency`, `T` and the columns `by`.

    Straight from facts or a lake: pass `histories_of(facts, groups=…, by=…)` as `data`. A group without a
    single repeat, or with one customer, stands in `refused` with its reason; what has not converged says so in
    `frame`. Raises `FactsError`, naming column and row.
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    parts = data if isinstance(data, GroupedHistories) else grouped(data, names, unit=unit, read=model().read)
    models: dict[tuple[Any, ...], M] = {}
    refused: dict[tuple[Any, ...], FactsError] = {}
    for key, part in parts:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotConverged)
                models[key] = model().fit(part)
        except FactsError as error:
            refused[key] = error
    return GroupFits(names, models, refused)
