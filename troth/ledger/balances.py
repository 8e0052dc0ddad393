"""What owners have now, over all records of a merged customer."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from .groups import groups_of
from .models import Account, ExpiryKind, Lot


@dataclass(frozen=True, slots=True)
class Balance:
    """What an owner has: balance = usable + pending + held + overdue − arrears; available is usable − arrears, or 0.

    overdue: ended, and not yet taken by the nightly sweep.
    """

    balance: int = 0
    available: int = 0
    pending: int = 0
    held: int = 0
    arrears: int = 0
    overdue: int = 0


def balances(owner_ids: Collection[UUID], currency: str, *, now: datetime) -> dict[UUID, Balance]:
    """Return what each owner has, those without an account too; a few queries for any number of owners."""
    together = groups_of(set(owner_ids))
    records = {record for group in together.values() for record in group}
    accounts = list(Account.objects.filter(owner_id__among=records, currency__code=currency))
    parts = _parts(accounts, now, last_activity(accounts, together))
    by_owner = {account.owner_id: account for account in accounts}
    found = {}
    for owner_id in owner_ids:
        own = [by_owner[record] for record in together[owner_id] if record in by_owner]
        found[owner_id] = _balance(own, parts)
    return found


def last_activity(
    accounts: Iterable[Account], together: Mapping[UUID, tuple[UUID, ...]]
) -> dict[UUID, datetime | None]:
    """Return when the owner of each account was last active, on any record."""
    by_owner = {account.owner_id: account for account in accounts}
    found: dict[UUID, datetime | None] = {}
    for group in together.values():
        known = [by_owner[record] for record in group if record in by_owner]
        moments = [account.last_activity_at for account in known if account.last_activity_at is not None]
        found |= {account.id: max(moments, default=None) for account in known}
    return found


def _balance(accounts: Iterable[Account], parts: Mapping[UUID, tuple[int, int]]) -> Balance:
    balance = held = arrears = pending = overdue = 0
    for account in accounts:
        balance, held, arrears = balance + account.balance, held + account.held, arrears + account.arrears
        more_pending, more_overdue = parts.get(account.id, (0, 0))
        pending, overdue = pending + more_pending, overdue + more_overdue
    available = max(0, balance - held - pending - overdue)
    return Balance(balance, available, pending, held, arrears, overdue)


def _parts(
    accounts: Iterable[Account], now: datetime, active_at: Mapping[UUID, datetime | None]
) -> dict[UUID, tuple[int, int]]:
    """Return pending and overdue points by account."""
    found: dict[UUID, tuple[int, int]] = {}
    owners = {account.owner_id for account in accounts}
    wanted = {account.currency_id for account in accounts}
    lots = Lot.objects.filter(owner_id__among=owners, currency_id__in=wanted, is_open=True)
    for row in _open_sums(lots, now):
        pending, overdue = found.get(row["account_id"], (0, 0))
        found[row["account_id"]] = (pending + row["pending"], overdue + row["ended"])
    for lot in lots.filter(expiry_kind=ExpiryKind.INACTIVITY, expires_at=None, activates_at__lte=now):
        if ends_by(lot, active_at.get(lot.account_id)) <= now:
            pending, overdue = found.get(lot.account_id, (0, 0))
            found[lot.account_id] = (pending, overdue + lot.remaining - lot.held)
    return found


def ends_by(lot: Lot, active_at: datetime | None) -> datetime:
    """Return when a lot ends by inactivity; the days count from when its points became usable, at the earliest."""
    start = lot.activates_at or lot.occurred_at
    return max(active_at or start, start) + timedelta(days=lot.expiry_count)


def _open_sums(lots: QuerySet[Lot], now: datetime) -> Iterable[Mapping[str, Any]]:
    """Return sums over open lots by account, without what is held: not usable yet, and past their own end."""
    free = F("remaining") - F("held")

    def total(condition: Q) -> Coalesce:
        return Coalesce(Sum(free, filter=condition), 0, output_field=BigIntegerField())

    begun = Q(activates_at__lte=now)
    rows: Any = lots.values("account_id")
    found: Iterable[Mapping[str, Any]] = rows.annotate(
        pending=total(Q(activates_at__gt=now) | Q(activates_at=None)), ended=total(begun & Q(expires_at__lte=now))
    )
    return found
