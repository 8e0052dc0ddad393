"""What handling complaints earns: who came back and what they spent, beside similar customers who had no complaint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import inf
from typing import Any

from troth.value.later import np, pl, special
from troth.value.terms import checked_day, require

OUTCOMES = ("well", "unsaid", "badly", "never")
"""Resolved to the customer's satisfaction; resolved, nobody knows how well; resolved badly; never resolved."""

RULE_WELL, RULE_UTMOST = 0.75, 0.95
"""The rule of thumb: so many complainers stay when a complaint is resolved well, and with the utmost effort. Not ours:
it stands beside a company's own figures, never in their place."""


@dataclass(frozen=True, slots=True)
class RecoveryTerms:
    """How to compare. Days; matches: customers without complaint beside each who complained; caliper: how unlike they
    may be, in standard deviations of recency, frequency and spend (their logarithms) together.
    """

    window_days: int = 180
    history_days: int = 365
    matches: int = 5
    caliper: float = 0.75
    confidence: float = 0.95
    resamples: int = 2000

    def __post_init__(self) -> None:
        require(1 <= self.window_days <= 1095, "window_days", self.window_days, "must be 1 to 1095")
        require(30 <= self.history_days <= 1825, "history_days", self.history_days, "must be 30 to 1825")
        require(1 <= self.matches <= 50, "matches", self.matches, "must be 1 to 50")
        require(0 < self.caliper < inf, "caliper", self.caliper, "must be above 0")
        require(0.5 <= self.confidence < 1, "confidence", self.confidence, "must be 0.5 or more, below 1")
        require(100 <= self.resamples <= 20_000, "resamples", self.resamples, "must be 100 to 20000")


@dataclass(frozen=True, slots=True)
class Recovery:
    """The result. frame: a row an outcome, and `all`; without_history: bought nothing before; too_recent: the window is
    not over; unmatched: nobody without complaint was like them.
    """

    frame: pl.DataFrame
    without_history: int
    too_recent: int
    unmatched: int


def recovery_return(
    orders: pl.DataFrame, complaints: pl.DataFrame, *, as_of: date, terms: RecoveryTerms | None = None
) -> Recovery:
    """Compare customers after a complaint with similar ones at the same day who had none.

    Each who complained is set beside the `matches` customers nearest in days since the last purchase, purchase days and
    spend of the `history_days` before; both are watched for `window_days` from the day after the complaint on. A
    customer counts once, by the last complaint whose window is over. This is a comparison of likes, no experiment: what
    is alike in its past may still differ in what made it complain.

    Args:
        orders: `customer_id`, `order_date`, `net_amount` of those who complained and of those to compare with.
        complaints: `customer_id`, `complaint_date`, `outcome` (one of `OUTCOMES`).
        as_of: the last day that counts.

    Returns in `frame`: `outcome`, `people`, `came_back` with `came_back_low` and `_high` (Wilson), `control_came_back`,
    `came_back_more` with interval, `spent`, `control_spent`, `spent_more` with interval (means per person; intervals of
    differences by resampling those who complained with their controls, seeded). Outcomes without people are left out.

    Raises:
        TermsError: an outcome that is none, or a column missing.
    """
    chosen = terms or RecoveryTerms()
    day = checked_day("as_of", as_of)
    for name, frame, columns in (
        ("orders", orders, ("customer_id", "order_date", "net_amount")),
        ("complaints", complaints, ("customer_id", "complaint_date", "outcome")),
    ):
        require(set(columns) <= set(frame.columns), name, frame.columns, f"must have the columns {', '.join(columns)}")
    unknown = set(complaints["outcome"].to_list()) - set(OUTCOMES)
    require(not unknown, "outcome", sorted(unknown), f"must be one of {', '.join(OUTCOMES)}")
    bought = _days(orders)
    over = complaints.filter(pl.col("complaint_date") <= day - timedelta(days=chosen.window_days))
    counted = over.sort("complaint_date", "customer_id").unique("customer_id", keep="last", maintain_order=True)
    everyone = set(complaints["customer_id"].to_list())
    found, without_history, unmatched = _compared(bought, counted, everyone, chosen)
    too_recent = len(everyone) - len(counted)
    return Recovery(_summed(found, chosen), without_history, too_recent, unmatched)


def rate_change(
    *, before: int, before_exposure: float, after: int, after_exposure: float, confidence: float = 0.95
) -> tuple[float | None, float, float]:
    """Return by what factor a rate of events changed, with its exact interval.

    The ratio of two Poisson rates: given both counts, those after are binomial, and Clopper–Pearson bounds its share
    (Przyborowski and Wilenski, 1940). None where nothing happened before; an upper bound may be infinite.

    Raises:
        TermsError: a negative count, no exposure.
    """
    require(before >= 0 and after >= 0, "events", (before, after), "must be 0 or more")
    require(
        before_exposure > 0 and after_exposure > 0, "exposure", (before_exposure, after_exposure), "must be above 0"
    )
    tail = (1 - confidence) / 2
    total = before + after
    low = float(special.betaincinv(after, before + 1, tail)) if after else 0.0
    high = float(special.betaincinv(after + 1, before, 1 - tail)) if before else 1.0
    if not total:
        return None, 0.0, inf
    per = before_exposure / after_exposure
    ratio = after / before * per if before else None
    return ratio, low / (1 - low) * per, high / (1 - high) * per if high < 1 else inf


