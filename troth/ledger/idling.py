"""Lots that end by inactivity, found by the database: their end stands in no column, for every activity moves it."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import Account, ExpiryKind, Lot


def idle_lots() -> QuerySet[Lot]:
    """Return open lots that will end by inactivity."""
    return Lot.objects.filter(is_open=True, expires_at=None, expiry_kind=ExpiryKind.INACTIVITY)


def idle_by(moment: datetime, *, after: datetime | None = None) -> QuerySet[Lot]:
    """Return the lots that end by inactivity up to the moment, if nothing happens meanwhile; those after `after` only.

    Counted by the activity on the account that holds them. An owner of several records may have been active on
    another one: who takes points judges that by itself.
    """
    counts = idle_lots().order_by().values_list("expiry_count", flat=True).distinct()
    matches = Q(pk__in=[])
    for count in counts:
        match = Q(expiry_count=count) & _ended_by(moment - timedelta(days=count))
        if after is not None:
            match &= ~_ended_by(after - timedelta(days=count))
        matches |= match
    return idle_lots().filter(matches)


def _ended_by(start: datetime) -> Q:
    """Match lots of which the days count from no later than this: usable since, and no activity later."""
    later = Account.objects.filter(id=OuterRef("account_id"), last_activity_at__gt=start)
    return Q(activates_at__lte=start) & ~Q(Exists(later))
