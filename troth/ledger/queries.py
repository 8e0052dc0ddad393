"""Reading the ledger. Import as one thing: `from troth.ledger import queries as ledger`."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from .as_of import LotThen, balance_as_of, lots_as_of
from .balances import Balance, balances
from .costing import CostedPoints, collectors, costed_points, lot_costs
from .desk import (
    EndingMonth,
    adjustment_request,
    adjustment_requests,
    all_adjustment_requests,
    currencies_had,
    ending,
    expiry_changes,
    has_account,
    holds,
    moved_by_month,
    pool_members,
)
from .endings import EndingDay, ending_days, ending_owner_ids
from .errors import CurrencyUnknownError
from .expiry_changes import preview_expiry_change
from .lists import Movement, ending_owners, holders, movements, pending_owners, spends
from .models import PointCurrency
from .pools import allowance
from .soonest import NextEnding, next_endings
from .spent import Moved, Spent, moved_under, spent_under
from .statements import Explanation, Line, Link, LotView, expiring, explain, lots, statement

__all__ = [
    "Balance",
    "CostedPoints",
    "EndingDay",
    "EndingMonth",
    "Explanation",
    "Line",
    "Link",
    "LotThen",
    "LotView",
    "Moved",
    "Movement",
    "NextEnding",
    "Spent",
    "adjustment_request",
    "adjustment_requests",
    "all_adjustment_requests",
    "balance_as_of",
    "balances",
    "collectors",
    "costed_points",
    "currencies",
    "currencies_had",
    "currency",
    "ending",
    "ending_days",
    "ending_owner_ids",
    "ending_owners",
    "expiring",
    "expiry_changes",
    "explain",
    "has_account",
    "holders",
    "holds",
    "lot_costs",
    "lots",
    "lots_as_of",
    "moved_by_month",
    "moved_under",
    "movements",
    "next_endings",
    "pending_owners",
    "pool_members",
    "pool_share",
    "preview_expiry_change",
    "spends",
    "spent_under",
    "statement",
]


def pool_share(household_id: UUID, member_id: UUID, code: str, *, now: datetime) -> int:
    """Return how many points of a household's pool a member may spend now: what is there, within the pool's rules.

    Raises:
        CurrencyUnknownError: no such currency.
    """
    limit = allowance(household_id, member_id, currency(code), now)
    available = balances([household_id], code, now=now)[household_id].available if limit != 0 else 0
    return available if limit is None else min(available, limit)


def currency(code: str) -> PointCurrency:
    """Return the point currency.

    Raises:
        CurrencyUnknownError: no such currency.
    """
    found = PointCurrency.objects.filter(code=code).first()
    if found is None:
        raise CurrencyUnknownError(code)
    return found


def currencies() -> QuerySet[PointCurrency]:
    """Return every point currency, those in use first, by code."""
    return PointCurrency.objects.order_by("-is_active", "code")
