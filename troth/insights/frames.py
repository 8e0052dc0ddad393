"""The small tables that screens show: made from the scores and the facts of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from troth import value
from troth.value.later import pl
from troth.value.terms import ACTIVE_STATUSES, STATUSES

from . import flows, keeping
from .periods import periods, span_of

MONTH_DAYS = 30
YEAR_DAYS = 365
TREND_MONTHS = 13
TOP_COUNT = 100
SCATTER_POINTS = 1500
BEST_SHARES = (0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """A named table: column names, rows of plain values (money as text), and figures that stand beside it."""

    name: str
    columns: list[str]
    rows: list[list[Any]]
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """What frames are made from: facts, stored days of purchase, scores of who is still there, day and terms."""

    facts: value.Facts
    days: Any
    scores: pl.DataFrame
    notes: value.Notes
    as_of: date
    terms: value.Terms


def frames(measured: Measured, report: Callable[[str], None]) -> Iterator[Frame]:
    """Yield every frame; `report` hears the name of each before it is made."""
    for name, make in MAKERS.items():
        report(name)
        yield make(name, measured)


def frame_of(name: str, table: pl.DataFrame, **facts: Any) -> Frame:
    """Return a frame with plain values."""
    rows = [[plain(found) for found in row] for row in table.rows()]
    return Frame(name, table.columns, rows, {key: plain(found) for key, found in facts.items()})


def plain(found: Any) -> Any:
    """Return a value as JSON has it: money as text, days in ISO form, ratios to six places."""
    if isinstance(found, Decimal):
        return format(found, "f")
    if isinstance(found, date):
        return found.isoformat()
    return round(found, 6) if isinstance(found, float) else found


def _kpis(name: str, m: Measured) -> Frame:
    """Spans of a month and of a year, each with the one before it; and who stands where now and a month
    ago.
    """
    spans = {
        "month": span_of(m.as_of, MONTH_DAYS),
        "month_before": span_of(m.as_of - timedelta(days=MONTH_DAYS), MONTH_DAYS),
        "year": span_of(m.as_of, YEAR_DAYS),
        "year_before": span_of(m.as_of - timedelta(days=YEAR_DAYS), YEAR_DAYS),
    }
    rows = [
        [span, *(plain(figure) for figure in asdict(found).values()), plain(found.repeat_rate)]
        for span, found in periods(m.facts, m.days, spans, m.terms.margin).items()
    ]
    columns = ["span", "start", "end", "customers", "new_customers", "repeat_customers", "orders", "revenue"]
    first = m.facts.profile.first_date
    return Frame(
        name,
        [*columns, "profit", "repeat_rate"],
        rows,
        {"first_order_date": plain(first), "last_order_date": plain(m.facts.profile.last_date)},
    )


def _standing(name: str, m: Measured) -> Frame:
    """Customers by status on the evening of the day and at the ends of the months before, newest first."""
    evenings = [m.as_of, *_month_ends(m.as_of, TREND_MONTHS - 1)]
    found = value.standing(m.facts, m.days, evenings, m.terms.rhythm)
    rows = [
        [day.isoformat(), sum(counts[status] for status in ACTIVE_STATUSES), *counts.values()]
        for day in evenings
        if (counts := found.get(day))
    ]
    return Frame(name, ["day", "active_now", *STATUSES], rows)


def _month_ends(as_of: date, count: int) -> list[date]:
    ends, day = [], as_of.replace(day=1)
    for _month in range(count):
        ends.append(day - timedelta(days=1))
        day = (day - timedelta(days=1)).replace(day=1)
    return ends


def _trend(name: str, m: Measured) -> Frame:
    table = value.trend(m.facts, as_of=m.as_of, margin=m.terms.margin, is_complete_only=False)
    return frame_of(name, table)


def _pyramid(name: str, m: Measured) -> Frame:
    inactive = m.scores.filter(pl.col("band") == "inactive").height
    return frame_of(name, value.pyramid(m.scores), inactive=inactive)


def _pareto(name: str, m: Measured) -> Frame:
    found = value.pareto(m.scores)
    return frame_of(
        name,
        found.curve,
        customers=found.customers,
        top_share=found.top_share,
        customers_for_80=found.customers_for_80,
        gini=found.gini,
        below_zero=found.below_zero,
        steps=best_steps(m.scores["revenue"]),
    )


def best_steps(amounts: pl.Series) -> list[list[Any]]:
    """Return, for some shares of the customers, best first: the share, the amount that the last of them has, and how
    many have as much. None where nobody is.
    """
    ranked = amounts.drop_nulls().sort(descending=True)
    found = []
    for share in BEST_SHARES if ranked.len() else ():
        least = ranked[max(round(share * ranked.len()), 1) - 1]
        found.append([share, plain(least), int((ranked >= least).sum())])
    return found


def _cohorts(name: str, m: Measured) -> Frame:
    return frame_of(name, value.cohorts(m.facts, as_of=m.as_of, margin=m.terms.margin))


def _waterfall(name: str, m: Measured) -> Frame:
    """From those active a month ago to those active now, by the statuses that the scores hold."""
    moved = m.scores.group_by("status_before", "status").agg(customers=pl.len())
    steps = value.steps_of(moved.rename({"status": "later", "status_before": "status"}))
    return frame_of(name, steps, start=m.as_of - timedelta(days=MONTH_DAYS), end=m.as_of)


def _status(name: str, m: Measured) -> Frame:
    """Customers by status, and how many of today's customers had it a month ago."""
    before = dict(m.scores.group_by("status_before").len().iter_rows())
    table = value.by_status(m.scores)
    counts = [int(before.get(status, 0)) for status in table["status"]]
    return frame_of(name, table.with_columns(customers_before=pl.Series(counts, dtype=pl.Int64)))


