"""Events of what customers did."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_MONEY = {"amount": "net amount as text", "currency": "ISO 4217 code", "line_count": "number of lines"}

declare(
    EventType(
        "activity.order.recorded",
        _("Order"),
        {"order": "id", "is_history": "true if recorded after the fact", **_MONEY},
        icon="shopping-cart",
    ),
    EventType(
        "activity.order.changed",
        _("Order changed"),
        {"order": "id", "revision": "number of this version, from 2", **_MONEY},
        icon="pencil",
    ),
    EventType(
        "activity.return.recorded",
        _("Return"),
        {"return": "id", "order": "id, or null", "is_history": "true if recorded after the fact", **_MONEY},
        icon="receipt-refund",
    ),
    EventType(
        "activity.visit.recorded",
        _("Visit"),
        {"visit": "id", "visit_kind": "code", "store": "number, or null"},
        icon="walk",
    ),
    EventType(
        "activity.moment.recorded",
        _("Order moment"),
        {"order": "id, or null", "moment": "code"},
        icon="clock",
    ),
    EventType(
        "activity.cost.recorded",
        _("Cost to serve"),
        {"cost": "id", "cost_kind": "code", "amount": "amount as text", "currency": "ISO 4217 code"},
        icon="coin",
    ),
    EventType(
        "activity.cost.cancelled",
        _("Cost to serve cancelled"),
        {"cost": "id of the counter entry", "cancels": "id of the cost", "reason": "code"},
        icon="coin",
    ),
)
