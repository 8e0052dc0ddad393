"""The tasks tab of a customer, and the card beside the history."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.customers.page import CustomerCard, CustomerTab, register
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest
from troth.kit.clock import utc_now
from troth.staff import queries as staff
from troth.worklist import queries as worklist
from troth.worklist.models import TaskState

from .shown import shown_tasks

ON_CARD = 3


def card(request: ConsoleRequest, shown: Profile) -> dict[str, Any] | None:
    """Return the open tasks about the customer; nothing where there are none."""
    waiting = worklist.of_customer(shown.customer.id).filter(state=TaskState.OPEN)
    found = list(waiting[: ON_CARD + 1])
    if not found:
        return None
    return {
        "rows": shown_tasks(found[:ON_CARD], request.actor, staff.moment(utc_now())),
        "has_more": len(found) > ON_CARD,
    }


register(
    CustomerTab("tasks", _("Tasks"), "tasks:customer", Permission.TASKS_VIEW, 50),
    CustomerCard("console/tasks/card.html", Permission.TASKS_VIEW, card, 30),
)
