"""Events of templates, channels, receipts and links."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_CONTACT = {"contact": "id", "template": "code", "channel": "code", "purpose": "code", "source": "who meant it"}
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
        EventType("messaging.contact.opened", _("Message opened"), _CONTACT, icon="mail-opened"),
        EventType("messaging.contact.clicked", _("Link in a message followed"), _CONTACT, icon="pointer"),
        EventType("messaging.contact.bounced", _("Message came back"), _CONTACT, icon="mail-x"),
        EventType("messaging.contact.complained", _("Message reported as spam"), _CONTACT, icon="alert-triangle"),
        EventType(
            "messaging.contact.replied",
            _("Answered a message"),
            {"reply": "id", "contact": "id, empty if unknown", "channel": "code", "is_withdrawal": "true or false"},
            icon="message-reply",
        ),
    )
