"""Gamma-Gamma: how much customers spend at a time, with a check of what it assumes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from scipy.special import digamma, gammaln

from troth.value.errors import FactsError, Problem, ValueFault
from troth.value.given import seed_of
from troth.value.models.base import DEFAULT_LEVEL, Model, framed, interval, reach_of
from troth.value.models.fitting import NotConverged, maximise, report_of
from troth.value.models.reading import TABLE, frame_of, spend_columns
from troth.value.models.special import Array, log_rising
from troth.value.models.threads import on_one_thread
from troth.value.terms import require

INDEPENDENT_BELOW = 0.3


class NoMeanSpend(ValueFault):
    """The fitted spread is so wide that the mean over customers is infinite; the message names the way out."""


@dataclass(frozen=True)
class Spending:
    """Distinct rows of (`frequency`, `monetary_value`) above 0 and how many `customers` share each.

    `left_out` counts customers with repeats of zero amount, whom the model cannot hold.
    """

    frequency: Array
    monetary_value: Array
    customers: Array
    left_out: int = 0

    @property
    def total(self) -> float:
        """How many customers there are."""
        return float(self.customers.sum())


def spending(data: Any) -> Spending:
    """The repeat buyers of a frame with `frequency`, `monetary_value` (and `customers`); others say nothing.

    Raises `FactsError`, naming column and row.
    """
    if isinstance(data, Spending):
        return data
    frame = frame_of(data)
    spend_columns(frame)
    counts = pl.col("customers").cast(pl.Float64) if "customers" in frame.columns else pl.lit(1.0)
    rows = frame.select(pl.col("frequency", "monetary_value").cast(pl.Float64), customers=counts).filter(
        pl.col("frequency") > 0
    )
    kept = rows.filter(pl.col("monetary_value") > 0)
    counted = kept.group_by("frequency", "monetary_value").agg(pl.col("customers").sum())
    counted = counted.sort("frequency", "monetary_value")
    left_out = float(rows["customers"].sum()) - float(kept["customers"].sum())
    x, mean, customers = (counted[name].to_numpy() for name in ("frequency", "monetary_value", "customers"))
    return Spending(x, mean, customers, int(left_out))


def repeat_spending(data: Any) -> Spending:
    """As `spending`, refusing where fewer than two repeat buyers spent anything."""
    spent = spending(data)
    if spent.total < 2:
        what = f"{spent.total:.0f} customers came back and spent"
        way_out = "a model of spend needs at least two"
        raise FactsError(Problem("no_spend", TABLE, "monetary_value", 0, what, way_out))
    return spent


class GammaGammaLikelihood:
    """Log-likelihood and gradient of Gamma-Gamma."""

    def __init__(self, data: Spending) -> None:
        self.data = data
        self.x, self.x_of = np.unique(data.frequency, return_inverse=True)
        self.x_weight = np.bincount(self.x_of, data.customers)
        self.spent = data.frequency * data.monetary_value
        self.log_means = float(data.customers @ np.log(data.monetary_value))

    def __call__(self, point: Array) -> tuple[float, Array]:
        p, q, v = np.exp(point)
        weight, total = self.data.customers, self.data.total
        beside = np.log1p(v / self.spent)
        above = np.log(v + self.spent)
        by_x = np.bincount(self.x_of, weight * beside, minlength=len(self.x))
        value = (
            self.x_weight @ log_rising(p * self.x, np.array(q))
            + total * (q * np.log(v) - gammaln(q))
            - self.log_means - p * (self.x @ by_x) - q * (weight @ above)
        )  # fmt: skip
        of_both = digamma(p * self.x + q)
        of_p = (self.x_weight * self.x) @ (of_both - digamma(p * self.x)) - self.x @ by_x
        of_q = self.x_weight @ of_both + total * (np.log(v) - digamma(q)) - weight @ above
        of_v = total * q / v - (weight * (p * self.data.frequency + q)) @ (1 / (v + self.spent))
        return float(value), np.array([of_p, of_q, of_v]) * (p, q, v)


class SpendModel(Model):
    """A model of the mean amount of a purchase."""

    def expected_spend(self, data: Any, *, level: float | None = DEFAULT_LEVEL) -> pl.DataFrame:
        """The mean amount of a customer's coming purchases, for each row of `frequency`, `monetary_value`.

        Columns: `customer_id` where given, `expected_spend` (a float in the data's currency), and its interval
        (none with `level=None`). Who never came back gets the mean over customers. Raises `FactsError`, and
        `NoMeanSpend` where that mean is infinite.
        """
        frame = frame_of(data)
        columns = spend_columns(frame)
        if level is None:
            return framed(frame, "expected_spend", (self.spend(self.point, columns),))
        figures = interval(
            lambda point: self.spend(point, columns), self.point, self.covariance, level=level, scale="log"
        )
        return framed(frame, "expected_spend", figures)

    def spend(self, point: Array, columns: dict[str, Array]) -> Array:
        """The expected spend at a point of the search, for checked columns."""
        raise NotImplementedError


class GammaGammaModel(SpendModel):
    """Gamma-Gamma: the amounts of one customer vary around a mean of his own, whatever the number of purchases.

    Parameters: `p`, `q`, `v` (the paper's γ, in money). Source: Fader, Hardie (2013), The Gamma-Gamma model of
    monetary value, eq. 1a, 5 and 6.
    """

    names = ("p", "q", "v")

    def fit(self, data: Any) -> Self:
        """Fit to `frequency` and `monetary_value`, the mean of the repeat purchases, of those who came back.

        Repeats of zero amount are left out and counted in the report. Raises `FactsError`, naming column and
        row; warns `NotConverged`.
        """
        spent = repeat_spending(data)
        size = float(spent.customers @ spent.monetary_value) / spent.total
        scaled = Spending(spent.frequency, spent.monetary_value / size, spent.customers)
        starts = [np.log(np.array(start)) for start in ((3.0, 3.0, 1.0), (1.0, 1.5, 1.0), (10.0, 10.0, 1.0))]
        maximum = maximise(GammaGammaLikelihood(scaled), starts, scale=spent.total)
        report = report_of(
            maximum, self.names, customers=spent.total, rows=len(spent.customers),
            shift=spent.total * np.log(size), left_out=spent.left_out,
        )  # fmt: skip
        return self._keep(maximum, report, np.array([0.0, 0.0, np.log(size)]))

    def log_likelihood(self, data: Any) -> float:
        """The log-likelihood of the repeat buyers of data under the parameters."""
        return GammaGammaLikelihood(spending(data))(self.point)[0]

    def spend(self, point: Array, columns: dict[str, Array]) -> Array:
        """As `SpendModel.spend`. Raises `NoMeanSpend` where q and the purchases leave no finite mean."""
        p, q, v = np.exp(point)
        x, mean = columns["frequency"], np.where(columns["frequency"] > 0, columns["monetary_value"], 0.0)
        weight = p * x + q - 1
        if (weight <= 0).any():
            raise NoMeanSpend(f"q {q:.3g}: the mean spend over customers is infinite: take RobustSpendModel")
        return np.asarray(p * (v + x * mean) / weight)

    @property
    def mean_spend(self) -> float:
        """The mean amount over all customers. Raises `NoMeanSpend` where it is infinite."""
        nobody = {"frequency": np.zeros(1), "monetary_value": np.zeros(1)}
        return float(self.spend(self.point, nobody)[0])

    def simulate(self, frequency: Any, *, seed: int) -> pl.DataFrame:
        """Made-up customers with the given numbers of repeats: `frequency`, `monetary_value`."""
        p, q, v = np.exp(self.point)
        x = np.asarray(frequency, dtype=float)
        require(bool((x >= 0).all() and np.isfinite(x).all()), "frequency", frequency, "must be 0 or more")
        random = np.random.default_rng(seed_of(seed))
        rate = np.maximum(random.gamma(q, 1 / v, len(x)), 1e-300)
        mean = random.gamma(np.maximum(p * x, 1e-300)) / (rate * np.maximum(x, 1))
        return pl.DataFrame({"frequency": x.astype(np.int64), "monetary_value": np.where(x > 0, mean, 0.0)})


class RobustSpendModel(SpendModel):
    """Mean spend by credibility: each customer's own mean, drawn towards the company's the fewer his purchases.

    No distribution is assumed, extreme means are capped, and it always has a finite answer. Parameters: `mean`
    (the company's), `credibility` (the number of purchases at which the own mean counts half). Source:
    Bühlmann, Straub (1970); the moments are weighted by purchases.
    """

    names = ("mean", "credibility")

    def __init__(self) -> None:
        super().__init__()
        self.cap = np.inf

    def fit(self, data: Any, *, cap_share: float = 0.995) -> Self:
        """Fit to `frequency` and `monetary_value`; means above the given share of customers are capped."""
        require(0.5 <= cap_share <= 1, "cap_share", cap_share, "must lie between 0.5 and 1")
        spent = repeat_spending(data)
        x, weight = spent.frequency, spent.customers
        self.cap = weighted_quantile(spent.monetary_value, weight, cap_share)
        mean_of = np.minimum(spent.monetary_value, self.cap)
        mean = float(weight @ mean_of) / spent.total
        noise, spread = variances(x, mean_of - mean, weight)
        credibility = float(np.clip(noise / spread if spread > 0 else np.inf, 1e-3, 1e6))
        error = np.sqrt((spread + noise * float(weight @ (1 / x)) / spent.total) / spent.total) / mean
        self._point = np.log(np.array([mean, credibility]))
        self._covariance = np.diag([error**2, 0.0])
        return self

    def spend(self, point: Array, columns: dict[str, Array]) -> Array:
        """As `SpendModel.spend`; always finite."""
        mean, credibility = np.exp(point)
        x = columns["frequency"]
        own = np.where(x > 0, np.minimum(columns["monetary_value"], self.cap), 0.0)
        return np.asarray((x * own + credibility * mean) / (x + credibility))


def variances(x: Array, off: Array, weight: Array) -> tuple[float, float]:
    """Variance within a customer's purchases and between customers, from (mean − m)² = between + within ÷ x."""
    inverse = 1 / x
    centre = float(weight @ inverse / weight.sum())
    square = off**2
    average = float(weight @ square / weight.sum())
    bent = float(weight @ (inverse - centre) ** 2)
    within = float(weight @ ((inverse - centre) * (square - average))) / bent if bent > 0 else average / 2
    within = min(max(within, 0.0), average / max(centre, 1e-12))
    return within, max(average - within * centre, 0.0)


def weighted_quantile(figures: Array, weight: Array, share: float) -> float:
    order = np.argsort(figures)
    place = np.cumsum(weight[order]) / weight.sum()
    return float(figures[order][min(int(np.searchsorted(place, share)), len(figures) - 1)])


@dataclass(frozen=True, slots=True)
class Independence:
    """Whether spend depends on how often customers buy, which Gamma-Gamma assumes it does not.

    `pearson` of the figures, `spearman` of their ranks with its interval `low` to `high`, over `customers`
    repeat buyers. `is_acceptable`: the interval reaches below 0.3 in size.
    """

    pearson: float
    spearman: float
    low: float
    high: float
    customers: int
    is_acceptable: bool


def independence(data: Any, *, level: float = DEFAULT_LEVEL) -> Independence:
    """Correlation of `frequency` and `monetary_value` among repeat buyers; 0 where either is all the same.

    Source: Fader, Hardie, Lee (2005), RFM and CLV, Journal of Marketing Research 42(4), who find 0.06 to 0.11
    small enough. Raises `FactsError`, naming column and row, and where
    fewer than two came back and spent.
    """
    spent = repeat_spending(data)
    pearson = correlation(spent.frequency, spent.monetary_value, spent.customers)
    ranks = [ranked(figures, spent.customers) for figures in (spent.frequency, spent.monetary_value)]
    spearman = correlation(ranks[0], ranks[1], spent.customers)
    reach = reach_of(level) * np.sqrt(1.06 / max(spent.total - 3, 1.0))
    middle = np.arctanh(np.clip(spearman, -0.999999, 0.999999))
    low, high = np.tanh(middle - reach), np.tanh(middle + reach)
    is_acceptable = bool(low < INDEPENDENT_BELOW and high > -INDEPENDENT_BELOW)
    return Independence(pearson, spearman, float(low), float(high), int(spent.total), is_acceptable)


def correlation(one: Array, other: Array, weight: Array) -> float:
    total = weight.sum()
    off_one, off_other = one - weight @ one / total, other - weight @ other / total
    spread = float(np.sqrt((weight @ off_one**2) * (weight @ off_other**2)))
    return float(weight @ (off_one * off_other)) / spread if spread > 0 else 0.0


def ranked(figures: Array, weight: Array) -> Array:
    """Ranks among all customers; equal figures share the middle of the places they fill."""
    _, place = np.unique(figures, return_inverse=True)
    counts = np.bincount(place, weight)
    return np.asarray((np.cumsum(counts) - counts / 2)[place])


@dataclass(frozen=True, slots=True)
class ChosenSpend:
    """A fitted model of spend and, as a code, why it was taken."""

    model: SpendModel
    reason: str
    independence: Independence


@on_one_thread
def fit_spend(data: Any) -> ChosenSpend:
    """Gamma-Gamma where it holds, else `RobustSpendModel`, with the reason.

    Reasons: `gamma_gamma`; `spend_depends_on_frequency`, `not_converged`, `infinite_mean` (q within two
    standard errors of 1, where single large amounts decide the mean). Raises `FactsError`,
    naming column and row, and where fewer than two came back and spent.
    """
    spent = repeat_spending(data)
    found = independence(spent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotConverged)  # it is among the reasons
        model = GammaGammaModel().fit(spent)
    reason = "gamma_gamma"
    if not found.is_acceptable:
        reason = "spend_depends_on_frequency"
    elif not model.report.converged or model.report.at_limit:
        reason = "not_converged"
    elif model.params["q"] - 2 * model.standard_errors["q"] <= 1:
        reason = "infinite_mean"
    if reason == "gamma_gamma":
        return ChosenSpend(model, reason, found)
    return ChosenSpend(RobustSpendModel().fit(spent), reason, found)
