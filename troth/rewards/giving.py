"""What rewards given away cost, for the value to come net of them. What points bought is the points' cost, not here."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from troth.kit.money import from_stored

from .models import Redemption, RedemptionState


def gift_costs(since: datetime, until: datetime, currency: str) -> Iterator[tuple[UUID, datetime, Decimal]]:
    """Yield to whom, when and at what known cost rewards were given at no charge, in one currency."""
    rows = _gifts(since, until, currency).order_by("id")
    for owner_id, at, cost, pieces in rows.values_list("owner_id", "occurred_at", "unit_cost", "quantity").iterator():
        yield owner_id, at, (cost or from_stored(0)) * pieces


def given_away(since: datetime, until: datetime, currency: str) -> Decimal:
    """Return the known cost of rewards that were given at no charge from one moment up to another, in one currency."""
    rows = _gifts(since, until, currency).order_by().values_list("unit_cost").annotate(pieces=Sum(F("quantity")))
    return sum((cost * pieces for cost, pieces in rows), from_stored(0))


def _gifts(since: datetime, until: datetime, currency: str) -> QuerySet[Redemption]:
    return Redemption.objects.filter(
        is_gift=True, occurred_at__gte=since, occurred_at__lt=until, cost_currency=currency, unit_cost__isnull=False
    ).exclude(state=RedemptionState.CANCELLED)
