"""What care knows, for the model of who leaves: requests for service or repair, and trainings come to."""

from collections.abc import Iterator
from datetime import date

from troth.insights.traces import Row, TraceSource, daily
from troth.value.churn import Trace

from .models import Seat, SeatState, ServiceRequest

KINDS = {"service_requests": Trace("care", "sum"), "trainings": Trace("care", "sum")}


def source() -> TraceSource:
    """Return what is registered with insights."""
    return TraceSource("care", KINDS, read)


def read(after: date, until: date) -> Iterator[Row]:
    """Yield how often, day by day."""
    yield from daily(ServiceRequest.objects.all(), "opened_at", "service_requests", after=after, until=until)
    came = Seat.objects.filter(state=SeatState.ATTENDED)
    yield from daily(came, "noted_at", "trainings", after=after, until=until)
