"""Share of wallet: asked, or estimated from what such customers spend in the category, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING, Any

from troth.value.facts import polars_of
from troth.value.later import np, pl, special
from troth.value.terms import require

if TYPE_CHECKING:
    from troth.value.models.special import Array


@dataclass(frozen=True, slots=True)
class WalletNorm:
    """What customers of one segment spend in the category over the window, everywhere together.

    mean, deviation: in money, both above 0; from a survey, a panel or official statistics. Spending is taken as
    lognormal: never below 0, and a few spend much.
    """

    segment: str
    mean: float
    deviation: float

    def __post_init__(self) -> None:
        for name in ("mean", "deviation"):
            value = getattr(self, name)
            require(0 < value < float("inf"), f"{name} of {self.segment}", value, "must be a finite amount above 0")

    @property
    def log_deviation(self) -> float:
        """Standard deviation of the natural logarithm of spend in the category, which has no unit: about a share."""
        return sqrt(log(1 + (self.deviation / self.mean) ** 2))

    @property
    def log_mean(self) -> float:
        """Mean of the natural logarithm of spend in the category: its exponential is the median, in money."""
        return log(self.mean) - self.log_deviation**2 / 2


def share_of_wallet(
    customers: Any,
    norms: Sequence[WalletNorm] = (),
    *,
    asked_error: float = 0.25,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Estimate what share of their spending in the category customers give us.

    Args:
        customers: `customer_id`, `spend` (with us, over the window, in money, 0 or more), and, where known,
            `asked_spend` (in the category over the same window, everywhere, as they said) and `segment`.
        norms: by segment, for those who were not asked.
        asked_error: how far answers are off, as the deviation of their logarithm: 0.25 is about a quarter.
        confidence: of the interval.

    Columns: `customer_id`, `share` (0 to 1), `low`, `high`, `source` (`asked`, `estimated`, or `unknown`: neither asked
    nor in a segment with a norm; then the three figures are null).

    The wallet is lognormal about the answer or the norm and holds at least what was spent with us: the share is the
    mean, low and high the quantiles of spend ÷ wallet under that. Who spent nothing with us has share 0.

    Raises:
        FactsError: a column is missing. TermsError: an amount below 0, an answer of 0 or less, a norm twice.
    """
    require(0 < asked_error < float("inf"), "asked_error", asked_error, "must be above 0")
    require(0 < confidence < 1, "confidence", confidence, "must lie between 0 and 1")
    segments = [norm.segment for norm in norms]
    require(len(set(segments)) == len(segments), "norms", segments, "must name a segment once")
    frame = _rows(customers)
    known = {norm.segment: (norm.log_mean, norm.log_deviation) for norm in norms}
    centre = pl.when(pl.col("asked_spend").is_not_null()).then(pl.col("asked_spend").log()).otherwise(
        pl.col("segment").replace_strict({name: one[0] for name, one in known.items()}, default=None,
                                         return_dtype=pl.Float64)
    )  # fmt: skip
    spread = pl.when(pl.col("asked_spend").is_not_null()).then(pl.lit(asked_error)).otherwise(
        pl.col("segment").replace_strict({name: one[1] for name, one in known.items()}, default=None,
                                         return_dtype=pl.Float64)
    )  # fmt: skip
    frame = frame.with_columns(centre=centre, spread=spread)
    is_told = frame["centre"].is_not_null().to_numpy()
    told = frame.filter(pl.col("centre").is_not_null())
    spend, mean, error = (told[name].to_numpy() for name in ("spend", "centre", "spread"))
    found = _shares(spend, mean, error, confidence)
    columns = {}
    for name, values in zip(("share", "low", "high"), found, strict=True):
        column = np.full(frame.height, np.nan)
        column[is_told] = values
        columns[name] = pl.Series(column).fill_nan(None)
    source = (
        pl.when(pl.col("centre").is_null()).then(pl.lit("unknown"))
        .when(pl.col("asked_spend").is_not_null()).then(pl.lit("asked"))
        .otherwise(pl.lit("estimated"))
    )  # fmt: skip
    return frame.with_columns(**columns).select("customer_id", "share", "low", "high", source=source)


def _rows(customers: Any) -> pl.DataFrame:
    frame = polars_of(customers, "customers", ("customer_id", "spend"))
    for name, kind in (("asked_spend", pl.Float64), ("segment", pl.String)):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=kind).alias(name))
    frame = frame.with_columns(pl.col("spend", "asked_spend").cast(pl.Float64), pl.col("segment").cast(pl.String))
    bad = frame.filter(~((pl.col("spend") >= 0) & pl.col("spend").is_finite()).fill_null(value=False))
    require(bad.is_empty(), "spend", bad["spend"].to_list()[:1], "must be a finite amount, 0 or more")
    bad = frame.filter(~((pl.col("asked_spend") > 0) & pl.col("asked_spend").is_finite()))
    require(bad.is_empty(), "asked_spend", bad["asked_spend"].to_list()[:1], "must be a finite amount above 0, or null")
    return frame.select("customer_id", "spend", "asked_spend", "segment")


def _shares(spend: Array, centre: Array, spread: Array, confidence: float) -> tuple[Array, Array, Array]:
    """Mean and quantiles of spend ÷ wallet, the wallet lognormal and at least the spend.

    In logarithms: of one who spends far more than the norm, the chance of such a wallet is too small for a float.
    """
    log_spend = np.log(np.where(spend > 0, spend, 1.0))
    above = (centre - log_spend) / spread  # in deviations
    log_chance = special.log_ndtr(above)
    mean = np.exp(log_spend - centre + spread**2 / 2 + special.log_ndtr(above - spread) - log_chance)
    tails = (1 - confidence) / 2
    low, high = (
        # The share is below its quantile where the wallet is above the opposite one.
        np.exp(log_spend - centre + spread * special.ndtri_exp(log_chance + np.log(tail)))
        for tail in (tails, 1 - tails)
    )
    return _cut(mean, spend), _cut(low, spend), _cut(high, spend)


def _cut(shares: Array, spend: Array) -> Array:
    return np.where(spend > 0, np.clip(shares, 0.0, 1.0), 0.0)
