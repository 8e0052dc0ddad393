"""What owners have now, over all records of a merged customer."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from .groups import groups_of
from .models import Account, ExpiryKind, Lot

NEVER_IDLE = -1


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
    """Return what each owner has, those without an account too; three queries for any number of owners."""
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
    for row in open_sums(Lot.objects.filter(owner_id__among=owners, currency_id__in=wanted), now):
        pending, overdue = found.get(row["account_id"], (0, 0))
        begun = row["begun"]
        is_over = is_idle(row["idle_days"], active_at.get(row["account_id"]), now)
        over = begun if is_over else row["ended"]
        found[row["account_id"]] = (pending + row["pending"], overdue + over)
    return found


def is_idle(days: int, active_at: datetime | None, now: datetime) -> bool:
    """Tell whether points that end after so many days of inactivity have ended."""
    return days != NEVER_IDLE and active_at is not None and active_at + timedelta(days=days) <= now


def open_sums(lots: QuerySet[Lot], now: datetime) -> Iterable[Mapping[str, Any]]:
    """Return sums over open lots by account and by the days of inactivity after which they end (-1: they do not).

    pending: not usable yet; begun: usable by their beginning; ended: past their own end. What is held is left out.
    """
    idle = Q(expiry_kind=ExpiryKind.INACTIVITY, expires_at=None)
    days = Case(When(idle, then=F("expiry_count")), default=Value(NEVER_IDLE), output_field=BigIntegerField())
    free = F("remaining") - F("held")
    begun = Q(activates_at__lte=now)

    def total(condition: Q) -> Coalesce:
        return Coalesce(Sum(free, filter=condition), 0, output_field=BigIntegerField())

    rows: Any = lots.filter(is_open=True).annotate(idle_days=days).values("account_id", "idle_days")
    found: Iterable[Mapping[str, Any]] = rows.annotate(
        pending=total(~begun | Q(activates_at=None)), begun=total(begun), ended=total(begun & Q(expires_at__lte=now))
    )
    return found
