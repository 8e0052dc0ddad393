"""One row per customer of the sums that every figure is made of.

Sums over orders are one grouping by customer; purchase days are a second one over distinct days, which
costs less memory than carrying all sums through the days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa

from troth.value.days import ZERO, exact, kept_orders, stored_days
from troth.value.engine import Table
from troth.value.facts import MONEY, Facts
from troth.value.terms import Margin

COUNT_ZERO = ibis.literal(0).cast("int64")
COUNTS = ("returns", "categories")
RETURNED = (
    "returns",
    "returned",
    "returned_costed",
    "returned_cost",
    "window_returned",
    "window_returned_costed",
    "window_returned_cost",
)
SERVED = ("service_cost", "window_service_cost")
ORDERED = (
    "orders",
    "ordered_amount",
    "costed_amount",
    "cost_amount",
    "full_amount",
    "window_ordered",
    "window_costed",
    "window_cost",
)
WINDOW_ORDERED = {"window_ordered": "net_amount", "window_costed": "costed_amount", "window_cost": "cost_amount"}
WORD_BITS, MAX_WORDS = 62, 16


def ratio(part: Any, whole: Any) -> Any:
    """A quotient as a float, 0 where there is nothing to divide by."""
    return (whole == 0).ifelse(0.0, part.cast("float64") / whole.cast("float64").nullif(0.0))


@contextmanager
def stored_base(facts: Facts, as_of: date, margin: Margin, *, window_days: int = 365) -> Iterator[Table]:
    """One row per customer with any fact up to the day; `purchases` is null for whom no purchase counts.

    `window_` columns cover the last `window_days`.
    """
    since = as_of - timedelta(days=window_days)
    engine = facts.engine
    orders = kept_orders(facts, as_of)
    with engine.stored(order_totals(orders, since)) as totals, stored_days(facts, as_of) as days:
        joined = beside(with_others(totals, facts, as_of), purchase_counts(days))
        joined = beside(joined, first_amounts(orders, totals))
        joined = with_counted(joined, "returns", facts, RETURNED, lambda: return_totals(facts, as_of, since))
        joined = with_counted(joined, "service_costs", facts, SERVED, lambda: service_totals(facts, as_of, since))
        joined = with_counted(joined, "lines", facts, ("categories",), lambda: category_counts(facts, as_of))
        stored = engine.store(with_results(joined, margin))
    try:
        yield stored
    finally:
        engine.drop(stored)


def beside(table: Table, more: Table) -> Table:
    return table.left_join(more, "customer_id").drop("customer_id_right")


def with_counted(table: Table, fact: str, facts: Facts, columns: tuple[str, ...], count: Callable[[], Table]) -> Table:
    """The columns of another fact, 0 for customers without it and where the fact is missing."""
    if not facts.has(fact):
        return table.mutate(**{name: COUNT_ZERO if name in COUNTS else ZERO for name in columns})
    return zeroed(beside(table, count()), columns)


def zeroed(table: Table, columns: tuple[str, ...]) -> Table:
    return table.mutate(**{name: table[name].coalesce(0).cast(table[name].type()) for name in columns})


def with_others(totals: Table, facts: Facts, as_of: date) -> Table:
    """Also the customers who have no order, only returns or costs to serve, so that no money is lost."""
    others = []
    if facts.has("returns"):
        others.append(facts.returns.filter(facts.returns.return_date <= as_of).select("customer_id"))
    if facts.has("service_costs"):
        others.append(facts.service_costs.filter(facts.service_costs.cost_date <= as_of).select("customer_id"))
    if not others:
        return totals
    everyone = ibis.union(totals.select("customer_id"), *others, distinct=True)
    return zeroed(beside(everyone, totals), ORDERED)


def with_results(table: Table, margin: Margin) -> Table:
    """Revenue and profit, of all days and of the window."""
    t = table
    bought = earned(t.ordered_amount, t.costed_amount, t.cost_amount, margin)
    given_back = earned(t.returned, t.returned_costed, t.returned_cost, margin)
    return t.mutate(
        revenue=exact(t.ordered_amount - t.returned),
        profit=exact(bought - given_back - t.service_cost),
        window_revenue=exact(t.window_ordered - t.window_returned),
        window_profit=window_profit(t, margin),
    )


def window_profit(t: Table, margin: Margin) -> Any:
    bought = earned(t.window_ordered, t.window_costed, t.window_cost, margin)
    given_back = earned(t.window_returned, t.window_returned_costed, t.window_returned_cost, margin)
    return exact(bought - given_back - t.window_service_cost)


def window_profits(facts: Facts, span: tuple[date, date], margin: Margin) -> Table:
    """Customer and profit of the span (first and last day) for who ordered in it: `window_profit` of the base alone."""
    start, end = span
    orders = facts.orders.filter(facts.orders.order_date.between(start, end))
    sums = {name: orders[of].sum().cast(MONEY) for name, of in WINDOW_ORDERED.items()}
    joined = orders.group_by("customer_id").agg(**sums)
    before = start - timedelta(days=1)
    joined = with_counted(joined, "returns", facts, RETURNED, lambda: return_totals(facts, end, before))
    joined = with_counted(joined, "service_costs", facts, SERVED, lambda: service_totals(facts, end, before))
    return joined.select("customer_id", window_profit=window_profit(joined, margin))


def earned(amount: Any, costed: Any, cost: Any, margin: Margin) -> Any:
    """Profit on an amount: from costs where they are known, at the assumed margin on the rest."""
    assumed = ibis.literal(margin.assumed, "decimal(5, 4)")
    return exact(costed - cost) + exact((amount - costed) * assumed)


def order_totals(orders: Table, since: date) -> Table:
    """Sums per customer; the `window_` ones over the days after `since`."""
    recent = orders.order_date > since
    kept = orders.is_kept
    return orders.group_by("customer_id").agg(
        orders=orders.count(),
        ordered_amount=orders.net_amount.sum().cast(MONEY),
        costed_amount=orders.costed_amount.sum().cast(MONEY),
        cost_amount=orders.cost_amount.sum().cast(MONEY),
        full_amount=orders.full_price_amount.sum().cast(MONEY),
        kept_amount=orders.kept_amount.sum(where=kept).cast(MONEY),
        first_purchase_date=orders.order_date.min(where=kept),
        last_purchase_date=orders.order_date.max(where=kept),
        window_ordered=money_sum(orders.net_amount, recent),
        window_costed=money_sum(orders.costed_amount, recent),
        window_cost=money_sum(orders.cost_amount, recent),
    )


def money_sum(column: Any, where: Any) -> Any:
    return column.sum(where=where).coalesce(ZERO).cast(MONEY)


def purchase_counts(days: Table) -> Table:
    return days.group_by("customer_id").agg(purchases=days.count())


def first_amounts(orders: Table, totals: Table) -> Table:
    """What each customer kept of his first day's purchase."""
    firsts = totals.select(first_customer="customer_id", first_date="first_purchase_date")
    same = [orders.customer_id == firsts.first_customer, orders.order_date == firsts.first_date]
    first = orders.filter(orders.is_kept).join(firsts, same)
    return first.group_by("customer_id").agg(first_amount=first.kept_amount.sum().cast(MONEY))


