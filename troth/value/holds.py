"""What may hold a customer, as far as purchases tell: one and the same store, and purchases with points or coupons."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from troth.value.days import kept_orders
from troth.value.facts import Facts, polars_of
from troth.value.later import pl
from troth.value.terms import checked_day, require

FEWEST_PURCHASES = 3
"""Of fewer purchases no share says anything."""

MAIN_STORE: dict[str, type] = {
    "customer_id": str, "main_store": str, "main_store_share": float, "main_store_purchases": int,
}  # fmt: skip
INCENTIVES: dict[str, type] = {"customer_id": str, "incentive_share": float}


def main_store(facts: Facts, *, as_of: date, window_days: int = 365) -> pl.DataFrame:
    """In which store each customer buys most, and which share of the purchases of the window they make there.

    Columns: `customer_id` as text, `main_store` (its code; of equal ones the first by code), `main_store_share` (0 to
    1), `main_store_purchases` (days with a purchase in any store, at least three). Purchases without a store do not
    count. No rows where everybody bought in one and the same store: then nobody chose it.

    Raises:
        FactsError: the facts cannot be computed with. TermsError: a window of no day.
    """
    orders = _within(facts, as_of, window_days)
    placed = orders.filter(orders.store.notnull(), orders.store != "")
    days = placed.select("customer_id", "store", "order_date").distinct()
    engine = facts.engine
    with engine.stored(days.group_by("customer_id", "store").agg(days=days.count())) as counted:
        if engine.row(counted.agg(stores=counted.store.nunique()))["stores"] < 2:
            return pl.DataFrame(schema=MAIN_STORE)
        each = counted.group_by("customer_id").agg(most=counted.days.max(), main_store_purchases=counted.days.sum())
        enough = each.filter(each.main_store_purchases >= FEWEST_PURCHASES)
        best = counted.join(enough, ["customer_id", counted.days == enough.most])
        found = best.group_by("customer_id", "most", "main_store_purchases").agg(main_store=best.store.min())
        shares = engine.frame(found.mutate(customer_id=found.customer_id.cast("string")))
    shares = shares.cast({"main_store_purchases": pl.Int64})  # engines sum whole numbers into decimals
    shares = shares.with_columns(main_store_share=pl.col("most") / pl.col("main_store_purchases"))
    return shares.select(pl.col(name).cast(kind) for name, kind in MAIN_STORE.items())


def incentives(facts: Facts, used: Any, *, as_of: date, window_days: int = 365) -> pl.DataFrame:
    """Which share of the purchases of the window each customer made on a day with points spent or a coupon used.

    Args:
        used: `customer_id` as text and `day`: when somebody used one; days without a purchase do not count.

    Columns: `customer_id`, `incentive_share` (0 to 1), of those who used any and bought on at least three days.

    Raises:
        FactsError: a column is missing, or the facts cannot be computed with. TermsError: a window of no day.
    """
    frame = polars_of(used, "used", ("customer_id", "day"))
    known = frame.select(pl.col("customer_id").cast(pl.String), pl.col("day").cast(pl.Date)).unique()
    orders = _within(facts, as_of, window_days)
    days = orders.select(customer_id=orders.customer_id.cast("string"), day=orders.order_date).distinct()
    people = facts.engine.register(known.select("customer_id").unique().to_arrow())
    bought = facts.engine.frame(days.semi_join(people, "customer_id"))
    lured = known.with_columns(is_lured=pl.lit(value=True))
    both = bought.join(lured, on=["customer_id", "day"], how="left")
    found = both.group_by("customer_id").agg(purchases=pl.len(), lured=pl.col("is_lured").sum()).sort("customer_id")
    enough = found.filter(pl.col("purchases") >= FEWEST_PURCHASES)
    shares = enough.with_columns(incentive_share=pl.col("lured") / pl.col("purchases"))
    return shares.select(pl.col(name).cast(kind) for name, kind in INCENTIVES.items())


def _within(facts: Facts, as_of: date, window_days: int) -> Any:
    require(window_days >= 1, "window_days", window_days, "must be 1 or more")
    day = checked_day("as_of", as_of)
    orders = kept_orders(facts, day)
    return orders.filter(orders.is_kept, orders.order_date > day - timedelta(days=window_days))