def _ladder(name: str, m: Measured) -> Frame:
    return frame_of(name, value.by_rung(m.scores))


def _retention(name: str, m: Measured) -> Frame:
    rows, told = keeping.retention(m.facts, m.days, as_of=m.as_of, margin=m.terms.margin)
    return Frame(
        name,
        keeping.COLUMNS,
        [[plain(found) for found in row] for row in rows],
        {key: plain(found) for key, found in told.items()},
    )


def _top(measure: str) -> Callable[[str, Measured], Frame]:
    shown = ["place", "customer_id", measure, "share", "purchases", "last_purchase_date", "band", "status"]

    def make(name: str, m: Measured) -> Frame:
        if m.scores.is_empty():
            return Frame(name, shown, [])
        return frame_of(name, value.top_customers(m.scores, measure=measure, count=TOP_COUNT).select(shown))

    return make


def _scatter(name: str, m: Measured) -> Frame:
    table = value.scatter(m.scores, measure="window_revenue", points=SCATTER_POINTS)
    median = m.scores["days_since_last_purchase"].median()
    typical = m.scores["window_revenue"].cast(pl.Float64).median()
    return frame_of(name, table, median_days=median, median_revenue=typical, customers=m.scores.height)


def _rfm_grid(name: str, m: Measured) -> Frame:
    grouped = m.scores.group_by("r_score", "f_score").agg(
        customers=pl.len(), revenue=pl.col("revenue").sum(), m_score=pl.col("m_score").mean()
    )
    return frame_of(name, grouped.sort("r_score", "f_score"))


def _rfm_segments(name: str, m: Measured) -> Frame:
    grouped = m.scores.group_by("rfm_segment").agg(
        customers=pl.len(),
        revenue=pl.col("revenue").sum(),
        window_revenue=pl.col("window_revenue").sum(),
        median_days=pl.col("days_since_last_purchase").median(),
        mean_purchases=pl.col("purchases").mean(),
    )
    return frame_of(name, grouped.sort("window_revenue", "rfm_segment", descending=[True, False]))


def _status_flow(name: str, m: Measured) -> Frame:
    return frame_of(name, flows.status_flow(m.scores))


def _ladder_flow(name: str, m: Measured) -> Frame:
    return frame_of(name, flows.ladder_flow(m.scores))


def _coming_back(name: str, m: Measured) -> Frame:
    rows, facts = flows.coming_back(m.facts, m.days, m.as_of)
    columns = ["days", "came_back", "low", "high", "at_risk"]
    return Frame(name, columns, [[plain(found) for found in row] for row in rows], facts)


MAKERS: dict[str, Callable[[str, Measured], Frame]] = {
    "kpis": _kpis,
    "standing": _standing,
    "trend": _trend,
    "pyramid": _pyramid,
    "pareto": _pareto,
    "cohorts": _cohorts,
    "waterfall": _waterfall,
    "status": _status,
    "status_flow": _status_flow,
    "ladder_flow": _ladder_flow,
    "coming_back": _coming_back,
    "ladder": _ladder,
    "retention": _retention,
    "top_revenue": _top("revenue"),
    "top_profit": _top("profit"),
    "scatter": _scatter,
    "rfm_grid": _rfm_grid,
    "rfm_segments": _rfm_segments,
}
