"""What was spent under keys that begin alike, how much of it still stands, and what was said when it moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Sum

from .groups import groups_of
from .models import Kind, Transaction


@dataclass(frozen=True, slots=True)
class Spent:
    """A spend or a captured hold. amount: as it was; left: less what was reversed of it since, under whatever key."""

    owner_id: UUID
    key: str
    currency: str
    amount: int
    left: int


def spent_under(owner_ids: Iterable[UUID], prefix: str) -> tuple[list[Spent], set[str]]:
    """Return what these owners spent under keys that begin with `prefix`, the oldest first, and all keys that do.

    Records of a merged customer count together.
    """
    records = {record for group in groups_of(set(owner_ids)).values() for record in group}
    known = Transaction.objects.filter(owner_id__in=records, operation_key__startswith=prefix, part_of_id=None)
    rows = list(known.select_related("currency").order_by("id"))
    spent = [row for row in rows if row.transaction_kind in (Kind.SPEND, Kind.CAPTURE)]
    undone = Transaction.objects.filter(reverses_id__in=[row.id for row in spent], part_of_id=None)
    back = dict(undone.order_by().values_list("reverses_id").annotate(sum=Sum("amount")))
    found = [
        Spent(row.owner_id, row.operation_key, row.currency.code, row.amount, row.amount - back.get(row.id, 0))
        for row in spent
    ]
    return found, {row.operation_key for row in rows}


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement as it was answered. amount: negative where it went back; balance, available, arrears: after it."""

    owner_id: UUID
    currency: str
    amount: int
    balance: int
    available: int
    arrears: int
    reason: str
    reason_data: Mapping[str, Any]
    recorded_at: datetime


def moved_under(owner_ids: Iterable[UUID], prefix: str) -> list[Moved]:
    """Return all that these owners spent, or got back, under keys that begin with `prefix`, in the order of posting.

    Records of a merged customer count together.
    """
    records = {record for group in groups_of(set(owner_ids)).values() for record in group}
    rows = Transaction.objects.filter(owner_id__in=records, operation_key__startswith=prefix, part_of_id=None)
    return [
        Moved(
            owner_id=row.owner_id,
            currency=row.currency.code,
            amount=-row.amount if row.transaction_kind == Kind.REVERSE else row.amount,
            balance=row.balance,
            available=row.available,
            arrears=row.arrears,
            reason=row.reason,
            reason_data=row.reason_data or {},
            recorded_at=row.recorded_at,
        )
        for row in rows.select_related("currency").order_by("id")
    ]
