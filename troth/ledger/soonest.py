"""For many owners at once: when points end next, and how many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from troth.kit import clock

from .groups import groups_of
from .models import Lot, PointCurrency


@dataclass(frozen=True, slots=True)
class NextEnding:
    """The day on which an owner's next points end, in the currency's zone, and how many end that day."""

    date: date
    points: int


def next_endings(owner_ids: Collection[UUID], currency: str, *, now: datetime) -> dict[UUID, NextEnding]:
    """Return what ends next for each owner with a lot that ends by a day of its own; three queries for any number.

    Points that end by inactivity have no such day and are left out.
    """
    together = groups_of(set(owner_ids))
    firsts = {record: owner for owner, group in together.items() for record in group}
    zone = PointCurrency.objects.get(code=currency).time_zone
    rows = (
        Lot.objects.filter(
            owner_id__among=list(firsts), currency__code=currency, is_open=True, remaining__gt=0, expires_at__gt=now
        )
        .order_by("expires_at")
        .values_list("owner_id", "expires_at", "remaining")
    )
    found: dict[UUID, NextEnding] = {}
    for record, expires_at, remaining in rows:
        assert expires_at is not None, "filtered by it"
        owner, day = firsts[record], _last_day(expires_at, zone)
        known = found.get(owner)
        if known is None:
            found[owner] = NextEnding(day, remaining)
        elif known.date == day:
            found[owner] = NextEnding(day, known.points + remaining)
    return found


def _last_day(expires_at: datetime, zone: str) -> date:
    """Return the last day on which the points can be spent: an end at midnight is the day before."""
    return clock.business_date(expires_at - timedelta(microseconds=1), zone)