def _days(orders: pl.DataFrame) -> pl.DataFrame:
    """Return one row a customer and day, with the day as a number."""
    return (
        orders.select(
            "customer_id",
            pl.col("order_date").cast(pl.Date).to_physical().alias("day"),
            pl.col("net_amount").cast(pl.Float64).alias("amount"),
        )
        .group_by("customer_id", "day")
        .agg(pl.col("amount").sum())
        .sort("customer_id", "day")
    )


def _compared(
    bought: pl.DataFrame, counted: pl.DataFrame, everyone: set[Any], terms: RecoveryTerms
) -> tuple[pl.DataFrame, int, int]:
    rows: list[dict[str, Any]] = []
    without_history = unmatched = 0
    for (day,), complained in counted.group_by("complaint_date", maintain_order=True):
        people = _standing(bought, day, terms)
        controls = people.filter(~pl.col("customer_id").is_in(list(everyone)))
        treated = complained.join(people, on="customer_id", how="inner").sort("customer_id")
        without_history += len(complained) - len(treated)
        for row, near in _nearest(treated, controls, terms):
            if near is None:
                unmatched += 1
                continue
            rows.append(
                {
                    "outcome": row["outcome"],
                    "back": float(row["back"]),
                    "spent": row["spent"],
                    "control_back": float(near["back"].cast(pl.Float64).to_numpy().mean()),
                    "control_spent": float(near["spent"].to_numpy().mean()),
                }
            )
    schema = {"outcome": pl.String} | dict.fromkeys(("back", "spent", "control_back", "control_spent"), pl.Float64)
    return pl.DataFrame(rows, schema=schema), without_history, unmatched


def _standing(bought: pl.DataFrame, day: date, terms: RecoveryTerms) -> pl.DataFrame:
    """Return everybody who had bought before a day: how they stood, and what they did in the window after it."""
    number = (day - date(1970, 1, 1)).days
    since, until = number - terms.history_days, number + terms.window_days
    known = bought.filter((pl.col("day") >= since) & (pl.col("day") <= until))
    before, after = pl.col("day") < number, pl.col("day") > number
    table = known.group_by("customer_id").agg(
        recency=number - pl.col("day").filter(before).max(),
        frequency=before.sum(),
        spend=pl.col("amount").filter(before).sum(),
        back=after.any(),
        spent=pl.col("amount").filter(after).sum(),
    )
    return table.filter(pl.col("frequency") > 0).sort("customer_id")


def _nearest(treated: pl.DataFrame, controls: pl.DataFrame, terms: RecoveryTerms) -> Any:
    """Yield each of the treated with the nearest controls, None where nobody is near enough; ties by customer."""
    columns = ("recency", "frequency", "spend")
    if controls.is_empty():
        yield from ((row, None) for row in treated.iter_rows(named=True))
        return
    logs = np.column_stack([np.log1p(controls[name].cast(pl.Float64).clip(0).to_numpy()) for name in columns])
    spread = np.where(logs.std(axis=0) > 0, logs.std(axis=0), 1.0)
    for row in treated.iter_rows(named=True):
        own = np.log1p([max(float(row[name]), 0.0) for name in columns])
        distance = np.sqrt((((logs - own) / spread) ** 2).sum(axis=1))
        order = np.argsort(distance, kind="stable")[: terms.matches]
        near = order[distance[order] <= terms.caliper]
        yield row, controls[near.tolist()] if len(near) else None


def _summed(found: pl.DataFrame, terms: RecoveryTerms) -> pl.DataFrame:
    groups = [(name, found.filter(pl.col("outcome") == name)) for name in OUTCOMES]
    rows = [_row(name, group, terms) for name, group in [*groups, ("all", found)] if len(group)]
    return pl.DataFrame(rows, schema=_SCHEMA)


_SCHEMA: dict[str, type] = {"outcome": str, "people": int} | dict.fromkeys(
    (
        *("came_back", "came_back_low", "came_back_high", "control_came_back"),
        *("came_back_more", "came_back_more_low", "came_back_more_high"),
        *("spent", "control_spent", "spent_more", "spent_more_low", "spent_more_high"),
    ),
    float,
)


def _row(name: str, group: pl.DataFrame, terms: RecoveryTerms) -> dict[str, Any]:
    back, spent = group["back"].to_numpy(), group["spent"].to_numpy()
    back_more = back - group["control_back"].to_numpy()
    spent_more = spent - group["control_spent"].to_numpy()
    low, high = _wilson(float(back.mean()), len(group), terms.confidence)
    back_low, back_high = _resampled(back_more, terms)
    spent_low, spent_high = _resampled(spent_more, terms)
    return {
        "outcome": name,
        "people": len(group),
        "came_back": float(back.mean()),
        "came_back_low": low,
        "came_back_high": high,
        "control_came_back": float(group["control_back"].to_numpy().mean()),
        "came_back_more": float(back_more.mean()),
        "came_back_more_low": back_low,
        "came_back_more_high": back_high,
        "spent": float(spent.mean()),
        "control_spent": float(group["control_spent"].to_numpy().mean()),
        "spent_more": float(spent_more.mean()),
        "spent_more_low": spent_low,
        "spent_more_high": spent_high,
    }


def _resampled(differences: Any, terms: RecoveryTerms) -> tuple[float, float]:
    """Return the percentile interval of a mean by resampling people; always the same for the same people."""
    rng = np.random.default_rng(20_180_701)
    count = len(differences)
    means = np.array([differences[rng.integers(0, count, count)].mean() for _ in range(terms.resamples)])
    tail = (1 - terms.confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def _wilson(share: float, count: int, confidence: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share."""
    z = float(special.ndtri((1 + confidence) / 2))
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return max(middle - half, 0.0), min(middle + half, 1.0)
