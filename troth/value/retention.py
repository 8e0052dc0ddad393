"""What keeping customers is worth: what some points more earn, what one lost costs, when a new one has paid."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt
from statistics import NormalDist
from typing import Any

from troth.value.facts import polars_of
from troth.value.given import LARGEST, amounts, flags, number, refuse_mixed, refuse_repeated
from troth.value.later import pl
from troth.value.terms import require

FEWEST = 30


@dataclass(frozen=True, slots=True)
class Annuity:
    """The worth of one customer under steady yearly figures, this year's profit included.

    profit: of one year, in money; retention: the share still there a year later, 0 to below 1 + discount;
    annual_discount: 0.10 is ten per cent. Source: the sum of the geometric series Σ profit × (retention ÷ (1 +
    discount))ⁿ.
    """

    profit: float
    retention: float
    annual_discount: float

    def __post_init__(self) -> None:
        number("profit", self.profit, f"must be an amount within ±{LARGEST:g}", least=-LARGEST, most=LARGEST)
        number("annual_discount", self.annual_discount, "must be 0 or more", least=0)
        kept = number("retention", self.retention, "must be a share of 0 to 1", least=0, most=1)
        is_share = kept < 1 + self.annual_discount
        require(is_share, "retention", self.retention, "must be a share of 0 to 1, below 1 where nothing is discounted")

    @property
    def _kept(self) -> float:
        return self.retention / (1 + self.annual_discount)

    @property
    def value(self) -> float:
        """Return what the customer is worth, in money: the profit of this year and of all to come, discounted."""
        return self.profit / (1 - self._kept)

    @property
    def cost_of_loss(self) -> float:
        """Return the profit not earned if the customer leaves after this year."""
        return self.value - self.profit

    @property
    def expected_years(self) -> float:
        """Return how many years the customer stays, this one included; undiscounted, infinite if nobody ever leaves."""
        return 1 / (1 - self.retention) if self.retention < 1 else inf

    def years_to_pay(self, acquisition_cost: float) -> float | None:
        """Return after how many years the profit has paid for winning the customer; None if it never does.

        Within a year the profit is taken to flow evenly as the series does: the answer need not be whole.
        """
        acquisition_cost = number("acquisition_cost", acquisition_cost, "must be a finite amount, 0 or more", least=0)
        if acquisition_cost == 0:
            return 0.0
        if acquisition_cost >= self.value:
            return None
        if self._kept == 0:
            return acquisition_cost / self.profit
        return log(1 - acquisition_cost * (1 - self._kept) / self.profit) / log(self._kept)

    def times_to_win(self, acquisition_cost: float) -> float | None:
        """Return the most that may be spent on winning such a customer, in times of what is spent; None for a cost of
        0."""
        acquisition_cost = number("acquisition_cost", acquisition_cost, "must be a finite amount, 0 or more", least=0)
        times = self.value / acquisition_cost if acquisition_cost > 0 else None
        require(times is None or abs(times) < inf, "acquisition_cost", acquisition_cost, "is too small to divide by")
        return times


def retention_gains(
    customers: Any,
    *,
    more: float = 0.05,
    annual_discount: float = 0.10,
    by: str | None = None,
    profit: str = "profit",
    stayed: str = "stayed",
    confidence: float = 0.95,
) -> pl.DataFrame:
    """What some points more of retention earn, from the company's own customers.

    Args:
        customers: one row for each customer of a year: the profit of that year, and whether he bought again in the next
            (true or false); without nulls.
        more: how much retention rises, 0.05 is five points; above 0. Where it would pass 1 it stops there.
        annual_discount: above 0, a millionth at least.
        by: a column to tell segments apart; without it there is one row, of all.

    Columns: `segment`, `customers`, `profit` (mean of a customer and year), `retention` with `retention_low`,
    `retention_high` (Wilson), `value` (of a customer: `Annuity`), `gain` (what a customer is worth more) with
    `gain_low`, `gain_high`, `total_gain` (of all in the segment), `rise` (gain ÷ value; null where the value is 0) with
    `rise_low`, `rise_high`. Intervals by the delta method, with the covariance of profit and staying. Segments with
    fewer than 30 customers have null intervals: too few to tell.

    Raises:
        FactsError: a column is missing, a customer twice, more than one `currency`. TermsError: a setting outside its
            limits, text, a null (named with its row), or nobody at all.
    """
    more = number("more", more, "must be a share above 0, up to 1", above=0, most=1)
    annual_discount = number("annual_discount", annual_discount, "must be a millionth or more", least=1e-6)
    confidence = number("confidence", confidence, "must lie between 0 and 1", above=0, below=1)
    frame = _rows(customers, by, profit, stayed)
    sums = frame.group_by("segment").agg(
        pl.len().alias("customers"),
        profit=pl.col("profit").mean(),
        retention=pl.col("stayed").mean(),
        spread=pl.col("profit").var(),
        together=pl.cov("profit", "stayed"),
    )
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rows = [_gain(row, more, annual_discount, z) for row in sums.sort("segment").iter_rows(named=True)]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(_FIGURES, pl.Float64))


_FIGURES = (
    "profit",
    "retention",
    "retention_low",
    "retention_high",
    "value",
    "gain",
    "gain_low",
    "gain_high",
    "total_gain",
    "rise",
    "rise_low",
    "rise_high",
)


def _rows(customers: Any, by: str | None, profit: str, stayed: str) -> pl.DataFrame:
    frame = polars_of(customers, "customers", [profit, stayed] if by is None else [profit, stayed, by])
    require(frame.height > 0, "customers", "no rows", "must have one row or more")
    refuse_mixed(frame, "customers")
    if "customer_id" in frame.columns:
        refuse_repeated(frame, "customers")
    money, again = amounts(frame, profit, "must be known for every customer"), flags(frame, stayed)
    segment = pl.lit("all") if by is None else pl.col(by).cast(pl.String)
    return frame.select(segment=segment, profit=money, stayed=again)


def _gain(row: dict[str, Any], more: float, discount: float, z: float) -> dict[str, Any]:
    """One segment. With q = 1 + discount: value = profit·q ÷ (q − r), gain = profit·q·h ÷ ((q − r)(q − r − h))."""
    count, profit, retention = row["customers"], row["profit"], row["retention"]
    q, rise_by = 1 + discount, min(more, 1 - row["retention"])
    rest, left = q - retention, q - retention - rise_by
    value, gain = profit * q / rest, profit * q * rise_by / (rest * left)
    low, high = _wilson(retention, count, z)
    found = {
        "segment": row["segment"], "customers": count, "profit": profit, "retention": retention,
        "retention_low": low, "retention_high": high, "value": value, "gain": gain, "gain_low": None,
        "gain_high": None, "total_gain": gain * count, "rise": rise_by / left if value else None, "rise_low": None,
        "rise_high": None,
    }  # fmt: skip
    if count < FEWEST:
        return found
    by_profit = gain / profit if profit else q * rise_by / (rest * left)
    by_retention = gain * (1 / rest + 1 / left)
    variance = by_profit**2 * row["spread"] + by_retention**2 * retention * (1 - retention)
    variance += 2 * by_profit * by_retention * (row["together"] or 0.0)
    half = z * sqrt(max(variance, 0.0) / count)
    found |= {"gain_low": gain - half, "gain_high": gain + half}
    if value:
        edges = [min(more, 1 - one) / (q - one - min(more, 1 - one)) for one in (low, high)]
        found |= {"rise_low": min(edges), "rise_high": max(edges)}
    return found


def _wilson(share: float, count: int, z: float) -> tuple[float, float]:
    """The interval of a share (Wilson 1927), which stays within 0 and 1."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2) / (1 + z * z / count)
    return max(middle - half, 0.0), min(middle + half, 1.0)
