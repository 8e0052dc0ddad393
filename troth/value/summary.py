"""One row per customer: how often, how recently, for how long, how much.

The names are the field's: *frequency* counts repeats, *recency* is the age at the last purchase, *T* the
age at the end of the observation, *monetary_value* the mean of the repeat purchases. The days since the
last purchase stand beside them under their own name. A day is the unit of buying: all orders of one day are
one purchase.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from troth.value.base import ratio, stored_base
from troth.value.engine import Table
from troth.value.facts import Facts, as_facts
from troth.value.later import ibis, pl
from troth.value.terms import Margin, Unit, checked_day, unit_days


def summary(
    facts: Any, *, as_of: date | None = None, unit: Unit = "days", margin: Margin | None = None
) -> pl.DataFrame:
    """One row per customer who bought, ordered by `customer_id`.

    Facts count up to and including the day `as_of` (default: the last day with an order), the last day
    observed (`observation_period_end` elsewhere). All orders of one day are one purchase. A return that
    names its order takes its money from that order; an order given back whole is no purchase. Other returns
    lower revenue and profit only. Zero amounts are purchases.

    Columns: `customer_id`; `frequency` (purchases − 1), `recency` (first to last purchase) and `T` (first
    purchase to `as_of`) in `unit`; `monetary_value` (mean amount of the purchases after the first, 0
    without any); `purchases` (days), `orders`, `days_since_last_purchase`, `first_purchase_date`,
    `last_purchase_date`; `revenue` (orders less returns), `profit`, `profit_assumed_share` (0 to 1: the
    share of the order amounts whose cost is not known), `service_cost`, `returns`, `returned`,
    `discount_share` (0 to 1 of full prices; 0 where more was paid), `categories` (0 where there are no
    lines). Money is Decimal in the facts' currency, `monetary_value` a float.

    Raises `FactsError`, `TermsError`. Source: Fader, Hardie, Lee (2005), "Counting your customers" the easy
    way.
    """
    facts = as_facts(facts)
    day = observed_until(facts, as_of)
    with stored_base(facts, day, margin or Margin()) as stored:
        rows = portable(summarised(stored, day, unit), SUMMARY)
        frame: pl.DataFrame = facts.engine.frame(rows.order_by("customer_id"))
    return frame


SUMMARY = (
    "customer_id",
    "frequency",
    "recency",
    "T",
    "monetary_value",
    "purchases",
    "orders",
    "days_since_last_purchase",
    "first_purchase_date",
    "last_purchase_date",
    "revenue",
    "profit",
    "profit_assumed_share",
    "service_cost",
    "returns",
    "returned",
    "discount_share",
    "categories",
)


def observed_until(facts: Facts, as_of: date | None) -> date:
    return facts.as_of(as_of if as_of is None else checked_day("as_of", as_of))


def summarised(stored: Table, as_of: date, unit: Unit) -> Table:
    """The figures of those who bought, from the stored base."""
    bought = stored.filter(stored.purchases.notnull())
    history = history_of(bought, as_of, unit)
    age_days, span_days, frequency = history["age_days"], history["span_days"], history["frequency"]
    repeat_amount = bought.kept_amount - bought.first_amount
    discount = bought.full_amount - bought.ordered_amount
    return bought.mutate(
        frequency=frequency,
        recency=history["recency"],
        T=history["T"],
        span_days=span_days,
        monetary_value=ratio(repeat_amount, frequency),
        days_since_last_purchase=age_days - span_days,
        discount_share=ratio(ibis.greatest(discount, 0), bought.full_amount),
        profit_assumed_share=ratio(bought.ordered_amount - bought.costed_amount, bought.ordered_amount),
    )


def history_of(bought: Table, as_of: date, unit: Unit) -> dict[str, Any]:
    """Frequency, recency and T, and the two ages in days, from the first and last day and their number."""
    days = unit_days(unit)
    age_days = ibis.literal(as_of).delta(bought.first_purchase_date, unit="day")
    span_days = bought.last_purchase_date.delta(bought.first_purchase_date, unit="day")
    return {
        "frequency": bought.purchases - 1,
        "recency": span_days.cast("float64") / days,
        "T": age_days.cast("float64") / days,
        "age_days": age_days,
        "span_days": span_days,
    }


def ages(days: Table, as_of: date, unit: Unit) -> Table:
    """`customer_id`, frequency, recency and T, from nothing but the days of purchase."""
    day = days.order_date
    bought = days.group_by("customer_id").agg(
        purchases=days.count(), first_purchase_date=day.min(), last_purchase_date=day.max()
    )
    history = history_of(bought, as_of, unit)
    return bought.select("customer_id", **{name: history[name] for name in ("frequency", "recency", "T")})


def portable(table: Table, columns: tuple[str, ...]) -> Table:
    """The columns that go out, UUIDs as text: not every frame library and engine has them."""
    chosen = table.select(*columns)
    is_uuid = chosen.customer_id.type().is_uuid()
    return chosen.mutate(customer_id=chosen.customer_id.cast("string")) if is_uuid else chosen
