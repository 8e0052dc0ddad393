"""Events of service requests."""

from django.utils.translation import gettext_lazy as _

from troth.events.registry import EventType, declare

_REQUEST = {"request": "id", "number": "what people call it by", "kind": "code"}

declare(
    EventType("care.request.opened", _("Service request came in"), {**_REQUEST, "channel": "code"}, icon="tool"),
    EventType(
        "care.request.moved", _("Service request went on"), {**_REQUEST, "step": "code", "before": "code"}, icon="tool"
    ),
    EventType(
        "care.request.scheduled",
        _("Appointment made"),
        {**_REQUEST, "at": "moment", "technician": "id of the member of staff"},
        icon="calendar-event",
    ),
    EventType(
        "care.request.confirmed",
        _("Customer's word on a service"),
        {**_REQUEST, "satisfied": "or not"},
        icon="circle-check",
    ),
    EventType("care.request.cancelled", _("Service request cancelled"), _REQUEST, icon="circle-x"),
    EventType("care.request_kind.saved", _("Kind of service saved"), {"kind": "code"}, on_timeline=False),
)
