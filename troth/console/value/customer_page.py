"""The tree of introductions beside a customer's history."""

from typing import Any

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerCard, register
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest

from . import referral_cards


def card(request: ConsoleRequest, shown: Profile) -> dict[str, Any] | None:
    """Return the picture; nothing where the customer was not brought and brought nobody."""
    found = referral_cards.of_customer(shown.customer.id, request.actor, shown.currency)
    return {"chart": found} if found else None


register(CustomerCard("console/value/customer_referrals.html", Permission.INSIGHTS_VIEW, card, 40))
