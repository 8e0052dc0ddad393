"""One row per customer of the sums that every figure is made of.

Sums over orders are one grouping by customer; purchase days are a second one over distinct days, which
costs less memory than carrying all sums through the days. A log of no more than customer, day and amount
is grouped by day once and by customer from there, which takes less time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from troth.value.days import exact, kept_orders, stored_days
from troth.value.engine import Table
from troth.value.facts import MONEY, Facts
from troth.value.later import ibis, later, pa
from troth.value.terms import Margin

made = later("troth.value.made")
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
def stored_base(facts: Facts, as_of: date, margin: Margin, *, window_days: int | None = None) -> Iterator[Table]:
    """One row per customer with any fact up to the day; `purchases` is null for whom no purchase counts.

    `window_` columns cover the last `window_days`; without a window they hold nothing.
    """
    since = None if window_days is None else as_of - timedelta(days=window_days)
    engine = facts.engine
    with ordered(facts, as_of, since) as sums:
        joined = with_counted(sums, "returns", facts, RETURNED, lambda: return_totals(facts, as_of, since))
        joined = with_counted(joined, "service_costs", facts, SERVED, lambda: service_totals(facts, as_of, since))
        joined = with_counted(joined, "lines", facts, ("categories",), lambda: category_counts(facts, as_of))
        stored = engine.store(with_results(joined, facts, margin, since))
    try:
        yield stored
    finally:
        engine.drop(stored)


@contextmanager
def ordered(facts: Facts, as_of: date, since: date | None) -> Iterator[Table]:
    """What each customer ordered: the sums over orders, purchase days, and the first day's purchase."""
    orders = kept_orders(facts, as_of)
    if facts.is_plain_log():
        days = day_totals(orders, has_returns=facts.has_links())
        with facts.engine.stored(sums_of_days(days, since)) as totals:
            yield with_others(totals, facts, as_of)
        return
    with facts.engine.stored(order_totals(orders, since)) as totals, stored_days(facts, as_of) as days:
        joined = beside(with_others(totals, facts, as_of), purchase_counts(days))
        yield beside(joined, first_amounts(orders, totals))


def beside(table: Table, more: Table) -> Table:
    return table.left_join(more, "customer_id").drop("customer_id_right")


def with_counted(table: Table, fact: str, facts: Facts, columns: tuple[str, ...], count: Callable[[], Table]) -> Table:
    """The columns of another fact, 0 for customers without it and where the fact is missing."""
    if not facts.has(fact):
        return table.mutate(**{name: made.COUNT_ZERO if name in COUNTS else made.ZERO for name in columns})
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


def with_results(table: Table, facts: Facts, margin: Margin, since: date | None) -> Table:
    """Revenue and profit, of all days and of the window."""
    t = table
    # Arithmetic in all digits is slow: what is nothing for everybody is left out of it.
    nothing = facts.is_plain_log()
    bought = earned(
        t.ordered_amount, made.ZERO if nothing else t.costed_amount, made.ZERO if nothing else t.cost_amount, margin
    )
    revenue, profit = t.ordered_amount, bought if nothing else exact(bought)
    if facts.has("returns") or facts.has("service_costs"):
        given_back = earned(t.returned, t.returned_costed, t.returned_cost, margin)
        revenue, profit = exact(t.ordered_amount - t.returned), exact(bought - given_back - t.service_cost)
    window = {} if since is None else window_results(t, margin)
    return t.mutate(revenue=revenue, profit=profit, **window)


def window_results(t: Table, margin: Margin) -> dict[str, Any]:
    return {
        "window_revenue": exact(t.window_ordered - t.window_returned),
        "window_profit": window_profit(t, margin),
    }


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
    if costed is made.ZERO:
        return exact(amount * assumed)
    return exact(costed - cost) + exact((amount - costed) * assumed)


def order_totals(orders: Table, since: date | None) -> Table:
    """Sums per customer; the `window_` ones over the days after `since`."""
    recent = after(orders.order_date, since)
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


