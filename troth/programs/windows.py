"""Sums of what members earned within their windows, for many members in few queries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, Sum
from django.db.models.functions import Cast

from troth.kit import clock
from troth.kit.money import to_stored
from troth.kit.statements import Written

from .models import Progress
from .tiers import Figures, Span

MAX_QUERIES = 6

_SUMS = Written(
    lambda owners, programme_id, start, end: (
        Progress.objects.filter(
            owner_id__among=owners, programme_id=programme_id, occurred_at__gte=start, occurred_at__lt=end
        )
        .order_by()
        .values_list("owner_id")
        .annotate(
            sum_points=Cast(Sum("points"), BigIntegerField()),
            sum_spend=Cast(Sum("spend"), BigIntegerField()),
            sum_visits=Cast(Sum("visits"), BigIntegerField()),
        )
    )
)


class Ask(NamedTuple):
    """Whose records, in which programme, on which days of which zone."""

    record_ids: tuple[UUID, ...]
    programme_id: UUID
    span: Span
    zone: str


def figures_of(asks: Sequence[Ask]) -> list[Figures]:
    """Return the figures asked for, in their order: a query for each distinct window, or one where they are many."""
    by_window: dict[tuple[UUID, Span, str], list[int]] = defaultdict(list)
    for index, ask in enumerate(asks):
        by_window[ask.programme_id, ask.span, ask.zone].append(index)
    found = [Figures()] * len(asks)
    if len(by_window) > MAX_QUERIES:
        _from_rows(asks, found)
        return found
    for (programme_id, span, zone), indexes in by_window.items():
        _from_sums(asks, indexes, programme_id, _moments(span, zone), found)
    return found


def _from_sums(
    asks: Sequence[Ask],
    indexes: list[int],
    programme_id: UUID,
    moments: tuple[datetime, datetime],
    found: list[Figures],
) -> None:
    owners = {record_id: index for index in indexes for record_id in asks[index].record_ids}
    start, end = moments
    for owner_id, points, spend, visits in _SUMS.fetch(owners, programme_id, start, end):
        index = owners[owner_id]
        found[index] = found[index].plus(points, spend, visits)


def _from_rows(asks: Sequence[Ask], found: list[Figures]) -> None:
    owners: dict[tuple[UUID, UUID], list[int]] = defaultdict(list)
    for index, ask in enumerate(asks):
        for record_id in ask.record_ids:
            owners[record_id, ask.programme_id].append(index)
    moments = [_moments(ask.span, ask.zone) for ask in asks]
    rows = Progress.objects.filter(
        owner_id__in={owner_id for owner_id, _programme_id in owners},
        occurred_at__gte=min(start for start, _end in moments),
        occurred_at__lt=max(end for _start, end in moments),
    ).values_list("owner_id", "programme_id", "occurred_at", "points", "spend", "visits")
    for owner_id, programme_id, occurred_at, points, spend, visits in rows:
        for index in owners.get((owner_id, programme_id), ()):
            start, end = moments[index]
            if start <= occurred_at < end:
                found[index] = found[index].plus(points, to_stored(spend), visits)


def _moments(span: Span, zone: str) -> tuple[datetime, datetime]:
    return clock.day_start(span.first, zone), clock.day_start(span.last + timedelta(days=1), zone)
