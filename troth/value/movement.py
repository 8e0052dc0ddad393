"""How the number of active customers came to be what it is, between two days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from troth.value.days import stored_days
from troth.value.engine import Table
from troth.value.facts import Facts, as_facts
from troth.value.later import ibis, pl
from troth.value.rhythm import company_gap_days, with_status
from troth.value.scores import rung_of
from troth.value.terms import ACTIVE_STATUSES, Rhythm, checked_day, require

STEPS = ("start", "new", "won_back", "to_sleeping", "to_lost", "end")


def active_waterfall(facts: Any, *, start: date, end: date, rhythm: Rhythm | None = None) -> pl.DataFrame:
    """The way from the active customers on the evening of `start` to those on the evening of `end`.

    Six rows, `step` and `customers`: `start`; `new` (first purchase after `start`, active at the end);
    `won_back` (known but not active at the start, active at the end); `to_sleeping` and `to_lost` (active
    at the start, no longer at the end; negative); `end`. The first five add up to the last exactly. Who
    came and fell silent within the period is in no step. Each day is judged by what was known on it,
    `rhythm` included.

    Raises `TermsError` if `end` is not after `start`, `FactsError`.
    """
    facts = as_facts(facts)
    start, end = checked_day("start", start), checked_day("end", end)
    require(start < end, "end", end, f"must be after start, {start}")
    rhythm = rhythm or Rhythm()
    with status_on(facts, start, rhythm) as before, status_on(facts, end, rhythm) as on_end:
        after = on_end.rename(later_id="customer_id", later="status")
        moves = after.left_join(before, after.later_id == before.customer_id)
        counts = facts.engine.frame(moves.group_by("status", "later").agg(customers=moves.count()))
    return steps_of(counts)


@contextmanager
def status_on(facts: Facts, day: date, rhythm: Rhythm) -> Iterator[Table]:
    """Customer and status as known on the evening of a day.

    Gives an Ibis table of `customer_id` and `status`, stored until the block ends. Raises `FactsError`.
    """
    with stored_days(facts, day) as days, facts.engine.stored(_seen(days, day)) as stored:
        gap = company_gap_days(facts.engine, stored, rhythm)
        status = facts.engine.store(with_status(stored, rhythm, gap).select("customer_id", "status"))
    try:
        yield status
    finally:
        facts.engine.drop(status)


def rungs_on(facts: Any, day: date) -> pl.DataFrame:
    """Return who stood on which rung of the ladder on the evening of a day, as far as orders can tell.

    Columns `customer_id`, `rung`; who had not bought by then is in no row. Raises `TermsError`, `FactsError`.
    """
    facts, day = as_facts(facts), checked_day("day", day)
    with stored_days(facts, day) as days:
        counted = days.group_by("customer_id").agg(purchases=days.count())
        found: pl.DataFrame = facts.engine.frame(counted.select("customer_id", rung=rung_of(counted.purchases)))
    return found


def _seen(days: Table, day: date) -> Table:
    """The columns that `with_status` reads."""
    seen = days.group_by("customer_id").agg(
        purchases=days.count(), first=days.order_date.min(), last=days.order_date.max()
    )
    return seen.select(
        "customer_id",
        "purchases",
        span_days=seen["last"].delta(seen["first"], unit="day"),
        days_since_last_purchase=ibis.literal(day).delta(seen["last"], unit="day"),
    )


def steps_of(counts: pl.DataFrame) -> pl.DataFrame:
    """The six steps from the counts by status at the start (null: not known yet) and at the end.

    `counts` has `status`, `later` and `customers`. Columns: `step`, `customers` (who left counts below 0). Raises
    polars' `ColumnNotFoundError` for a missing column.
    """
    was_active = pl.col("status").is_in(ACTIVE_STATUSES).fill_null(False)
    is_active = pl.col("later").is_in(ACTIVE_STATUSES)
    cases = {
        "start": was_active,
        "new": pl.col("status").is_null() & is_active,
        "won_back": pl.col("status").is_not_null() & ~was_active & is_active,
        "to_sleeping": was_active & (pl.col("later") == "sleeping"),
        "to_lost": was_active & (pl.col("later") == "lost"),
        "end": is_active,
    }
    signs = {"to_sleeping": -1, "to_lost": -1}
    figures = [int(counts.filter(case)["customers"].sum()) * signs.get(step, 1) for step, case in cases.items()]
    return pl.DataFrame({"step": list(cases), "customers": figures}, schema={"step": pl.String, "customers": pl.Int64})
