"""What may hold a customer besides liking, as far as purchases, points, coupons and one's own words tell."""

from __future__ import annotations

from datetime import date, timedelta

from troth import value
from troth.value import holds
from troth.value.later import pl

from . import traces

LURES = ("coupons_used", "points_spent", "rewards_taken")
"""Traces of something that makes a purchase cheaper than it is."""

COLUMNS = ("incentive_share", "main_store_share", "main_store_purchases")


def signs(facts: value.Facts, scores: pl.DataFrame, *, as_of: date, window_days: int) -> pl.DataFrame:
    """Return `customer_id` and `COLUMNS` of every score over the measured window, null where nothing is known.

    Raises:
        FactsError: the facts cannot be computed with.
    """
    used = traces.days_with(LURES, after=as_of - timedelta(days=window_days), until=as_of)
    found = scores.select("customer_id")
    stores = holds.main_store(facts, as_of=as_of, window_days=window_days)
    lured = holds.incentives(facts, used, as_of=as_of, window_days=window_days)
    for one in (lured, stores):
        found = found.join(one, on="customer_id", how="left", maintain_order="left")
    return found.select("customer_id", *COLUMNS)
