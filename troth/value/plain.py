"""Lifetime value by the plain formula: what a customer brought, who came through them, less what both cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from troth.value.terms import require

Amount = Decimal | int


@dataclass(frozen=True, slots=True)
class PlainValue:
    """The parts of a plain lifetime value, in money; `total` is what they add up to.

    own: the customer's own spend or profit; referred: that of the customers they brought; acquisition_cost and
    service_cost are positive and taken off.
    """

    own: Decimal
    referred: Decimal
    acquisition_cost: Decimal
    service_cost: Decimal

    @property
    def brought(self) -> Decimal:
        """Return what came in before any cost."""
        return self.own + self.referred

    @property
    def total(self) -> Decimal:
        """Return the lifetime value."""
        return self.brought - self.acquisition_cost - self.service_cost


def plain_value(
    *,
    own: Sequence[Amount],
    referred: Sequence[Amount] = (),
    acquisition_cost: Amount = 0,
    service_costs: Sequence[Amount] = (),
) -> PlainValue:
    """Add up a customer's value period by period, undiscounted.

    Args:
        own: what the customer brings in each period, in money; negative where returns outweigh purchases.
        referred: what the customers they brought bring in each period.
        acquisition_cost: what winning the customer cost.
        service_costs: what serving the customer costs in each period.

    Raises:
        TermsError: no period at all, a cost below 0, or an amount that is not a finite whole or decimal number.

    Source: expected purchases × mean purchase − acquisition − service + referrals, as marketing texts state it.
    """
    require(len(own) > 0, "own", list(own), "must have at least one period")
    amounts = {"own": own, "referred": referred, "service_costs": service_costs}
    sums = {name: _sum(name, values) for name, values in amounts.items()}
    cost = _sum("acquisition_cost", [acquisition_cost])
    require(cost >= 0, "acquisition_cost", acquisition_cost, "must be 0 or more")
    require(all(each >= 0 for each in service_costs), "service_costs", list(service_costs), "must be 0 or more")
    return PlainValue(sums["own"], sums["referred"], cost, sums["service_costs"])


def expected_plain_value(
    *,
    expected_purchases: Amount,
    mean_purchase: Amount,
    acquisition_cost: Amount = 0,
    service_cost: Amount = 0,
    net_from_referrals: Amount = 0,
) -> PlainValue:
    """The same formula for a customer still to come: purchases over the lifetime, money of one, costs over all of it.

    `net_from_referrals` may be below 0 where those who came cost more than they brought.

    Raises:
        TermsError: purchases, mean purchase or a cost below 0, or not a finite whole or decimal number.
    """
    given = {
        "expected_purchases": expected_purchases,
        "mean_purchase": mean_purchase,
        "acquisition_cost": acquisition_cost,
        "service_cost": service_cost,
    }
    known = {name: _sum(name, [value]) for name, value in given.items()}
    for name, value in known.items():
        require(value >= 0, name, given[name], "must be 0 or more")
    return PlainValue(
        own=known["expected_purchases"] * known["mean_purchase"],
        referred=_sum("net_from_referrals", [net_from_referrals]),
        acquisition_cost=known["acquisition_cost"],
        service_cost=known["service_cost"],
    )


def _sum(name: str, values: Sequence[Amount]) -> Decimal:
    total = Decimal(0)
    for value in values:
        is_number = isinstance(value, (Decimal, int)) and not isinstance(value, bool)
        require(is_number and Decimal(value).is_finite(), name, value, "must be a whole number or a finite Decimal")
        total += value
    return total
