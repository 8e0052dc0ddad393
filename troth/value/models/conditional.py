"""What a fitted model foretells of customers it has seen, beside what they did: by how often they had come back."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from troth.value.days import stored_days
from troth.value.errors import FactsError, Problem
from troth.value.facts import as_facts
from troth.value.models.base import DEFAULT_LEVEL, NotFitted, interval
from troth.value.models.buying import BuyingModel
from troth.value.models.special import Array
from troth.value.summary import observed_until
from troth.value.terms import checked_day, require, unit_days


def conditional_expectation(
    facts: Any,
    model: BuyingModel,
    *,
    calibration_end: date,
    as_of: date | None = None,
    most: int = 7,
    level: float = DEFAULT_LEVEL,
) -> pl.DataFrame:
    """Purchases a customer in the weeks held out, expected and as they came, by repeats up to `calibration_end`.

    The plot of Fader and Hardie: a model that is right foretells those who came back often as well as those who never
    did. It means something only where the model was fitted to the time up to `calibration_end` and to no day after.

    Args:
        facts: orders, as for `value.scores`. model: fitted, with its unit of time.
        calibration_end: the last day the model knows; who first bought later is left out.
        as_of: the last day held out. most: who came back so often or more is one row.
        level: of the interval of the expectation.

    Columns: `repeats` (0 to `most`), `customers`, `expected`, `expected_low`, `expected_high` (the mean of a customer
    in the days held out, and how surely the model knows it), `came` (the mean as it was). Rows that nobody stands in
    are left out.

    Raises:
        FactsError: facts that cannot be computed with, nobody who had bought by `calibration_end`.
        TermsError: no day between both ends, a setting outside its limits.
        NotFitted: the model has no parameters, or no unit of time.

    Source: Fader, Hardie, Lee (2005), "Counting your customers" the easy way, figure 3.
    """
    if model.unit is None:
        raise NotFitted(f"{type(model).__name__} was not told its unit of time: fit(data, unit='days')")
    require(most >= 1, "most", most, "must be 1 or more")
    facts = as_facts(facts)
    end, day = checked_day("calibration_end", calibration_end), observed_until(facts, as_of)
    require(end < day, "calibration_end", end, f"must lie before {day}, the last day held out")
    rows = _rows(facts, end, day)
    if not rows.height:
        what, way_out = f"none up to {end}", "choose a later calibration_end"
        raise FactsError(Problem("no_rows", "orders", "order_date", 0, what, way_out))
    length = unit_days(str(model.unit))
    columns = model.read(
        rows.select(
            frequency=pl.col("count") - 1,
            recency=(pl.col("last") - pl.col("first")).dt.total_days() / length,
            T=(pl.lit(end) - pl.col("first")).dt.total_days() / length,
        )
    )
    bins, bin_of = np.unique(np.minimum(columns["frequency"], most).astype(np.int64), return_inverse=True)
    customers, after = (rows[name].cast(pl.Float64).to_numpy() for name in ("customers", "after"))
    size = np.bincount(bin_of, customers)
    ahead = np.array([(day - end).days / length])

    def mean_of_bins(point: Array) -> Array:
        return np.asarray(np.bincount(bin_of, customers * model._purchases(point, columns, ahead)) / size)

    expected, low, high = interval(mean_of_bins, model.point, model.covariance, level=level, scale="log")
    came = np.bincount(bin_of, after) / size
    return pl.DataFrame(
        {
            "repeats": bins,
            "customers": size.astype(np.int64),
            "expected": expected,
            "expected_low": low,
            "expected_high": high,
            "came": came,
        }
    )


def _rows(facts: Any, end: date, day: date) -> pl.DataFrame:
    """The distinct histories up to the end, how many customers share each, and their purchases after it."""
    with stored_days(facts, day) as days:
        bought = days.order_date
        wide = days.group_by("customer_id").agg(
            first=bought.min(),
            last=bought.max(where=bought <= end),
            count=(bought <= end).sum(),
            after=(bought > end).sum(),
        )
        known = wide.filter(wide["count"] > 0).group_by("first", "last", "count")
        counted = known.agg(customers=lambda rows: rows.count(), after=lambda rows: rows.after.sum())
        frame: pl.DataFrame = facts.engine.frame(counted.order_by("first", "last", "count"))
    return frame
