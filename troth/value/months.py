"""What happened month by month: the trend of the figures, and cohorts by month of first purchase.

Both are read from one small table of cells, one per month and month of first purchase. Orders, returns and
costs to serve stand in the month they happened in, as in the books.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from troth.value.base import earned
from troth.value.days import exact, stored_days
from troth.value.engine import Table
from troth.value.facts import MONEY, Facts, as_facts
from troth.value.later import ibis, later, pl
from troth.value.summary import observed_until
from troth.value.terms import Margin

made = later("troth.value.made")
SUMS = ("customers", "orders", "ordered", "returned", "profit", "assumed")


def trend(
    facts: Any, *, as_of: date | None = None, margin: Margin | None = None, is_complete_only: bool = True
) -> pl.DataFrame:
    """One row per month from the first order to `as_of`, months without orders included.

    Columns: `month` (its first day), `is_complete` (it ended by `as_of`; others are left out by default),
    `customers` (who bought), `new_customers` (for the first time), `returning_customers`, `orders`,
    `revenue` (orders less returns), `returned`, `profit` (less costs to serve), `profit_assumed_share`,
    `returning_revenue` (of customers won in earlier months), `revenue_per_order` (orders before returns),
    `orders_per_customer`. Means are 0 where there is nothing to divide by.

    Raises `FactsError`, `TermsError`.
    """
    day, cells = monthly_cells(facts, as_of, margin)
    frame = by_month(cells).filter(pl.col("month") <= day)
    frame = every_month(frame).with_columns(is_complete=pl.col("month").dt.month_end() <= day)
    if is_complete_only:
        frame = frame.filter("is_complete")
    return frame.select(*TREND)


TREND = (
    "month",
    "is_complete",
    "customers",
    "new_customers",
    "returning_customers",
    "orders",
    "revenue",
    "returned",
    "profit",
    "profit_assumed_share",
    "returning_revenue",
    "revenue_per_order",
    "orders_per_customer",
)


def by_month(cells: pl.DataFrame) -> pl.DataFrame:
    is_first = pl.col("month") == pl.col("cohort_month")
    revenue = pl.col("ordered") - pl.col("returned")
    grouped = cells.group_by("month").agg(
        *(pl.col(name).sum() for name in SUMS),
        new_customers=pl.col("customers").filter(is_first).sum(),
        revenue=revenue.sum(),
        returning_revenue=revenue.filter(~is_first).sum(),
    )
    return grouped.sort("month").with_columns(
        returning_customers=pl.col("customers") - pl.col("new_customers"),
        profit_assumed_share=mean("assumed", "ordered"),
        revenue_per_order=mean("ordered", "orders"),
        orders_per_customer=mean("orders", "customers"),
    )


def mean(part: str, whole: str) -> pl.Expr:
    divisor = pl.col(whole).cast(pl.Float64)
    return pl.when(divisor > 0).then(pl.col(part).cast(pl.Float64) / divisor).otherwise(0.0)


def every_month(frame: pl.DataFrame) -> pl.DataFrame:
    """A row also for a month in which nothing happened."""
    if frame.is_empty():
        return frame
    span = pl.date_ranges(pl.col("month").min(), pl.col("month").max(), "1mo").alias("month")
    months = frame.select(span).explode("month")
    return months.join(frame, on="month", how="left", maintain_order="left").fill_null(0)


def cohorts(facts: Any, *, as_of: date | None = None, margin: Margin | None = None) -> pl.DataFrame:
    """Who came in which month, and how many of them bought in each month after: a long frame.

    Columns: `cohort_month` (first day of the month of the first purchase), `month_index` (0 is that month),
    `month`, `is_complete` (the month ended by `as_of`), `cohort_size`, `customers` (who bought in the
    month), `retention` (customers ÷ cohort_size, 0 to 1), `revenue`, `profit`, `revenue_to_date`,
    `profit_to_date`. Every month from the cohort's first to the month of `as_of` has a row.

    Raises `FactsError`, `TermsError`.
    """
    day, cells = monthly_cells(facts, as_of, margin)
    known = cells.filter(pl.col("cohort_month").is_not_null())
    frame = (
        every_cell(known, day)
        .sort("cohort_month", "month")
        .with_columns(
            revenue=pl.col("ordered") - pl.col("returned"),
            is_complete=pl.col("month").dt.month_end() <= day,
            month_index=months_between("cohort_month", "month"),
            cohort_size=pl.col("customers").first().over("cohort_month"),
        )
    )
    frame = frame.with_columns(
        retention=mean("customers", "cohort_size"),
        revenue_to_date=pl.col("revenue").cum_sum().over("cohort_month"),
        profit_to_date=pl.col("profit").cum_sum().over("cohort_month"),
    )
    return frame.select(*COHORTS)


COHORTS = (
    "cohort_month",
    "month_index",
    "month",
    "is_complete",
    "cohort_size",
    "customers",
    "retention",
    "revenue",
    "profit",
    "revenue_to_date",
    "profit_to_date",
)


def every_cell(cells: pl.DataFrame, as_of: date) -> pl.DataFrame:
    starts = cells.select("cohort_month").unique()
    ranges = pl.date_ranges("cohort_month", as_of.replace(day=1), "1mo").alias("month")
    grid = starts.with_columns(ranges).explode("month")
    return grid.join(cells, on=["cohort_month", "month"], how="left").with_columns(pl.col(*SUMS).fill_null(0))


def months_between(first: str, last: str) -> pl.Expr:
    years = pl.col(last).dt.year() - pl.col(first).dt.year()
    return years * 12 + pl.col(last).dt.month().cast(pl.Int32) - pl.col(first).dt.month().cast(pl.Int32)


def monthly_cells(facts: Any, as_of: date | None, margin: Margin | None) -> tuple[date, pl.DataFrame]:
    """The day, and one row per month of first purchase (null: no purchase counts) and month."""
    facts = as_facts(facts)
    day = observed_until(facts, as_of)
    if (day, margin) not in facts.monthly:
        facts.monthly[day, margin] = cells_of(facts, day, margin or Margin())
    return day, facts.monthly[day, margin]


def cells_of(facts: Facts, as_of: date, margin: Margin) -> pl.DataFrame:
    with stored_days(facts, as_of) as days:
        firsts = days.group_by("customer_id").agg(first_date=days.order_date.min())
        with facts.engine.stored(firsts.select("customer_id", cohort=month_number(firsts.first_date))) as stored:
            cells = pl.concat([facts.engine.frame(part) for part in money_cells(facts, as_of, stored, margin)])
            buyers = facts.engine.frame(buyer_cells(days, stored))
    keys = ["cohort", "number"]
    summed = cells.group_by(keys).agg(pl.col(*SUMS[1:]).sum())
    joined = summed.join(buyers, on=keys, how="left", nulls_equal=True)
    months = {"cohort_month": month_of("cohort"), "month": month_of("number")}
    return joined.select(*SUMS[1:], customers=pl.col("customers").fill_null(0), **months)


def money_cells(facts: Facts, as_of: date, firsts: Table, margin: Margin) -> Iterator[Table]:
    yield order_cells(facts.orders.filter(facts.orders.order_date <= as_of), firsts, margin)
    if facts.has("returns"):
        yield return_cells(facts.returns.filter(facts.returns.return_date <= as_of), firsts, margin)
    if facts.has("service_costs"):
        yield cost_cells(facts.service_costs.filter(facts.service_costs.cost_date <= as_of), firsts)


def month_number(day: Any) -> Any:
    """Months since the year 0: a whole number is grouped by at a fraction of the price of a day."""
    return (day.year() * 12 + day.month() - 1).cast("int32")


def month_of(number: str) -> pl.Expr:
    """The first day of a numbered month; null where there is none."""
    return pl.date(pl.col(number) // 12, pl.col(number) % 12 + 1, 1)


def with_months(table: Table, day: str, firsts: Table) -> Table:
    named = firsts.rename(first_customer="customer_id")
    joined = table.left_join(named, table.customer_id == named.first_customer)
    return joined.mutate(number=month_number(joined[day]))


def buyer_cells(days: Table, firsts: Table) -> Table:
    """Customers per cell; distinct pairs of customer and month are far fewer than orders."""
    pairs = days.select("customer_id", number=month_number(days.order_date)).distinct()
    joined = pairs.join(firsts, "customer_id")
    return joined.group_by("cohort", "number").agg(customers=joined.count())


def order_cells(orders: Table, firsts: Table, margin: Margin) -> Table:
    t = with_months(orders, "order_date", firsts)
    t = t.group_by("cohort", "number").agg(
        orders=t.count(),
        ordered=t.net_amount.sum().cast(MONEY),
        costed=t.costed_amount.sum().cast(MONEY),
        cost=t.cost_amount.sum().cast(MONEY),
    )
    profit, assumed = earned(t.ordered, t.costed, t.cost, margin), t.ordered - t.costed
    return cell(t, orders=t.orders, ordered=t.ordered, returned=made.ZERO, profit=profit, assumed=assumed)


def return_cells(returns: Table, firsts: Table, margin: Margin) -> Table:
    t = with_months(returns, "return_date", firsts)
    t = t.group_by("cohort", "number").agg(
        returned=t.net_amount.sum().cast(MONEY),
        costed=t.costed_amount.sum().cast(MONEY),
        cost=t.cost_amount.sum().cast(MONEY),
    )
    lost = made.ZERO - earned(t.returned, t.costed, t.cost, margin)
    return cell(t, orders=ibis.literal(0), ordered=made.ZERO, returned=t.returned, profit=lost, assumed=made.ZERO)


def cost_cells(costs: Table, firsts: Table) -> Table:
    t = with_months(costs, "cost_date", firsts)
    t = t.group_by("cohort", "number").agg(cost=t.amount.sum().cast(MONEY))
    return cell(
        t, orders=ibis.literal(0), ordered=made.ZERO, returned=made.ZERO, profit=made.ZERO - t.cost, assumed=made.ZERO
    )


def cell(t: Table, *, orders: Any, **money: Any) -> Table:
    """All parts of a cell in one shape, so that they can be laid under one another and added."""
    amounts = {name: exact(amount) for name, amount in money.items()}
    return t.select("cohort", "number", orders=orders.cast("int64"), **amounts)
