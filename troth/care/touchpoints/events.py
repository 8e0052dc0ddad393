"""Events of the journey map."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

declare(EventType("care.touchpoint.saved", _("Touchpoint saved"), {"touchpoint": "code"}, on_timeline=False))
