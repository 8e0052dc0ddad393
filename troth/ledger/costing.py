"""What points cost over a time: issued, at what cost, and in which way they ended; and who collects them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from .models import Account, Entry, Lot, PointCurrency, PoolMember
from .terms import OwnerKind, Purpose


@dataclass(frozen=True, slots=True)
class CostedPoints:
    """One currency's points that the company itself issued, in smallest units.

    issued: less what was taken back; costed: how many of those earned have a known cost, and cost: that cost in
    ten-thousandths of money; redeemed, expired: points that ended in the time, whenever they were issued.
    """

    currency: PointCurrency
    issued: int
    costed: int
    cost: int
    redeemed: int
    expired: int


def costed_points(since: datetime, until: datetime, *, cost_currency: str) -> list[CostedPoints]:
    """Return what was issued, redeemed and expired from one moment up to another, by currency; none without points.

    cost_currency: of the money; costs in another are not known here.
    """
    sums = _sums(since, until)
    costs = _costs(since, until, cost_currency)
    currencies = PointCurrency.objects.in_bulk(list(sums))
    return [
        CostedPoints(
            currency=currencies[key],
            issued=-sums[key].get(Purpose.ISSUED, 0),
            costed=costs.get(key, (0, 0))[0],
            cost=costs.get(key, (0, 0))[1] // 1000,
            redeemed=max(sums[key].get(Purpose.REDEEMED, 0), 0),
            expired=max(sums[key].get(Purpose.EXPIRED, 0), 0),
        )
        for key in sorted(sums, key=lambda one: currencies[one].code)
    ]


def lot_costs(since: datetime, until: datetime, *, cost_currency: str) -> Iterator[tuple[UUID, datetime, Decimal]]:
    """Yield of whom, when and at what cost the company itself issued points from one moment up to another.

    Only what has a known cost in that currency; points that came by transfer are no new ones.
    """
    lots = _costed(since, until, cost_currency).order_by("id")
    rows = lots.values_list("owner_id", "occurred_at", "amount", "thousand_cost").iterator(chunk_size=20_000)
    for owner_id, at, amount, thousand_cost in rows:
        yield owner_id, at, amount * (thousand_cost or Decimal(0)) / 1000


def collectors() -> set[UUID]:
    """Return the records of customers who have an account of their own or stand in a household's pool."""
    accounts = Account.objects.filter(owner_kind=OwnerKind.CUSTOMER).order_by()
    found = set(accounts.values_list("owner_id", flat=True).iterator(chunk_size=50_000))
    return found | set(PoolMember.objects.order_by().values_list("member_id", flat=True))


def _sums(since: datetime, until: datetime) -> dict[Any, dict[str, int]]:
    own = Entry.objects.filter(account_id=None, issuer_id=None, occurred_at__gte=since, occurred_at__lt=until)
    found: dict[Any, dict[str, int]] = {}
    for key, purpose, amount in own.order_by().values_list("currency_id", "purpose").annotate(sum=Sum("amount")):
        found.setdefault(key, {})[purpose] = amount
    return found


def _costs(since: datetime, until: datetime, cost_currency: str) -> dict[Any, tuple[int, int]]:
    """Points earned with a known cost, and a thousand times that cost; points that came by transfer are no new ones."""
    lots = _costed(since, until, cost_currency)
    rows = lots.order_by().values_list("currency_id", "thousand_cost").annotate(points=Sum(F("amount")))
    found: dict[Any, tuple[int, int]] = {}
    for key, thousand_cost, points in rows:
        before = found.get(key, (0, 0))
        found[key] = before[0] + points, before[1] + points * int(thousand_cost * 10_000)
    return found


def _costed(since: datetime, until: datetime, cost_currency: str) -> QuerySet[Lot]:
    return Lot.objects.filter(
        occurred_at__gte=since, occurred_at__lt=until, issuer_id=None, from_lot_id=None,
        cost_currency=cost_currency, thousand_cost__isnull=False,
    )  # fmt: skip
