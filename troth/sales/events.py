"""Events of sales. What orders earn is told by the ledger, what moves tiers by programmes."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

declare(
    EventType(
        "sales.order.unwound",
        _("Awards corrected"),
        {
            "order": "id",
            "return": "id, or null where the order was changed",
            "programme": "code",
            "moved": "points by currency and coupons by campaign, negative where taken back",
        },
        icon="receipt-refund",
    ),
    EventType(
        "sales.rehearsal.finished",
        _("Rehearsal finished"),
        {"rehearsal": "id", "programme": "code", "orders": "number of orders replayed"},
        icon="history",
        on_timeline=False,
    ),
)
