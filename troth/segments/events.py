"""Events of segments."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_VERSION = {"segment": "id", "version": "number"}

declare(
    EventType(
        "segments.segment.created",
        _("Segment made"),
        {"segment": "id"},
        icon="users-group",
        on_timeline=False,
    ),
    EventType(
        "segments.segment.changed",
        _("Segment renamed or described"),
        {"segment": "id", "fields": "names of the changed fields"},
        icon="users-group",
        on_timeline=False,
    ),
    EventType("segments.segment.published", _("Segment published"), _VERSION, icon="users-group", on_timeline=False),
    EventType(
        "segments.segment.archived",
        _("Segment archived"),
        {"segment": "id"},
        icon="archive",
        on_timeline=False,
    ),
    EventType(
        "segments.segment.restored",
        _("Segment restored"),
        {"segment": "id"},
        icon="archive",
        on_timeline=False,
    ),
    EventType(
        "segments.members.refreshed",
        _("Segment renewed"),
        {**_VERSION, "count": "members now", "entered": "how many came", "left": "how many went"},
        icon="refresh",
        on_timeline=False,
    ),
    EventType("segments.member.entered", _("Entered a segment"), _VERSION, icon="users-group", on_timeline=False),
    EventType("segments.member.left", _("Left a segment"), _VERSION, icon="users-group", on_timeline=False),
)
