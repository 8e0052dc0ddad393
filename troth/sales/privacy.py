"""What sales hand out to a person: what each order brought and why. Nothing of it is personal, so nothing is erased."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from troth.customers import services as customers

from .models import OrderEvaluation
from .steps import outcomes_of


def register() -> None:
    """Add the step to every export of a person's data."""
    customers.register_export_step(customers.ExportStep("sales", export))


def export(customer_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return every evaluation of the customer's orders as plain values."""
    rows = OrderEvaluation.objects.filter(owner_id__in=list(customer_ids)).order_by("recorded_at", "id")
    return {
        "evaluations": [
            {
                "order": str(row.order_id),
                "programme": row.programme,
                "cause": row.cause,
                "at": row.recorded_at.isoformat(),
                "known_of_you": row.state,
                "awards": row.awards,
                "reasons": [outcome.to_json() for outcome in outcomes_of(row)],
            }
            for row in rows
        ]
    }
