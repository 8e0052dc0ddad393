"""How many customers were new, back, active, sleeping or lost on each of several evenings.

All evenings in one statement: asking the engine for one after the other costs more in writing SQL than in
running it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import polars as pl
import pyarrow as pa

from troth.value import Facts, Rhythm
from troth.value.base import kept_orders
from troth.value.rhythm import with_status
from troth.value.terms import STATUSES

MANY_ORDERS = 3_000_000
EVENINGS_AT_ONCE = 4


def standing(facts: Facts, evenings: Sequence[date], rhythm: Rhythm) -> dict[date, dict[str, int]]:
    """Return customers by status for each evening, judged by the purchases and the rhythm known on it.

    An order given back whole by the last evening counts on none. Evenings before the first order are left
    out.
    """
    first = facts.profile.first_date
    known = sorted({day for day in evenings if first is not None and first <= day})
    size = EVENINGS_AT_ONCE if facts.profile.rows > MANY_ORDERS else len(known)
    found: dict[date, dict[str, int]] = {}
    for start in range(0, len(known), max(size, 1)):
        for day, status, customers in _counted(facts, known[start : start + size], rhythm).iter_rows():
            found.setdefault(day, dict.fromkeys(STATUSES, 0))[status] = customers
    return found


def _counted(facts: Facts, evenings: Sequence[date], rhythm: Rhythm) -> pl.DataFrame:
    """Return `evening`, `status`, `customers`."""
    engine = facts.engine
    ends = engine.register(pa.table({"evening": pa.array(evenings, pa.date32())}))
    orders = kept_orders(facts, evenings[-1])
    days = orders.filter(orders.is_kept).select("customer_id", "order_date").distinct()
    seen = days.join(ends, days.order_date <= ends.evening)
    each = seen.group_by("evening", "customer_id").agg(
        purchases=seen.count(), first=seen.order_date.min(), last=seen.order_date.max()
    )
    spans = each.mutate(
        span_days=each["last"].delta(each["first"], unit="day"),
        days_since_last_purchase=each.evening.delta(each["last"], unit="day"),
    )
    with engine.stored(spans) as stored:
        table = stored.left_join(_company_gaps(stored), "evening").drop("evening_right")
        company_gap = table.company_gap.fill_null(float(rhythm.fallback_gap_days)).round(2)
        judged = with_status(table, rhythm, company_gap)
        return engine.frame(judged.group_by("evening", "status").agg(customers=judged.count()))


def _company_gaps(stored: Any) -> Any:
    """The company's rhythm as known on each evening; see `troth.value.rhythm.company_gap_days`."""
    repeaters = stored.filter(stored.purchases > 1)
    gaps = repeaters.span_days.cast("float64") / (repeaters.purchases - 1).cast("float64")
    return repeaters.mutate(gap=gaps).group_by("evening").agg(company_gap=ibis._.gap.median())