def day_totals(orders: Table, *, has_returns: bool) -> Table:
    """Orders, their amount and what was kept of it, by customer and day."""
    sums = {"orders": orders.count(), "net_amount": orders.net_amount.sum().cast(MONEY)}
    if has_returns:
        sums["kept_amount"] = orders.kept_amount.sum(where=orders.is_kept).cast(MONEY)
        sums["is_kept"] = orders.is_kept.any()
    return orders.group_by("customer_id", "order_date").agg(**sums)


def sums_of_days(days: Table, since: date | None) -> Table:
    """As `order_totals` with `purchase_counts` and `first_amounts` beside it, of a log without costs and prices."""
    has_returns = "is_kept" in days.columns
    kept = days.is_kept if has_returns else None
    amount = days.kept_amount if has_returns else days.net_amount
    ordered_amount = days.net_amount.sum().cast(MONEY)
    return days.group_by("customer_id").agg(
        # By way of a wider type, or Ibis leaves the cast out: engines widen a sum of whole numbers.
        orders=days.orders.sum().cast("decimal(38, 0)").cast("int64"),
        ordered_amount=ordered_amount,
        costed_amount=made.ZERO,
        cost_amount=made.ZERO,
        full_amount=ordered_amount,
        kept_amount=amount.sum(where=kept).cast(MONEY),
        first_purchase_date=days.order_date.min(where=kept),
        last_purchase_date=days.order_date.max(where=kept),
        window_ordered=money_sum(days.net_amount, after(days.order_date, since)),
        window_costed=made.ZERO,
        window_cost=made.ZERO,
        purchases=days.count(where=kept).nullif(0),
        first_amount=made.min_by(amount, days.order_date, where=kept),
    )


def after(day: Any, since: date | None) -> Any:
    """Whether a day lies in the window; None where there is no window."""
    return None if since is None else day > since


def money_sum(column: Any, where: Any) -> Any:
    if where is None:
        return made.ZERO
    return column.sum(where=where).coalesce(made.ZERO).cast(MONEY)


def purchase_counts(days: Table) -> Table:
    return days.group_by("customer_id").agg(purchases=days.count())


def first_amounts(orders: Table, totals: Table) -> Table:
    """What each customer kept of his first day's purchase."""
    firsts = totals.select(first_customer="customer_id", first_date="first_purchase_date")
    same = [orders.customer_id == firsts.first_customer, orders.order_date == firsts.first_date]
    first = orders.filter(orders.is_kept).join(firsts, same)
    return first.group_by("customer_id").agg(first_amount=first.kept_amount.sum().cast(MONEY))


def return_totals(facts: Facts, as_of: date, since: date | None) -> Table:
    returns = facts.returns
    returns = returns.filter(returns.return_date <= as_of)
    recent = after(returns.return_date, since)
    return returns.group_by("customer_id").agg(
        returns=returns.count(),
        returned=returns.net_amount.sum().cast(MONEY),
        returned_costed=returns.costed_amount.sum().cast(MONEY),
        returned_cost=returns.cost_amount.sum().cast(MONEY),
        window_returned=money_sum(returns.net_amount, recent),
        window_returned_costed=money_sum(returns.costed_amount, recent),
        window_returned_cost=money_sum(returns.cost_amount, recent),
    )


def service_totals(facts: Facts, as_of: date, since: date | None) -> Table:
    costs = facts.service_costs
    costs = costs.filter(costs.cost_date <= as_of)
    return costs.group_by("customer_id").agg(
        service_cost=costs.amount.sum().cast(MONEY),
        window_service_cost=money_sum(costs.amount, after(costs.cost_date, since)),
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
    words = [made.bit_or(joined.bit, where=joined.word == word) for word in range(len(names) // WORD_BITS + 1)]
    counts = sum(made.bit_count(word.coalesce(0)).cast("int64") for word in words)
    return joined.group_by("customer_id").agg(categories=counts)
