"""How customers move: from where they stood a month ago, and from the first purchase to the second."""

from __future__ import annotations

from typing import Any

from troth import value
from troth.value.later import ibis, pl

CURVE_DAYS = (0, 7, 14, 30, 60, 90, 120, 180, 270, 365, 545, 730)


def status_flow(scores: pl.DataFrame) -> pl.DataFrame:
    """How many went from which status a month ago to which now; `before` is empty for who was not yet here."""
    moved = scores.select(before=pl.col("status_before").fill_null(""), status="status")
    return moved.group_by("before", "status").agg(customers=pl.len()).sort("before", "status")


def ladder_flow(scores: pl.DataFrame) -> pl.DataFrame:
    """How many went from which rung a month ago to which now; `before` is empty for who had not bought yet."""
    moved = scores.select("rung", before=pl.col("rung_before").fill_null(""))
    return moved.group_by("before", "rung").agg(customers=pl.len()).sort("before", "rung")


def coming_back(facts: value.Facts, days: Any, as_of: Any) -> tuple[list[list[Any]], dict[str, Any]]:
    """The share of buyers who have come back so many days after the first purchase, with its interval (Kaplan-Meier).

    Returns rows of `days`, `came_back`, `low`, `high`, `at_risk` (watched that long), and `customers`, `median_days`
    (None: fewer than half have come back). No row where nobody was watched for a day. `days` are stored purchase days.
    """
    spells = _spells(facts, days, as_of)
    if spells.is_empty():
        return [], {"customers": 0, "median_days": None}
    curve = value.models.survival_curve(spells)
    watched = float(curve.frame["time"][-1])
    rows = []
    for day in CURVE_DAYS:
        if day > watched:
            break
        row = curve.frame.filter(pl.col("time") <= day).row(-1, named=True)
        at_risk = int(spells.filter(pl.col("duration") >= day)["customers"].sum())
        rows.append([day, 1 - row["survival"], 1 - row["high"], 1 - row["low"], at_risk])
    return rows, {"customers": int(spells["customers"].sum()), "median_days": curve.time_until(0.5)}


def _spells(facts: value.Facts, days: Any, as_of: Any) -> pl.DataFrame:
    """Days from the first purchase to the second, or to the last day where there is none yet; equal ones counted."""
    first = days.group_by("customer_id").agg(first=days.order_date.min())
    later = days.inner_join(first, "customer_id")
    later = later.filter(later.order_date > later.first)
    second = later.group_by("customer_id").agg(second=later.order_date.min())
    both = first.left_join(second, "customer_id")
    until = ibis.coalesce(both.second, ibis.literal(as_of, "date"))
    spells = both.select(duration=until.delta(both.first, unit="day"), ended=both.second.notnull())
    counted = spells.filter(spells.duration > 0).group_by("duration", "ended").agg(customers=ibis._.count())
    return facts.engine.frame(counted.order_by("duration", "ended"))
