"""The messages tab of a customer, and the card beside the history."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerCard, CustomerTab, register
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest
from troth.messaging import queries as messaging

from .shown import shown_messages

ON_CARD = 3


def card(request: ConsoleRequest, shown: Profile) -> dict[str, Any] | None:
    """Return the newest messages; nothing where there are none."""
    found = list(messaging.contacts_of(shown.customer.id)[: ON_CARD + 1])
    if not found:
        return None
    return {"rows": shown_messages(found[:ON_CARD], request.actor), "has_more": len(found) > ON_CARD}


register(
    CustomerTab("messages", _("Messages"), "messages:customer", Permission.MESSAGES_VIEW, 45),
    CustomerCard("console/messages/card.html", Permission.MESSAGES_VIEW, card, 40),
)
