"""Who stands behind the figures of a currency: who holds it, whose points end or wait, what moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from .models import Account, Entry, Kind, Lot, PointCurrency, Transaction


@dataclass(frozen=True, slots=True)
class Movement:
    """Points that went to or came from a purpose, with the transaction that says why. id: its place in the list."""

    id: int
    transaction: Transaction
    points: int


def holders(currency: PointCurrency) -> QuerySet[Account]:
    """Return the accounts with something in them, those with most first."""
    return Account.objects.filter(currency=currency, balance__gt=0).order_by("-balance", "id")


def ending_owners(currency: PointCurrency, start: datetime, end: datetime) -> QuerySet[Any, dict[str, Any]]:
    """Return `owner_id` and `points` of who has points that end after `start` and until `end`, most first."""
    lots = Lot.objects.filter(currency=currency, is_open=True, expires_at__gt=start, expires_at__lte=end)
    return _by_owner(lots)


def pending_owners(currency: PointCurrency, now: datetime) -> QuerySet[Any, dict[str, Any]]:
    """Return `owner_id` and `points` of who has points that are not usable yet, most first."""
    waiting = Q(activates_at__gt=now) | Q(activates_at=None)
    return _by_owner(Lot.objects.filter(waiting, currency=currency, is_open=True))


def spends() -> QuerySet[Transaction]:
    """Return the transactions by which members spent points, also held ones captured; each once."""
    return Transaction.objects.filter(transaction_kind__in=(Kind.SPEND, Kind.CAPTURE), part_of_id=None)


def movements(
    currency: PointCurrency,
    purposes: Iterable[str],
    *,
    start: datetime,
    end: datetime,
    before: int | None = None,
    limit: int = 40,
) -> list[Movement]:
    """Return what moved to or from purposes in a time, the latest first; positive where members got points.

    before: the id of the last one of the page before.
    """
    found = Entry.objects.filter(currency=currency, account_id=None, occurred_at__gte=start, occurred_at__lt=end)
    if before is not None:
        moment = Entry.objects.filter(id=before).values_list("occurred_at", flat=True).first() or start
        found = found.filter(occurred_at__lte=moment).exclude(occurred_at=moment, id__gte=before)
    # Each purpose by itself, so that the index gives the first rows in their order and no more are read.
    parts = (found.filter(purpose=purpose).order_by("-occurred_at", "-id")[:limit] for purpose in set(purposes))
    rows = sorted(chain.from_iterable(parts), key=lambda row: (row.occurred_at, row.id), reverse=True)[:limit]
    known = Transaction.objects.in_bulk([row.transaction_id for row in rows])
    return [Movement(row.id, known[row.transaction_id], -row.amount) for row in rows]


def _by_owner(lots: QuerySet[Lot]) -> QuerySet[Any, dict[str, Any]]:
    rows: Any = lots.order_by().values("owner_id").annotate(points=Sum("remaining")).filter(points__gt=0)
    found: QuerySet[Any, dict[str, Any]] = rows.order_by(F("points").desc(), "owner_id")
    return found
