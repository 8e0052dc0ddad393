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
declare(
    EventType(
        "sales.history.requested",
        _("Award of past orders asked for"),
        {"award": "id", "from": "first day", "to": "last day", "orders": "number of orders recorded as history"},
        icon="history",
        on_timeline=False,
    ),
    EventType(
        "sales.history.approved",
        _("Award of past orders approved"),
        {"award": "id"},
        icon="history",
        on_timeline=False,
    ),
    EventType(
        "sales.history.declined",
        _("Award of past orders declined"),
        {"award": "id"},
        icon="history",
        on_timeline=False,
    ),
    EventType(
        "sales.history.awarded",
        _("Past orders awarded"),
        {"award": "id", "orders": "number of orders awarded", "points": "points given, by currency"},
        icon="history",
        on_timeline=False,
    ),
)
