"""Events of training."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_SEAT = {"session": "id", "course": "code"}

declare(
    EventType("care.course.saved", _("Course saved"), {"course": "code"}, on_timeline=False),
    EventType("care.session.saved", _("Session saved"), {"session": "id", "course": "code"}, on_timeline=False),
    EventType("care.session.cancelled", _("Session cancelled"), {"session": "id", "course": "code"}, on_timeline=False),
    EventType("care.seat.invited", _("Invited to a training"), _SEAT, icon="mail"),
    EventType("care.seat.taken", _("Has a seat in a training"), {**_SEAT, "promoted": "or not"}, icon="id"),
    EventType("care.seat.waiting", _("Waits for a seat in a training"), {**_SEAT, "place": "number"}, icon="hourglass"),
    EventType("care.seat.given_up", _("Gave up a seat in a training"), _SEAT, icon="user-minus"),
    EventType("care.seat.attended", _("Came to a training"), _SEAT, icon="award"),
    EventType("care.seat.missed", _("Did not come to a training"), _SEAT, icon="user-x"),
)
