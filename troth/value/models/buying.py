"""What the models of repeat buying share: fitting, P(alive), expected purchases, intervals, simulation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import polars as pl

from troth.value.errors import FactsError, Problem
from troth.value.given import seed_of, whole
from troth.value.models.base import DEFAULT_LEVEL, Model, Scale, framed, interval
from troth.value.models.bootstrap import Bootstrap, bootstrapped
from troth.value.models.fitting import LIMIT, Maximum, Objective, continued, maximise, report_of
from troth.value.models.histories import Histories, histories
from troth.value.models.profile import profiled
from troth.value.models.reading import TABLE, distinct, frame_of, history_columns
from troth.value.models.space import Space
from troth.value.models.special import Array
from troth.value.models.threads import one_thread
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

    def read(self, frame: pl.DataFrame) -> dict[str, Array]:
        """The columns of a history, checked."""
        return history_columns(frame)

    def fit(self, data: Any, *, unit: Unit | None = None) -> Self:
        """Fit by maximum likelihood to `frequency`, `recency`, `T` of a frame, or to `Histories`.

        `frequency` counts the purchases after the first, `recency` is the age at the last one, `T` the age
        at the end of the observation; both ages in one unit, told in `unit` where money or months are asked
        later. `customers` counts who shares a row. Raises `FactsError`, naming column and row, and where
        nobody came back; warns `NotConverged`.
        """
        counted = self._histories(data, unit)
        refuse_unfit(counted)
        with one_thread():
            space = self._space(counted)
            maximum = self._search(space)
        self.unit = counted.unit
        report = report_of(maximum, self.all_names, customers=counted.total, rows=len(counted), shift=space.added)
        return self._keep(space.own(maximum), report)

    def _histories(self, data: Any, unit: Unit | None = None) -> Histories:
        """The distinct rows a fit is made of."""
        return histories(data, unit=unit, read=self.read)

    def _likelihood(self, data: Histories) -> Objective:
        return self.likelihood(data)

    def _space(self, counted: Histories) -> Space:
        """The search in units of the mean age."""
        pace = float(counted.T @ counted.customers) / counted.total if self.timed else 1.0
        added = float(counted.frequency @ counted.customers) * np.log(pace)
        size = len(self.names)
        offset = np.array([np.log(pace) if name in self.timed else 0.0 for name in self.names])
        scaled = replace(counted, recency=counted.recency / pace, T=counted.T / pace)
        return Space(scaled, self._likelihood, np.array([[-LIMIT, LIMIT]] * size), np.eye(size), offset, added)

    def _search(self, space: Space) -> Maximum:
        data, limits = space.data, space.limits
        whole = space.likelihood(data)
        if len(data) <= SAMPLE_FROM:
            return maximise(whole, self._starts(data), scale=data.total, limits=limits)
        sample = data.sample(SAMPLE_ROWS)
        near = maximise(space.likelihood(sample), self._starts(sample), scale=sample.total, limits=limits)
        return continued(whole, near, scale=data.total, limits=limits)

    def _space_of_fit(self, data: Any) -> Space:
        """The search that led to this fit; refuses other data than its own."""
        report, counted = self.report, self._histories(data)
        refuse_unfit(counted)
        space = self._space(counted)
        found = space.likelihood(space.data)(space.inner(self.point))[0] - space.added
        is_same = int(counted.total) == report.customers
        is_same = is_same and abs(found - report.log_likelihood) <= 1e-6 * max(1.0, abs(found))
        require(is_same, "data", f"{int(counted.total)} customers", "must be the data the model was fitted to")
        return space

    def bootstrap(self, data: Any, *, draws: int = 200, seed: int) -> Bootstrap[Self]:
        """Fit to customers drawn with replacement, `draws` times: intervals that assume no shape of the likelihood.

        Args:
            data: what the model was fitted to. draws: at least 2; some hundreds for intervals of 95 %.
            seed: the same one draws the same customers.

        Raises:
            NotFitted: a model whose parameters were given. FactsError: as in `fit`. TermsError: other data than those
            of the fit, customers that are not counted in whole numbers, a setting outside its limits.

        Source: Efron (1979), Bootstrap methods: another look at the jackknife.
        """
        return bootstrapped(self, self._space_of_fit(data), draws=draws, seed=seed)

    def profile(self, data: Any, *, level: float = DEFAULT_LEVEL) -> pl.DataFrame:
        """Intervals of the parameters from the profile of the likelihood, for where `report.at_limit` is not empty
        or the data are few: there the standard errors of `summary` say little.

        Columns: `parameter`, `estimate`, `low`, `high`, and `is_low_open`, `is_high_open`: true where the data set no
        end on that side, and the limit of the search stands in its place.

        Raises:
            NotFitted: a model whose parameters were given. FactsError: as in `fit`. TermsError: other data than those
            of the fit, a level outside 0 to 1.
        """
        return profiled(self, self._space_of_fit(data), level=level)

    def _starts(self, data: Histories) -> list[Array]:
        """Where the search begins: times are in units of the mean age."""
        rate = float(data.frequency @ data.customers) / max(float(data.T @ data.customers), 1e-9)
        return [self._start(rate, shape) for shape in (0.5, 1.0, 3.0, 0.1)]

    @abstractmethod
    def _start(self, rate: float, shape: float) -> Array:
        """A point of the search from the purchases a mean age and a guess of how alike customers are."""

    def log_likelihood(self, data: Any) -> float:
        """The log-likelihood of data under the parameters, in the data's unit of time."""
        return self._likelihood(self._histories(data))(self.point)[0]

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

        `T` is one age for all or one each; the same seed gives the same customers. Raises `TermsError` for customers or
        a seed that are not whole, and for an age below 0 or not finite.
        """
        customers = whole("customers", customers)
        age = times("T", T, customers)
        frequency, recency, is_alive = self._draw(np.random.default_rng(seed_of(seed)), np.exp(self.point), age)
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
    try:
        asked = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        asked = np.full(rows, np.nan)  # no numbers at all
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