def return_totals(facts: Facts, as_of: date, since: date) -> Table:
    returns = facts.returns
    returns = returns.filter(returns.return_date <= as_of)
    recent = returns.return_date > since
    return returns.group_by("customer_id").agg(
        returns=returns.count(),
        returned=returns.net_amount.sum().cast(MONEY),
        returned_costed=returns.costed_amount.sum().cast(MONEY),
        returned_cost=returns.cost_amount.sum().cast(MONEY),
        window_returned=money_sum(returns.net_amount, recent),
        window_returned_costed=money_sum(returns.costed_amount, recent),
        window_returned_cost=money_sum(returns.cost_amount, recent),
    )


def service_totals(facts: Facts, as_of: date, since: date) -> Table:
    costs = facts.service_costs
    costs = costs.filter(costs.cost_date <= as_of)
    return costs.group_by("customer_id").agg(
        service_cost=costs.amount.sum().cast(MONEY),
        window_service_cost=money_sum(costs.amount, costs.cost_date > since),
    )


def category_counts(facts: Facts, as_of: date) -> Table:
    """How many categories each customer bought, one bit a category.

    Words of bits are several times faster and smaller than distinct pairs of customer and category; with very
    many categories there would be too many words, and the pairs are counted.
    """
    lines = facts.lines
    lines = lines.filter(lines.order_date <= as_of)
    names = facts.engine.arrow(lines.select("category").distinct())["category"].to_pylist()
    if len(names) > WORD_BITS * MAX_WORDS:
        pairs = lines.select("customer_id", "category").distinct()
        return pairs.group_by("customer_id").agg(categories=pairs.count())
    numbers = range(len(names))
    coded = facts.engine.register(
        pa.table(
            {
                "name": pa.array(names, pa.string()),
                "word": pa.array([number // WORD_BITS for number in numbers], pa.int64()),
                "bit": pa.array([1 << number % WORD_BITS for number in numbers], pa.int64()),
            }
        )
    )
    joined = lines.join(coded, lines.category == coded.name)
    words = [bit_or(joined.bit, where=joined.word == word) for word in range(len(names) // WORD_BITS + 1)]
    counts = sum(bit_count(word.coalesce(0)).cast("int64") for word in words)
    return joined.group_by("customer_id").agg(categories=counts)


def count_bits(word: int) -> int:
    """Names the engine's own function (`bit_count` in DuckDB and Spark alike), which runs in its place."""
    raise NotImplementedError


def join_bits(word: int) -> int:
    """As `count_bits`, for `bit_or` over rows, which Ibis has no words for in Spark's dialect."""
    raise NotImplementedError


bit_or = ibis.udf.agg.builtin(join_bits, name="bit_or", signature=(("int64",), "int64"))
# Declared as narrow as the narrowest engine has it, so that the cast before adding is written out.
bit_count = ibis.udf.scalar.builtin(count_bits, name="bit_count", signature=(("int64",), "int8"))
