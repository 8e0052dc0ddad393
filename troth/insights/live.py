"""What is expected of one customer now: the models of the last analysis, told what was bought since.

Nothing is fitted again and nothing is stored; the next analysis takes over. Returns since it are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from troth import value
from troth.activity import queries as activity
from troth.value.later import np
from troth.value.terms import unit_days

from .models import CustomerOutlook, CustomerScore, ReportFrame, RunStatus

TOLD = {
    "probability_alive": "probability_alive",
    "probability_alive_low": "alive_low",
    "probability_alive_high": "alive_high",
    "expected_purchases": "expected_purchases",
    "lifetime_value": "potential_value",
    "lifetime_value_low": "potential_low",
    "lifetime_value_high": "potential_high",
}


@dataclass(frozen=True, slots=True)
class History:
    """A customer's purchases up to a day: repeats, ages in days, mean amount of the repeats."""

    frequency: int
    recency: int
    age: int
    monetary_value: float


@dataclass(frozen=True, slots=True)
class ModelsInUse:
    """The models of buying and of spend of an analysis, and the margin that turns spend into profit."""

    buying: Any
    spend: Any
    margin: float


def models_of(run_id: UUID) -> ModelsInUse | None:
    """Return the models of an analysis, by their stored parameters; None where no model was fitted."""
    told = _model_facts(run_id)
    return ModelsInUse(*_restored(told), float(told["margin"])) if told else None


def update(found: CustomerOutlook, records: Iterable[UUID], *, today: date) -> int:
    """Bring the outlook of a canonical customer up to this day, in memory; return the days with a purchase since.

    records: the customer and those merged into it. Nothing changes where no model is in use or nothing was bought.
    """
    score = CustomerScore.objects.filter(owner_id=found.owner_id).first()
    if score is None:
        return 0
    bought = _bought_since(records, score.as_of_date, today)
    told = _model_facts(score.run_id) if bought else None
    if told is None:
        return 0
    for name, given in _expected(told, _continued(score, bought, today), today).items():
        setattr(found, name, given)
    if found.reward_share is not None:
        _net(found, float(told["margin"]))
    return len(bought)


def _net(found: CustomerOutlook, margin: float) -> None:
    """Take off what points and rewards cost, as the analysis does."""
    gross = (found.potential_value, found.potential_low, found.potential_high)
    net = [value.net_value(float(one or 0), margin=margin, share=float(found.reward_share or 0)) for one in gross]
    worth, *ends = (Decimal(str(round(one, 4))) for one in net)
    found.net_value, found.net_low, found.net_high = worth, min(ends), max(ends)


def _bought_since(records: Iterable[UUID], after: date, today: date) -> dict[date, Decimal]:
    """What was paid on each day with an order after one day, up to another."""
    orders = activity.orders(records).filter(order_date__gt=after, order_date__lte=today)
    paid: dict[date, Decimal] = {}
    for day, amount in orders.values_list("order_date", "net_amount"):
        paid[day] = paid.get(day, Decimal(0)) + amount
    return paid


def _continued(score: CustomerScore, bought: dict[date, Decimal], today: date) -> History:
    """All orders of one day are one purchase, and those after the first are repeats."""
    first = score.last_purchase_date - timedelta(days=score.recency_days)
    frequency = score.frequency + len(bought)
    spent = score.monetary_value * score.frequency + sum(bought.values())
    return History(frequency, (max(bought) - first).days, (today - first).days, float(spent) / frequency)


def _model_facts(run_id: UUID) -> dict[str, Any] | None:
    frame = ReportFrame.objects.filter(run_id=run_id, run__status=RunStatus.DONE, name="model_trials").first()
    facts = frame.facts if frame else {}
    return facts if facts.get("is_fitted") and "spend_covariance" in facts else None


def _expected(told: dict[str, Any], history: History, today: date) -> dict[str, Decimal]:
    """The columns of the outlook that models tell, by the stored parameters."""
    buying, spend = _restored(told)
    days = unit_days(told["unit"])
    row = {
        "frequency": history.frequency,
        "recency": history.recency / days,
        "T": history.age / days,
        "monetary_value": max(history.monetary_value, 0.0),
    }
    terms = {name: told[name] for name in ("months", "annual_discount", "margin")}
    coming = value.models.lifetime_value(buying, spend, row, as_of=today, **terms)
    figures = buying.probability_alive(row).row(0, named=True) | coming.row(0, named=True)
    return {ours: Decimal(str(round(figures[name], 4))) for name, ours in TOLD.items()}


def _restored(told: dict[str, Any]) -> tuple[Any, Any]:
    """The models of buying and of spend by their stored parameters."""
    buying = _of(told["model"], told["params"], told["covariance"])
    spend = _of(told["spend_model"], told["spend_params"], told["spend_covariance"])
    buying.unit = told["unit"]
    if told["spend_cap"] is not None:
        spend.cap = told["spend_cap"]
    return buying, spend


def _of(name: str, summary: list[list[Any]], covariance: list[list[float]]) -> Any:
    """The model of this name with stored parameters: rows of `summary()`, covariance of their logarithms."""
    return getattr(value.models, name).from_params({row[0]: row[1] for row in summary}, covariance=np.array(covariance))
