"""The points tab of a customer, and the card beside the history."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerCard, CustomerTab, register
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest
from troth.kit.clock import utc_now

from . import tier
from .purse import last_day, purses


def card(request: ConsoleRequest, shown: Profile) -> dict[str, Any] | None:
    """Return balances and tiers in short; nothing where there are no currencies."""
    now = utc_now()
    mine = purses(shown.customer.id, now)
    mine = [one for one in mine if not one.is_empty] or mine[:1]
    tiers = tier.tiers_of(shown.customer.id, shown.records, now) if request.actor.may(Permission.PROGRAMS_VIEW) else []
    if not mine and not tiers:
        return None
    return {"purses": [(one, last_day(one.next_end[0]) if one.next_end else "") for one in mine], "tiers": tiers}


register(
    CustomerTab("points", _("Points"), "points:customer", Permission.POINTS_VIEW, 30),
    CustomerCard("console/points/card.html", Permission.POINTS_VIEW, card, 10),
)
