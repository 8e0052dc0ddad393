"""What activity hands out to a person and what it erases: only notes of visits are personal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.customers import services as customers

from . import queries
from .models import Order, Visit


def register() -> None:
    """Add the steps to every erasure and every export of a person's data."""
    customers.register_erasure_step(customers.ErasureStep("activity", erase))
    customers.register_export_step(customers.ExportStep("activity", export))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty the notes of visits; orders and sums stay, they name nobody."""
    Visit.objects.filter(owner_id__in=list(customer_ids)).exclude(note="").update(note="")


def export(customer_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return orders with lines, returns and visits as plain values."""
    orders = list(queries.orders(customer_ids))
    lines = queries.lines_of(order.id for order in orders)
    return {
        "orders": [_order(order, lines[order.id]) for order in orders],
        "returns": [
            {"at": row.occurred_at.isoformat(), "amount": f"{row.net_amount:f}", "currency": row.currency}
            for row in queries.returns(customer_ids)
        ],
        "visits": [
            {"at": row.occurred_at.isoformat(), "kind": row.visit_kind, "note": row.note}
            for row in queries.visits(customer_ids)
        ],
    }


def _order(order: Order, lines: Sequence[Any]) -> dict[str, Any]:
    return {
        "source": order.source,
        "number": order.external_id,
        "at": order.occurred_at.isoformat(),
        "amount": f"{order.net_amount:f}",
        "currency": order.currency,
        "lines": [
            {
                "name": line.name or line.sku,
                "quantity": f"{line.quantity:f}",
                "amount": f"{line.net_amount:f}",
            }
            for line in lines
        ],
    }
