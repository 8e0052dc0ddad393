"""Who bought again: the customers of one span, what they brought, and whether they came back in the next."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from troth import value
from troth.value.base import window_profits
from troth.value.later import pl

YEAR_DAYS = 365
FEWEST_DAYS = 60  # spans shorter than this say more about the season than about staying
MORE = 0.05
ANNUAL_DISCOUNT = 0.10
COLUMNS = [
    "customers", "profit", "retention", "retention_low", "retention_high", "gain", "gain_low", "gain_high", "rise",
    "rise_low", "rise_high",
]  # fmt: skip


def retention(
    facts: value.Facts, days: Any, *, as_of: date, margin: value.Margin
) -> tuple[list[list[Any]], dict[str, Any]]:
    """How many of a year's customers bought again in the next, and what five points more would earn.

    Returns one row of `COLUMNS`, and the spans it rests on. Where orders do not yet go back two years, the past is cut
    in halves; then profit and retention are carried to a year (`is_compounded`) and there are no gains: an interval of
    theirs would be a guess. No row where nobody bought, or where a half has fewer than 60 days. `days` are stored
    purchase days.
    """
    span = span_days(facts.profile.first_date, as_of)
    if span is None:
        return [], {"days_needed": 2 * FEWEST_DAYS}
    middle = as_of - timedelta(days=span)
    start = middle - timedelta(days=span - 1)
    told = {"start": start, "middle": middle, "end": as_of, "span_days": span, "is_compounded": span < YEAR_DAYS}
    rows = customers_of(facts, days, (start, middle, as_of), margin)
    return [_row(rows, span)] if rows.height else [], told | {"more": MORE, "annual_discount": ANNUAL_DISCOUNT}


def span_days(first: date | None, as_of: date) -> int | None:
    """Return the length of each of the two spans: a year, half of a shorter past, None where that is too short."""
    known = (as_of - first).days + 1 if first else 0
    span = min(known // 2, YEAR_DAYS)
    return span if span >= FEWEST_DAYS else None


def customers_of(facts: value.Facts, days: Any, span: tuple[date, date, date], margin: value.Margin) -> pl.DataFrame:
    """Return one row for each who bought in the span: `profit` of it, and whether he `stayed` to buy after it.

    span: its first and last day, and the last day of the span after. Erased people count as in the company's totals.
    """
    start, middle, end = span
    bought = days.order_date.between(start, middle)
    again = (days.order_date > middle) & (days.order_date <= end)
    each = days.group_by("customer_id").agg(before=bought.sum(), after=again.sum())
    each = each.filter(each.before > 0)
    joined = each.inner_join(window_profits(facts, (start, middle), margin), "customer_id")
    profit = joined.window_profit.cast("float64")
    return facts.engine.frame(joined.select(profit=profit, stayed=joined.after > 0))


def _row(rows: pl.DataFrame, span: int) -> list[Any]:
    found = value.retention_gains(rows, more=MORE, annual_discount=ANNUAL_DISCOUNT).row(0, named=True)
    if span < YEAR_DAYS:
        found |= dict.fromkeys(COLUMNS[5:])
        found["profit"] *= YEAR_DAYS / span
        for name in ("retention", "retention_low", "retention_high"):
            found[name] **= YEAR_DAYS / span
    return [found[name] for name in COLUMNS]
