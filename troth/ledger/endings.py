"""Points that end, by day: how many owners they are of, and who these are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate

from .models import Lot


@dataclass(frozen=True, slots=True)
class EndingDay:
    """Owners whose points end on a day, and how many points, in smallest units of one currency."""

    date: date
    currency: str
    owners: int
    points: int


def ending_days(start: datetime, end: datetime, *, zone: str) -> list[EndingDay]:
    """Return what ends from a moment to another (not included), by day of a zone and currency."""
    rows = (
        _open(start, end)
        .annotate(day=TruncDate("expires_at", tzinfo=ZoneInfo(zone)))
        .order_by()
        .values("day", "currency__code")
        .annotate(owners=Count("owner_id", distinct=True), points=Sum("remaining"))
        .order_by("day", "currency__code")
    )
    return [EndingDay(row["day"], row["currency__code"], row["owners"], row["points"]) for row in rows]


def ending_owner_ids(currency: str, start: datetime, end: datetime) -> QuerySet[Any, Any]:
    """Return the owners whose points of a currency end from a moment to another, as a query of their ids."""
    return _open(start, end).filter(currency__code=currency).order_by().values_list("owner_id", flat=True).distinct()


def _open(start: datetime, end: datetime) -> QuerySet[Lot]:
    return Lot.objects.filter(is_open=True, remaining__gt=0, expires_at__gte=start, expires_at__lt=end)
