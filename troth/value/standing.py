"""How many customers were new, back, active, sleeping or lost on each of several evenings.

All evenings come from one pass over the days of purchase: how many there were by each evening, and which was the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Any

from troth.value.engine import Table
from troth.value.facts import Facts
from troth.value.later import ibis, pl
from troth.value.rhythm import with_status
from troth.value.terms import STATUSES, Rhythm


def standing(facts: Facts, days: Table, evenings: Sequence[date], rhythm: Rhythm) -> dict[date, dict[str, int]]:
    """Customers by status for each evening, judged by the purchases and the rhythm known on it.

    `days` are stored `purchase_days`; an order given back whole by their end counts on no evening. Evenings before
    the first purchase are left out. Raises `FactsError`.
    """
    engine = facts.engine
    wanted = dict(enumerate(sorted(set(evenings))))
    with engine.stored(_by_customer(days, wanted)) as wide:
        long = ibis.union(*(_on(wide, number, evening) for number, evening in wanted.items()))
        table = long.left_join(_company_gaps(long), "evening").drop("evening_right")
        company_gap = table.company_gap.fill_null(float(rhythm.fallback_gap_days)).round(2)
        judged = with_status(table, rhythm, company_gap)
        counted = engine.frame(judged.group_by("evening", "status").agg(customers=judged.count()))
    return _by_evening(counted)


def _by_customer(days: Any, evenings: dict[int, date]) -> Any:
    """How many days of purchase there were by each evening, and the last of them.

    Each day is counted once, between the evenings it lies between, and the counts are added up by customer.
    """
    day = days.order_date
    sums: dict[str, Any] = {"first": day.min()}
    for number, evening in evenings.items():
        within = (day <= evening) & (day > evenings[number - 1]) if number else day <= evening
        sums |= {f"new_{number}": days.count(where=within), f"latest_{number}": day.max(where=within)}
    each = days.group_by("customer_id").agg(**sums)
    counts = list(accumulate(each[f"new_{number}"] for number in evenings))
    lasts = list(accumulate((each[f"latest_{number}"] for number in evenings), ibis.greatest))
    named = {f"count_{number}": counts[number] for number in evenings}
    named |= {f"last_{number}": lasts[number] for number in evenings}
    return each.select("first", **named)


def _on(wide: Any, number: int, evening: date) -> Any:
    """Who was known on an evening, in the columns that `with_status` reads."""
    last = wide[f"last_{number}"]
    known = wide.filter(last.notnull())
    return known.select(
        evening=ibis.literal(evening),
        purchases=known[f"count_{number}"].cast("int64"),
        span_days=known[f"last_{number}"].delta(known["first"], unit="day"),
        days_since_last_purchase=ibis.literal(evening).delta(known[f"last_{number}"], unit="day"),
    )


def _company_gaps(known: Any) -> Any:
    """The company's rhythm as known on each evening; see `troth.value.rhythm.company_gap_days`."""
    repeaters = known.filter(known.purchases > 1)
    gaps = repeaters.span_days.cast("float64") / (repeaters.purchases - 1).cast("float64")
    return repeaters.mutate(gap=gaps).group_by("evening").agg(company_gap=ibis._.gap.median())


def _by_evening(counted: pl.DataFrame) -> dict[date, dict[str, int]]:
    found: dict[date, dict[str, int]] = {}
    for evening, status, customers in counted.sort("evening").iter_rows():
        found.setdefault(evening, dict.fromkeys(STATUSES, 0))[status] = customers
    return found
