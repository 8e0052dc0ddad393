"""Causes counted, and whether an improvement helped: pure figures from what is stored."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from troth.activity import queries as activity
from troth.kit import clock
from troth.staff import queries as staff
from troth.value.recovery import rate_change

from ..models import Case, CaseCategory, CaseState, Improvement, RootCause

NO_COMPLAINT = (CaseState.MERGED, CaseState.REJECTED)
LONGEST_DAYS = 90
SHORTEST_DAYS = 7
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CauseCount:
    """A cause with its complaints. share: of all with a known cause; cumulative: of it and all above it."""

    cause: RootCause
    count: int
    share: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class Pareto:
    """Causes by number, the most first. unknown: complaints whose cause nobody named yet."""

    lines: list[CauseCount]
    unknown: int

    @property
    def total(self) -> int:
        return sum(line.count for line in self.lines)


@dataclass(frozen=True, slots=True)
class ImprovementEffect:
    """Complaints of the cause before and after, as many days each. factor: how the rate for each order changed, with
    its interval of 95 %; None where there was none before. is_proved: the interval leaves 1 out, on the good side.
    """

    days: int
    before: int
    after: int
    orders_before: int
    orders_after: int
    factor: float | None
    low: float
    high: float

    @property
    def is_proved(self) -> bool:
        return self.high < 1


def pareto(since: date, until: date, *, category: str = "", store: str = "") -> Pareto:
    """Count the complaints opened from one day to another, both included, by cause; merged ones and no complaints are
    left out. category: with what lies below it.
    """
    found = counted(since, until, category=category, store=store)
    unknown = found.filter(cause=None).count()
    known = found.exclude(cause=None).values("cause_id").annotate(count=Count("id"))
    counts = {row["cause_id"]: int(row["count"]) for row in known}
    causes = RootCause.objects.in_bulk(list(counts))
    total, running, lines = sum(counts.values()), 0, []
    for cause_id, count in sorted(counts.items(), key=lambda one: (-one[1], causes[one[0]].code)):
        running += count
        lines.append(CauseCount(causes[cause_id], count, count / total, running / total))
    return Pareto(lines, unknown)


def counted(since: date, until: date, *, category: str = "", store: str = "", cause: str = "") -> QuerySet[Case]:
    """Return the complaints that `pareto` counts; cause: a code, or `UNKNOWN` for those whose cause nobody named."""
    found = _opened(since, until)
    if category:
        found = found.filter(category_id__in=with_below(category))
    if store:
        found = found.filter(store__code=store)
    if cause:
        found = found.filter(cause=None) if cause == UNKNOWN else found.filter(cause__code=cause)
    return found


def with_below(code: str) -> set[UUID]:
    """Return the ids of a category and of all that lie below it; none of a code that is none."""
    rows = list(CaseCategory.objects.values_list("id", "parent_id", "code"))
    found = {row_id for row_id, _parent, own in rows if own == code}
    while below := {row_id for row_id, parent, _own in rows if parent in found} - found:
        found |= below
    return found


def effect_of(improvement: Improvement, today: date) -> ImprovementEffect | None:
    """Compare the complaints of the cause in as many days before it was done as passed since, 90 at most.

    None before seven days are over, or where nothing was done against a cause.
    """
    done = improvement.done_date
    if done is None or improvement.cause_id is None:
        return None
    days = min((today - done).days, LONGEST_DAYS)
    if days < SHORTEST_DAYS:
        return None
    spans = [
        (done - timedelta(days=days), done - timedelta(days=1)),
        (done + timedelta(days=1), done + timedelta(days)),
    ]
    counts = [_opened(*span).filter(cause_id=improvement.cause_id).count() for span in spans]
    orders = [activity.orders().filter(order_date__range=span).order_by().count() for span in spans]
    is_selling = all(orders)
    exposures = orders if is_selling else [days, days]
    factor, low, high = rate_change(
        before=counts[0], before_exposure=exposures[0], after=counts[1], after_exposure=exposures[1]
    )
    return ImprovementEffect(days, counts[0], counts[1], orders[0], orders[1], factor, low, high)


def _opened(since: date, until: date) -> QuerySet[Case]:
    company = staff.company_or_none()
    zone = company.time_zone if company else "UTC"
    span = (clock.day_start(since, zone), clock.day_start(until + timedelta(days=1), zone))
    return Case.objects.filter(opened_at__gte=span[0], opened_at__lt=span[1]).exclude(state__in=NO_COMPLAINT)
