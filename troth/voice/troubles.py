"""Which customers have a complaint open, for the next best action."""

from uuid import UUID

from troth.customers import queries as customers

from .models import OPEN_STATES, Case


def read() -> set[UUID]:
    """Return the canonical customers with an open complaint; of a case without a customer nobody."""
    found = Case.objects.filter(state__in=OPEN_STATES).order_by().values_list("customer_id", flat=True).distinct()
    return set(customers.canonical_ids({owner for owner in found if owner is not None}).values())
