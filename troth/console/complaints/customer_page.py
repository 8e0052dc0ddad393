"""The complaints of a customer: a card beside the history."""

from collections.abc import Mapping
from typing import Any

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerCard, register
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest
from troth.voice.complaints import queries as complaints

from .board_views import cards

SHOWN = 5


def _build(request: ConsoleRequest, shown: Profile) -> Mapping[str, Any]:
    found = list(complaints.cases_of(shown.customer.id)[:SHOWN])
    may_add = request.actor.may(Permission.CASES_WORK) and shown.customer.erased_at is None
    return {
        "cards": cards(request, found),
        "open_count": complaints.open_count(shown.customer.id) if found else 0,
        "customer_id": shown.customer.id,
        "may_add": may_add,
    }


register(CustomerCard("console/complaints/customer_card.html", Permission.CASES_VIEW, _build, 50))
