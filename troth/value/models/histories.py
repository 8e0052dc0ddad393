"""Sufficient statistics: equal histories of buying as one row, with the number of customers who share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

import numpy as np
import polars as pl

from troth.value.days import stored_days
from troth.value.errors import FactsError, Problem, TermsError
from troth.value.facts import Facts, arrow_of, as_facts, missing_column
from troth.value.models.reading import TABLE, frame_of, history_columns, refuse
from troth.value.models.special import Array
from troth.value.summary import ages, observed_until
from troth.value.terms import Unit, unit_days

Reader = Callable[[pl.DataFrame], dict[str, Array]]
HISTORY = ("frequency", "recency", "T")


@dataclass(frozen=True)
class Histories:
    """Distinct rows of (`frequency`, `recency`, `T`) and how many `customers` share each.

    `unit` is the unit of `recency` and `T`, None where nobody told it. `covariates` has one column a covariate of
    the model that asked for them.
    """

    frequency: Array
    recency: Array
    T: Array
    customers: Array
    unit: Unit | None = None
    covariates: Array | None = None

    def __len__(self) -> int:
        return len(self.T)

    @property
    def total(self) -> float:
        """How many customers there are."""
        return float(self.customers.sum())

    def sample(self, rows: int) -> Self:
        """About so many rows, drawn by their customers and weighted to stand for all; the same every time."""
        chance = np.minimum(1.0, self.customers * rows / self.total)
        drawn = np.flatnonzero(np.random.default_rng(1).random(len(self)) < chance)
        part = self.take(drawn)
        return replace(part, customers=part.customers / chance[drawn])

    def take(self, rows: Any) -> Self:
        """Some of the rows, by index, mask or slice."""
        parts = (self.frequency[rows], self.recency[rows], self.T[rows], self.customers[rows])
        return type(self)(*parts, self.unit, None if self.covariates is None else self.covariates[rows])


@dataclass(frozen=True)
class GroupedHistories:
    """Histories of several groups in one table: `groups` holds one row a group, in the order of `parts`."""

    groups: pl.DataFrame
    parts: list[Histories]

    def __iter__(self) -> Iterator[tuple[tuple[Any, ...], Histories]]:
        keys = list(self.groups.iter_rows()) or [()]
        return iter(zip(keys, self.parts, strict=True))


def histories(
    data: Any, *, unit: Unit | None = None, read: Reader = history_columns, covariates: Sequence[str] = ()
) -> Histories:
    """The distinct histories of a frame with `frequency`, `recency`, `T`, and `customers` where rows are
    already counted; a `Histories` is handed back as it is. `read` checks the columns. Rows with different
    `covariates` (columns of numbers) stay apart.

    Raises `FactsError`, naming column and row.
    """
    if isinstance(data, Histories):
        return data
    return next(iter(grouped(data, (), unit=unit, read=read, covariates=covariates)))[1]


def grouped(
    data: Any,
    by: Sequence[str],
    *,
    unit: Unit | None = None,
    read: Reader = history_columns,
    covariates: Sequence[str] = (),
) -> GroupedHistories:
    """As `histories`, apart for each combination of the columns `by`. Raises `FactsError`, naming column and row."""
    frame = frame_of(data)
    missing = [name for name in by if name not in frame.columns]
    if missing:
        raise FactsError(*(missing_column(TABLE, name, frame.columns) for name in missing))
    read(frame)
    check_counts(frame)
    chosen = frame.select(
        *by,
        *(pl.col(name).cast(pl.Float64) for name in (*HISTORY, *covariates)),
        customers=pl.col("customers").cast(pl.Float64) if "customers" in frame.columns else pl.lit(1.0),
    )
    counted = chosen.group_by(*by, *HISTORY, *covariates).agg(pl.col("customers").sum())
    return split(counted, by, unit, covariates)


def check_counts(frame: pl.DataFrame) -> None:
    if "customers" in frame.columns:
        counts = frame["customers"].cast(pl.Float64).fill_null(0.0).to_numpy()
        is_bad = ~(np.isfinite(counts) & (counts > 0))
        refuse(frame, [("no_count", "customers", is_bad, "not above 0", "it counts who shares the row")])


def histories_of(
    facts: Any,
    *,
    as_of: date | None = None,
    unit: Unit = "days",
    groups: Any = None,
    by: Sequence[str] = (),
) -> GroupedHistories:
    """The distinct histories straight from facts, a lake or a frame of orders: grouped and counted by the engine.

    `groups` is a frame of `customer_id` and the columns `by` (segment, country, store, tier …); who is not
    in it is left out. Raises `FactsError`, `TermsError`.
    """
    if bool(by) != (groups is not None):
        raise TermsError("by", list(by), "goes together with groups=, a frame of customer_id and these columns")
    facts = as_facts(facts)
    day = observed_until(facts, as_of)
    with stored_days(facts, day) as days:
        table = ages(days, day, unit)
        if groups is not None:
            table = with_groups(facts, table, groups, by)
        keys = [*by, *HISTORY]
        counted = facts.engine.frame(table.group_by(keys).agg(customers=table.count()))
    return split(counted, by, unit)


def with_groups(facts: Facts, table: Any, groups: Any, by: Sequence[str]) -> Any:
    arrow = arrow_of(groups)
    missing = [name for name in ("customer_id", *by) if name not in arrow.column_names]
    if missing:
        raise FactsError(*(missing_column("groups", name, arrow.column_names) for name in missing))
    if repeated := arrow.num_rows - len(arrow["customer_id"].unique()):
        way_out = "one row a customer; fit groups that overlap one after the other"
        raise FactsError(
            Problem("repeated_id", "groups", "customer_id", repeated, f"{repeated} rows repeat an id", way_out)
        )
    named = facts.engine.register(arrow.select(["customer_id", *by]))
    if table.customer_id.type() != named.customer_id.type():
        named = named.mutate(customer_id=named.customer_id.cast(table.customer_id.type()))
    return table.join(named, "customer_id")


def split(
    counted: pl.DataFrame, by: Sequence[str], unit: Unit | None, covariates: Sequence[str] = ()
) -> GroupedHistories:
    if unit is not None:
        unit_days(unit)
    counted = counted.sort([*by, "T", "recency", "frequency", *covariates])
    if not by:
        return GroupedHistories(pl.DataFrame(), [of_frame(counted, unit, covariates)])
    sizes = counted.group_by(list(by), maintain_order=True).len()
    ends = np.cumsum(sizes["len"].to_numpy()).astype(np.int64)
    whole = of_frame(counted, unit, covariates)
    starts = ends - sizes["len"].to_numpy().astype(np.int64)
    parts = [whole.take(slice(start, end)) for start, end in zip(starts, ends, strict=True)]
    return GroupedHistories(sizes.drop("len"), parts)


def of_frame(counted: pl.DataFrame, unit: Unit | None, covariates: Sequence[str] = ()) -> Histories:
    x, last, age, customers = (counted[name].cast(pl.Float64).to_numpy() for name in (*HISTORY, "customers"))
    of_rows = counted.select(covariates).to_numpy() if covariates else None
    return Histories(x, last, age, customers, unit, of_rows)
