"""What another expiry would do to open lots: counted by the database, without reading a lot."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, Func, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.lookups import Exact, LessThan, LessThanOrEqual

from troth.kit import clock

from .ends import end_of
from .models import ExpiryKind, Lot

EFFECTS = ("sooner", "later", "same", "at_once")


def of_rule(lots: QuerySet[Lot], kind: str, count: int, zone: str, now: datetime) -> dict[str, int]:
    """Return lots and points of each effect that a rule would have on usable lots: `sooner_lots`, `sooner_points` …"""
    found = {f"{name}_{what}": 0 for name in EFFECTS for what in ("lots", "points")}
    rows = lots.order_by().annotate(effect=_effect(lots, kind, count, zone, now)).values_list("effect")
    for name, number, points in rows.annotate(Count("id"), Sum("remaining")):
        found[f"{name}_lots"], found[f"{name}_points"] = number, int(points)
    return found


def _effect(lots: QuerySet[Lot], kind: str, count: int, zone: str, now: datetime) -> Case:
    end = _end(lots, kind, count, zone)
    if end is None:
        return Case(When(expires_at__isnull=True, then=Value("same")), default=Value("later"))
    return Case(
        When(Exact(F("expires_at"), end), then=Value("same")),
        When(LessThanOrEqual(end, now), then=Value("at_once")),
        When(Q(expires_at__isnull=True) | Q(LessThan(end, F("expires_at"))), then=Value("sooner")),
        default=Value("later"),
    )


def _end(lots: QuerySet[Lot], kind: str, count: int, zone: str) -> Case | Func | None:
    """Return the end of a lot by the rule, as `ends.end_of` tells it; None where lots have no end of their own.

    Whatever becomes usable in one month of the zone, or one year, ends at one moment under the rules that end with it.
    """
    if kind == ExpiryKind.DAYS:
        return _DaysLater(F("activates_at"), Value(count))
    if kind not in (ExpiryKind.MONTH_END, ExpiryKind.YEAR_END):
        return None
    span = lots.order_by().aggregate(first=Min("activates_at"), last=Max("activates_at"))
    if span["first"] is None:
        return None
    *starts, last = _periods(kind, span["first"], span["last"], zone)
    ends = [Value(end_of(kind, count, start, zone), output_field=DateTimeField()) for start in (*starts, last)]
    periods = zip((*starts, last)[1:], ends, strict=False)
    cases = (When(activates_at__lt=following, then=end) for following, end in periods)
    return Case(*cases, default=ends[-1], output_field=DateTimeField())


def _periods(kind: str, first: datetime, last: datetime, zone: str) -> Iterator[datetime]:
    """Yield where each month, or year, begins in the zone, from that of the first moment to that of the last."""
    day = clock.business_date(first, zone)
    months, step = day.year * 12 + day.month - 1, 1
    if kind == ExpiryKind.YEAR_END:
        months, step = day.year * 12, 12
    while (start := clock.day_start(date(months // 12, months % 12 + 1, 1), zone)) <= last:
        yield start
        months += step


class _DaysLater(Func):
    """So many days of 24 hours after a moment, to the microsecond.

    SQLite keeps a moment as a text in UTC, of which only the day has to change.
    """

    template = "(%(expressions)s * interval '1 day')"
    arg_joiner = " + "
    output_field = DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "(date(substr(%(at)s, 1, 10), '+' || %(days)s || ' days') || substr(%(at)s, 11))"
        moment, days = self.get_source_expressions()
        at, at_params = compiler.compile(moment)
        count, count_params = compiler.compile(days)
        return template % {"at": at, "days": count}, [*at_params, *count_params, *at_params]
