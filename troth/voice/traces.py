"""What customers said, for the model of who leaves: complaints, and answers to surveys."""

from collections.abc import Iterator
from datetime import date

from troth.insights.traces import Row, TraceSource, daily
from troth.value.churn import Trace

from .models import AttitudeMeasure, Case

KINDS = {
    "complaints": Trace("complaints", "sum"),
    "satisfaction": Trace("answers", "last"),
    "recommend": Trace("answers", "last"),
    "effort": Trace("answers", "last"),
}
INDICATORS = ("satisfaction", "recommend", "effort")


def source() -> TraceSource:
    """Return what is registered with insights."""
    return TraceSource("voice", KINDS, read)


def read(after: date, until: date) -> Iterator[Row]:
    """Yield complaints day by day, and every answer that gives one of the scores."""
    yield from daily(Case.objects.all(), "opened_at", "complaints", after=after, until=until, owner="customer_id")
    answers = AttitudeMeasure.objects.filter(indicator__in=INDICATORS)
    within = answers.filter(measured_date__gt=after, measured_date__lte=until)
    for owner, indicator, score, day in within.values_list(
        "owner_id", "indicator", "value", "measured_date"
    ).iterator():
        yield owner, indicator, day, float(score)
