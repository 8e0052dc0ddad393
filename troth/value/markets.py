"""How customers buy in each market: by the store where they bought, or by the department of what they bought."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from troth.value.days import kept_orders
from troth.value.engine import Table
from troth.value.facts import Facts, polars_of
from troth.value.later import ibis, pl
from troth.value.rhythm import company_gap_days, with_status
from troth.value.terms import ACTIVE_STATUSES, Rhythm, checked_day

STEP = " › "
"""Parts a category from those below it: the first part is the department."""

SCHEMA: dict[str, type] = {
    "customer_id": str,
    "market": str,
    "purchases": int,
    "days_since_last_purchase": int,
    "stayed": bool,
}


def by_department(facts: Facts, customers: Any, *, as_of: date, rhythm: Rhythm | None = None) -> pl.DataFrame:
    """How these customers buy in each department, which is the first part of a line's category.

    Args:
        customers: a frame with `customer_id`, as text; of others nothing is told.
        as_of: what happened later does not count.

    Columns: `customer_id`, `market`, `purchases` (days with a purchase of it), `days_since_last_purchase`, `stayed`:
    the silence in this market is not longer than the customer's usual gap in it allows, by the same rule as the life
    cycle (`Rhythm`). Ordered by customer and market.

    Without lines there are no departments, and no rows.

    Raises:
        FactsError: the facts cannot be computed with.
    """
    day = checked_day("as_of", as_of)
    if not facts.has("lines"):
        return pl.DataFrame(schema=SCHEMA)
    people, lines = _people(facts, customers), facts.lines
    lines = lines.filter(lines.order_date <= day, lines.category.notnull(), lines.category != "")
    if facts.has_links():
        orders = kept_orders(facts, day)
        lines = lines.anti_join(orders.filter(~orders.is_kept), "order_id")
    named = lines.mutate(customer_id=lines.customer_id.cast("string"), market=_department(lines.category))
    bought = named.semi_join(people, "customer_id").select("customer_id", "market", "order_date").distinct()
    return _staying(facts, bought, day, rhythm or Rhythm())


def by_store(
    facts: Facts, customers: Any, *, markets: Mapping[str, str], as_of: date, rhythm: Rhythm | None = None
) -> pl.DataFrame:
    """How these customers buy in each market that stores belong to; the columns of `by_department`.

    Args:
        markets: the market of each store, by its code; purchases elsewhere do not count.

    Raises:
        FactsError: the facts cannot be computed with.
    """
    day, people = checked_day("as_of", as_of), _people(facts, customers)
    named = pl.DataFrame(
        {"store": list(markets), "market": list(markets.values())}, schema={"store": pl.String, "market": pl.String}
    )
    orders = kept_orders(facts, day)
    orders = orders.filter(orders.is_kept).mutate(customer_id=orders.customer_id.cast("string"))
    placed = orders.inner_join(facts.engine.register(named.to_arrow()), "store")
    bought = placed.semi_join(people, "customer_id").select("customer_id", "market", "order_date").distinct()
    return _staying(facts, bought, day, rhythm or Rhythm())


def _people(facts: Facts, customers: Any) -> Table:
    frame = polars_of(customers, "customers", ("customer_id",)).select(pl.col("customer_id").cast(pl.String)).unique()
    return facts.engine.register(frame.to_arrow())


def _department(category: Any) -> Any:
    place = category.find(STEP)
    return ibis.ifelse(place > 0, category.substr(0, place), category)


def _staying(facts: Facts, bought: Table, day: date, rhythm: Rhythm) -> pl.DataFrame:
    figures = bought.group_by("customer_id", "market").agg(
        purchases=bought.count(), first=bought.order_date.min(), last=bought.order_date.max()
    )
    figures = figures.mutate(
        span_days=figures["last"].delta(figures["first"], unit="day"),
        days_since_last_purchase=ibis.literal(day, "date").delta(figures["last"], unit="day"),
    )
    with facts.engine.stored(figures) as known:
        gap = company_gap_days(facts.engine, known, rhythm)
        found = facts.engine.frame(with_status(known, rhythm, gap))
    stays = pl.col("status").is_in(list(ACTIVE_STATUSES))
    told = found.with_columns(stayed=stays).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    return told.sort("customer_id", "market")
