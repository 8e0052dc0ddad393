"""Events of messages."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_CONTACT = {"contact": "id", "template": "code", "channel": "code", "purpose": "code", "source": "who meant it"}

declare(
    EventType("messaging.contact.sent", _("Message sent"), _CONTACT, icon="send"),
    EventType("messaging.contact.withheld", _("Message not sent"), {**_CONTACT, "gate": "code"}, icon="circle-x"),
    EventType("messaging.contact.failed", _("Message failed"), {**_CONTACT, "reason": "code"}, icon="alert-triangle"),
    EventType(
        "messaging.contact.unknown",
        _("Message: unknown whether it went out"),
        {**_CONTACT, "reason": "code"},
        icon="help-circle",
    ),
    EventType(
        "messaging.contact.settled",
        _("Message: settled what became of it"),
        {"contact": "id", "state": "code"},
        icon="help-circle",
    ),
    EventType(
        "messaging.address.suppressed",
        _("Address blocked"),
        {"kind": "of address", "reason": "code", "contact": "id"},
        icon="ban",
        on_timeline=False,
    ),
    EventType(
        "messaging.address.released",
        _("Address unblocked"),
        {"kind": "of address", "reason": "code of why it was blocked"},
        icon="mail",
    ),
    EventType(
        "messaging.sending.paused", _("All sending paused"), {"reason": "code"}, icon="player-pause", on_timeline=False
    ),
    EventType(
        "messaging.sending.released",
        _("Sending released"),
        {"withheld": "messages that were waiting and no longer go out"},
        icon="player-play",
        on_timeline=False,
    ),
    EventType(
        "messaging.policy.changed",
        _("Rules of sending changed"),
        {"version": "number"},
        icon="settings",
        on_timeline=False,
    ),
)
