"""What a group of customers comes to: sums and means over their scores and outlooks."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from troth.value.terms import ACTIVE_STATUSES

from .models import CustomerOutlook, CustomerScore


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of a group as of the last analysis; means are None where there is nobody to take them of.

    customers: those with a score; active: of them, not silent beyond their rhythm; revenue, profit: of the window by
    which bands are drawn; purchases, silence: means, days with a purchase and days since the last one; index, alive:
    means, 0 to 100 and 0 to 1; potential: sum of the profit expected in the coming year.
    """

    customers: int
    active: int
    revenue: Decimal
    profit: Decimal
    purchases: Decimal | None
    silence: Decimal | None
    index: Decimal | None
    alive: Decimal | None
    potential: Decimal | None

    def a_head(self, amount: Decimal | None) -> Decimal | None:
        """Return an amount of the group for each of its customers."""
        return amount / self.customers if self.customers and amount is not None else None


def summary(owner_ids: QuerySet[Any, Any] | None = None) -> Summary:
    """Return the figures of these canonical customers, given as a query of ids; of everybody without it."""
    scores, outlooks = CustomerScore.objects.all(), CustomerOutlook.objects.all()
    if owner_ids is not None:
        scores, outlooks = scores.filter(owner_id__in=owner_ids), outlooks.filter(owner_id__in=owner_ids)
    found = scores.aggregate(
        customers=Count("owner_id"),
        active=Count("owner_id", filter=Q(status__in=ACTIVE_STATUSES)),
        revenue=Sum("window_revenue"),
        profit=Sum("window_profit"),
        purchases=Sum("purchases"),
        silence=Sum("days_since_last_purchase"),
    )
    told = outlooks.aggregate(
        known=Count("owner_id"),
        foretold=Count("probability_alive"),
        index=Sum("loyalty_index"),
        alive=Sum("probability_alive"),
        potential=Sum("potential_value"),
    )
    return Summary(
        customers=found["customers"],
        active=found["active"],
        revenue=found["revenue"] or Decimal(0),
        profit=found["profit"] or Decimal(0),
        purchases=_mean(found["purchases"], found["customers"]),
        silence=_mean(found["silence"], found["customers"]),
        index=_mean(told["index"], told["known"]),
        alive=_mean(told["alive"], told["foretold"]),
        potential=told["potential"],
    )


def _mean(total: Any, count: int) -> Decimal | None:
    return Decimal(total) / count if count and total is not None else None
