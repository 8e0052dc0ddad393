"""The tree of introductions beside a customer's history."""

from typing import Any

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerCard, register
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest

from . import prospects, referral_cards


def card(request: ConsoleRequest, shown: Profile) -> dict[str, Any] | None:
    """Return the picture; nothing where the customer was not brought and brought nobody."""
    found = referral_cards.of_customer(shown.customer.id, request.actor, shown.currency)
    return {"chart": found} if found else None


def prospect(_request: ConsoleRequest, shown: Profile) -> dict[str, Any] | None:
    """Return on which rung below the first purchase the customer stands, and why; nothing of a buyer."""
    return None if shown.score or shown.customer.erased_at else prospects.of_customer(shown.customer.id)


register(CustomerCard("console/value/customer_prospect.html", Permission.INSIGHTS_VIEW, prospect, 6))
register(CustomerCard("console/value/customer_referrals.html", Permission.INSIGHTS_VIEW, card, 40))
