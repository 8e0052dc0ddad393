"""The company's figures of one span of days: what a card on the overview shows, and what it is compared
with.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from troth.value import Facts, Margin
from troth.value.base import kept_orders
from troth.value.terms import checked_day


@dataclass(frozen=True, slots=True)
class Period:
    """Figures of the days from `start` to `end`, both included; money in the company's currency.

    customers: who bought; new_customers: for the first time ever; repeat_customers: who bought on two days
    or more within the span, or had bought before it; profit rests on the assumed margin where costs are not
    known.
    """

    start: date
    end: date
    customers: int
    new_customers: int
    repeat_customers: int
    orders: int
    revenue: Decimal
    profit: Decimal

    @property
    def repeat_rate(self) -> float:
        """Share of the span's customers who came back, 0 to 1."""
        return self.repeat_customers / self.customers if self.customers else 0.0


def period(facts: Facts, *, end: date, days: int, margin: Margin) -> Period:
    """Return the figures of the `days` days up to and including `end`."""
    end = checked_day("end", end)
    start = end - timedelta(days=days - 1)
    sold = _sums(facts.orders, "order_date", start, end, facts)
    back = _sums(facts.returns, "return_date", start, end, facts) if facts.has("returns") else _NOTHING
    served = _service(facts, start, end)
    people = _people(facts, start, end)
    return Period(
        start=start,
        end=end,
        customers=people["customers"],
        new_customers=people["new_customers"],
        repeat_customers=people["repeat_customers"],
        orders=sold["rows"],
        revenue=sold["net"] - back["net"],
        profit=_earned(sold, margin) - _earned(back, margin) - served,
    )


_NOTHING: dict[str, Any] = {"rows": 0, "net": Decimal(0), "costed": Decimal(0), "cost": Decimal(0)}


def _sums(table: Any, day: str, start: date, end: date, facts: Facts) -> dict[str, Any]:
    within = table.filter(table[day].between(start, end))
    row = facts.engine.row(
        within.agg(
            rows=within.count(),
            net=within.net_amount.sum(),
            costed=within.costed_amount.sum(),
            cost=within.cost_amount.sum(),
        )
    )
    return {name: found or _NOTHING[name] for name, found in row.items()}


def _earned(sums: dict[str, Any], margin: Margin) -> Decimal:
    assumed: Decimal = (sums["net"] - sums["costed"]) * margin.assumed
    known: Decimal = sums["costed"] - sums["cost"]
    return (known + assumed).quantize(Decimal("0.0001"))


def _service(facts: Facts, start: date, end: date) -> Decimal:
    if not facts.has("service_costs"):
        return Decimal(0)
    costs = facts.service_costs
    within = costs.filter(costs.cost_date.between(start, end))
    return Decimal(facts.engine.row(within.agg(amount=within.amount.sum()))["amount"] or 0)


def _people(facts: Facts, start: date, end: date) -> dict[str, int]:
    orders = kept_orders(facts, end)
    known = orders.filter(orders.is_kept)
    each = known.group_by("customer_id").agg(
        first=known.order_date.min(),
        last=known.order_date.max(),
        days=known.order_date.nunique(where=known.order_date >= start),
    )
    bought = each.filter(each["last"] >= start)
    is_new = bought["first"] >= start
    return {
        name: int(count or 0)
        for name, count in facts.engine.row(
            bought.agg(
                customers=bought.count(),
                new_customers=is_new.sum(),
                repeat_customers=(~is_new | (bought.days > 1)).sum(),
            )
        ).items()
    }
