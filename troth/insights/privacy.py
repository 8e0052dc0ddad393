"""What was computed of a person: handed out with everything else that is known of them, and erased with it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model

from troth.access.actors import Actor
from troth.customers import services as customers

from .market_models import CustomerMarket
from .models import (
    CustomerChurn,
    CustomerOutlook,
    CustomerScore,
    Introduction,
    ProductSuggestion,
)
from .prospect_models import Prospect

PROFILE: dict[str, type[Model]] = {
    "scores": CustomerScore,
    "expected": CustomerOutlook,
    "leaving": CustomerChurn,
    "suggestions": ProductSuggestion,
    "markets": CustomerMarket,
    "prospect": Prospect,
}
"""What the export hands out, by what it calls it."""

FORGOTTEN: tuple[type[Model], ...] = (*PROFILE.values(), Introduction)
"""Every table that says something of one customer. Who brought them names somebody else: that is handed out as the
customer told it, among the attributes.
"""

_OF_THE_ANALYSIS = {"id", "owner_id", "run_id"}


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("insights", erase))
    customers.register_export_step(customers.ExportStep("profile", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Delete the profile at once, not with the next analysis."""
    for model in FORGOTTEN:
        model._default_manager.filter(owner_id__in=list(customer_ids)).delete()


def export(customer_ids: Sequence[UUID]) -> dict[str, list[dict[str, Any]]]:
    """Return what was computed of the person, with its day and its reasons."""
    return {name: _rows(model, customer_ids) for name, model in PROFILE.items()}


def _rows(model: type[Model], customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in _OF_THE_ANALYSIS]
    rows = model._default_manager.filter(owner_id__in=list(customer_ids)).order_by("owner_id")
    return [{name: _plain(getattr(row, name)) for name in names} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
