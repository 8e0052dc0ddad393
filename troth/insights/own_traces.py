"""Traces from modules below: visits, points spent, consent withdrawn. Modules above register their own."""

from collections.abc import Iterator
from datetime import date

from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.ledger import queries as ledger
from troth.value.churn import Trace

from .traces import Row, TraceSource, daily, register

KINDS = {
    "visits": Trace("visits", "sum"),
    "points_spent": Trace("points", "sum"),
    "offers_refused": Trace("messages", "sum"),
}


def register_all() -> None:
    """Register the source, once."""
    register(TraceSource("insights", KINDS, read))


def read(after: date, until: date) -> Iterator[Row]:
    """Yield how often, day by day."""
    yield from daily(activity.visits(), "occurred_at", "visits", after=after, until=until)
    yield from daily(ledger.spends(), "occurred_at", "points_spent", after=after, until=until)
    yield from daily(customers.offers_refused(), "occurred_at", "offers_refused", after=after, until=until)
