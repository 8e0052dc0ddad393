"""Events of the company, its stores and people."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

declare(
    EventType(
        "staff.company.set_up",
        _("Company set up"),
        {"currency": "ISO 4217 code", "time_zone": "IANA name", "country": "ISO 3166 code"},
        on_timeline=False,
    ),
    EventType(
        "staff.company.changed",
        _("Company settings changed"),
        {"fields": "names of the changed fields"},
        on_timeline=False,
    ),
    EventType(
        "staff.store.saved",
        _("Store saved"),
        {"store": "code", "is_new": "true if it was added"},
        on_timeline=False,
    ),
    EventType(
        "staff.member.saved",
        _("Member of staff saved"),
        {"member": "id", "is_new": "true if added"},
        on_timeline=False,
    ),
    EventType("staff.user.added", _("Login added"), {"user": "id", "role": "code"}, on_timeline=False),
    EventType("staff.user.role_changed", _("Role changed"), {"user": "id", "role": "code"}, on_timeline=False),
    EventType("staff.user.deactivated", _("Login shut"), {"user": "id"}, on_timeline=False),
    EventType("staff.user.reactivated", _("Login opened again"), {"user": "id"}, on_timeline=False),
    EventType(
        "staff.api_key.created",
        _("API key made"),
        {"key": "id", "scopes": "permission codes"},
        on_timeline=False,
    ),
    EventType("staff.api_key.revoked", _("API key revoked"), {"key": "id"}, on_timeline=False),
)
