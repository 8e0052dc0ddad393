"""Events of points."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_MOVE = {
    "transaction": "id",
    "currency": "code",
    "amount": "points in the smallest unit",
    "balance": "of the owner afterwards",
    "reason": "code",
    "owner_kind": "household, staff or partner; absent for customers",
}
_CURRENCY = {"currency": "code", "fields": "names of the changed fields"}
_REQUEST = {"request": "id", "currency": "code", "amount": "points, negative if taken", "reason": "code"}

declare(
    EventType("ledger.points.earned", _("Points earned"), _MOVE, icon="coins"),
    EventType("ledger.points.spent", _("Points spent"), _MOVE, icon="coins"),
    EventType("ledger.points.held", _("Points set aside"), _MOVE, icon="lock"),
    EventType("ledger.points.released", _("Points no longer set aside"), _MOVE, icon="lock-open"),
    EventType("ledger.points.expired", _("Points expired"), _MOVE, icon="clock"),
    EventType(
        "ledger.points.adjusted",
        _("Points adjusted"),
        {**_MOVE, "arrears_made": "points owed since", "written_off": "points written off"},
        icon="pencil",
    ),
    EventType("ledger.points.given", _("Points given to another"), _MOVE, icon="arrow-right"),
    EventType("ledger.points.received", _("Points received from another"), _MOVE, icon="arrow-left"),
    EventType(
        "ledger.points.reversed",
        _("Points reversed"),
        {**_MOVE, "arrears_made": "points owed since", "written_off": "points written off"},
        icon="arrow-back-up",
    ),
    EventType("ledger.points.activated", _("Points became usable"), _MOVE, icon="coins"),
    EventType(
        "ledger.currency.created", _("Point currency made"), {"currency": "code"}, icon="coins", on_timeline=False
    ),
    EventType("ledger.currency.changed", _("Point currency changed"), _CURRENCY, icon="coins", on_timeline=False),
    EventType("ledger.adjustment.requested", _("Adjustment requested"), _REQUEST, icon="pencil"),
    EventType("ledger.adjustment.approved", _("Adjustment approved"), _REQUEST, icon="check"),
    EventType("ledger.adjustment.rejected", _("Adjustment rejected"), _REQUEST, icon="x"),
    EventType(
        "ledger.pool.changed",
        _("Rules of a household's pool changed"),
        {
            "currency": "code",
            "member": "id",
            "may_spend": "true or false",
            "limit": "points or null",
            "period": "code",
        },
        icon="users",
    ),
    EventType(
        "ledger.expiry.requested",
        _("New expiry for old points requested"),
        {"change": "id", "currency": "code"},
        icon="clock",
        on_timeline=False,
    ),
    EventType(
        "ledger.expiry.decided",
        _("New expiry for old points decided"),
        {"change": "id", "currency": "code", "state": "approved or rejected"},
        icon="clock",
        on_timeline=False,
    ),
    EventType(
        "ledger.expiry.applied",
        _("New expiry applied to old points"),
        {"change": "id", "currency": "code", "lots": "how many", "points": "how many"},
        icon="clock",
        on_timeline=False,
    ),
)
