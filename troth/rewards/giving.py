"""What rewards given away cost, for the value to come net of them. What points bought is the points' cost, not here."""

from datetime import datetime
from decimal import Decimal

from django.db.models import F, Sum

from troth.kit.money import from_stored

from .models import Redemption, RedemptionState


def given_away(since: datetime, until: datetime, currency: str) -> Decimal:
    """Return the known cost of rewards that were given at no charge from one moment up to another, in one currency."""
    gifts = Redemption.objects.filter(
        is_gift=True, occurred_at__gte=since, occurred_at__lt=until, cost_currency=currency, unit_cost__isnull=False
    ).exclude(state=RedemptionState.CANCELLED)
    rows = gifts.order_by().values_list("unit_cost").annotate(pieces=Sum(F("quantity")))
    return sum((cost * pieces for cost, pieces in rows), from_stored(0))
