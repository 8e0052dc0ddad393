"""Which orders count as purchases, and on which days each customer bought: what most figures are counted from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from troth.value.engine import Table
from troth.value.facts import MONEY, Facts
from troth.value.later import ibis, later

made = later("troth.value.made")


def exact(amount: Any) -> Any:
    """An amount in ten-thousandths.

    Ibis takes sums and products for the type of their parts and leaves a plain cast out, where engines widen
    them; so all digits are named first.
    """
    return amount.cast("decimal(38, 8)").cast(MONEY)


def kept_orders(facts: Facts, as_of: date) -> Table:
    """The orders up to the day, each with what was kept of it; one given back whole is not kept."""
    orders = facts.orders
    orders = orders.filter(orders.order_date <= as_of)
    if not facts.has_links():
        return orders.mutate(kept_amount=orders.net_amount, is_kept=ibis.literal(True))
    returns = facts.returns
    linked = returns.filter(returns.return_date <= as_of, returns.order_id.notnull())
    given_back = linked.group_by("order_id").agg(given_back=linked.net_amount.sum().cast(MONEY))
    joined = orders.left_join(given_back, "order_id").drop("order_id_right")
    # Few orders come back: the others are spared the arithmetic, which is slow in all digits.
    is_untouched = joined.given_back.isnull() | (joined.given_back == made.ZERO)
    kept = is_untouched.ifelse(joined.net_amount, exact(joined.net_amount - joined.given_back))
    return joined.mutate(kept_amount=kept, is_kept=is_untouched | (kept > made.ZERO)).drop("given_back")


def purchase_days(facts: Facts, until: date) -> Table:
    """Customer and day of every purchase up to a day; an order given back whole by that day is no purchase.

    An Ibis table of `customer_id` and `order_date`, one row a purchase. Raises `FactsError`.
    """
    orders = kept_orders(facts, until)
    return orders.filter(orders.is_kept).select("customer_id", "order_date").distinct()


@contextmanager
def stored_days(facts: Facts, until: date) -> Iterator[Table]:
    """The purchase days up to a day, stored; whoever asks for the same day within the block is given the same ones.

    Finding them is a grouping of all orders, so several reports of one day share it. Raises `FactsError`.
    """
    held = facts.days.get(until)
    if held is not None:
        yield held
        return
    earlier = _earlier(facts, until)
    days = facts.engine.store(purchase_days(facts, until) if earlier is None else earlier)
    facts.days[until] = days
    try:
        yield days
    finally:
        del facts.days[until]
        facts.engine.drop(days)


def _earlier(facts: Facts, until: date) -> Table | None:
    """The days up to `until` from those stored of a later day, where there are some.

    Beside them stand the days of orders that came back whole only afterwards.
    """
    later = min((day for day in facts.days if day > until), default=None)
    if later is None:
        return None
    known = facts.days[later]
    known = known.filter(known.order_date <= until)
    if not facts.has_links():
        return known
    returns = facts.returns
    since = returns.filter(returns.return_date > until, returns.return_date <= later, returns.order_id.notnull())
    orders = kept_orders(facts, until)
    orders = orders.filter(orders.is_kept).semi_join(since, "order_id")
    days = orders.select("customer_id", "order_date").distinct()
    return ibis.union(known, days.anti_join(known, ["customer_id", "order_date"]))
