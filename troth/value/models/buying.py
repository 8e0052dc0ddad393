"""What the models of repeat buying share: fitting, P(alive), expected purchases, intervals, simulation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import polars as pl

from troth.value.errors import FactsError, Problem
from troth.value.models.base import DEFAULT_LEVEL, Model, Scale, framed, interval
from troth.value.models.fitting import Maximum, continued, maximise, report_of
from troth.value.models.histories import Histories, histories
from troth.value.models.reading import TABLE, distinct, frame_of, history_columns
from troth.value.models.special import Array
from troth.value.terms import Unit, require

# Beyond so many distinct histories the search begins on a sample of them.
SAMPLE_FROM, SAMPLE_ROWS = 40_000, 12_000


class Likelihood(Protocol):
    """The log-likelihood of given histories and its gradient, in the logarithms of the parameters."""

    def __init__(self, data: Histories) -> None: ...

    def __call__(self, point: Array) -> tuple[float, Array]: ...


class BuyingModel(Model):
    """A model of when customers buy again and when they stop, in continuous time."""

    likelihood: ClassVar[type[Likelihood]]
    timed: ClassVar[tuple[str, ...]]  # parameters that are measured in units of time

    def __init__(self) -> None:
        super().__init__()
        self.unit: Unit | None = None

    @staticmethod
    def read(frame: pl.DataFrame) -> dict[str, Array]:
        """The columns of a history, checked."""
        return history_columns(frame)

    def fit(self, data: Any, *, unit: Unit | None = None) -> Self:
        """Fit by maximum likelihood to `frequency`, `recency`, `T` of a frame, or to `Histories`.

        `frequency` counts the purchases after the first, `recency` is the age at the last one, `T` the age
        at the end of the observation; both ages in one unit, told in `unit` where money or months are asked
        later. `customers` counts who shares a row. Raises `FactsError`, naming column and row, and where
        nobody came back; warns `NotConverged`.
        """
        counted = histories(data, unit=unit, read=self.read)
        refuse_unfit(counted)
        self.unit = counted.unit
        size, repeats = float(counted.T @ counted.customers), float(counted.frequency @ counted.customers)
        pace = size / counted.total if self.timed else 1.0
        scaled = Histories(counted.frequency, counted.recency / pace, counted.T / pace, counted.customers)
        maximum = self._search(scaled)
        shift = np.array([np.log(pace) if name in self.timed else 0.0 for name in self.names])
        added = repeats * np.log(pace)
        report = report_of(maximum, self.names, customers=counted.total, rows=len(counted), shift=added)
        return self._keep(maximum, report, shift)

    def _search(self, data: Histories) -> Maximum:
        whole = self.likelihood(data)
        if len(data) <= SAMPLE_FROM:
            return maximise(whole, self._starts(data), scale=data.total)
        sample = data.sample(SAMPLE_ROWS)
        near = maximise(self.likelihood(sample), self._starts(sample), scale=sample.total)
        return continued(whole, near, scale=data.total)

    def _starts(self, data: Histories) -> list[Array]:
        """Where the search begins: times are in units of the mean age."""
        rate = float(data.frequency @ data.customers) / max(float(data.T @ data.customers), 1e-9)
        return [self._start(rate, shape) for shape in (0.5, 1.0, 3.0, 0.1)]

    @abstractmethod
    def _start(self, rate: float, shape: float) -> Array:
        """A point of the search from the purchases a mean age and a guess of how alike customers are."""

    def log_likelihood(self, data: Any) -> float:
        """The log-likelihood of data under the parameters, in the data's unit of time."""
        return self.likelihood(histories(data, read=self.read))(self.point)[0]

    def probability_alive(self, data: Any, *, level: float | None = DEFAULT_LEVEL) -> pl.DataFrame:
        """P(still a customer) at the end of the observation, for each row of `frequency`, `recency`, `T`.

        Columns: `customer_id` where given, `probability_alive` (0 to 1), and `_low`, `_high`: the interval of
        what the model knows of its parameters (none with `level=None`). Raises `FactsError`.
        """
        frame = frame_of(data)
        columns, place = distinct(self.read(frame))
        return self._framed(frame, "probability_alive", lambda point: self._alive(point, columns), level, place)

    def expected_purchases(self, data: Any, t: Any, *, level: float | None = DEFAULT_LEVEL) -> pl.DataFrame:
        """Purchases expected in the next `t` (one number, or one a row) units of time, for each row.

        Columns: `customer_id` where given, `expected_purchases`, and its interval `_low`, `_high` (none with
        `level=None`). Raises `FactsError`, and `TermsError` for a `t` below 0.
        """
        frame = frame_of(data)
        columns = self.read(frame)
        ahead = times("t", t, frame.height if np.ndim(t) else 1)
        place: Any = slice(None)
        if len(ahead) == 1:
            columns, place = distinct(columns)
        return self._framed(frame, "expected_purchases", lambda p: self._purchases(p, columns, ahead), level, place)

    def expected_purchases_new_customer(self, t: Any, *, level: float | None = DEFAULT_LEVEL) -> pl.DataFrame:
        """Repeat purchases expected of a new customer within `t` (a number or several): one row a `t`.

        Columns: `t`, `expected_purchases` and its interval. Raises `TermsError` for a `t` below 0.
        """
        asked = np.atleast_1d(np.asarray(t, dtype=float))
        ahead = times("t", asked, len(asked))
        frame = pl.DataFrame({"t": ahead})
        found = self._framed(frame, "expected_purchases", lambda point: self._new_purchases(point, ahead), level)
        return frame.hstack(found)

    def simulate(self, customers: int, T: Any, *, seed: int) -> pl.DataFrame:
        """Made-up customers of this model: `frequency`, `recency`, `T`, and `is_alive` at the end.

        `T` is one age for all or one each; the same seed gives the same customers.
        """
        require(customers > 0, "customers", customers, "must be above 0")
        age = times("T", T, customers)
        frequency, recency, is_alive = self._draw(np.random.default_rng(seed), np.exp(self.point), age)
        return pl.DataFrame(
            {"frequency": frequency.astype(np.int64), "recency": recency, "T": age, "is_alive": is_alive}
        )

    def _framed(
        self,
        frame: pl.DataFrame,
        name: str,
        figure: Callable[[Array], Array],
        level: float | None,
        place: Any = slice(None),
    ) -> pl.DataFrame:
        """A figure of distinct rows, brought back to the rows given."""
        if level is None:
            return framed(frame, name, (figure(self.point)[place],))
        scale: Scale = "logit" if name == "probability_alive" else "log"
        found = interval(figure, self.point, self.covariance, level=level, scale=scale)
        return framed(frame, name, tuple(part[place] for part in found))

    @abstractmethod
    def _alive(self, point: Array, columns: dict[str, Array]) -> Array: ...

    @abstractmethod
    def _purchases(self, point: Array, columns: dict[str, Array], ahead: Array) -> Array:
        """`ahead` has one value for all rows or one each; as many rows of them as there are ends, growing."""

    @abstractmethod
    def _new_purchases(self, point: Array, ahead: Array) -> Array: ...

    @abstractmethod
    def _draw(self, random: np.random.Generator, params: Array, age: Array) -> tuple[Array, Array, Array]: ...


def times(name: str, given: Any, rows: int) -> Array:
    """Ages or spans of time, one for all rows or one each; refuses what is below 0 or not finite."""
    asked = np.asarray(given, dtype=float)
    require(asked.ndim == 0 or asked.shape == (rows,), name, given, f"must be one number or {rows}, one a row")
    require(bool(np.isfinite(asked).all() and (asked >= 0).all()), name, given, "must be finite and not below 0")
    return np.broadcast_to(asked, (rows,)).astype(float)


def refuse_unfit(data: Histories) -> None:
    """Refuse what no model of repeat buying can be fitted to."""
    if not len(data):
        raise FactsError(Problem("no_rows", TABLE, "frequency", 0, "there are no customers", "pass at least two"))
    if not data.frequency.any():
        what = "0 in every row: nobody has come back yet"
        way_out = "without a single repeat there is nothing to learn from; wait, or observe for longer"
        raise FactsError(Problem("no_repeats", TABLE, "frequency", len(data), what, way_out))
    if data.total < 2:
        what = "there is one customer"
        raise FactsError(Problem("one_customer", TABLE, "frequency", 1, what, "fit on many, then ask about this one"))
