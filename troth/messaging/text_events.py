"""Events of templates, channels, receipts and links."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_TEMPLATE = {"template": "code", "version": "number"}


def declare_events() -> None:
    """Declare them, at start-up."""
    declare(
        EventType(
            "messaging.brand.changed",
            _("Look of e-mails and public pages changed"),
            {"fields": "names of the changed fields"},
            on_timeline=False,
        ),
        EventType("messaging.template.created", _("Template made"), {"template": "code"}, on_timeline=False),
        EventType("messaging.template.published", _("Template published"), _TEMPLATE, on_timeline=False),
        EventType("messaging.template.archived", _("Template put away"), {"template": "code"}, on_timeline=False),
        EventType(
            "messaging.channel.changed",
            _("Channel set up"),
            {"channel": "code", "fields": "names of the changed settings", "is_enabled": "true or false"},
            on_timeline=False,
        ),
    )
