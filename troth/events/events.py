"""Events of the log itself."""

from django.utils.translation import gettext_lazy as _

from .registry import EventType, declare

declare(
    EventType(
        "events.type.defined",
        _("Kind of event defined"),
        {"name": "its name"},
        icon="bolt",
        on_timeline=False,
    )
)
