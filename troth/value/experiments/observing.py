"""What those who were drawn did before and after: from the facts of orders to one row a person."""

from __future__ import annotations

from datetime import date
from typing import Any

from troth.value.engine import Table
from troth.value.facts import Facts, as_facts
from troth.value.later import ibis, pl
from troth.value.terms import Margin, checked_day, require

OUTCOMES = ("bought", "revenue", "profit")
BEFORE = ("purchases_before", "revenue_before", "mean_before", "silent_days", "known_days")
YEAR_DAYS = 365


def observed(facts: Any, drawn: pl.DataFrame, *, days: int, as_of: date, margin: Margin | None = None) -> pl.DataFrame:
    """Return one row for each person drawn whose days after the draw are over: what came, and what was known before.

    Args:
        facts: `Facts`, a lake, or a frame of orders.
        drawn: `customer_id`, `arm`, `drawn_date`. A merged customer counts under the record that remains, once, by
            the first draw; one who was drawn into two groups is left out.
        days: how many days after the day of the draw are looked at; that day itself is not.
        as_of: the last day that counts; whoever was drawn less than `days` before is left out.
        margin: for orders whose cost is not known; by default `Margin()`.

    Columns: `customer_id` (text), `arm`, `drawn_date`; `bought` (true or false), `revenue`, `profit` of the days after
    (orders less returns; money as floats); `purchases_before`, `revenue_before` (of the year up to the day of the
    draw), `mean_before` (revenue a purchase), `silent_days` (since the last purchase), `known_days` (since the
    first); the last three are null for who had not bought.

    Raises:
        TermsError: a column is missing, days below 1.
        FactsError: the facts cannot be computed with.
    """
    require(isinstance(days, int) and days >= 1, "days", days, "must be a whole number, 1 or more")
    checked_day("as_of", as_of)
    for column in ("customer_id", "arm", "drawn_date"):
        require(column in drawn.columns, "drawn", drawn.columns, f"must have a column {column}")
    held, terms = as_facts(facts), margin or Margin()
    people = held.engine.frame(_people(held, drawn, days, as_of))
    table = held.engine.register(people.to_arrow())
    found = people.with_columns(customer_id=pl.col("customer_id").cast(pl.String))
    for part in (_orders(held, table, days, terms), _returns(held, table, days, terms)):
        if part is not None:
            more = held.engine.frame(part).with_columns(customer_id=pl.col("customer_id").cast(pl.String))
            found = found.join(more, on="customer_id", how="left")
    return _told(found).sort("customer_id")


def _people(facts: Facts, drawn: pl.DataFrame, days: int, as_of: date) -> Table:
    """Each person once, of those in one group only whose time is over."""
    given = facts.engine.register(drawn.select("customer_id", "arm", "drawn_date").to_arrow())
    kind = facts.orders.customer_id.type()
    given = facts.under_canonical(given.mutate(customer_id=given.customer_id.cast(kind)))
    once = given.group_by("customer_id").agg(
        arm=given.arm.min(), last_arm=given.arm.max(), drawn_date=given.drawn_date.min()
    )
    over = once.drawn_date + ibis.interval(days=days) <= ibis.literal(as_of, "date")
    return once.filter(once.arm == once.last_arm, over).drop("last_arm")


def _after(day: Any, table: Table, days: int) -> Any:
    return (day > table.drawn_date) & (day <= table.drawn_date + ibis.interval(days=days))


def _earned(table: Table, margin: Margin) -> Any:
    known = table.costed_amount - table.cost_amount
    unknown = table.net_amount - table.costed_amount
    return known.cast("float64") + unknown.cast("float64") * float(margin.assumed)


def _orders(facts: Facts, people: Table, days: int, margin: Margin) -> Table:
    joined = facts.orders.inner_join(people, "customer_id")
    day, drawn = joined.order_date, joined.drawn_date
    after, before = _after(day, joined, days), day <= drawn
    in_year = before & (day > drawn - ibis.interval(days=YEAR_DAYS))
    net = joined.net_amount.cast("float64")
    return joined.group_by("customer_id").agg(
        bought=after.any(),
        sold=net.sum(where=after),
        earned=_earned(joined, margin).sum(where=after),
        purchases_before=day.nunique(where=before),
        revenue_before=net.sum(where=in_year),
        all_before=net.sum(where=before),
        silent_days=(drawn.max()).delta(day.max(where=before), unit="day"),
        known_days=(drawn.max()).delta(day.min(where=before), unit="day"),
    )


def _returns(facts: Facts, people: Table, days: int, margin: Margin) -> Table | None:
    if not facts.has("returns"):
        return None
    joined = facts.returns.inner_join(people, "customer_id")
    after, net = _after(joined.return_date, joined, days), joined.net_amount.cast("float64")
    in_year = (joined.return_date <= joined.drawn_date) & (
        joined.return_date > joined.drawn_date - ibis.interval(days=YEAR_DAYS)
    )
    return joined.group_by("customer_id").agg(
        returned=net.sum(where=after),
        unearned=_earned(joined, margin).sum(where=after),
        returned_before=net.sum(where=in_year),
    )


def _told(found: pl.DataFrame) -> pl.DataFrame:
    sums = ("returned", "unearned", "returned_before", "sold", "earned", "all_before")
    filled = found.with_columns(
        (pl.col(name) if name in found.columns else pl.lit(0.0)).cast(pl.Float64).fill_null(0.0).alias(name)
        for name in (*sums, "revenue_before")
    ).with_columns(
        bought=pl.col("bought").fill_null(False),
        purchases_before=pl.col("purchases_before").fill_null(0),
    )
    return filled.select(
        "customer_id",
        "arm",
        "drawn_date",
        "bought",
        "purchases_before",
        "silent_days",
        "known_days",
        revenue=pl.col("sold") - pl.col("returned"),
        profit=pl.col("earned") - pl.col("unearned"),
        revenue_before=pl.col("revenue_before") - pl.col("returned_before"),
        mean_before=pl.when(pl.col("purchases_before") > 0).then(pl.col("all_before") / pl.col("purchases_before")),
    )
