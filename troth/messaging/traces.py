"""What customers did with messages, for the model of who leaves."""

from collections.abc import Iterator
from datetime import date

from troth.insights.traces import Row, TraceSource, daily
from troth.value.churn import Trace

from .models import Contact

KINDS = {
    "messages_received": Trace("messages", "sum"),
    "messages_opened": Trace("messages", "sum"),
    "messages_clicked": Trace("messages", "sum"),
}
MOMENTS = {"messages_received": "sent_at", "messages_opened": "opened_at", "messages_clicked": "clicked_at"}


def source() -> TraceSource:
    """Return what is registered with insights."""
    return TraceSource("messaging", KINDS, read)


def read(after: date, until: date) -> Iterator[Row]:
    """Yield how many messages each customer got, opened, followed, day by day."""
    for trace, moment in MOMENTS.items():
        yield from daily(Contact.objects.all(), moment, trace, after=after, until=until)
