"""What points and rewards cost the company of each unit of revenue, by which the value to come is told net."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from troth.customers import queries as customers
from troth.kit.clock import day_start
from troth.kit.money import from_stored
from troth.ledger import queries as ledger
from troth.staff import queries as staff
from troth.value import PointCost, reward_share
from troth.value.later import pl

from .frames import Frame, plain

FRAME = "reward_costs"

GiftsRead = Callable[[datetime, datetime, str], Decimal]
"""Told since, until and the currency; returns what rewards given away without points cost in that time."""

_gifts: dict[str, GiftsRead] = {}


def register_gifts(name: str, read: GiftsRead) -> None:
    """Add a source of what was given away to every analysis; registering the same one again changes nothing.

    Raises:
        ValueError: another source has the name.
    """
    if _gifts.get(name, read) != read:
        raise ValueError(f"a source of gifts {name!r} is registered already")
    _gifts[name] = read


@dataclass(frozen=True, slots=True)
class RewardCosts:
    """Shares of revenue, 0 to 1: of those who collect points and of the others; and how they came about.

    collectors: canonical ids as text, in a column `customer_id`.
    """

    share: float
    other_share: float
    collectors: pl.DataFrame
    frame: Frame


def measured(scores: pl.DataFrame, *, as_of: date, currency: str, days: int) -> RewardCosts:
    """Return what points and rewards cost in so many days, of which the scores hold each customer's revenue."""
    zone = staff.company().time_zone
    since, until = (day_start(as_of + timedelta(days=shift), zone) for shift in (1 - days, 1))
    collectors = _collectors()
    revenue = scores.select("customer_id", "window_revenue")
    sold = _sum(revenue.join(collectors, on="customer_id", how="semi"))
    everybody = _sum(revenue)
    given_away = sum((read(since, until, currency) for _name, read in sorted(_gifts.items())), Decimal(0))
    known = [(one, _point_cost(one, sold)) for one in ledger.costed_points(since, until, cost_currency=currency)]
    gifts = {"given_away": float(given_away), "sold": everybody}
    share, other = reward_share([cost for _one, cost in known], **gifts), reward_share([], **gifts)
    facts = {"collectors": collectors.height, "sold": sold, "revenue": everybody, "given_away": given_away}
    facts |= {"share": share, "other_share": other, "days": days}
    rows = [[plain(given) for given in _row(one, cost)] for one, cost in known]
    frame = Frame(FRAME, list(COLUMNS), rows, {name: plain(given) for name, given in facts.items()})
    return RewardCosts(share, other, collectors, frame)


COLUMNS = (
    "currency", "issued", "costed_share", "unit_cost", "redeemed", "expired", "issue_rate", "breakage", "share",
)  # fmt: skip


def _row(found: ledger.CostedPoints, cost: PointCost) -> list[Any]:
    scale = 10**found.currency.decimals
    costed_share = min(found.costed / found.issued, 1.0) if found.issued > 0 else 0.0
    return [
        found.currency.code, found.issued / scale, costed_share, cost.unit_cost, found.redeemed / scale,
        found.expired / scale, cost.issue_rate, cost.breakage, cost.share,
    ]  # fmt: skip


def _point_cost(found: ledger.CostedPoints, sold: float) -> PointCost:
    """Points in their own unit; those whose cost is not known are taken to cost what the others of their kind do."""
    scale = 10**found.currency.decimals
    return PointCost(
        currency=found.currency.code,
        issued=found.issued / scale,
        sold=sold,
        unit_cost=float(from_stored(found.cost)) / found.costed * scale if found.costed else 0.0,
        redeemed=found.redeemed / scale,
        expired=found.expired / scale,
    )


def _collectors() -> pl.DataFrame:
    found = {str(one) for one in customers.canonical_ids(ledger.collectors()).values()}
    return pl.DataFrame({"customer_id": sorted(found)}, schema={"customer_id": pl.String})


def _sum(revenue: pl.DataFrame) -> float:
    return float(revenue["window_revenue"].cast(pl.Float64).sum())
