"""The company's figures of spans of days: what the cards on the overview show, and what they are compared
with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from troth.value import Facts, Margin

Span = tuple[date, date]
"""First and last day, both included."""

SUMS = ("rows", "net", "costed", "cost")


@dataclass(frozen=True, slots=True)
class Period:
    """Figures of one span; money in the company's currency.

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


def span_of(end: date, days: int) -> Span:
    """Return the span of so many days up to and including `end`."""
    return end - timedelta(days=days - 1), end


def periods(facts: Facts, days: Any, spans: Mapping[str, Span], margin: Margin) -> dict[str, Period]:
    """Return the figures of each span, all from one pass over each fact.

    `days` are stored purchase days (`value.purchase_days`): an order given back whole by their end is no purchase
    in any span, as in the customers' scores.
    """
    sold = _sums(facts, facts.orders, "order_date", spans)
    back = _sums(facts, facts.returns, "return_date", spans) if facts.has("returns") else {}
    served = _service_costs(facts, spans)
    people = _people(facts, days, spans)
    return {
        name: _period(span, (sold[name], back.get(name, _NOTHING), served[name]), people[name], margin)
        for name, span in spans.items()
    }


_NOTHING: dict[str, Any] = {"rows": 0, "net": Decimal(0), "costed": Decimal(0), "cost": Decimal(0)}


def _period(
    span: Span, money: tuple[dict[str, Any], dict[str, Any], Decimal], people: dict[str, int], margin: Margin
) -> Period:
    sold, back, served = money
    return Period(
        start=span[0],
        end=span[1],
        customers=people["customers"],
        new_customers=people["new"],
        repeat_customers=people["repeat"],
        orders=int(sold["rows"]),
        revenue=sold["net"] - back["net"],
        profit=_earned(sold, margin) - _earned(back, margin) - served,
    )


def _earned(sums: dict[str, Any], margin: Margin) -> Decimal:
    assumed: Decimal = (sums["net"] - sums["costed"]) * margin.assumed
    known: Decimal = sums["costed"] - sums["cost"]
    return (known + assumed).quantize(Decimal("0.0001"))


def _sums(facts: Facts, table: Any, day: str, spans: Mapping[str, Span]) -> dict[str, dict[str, Any]]:
    wanted: dict[str, Any] = {}
    for name, (start, end) in spans.items():
        within = table[day].between(start, end)
        wanted[f"{name}.rows"] = within.sum()
        wanted[f"{name}.net"] = table.net_amount.sum(where=within)
        wanted[f"{name}.costed"] = table.costed_amount.sum(where=within)
        wanted[f"{name}.cost"] = table.cost_amount.sum(where=within)
    row = facts.engine.row(table.agg(**wanted))
    return {name: {part: row[f"{name}.{part}"] or _NOTHING[part] for part in SUMS} for name in spans}


def _service_costs(facts: Facts, spans: Mapping[str, Span]) -> dict[str, Decimal]:
    if not facts.has("service_costs"):
        return dict.fromkeys(spans, Decimal(0))
    costs = facts.service_costs
    row = facts.engine.row(
        costs.agg(**{name: costs.amount.sum(where=costs.cost_date.between(*span)) for name, span in spans.items()})
    )
    return {name: Decimal(row[name] or 0) for name in spans}


def _people(facts: Facts, days: Any, spans: Mapping[str, Span]) -> dict[str, dict[str, int]]:
    counts = {name: days.order_date.between(*span).sum() for name, span in spans.items()}
    each = days.group_by("customer_id").agg(first=days.order_date.min(), **counts)
    wanted: dict[str, Any] = {}
    for name, (start, _end) in spans.items():
        bought, is_new = each[name] > 0, each["first"] >= start
        wanted[f"{name}.customers"] = bought.sum()
        wanted[f"{name}.new"] = (bought & is_new).sum()
        wanted[f"{name}.repeat"] = (bought & (~is_new | (each[name] > 1))).sum()
    row = facts.engine.row(each.agg(**wanted))
    return {name: {part: int(row[f"{name}.{part}"] or 0) for part in ("customers", "new", "repeat")} for name in spans}
