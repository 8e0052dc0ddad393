"""Who is near the next tier, and whose tier is up for review: the lists that a loyalty manager works through."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from heapq import nsmallest
from operator import or_
from uuid import UUID

from django.db.models import BigIntegerField, Q, QuerySet, Sum
from django.db.models.functions import Cast

from troth.access.actors import Actor
from troth.jobs import queries as jobs
from troth.jobs import services as background
from troth.jobs.errors import JobAlreadyActiveError
from troth.jobs.models import JobStatus
from troth.kit import clock

from .models import Membership, Progress
from .queries import question, standings
from .standing import Standing
from .tiers import Figures, Ladder, Span, Step, months_after
from .versions import Version

NEAR = Decimal("0.7")
"""Who has this share of what the next tier asks for is near it."""
CANDIDATES = 200
LIVE_UP_TO = 20_000
"""Members up to which the list is worked out while one waits; of more it is kept by a daily job."""
OWNERS = 20_000  # members whose orders are added up at once
JOB = "programs.find_near"

Sums = tuple[UUID, int, int]
"""Owner, spend in ten-thousandths and points."""
Report = Callable[[int], None]
"""Is told how many members were looked at; may raise to stop."""


@dataclass(frozen=True, slots=True)
class Near:
    """A member near the next tier. share: of the way to it that is nearest, from 0 to 1."""

    owner_id: UUID
    standing: Standing
    share: Decimal


@dataclass(frozen=True, slots=True)
class NearList:
    """Who is near. found_at: when the list was worked out, None where it is of this moment; is_missing: not yet."""

    found: list[Near]
    found_at: datetime | None = None
    is_missing: bool = False


def near_list(version: Version, now: datetime, *, limit: int) -> NearList:
    """Return who is near the next tier: worked out now, or of many members from the last list that was kept.

    The kept list says who; where they stand is asked anew, so that nobody is shown who has reached it meanwhile.
    """
    if is_live(version.programme_id):
        return NearList(near_next(version, now, limit=limit))
    kept = jobs.latest(name=JOB).filter(status=JobStatus.SUCCEEDED).first()
    owners = kept.result["near"].get(str(version.programme_id)) if kept else None
    if kept is None or owners is None:
        return NearList([], is_missing=True)
    return NearList(_still_near(version, [UUID(one) for one in owners[:limit]], now), kept.finished_at)


def is_live(programme_id: UUID) -> bool:
    """Tell whether a programme has so few members that lists over all of them are made while one waits."""
    return Membership.objects.filter(programme_id=programme_id)[: LIVE_UP_TO + 1].count() <= LIVE_UP_TO


def ask_for_list(*, actor: Actor, now: datetime) -> None:
    """Have the lists of who is near worked out anew in the background; nothing where that is under way."""
    try:
        background.enqueue(JOB, actor=actor, now=now, unique_key="all")
    except JobAlreadyActiveError:
        return


def _still_near(version: Version, owners: Sequence[UUID], now: datetime) -> list[Near]:
    steps = {step.code: step for step in (version.ladder.steps if version.ladder else ())}
    found = []
    for owner_id, one in zip(owners, standings_of(version, owners, now), strict=True):
        above = steps.get(one.next_tier)
        if above is not None and one.missing_to_reach:
            found.append(Near(owner_id, one, nearest(above, one.figures)))
    return found


def near_next(version: Version, now: datetime, *, limit: int, report: Report = lambda _done: None) -> list[Near]:
    """Return the members who have most of what the next tier asks for, the nearest first.

    Candidates are found by the sums of the window; a window that is the member's own year is taken as the last twelve
    months there, and judged exactly afterwards.
    """
    ladder = version.ladder
    if ladder is None or len(ladder.steps) < 2:
        return []
    found: list[Near] = []
    for above, owners in _candidates(version, ladder, now, report):
        seekers = [question(version, owner, now) for owner in owners]
        for owner_id, one in zip(owners, standings(seekers) if seekers else [], strict=True):
            if one.next_tier == above.code and one.missing_to_reach:
                found.append(Near(owner_id, one, nearest(above, one.figures)))
    found = [one for one in found if one.share >= NEAR]
    return sorted(found, key=lambda one: (-one.share, str(one.owner_id)))[:limit]


def nearest(step: Step, figures: Figures) -> Decimal:
    """Return the share of what a tier asks for that the figures reach, on the way that is nearest; at most 1."""
    return max(
        min((min(Decimal(had) / asked, Decimal(1)) for had, asked in zip(figures, way, strict=True) if asked),
            default=Decimal(1))
        for way in step.reach.ways
    )  # fmt: skip


def _span(ladder: Ladder, today: date) -> Span:
    if ladder.window.type == "membership_year":
        return Span(months_after(today, -12) + timedelta(days=1), today)
    return ladder.span(today, today)


def _candidates(version: Version, ladder: Ladder, now: datetime, report: Report) -> Iterator[tuple[Step, list[UUID]]]:
    """Yield each tier with the records of the one below that earned most of what it asks for, not all of it.

    Owners are walked in batches, so that no single query reads the orders of a million members.
    """
    below = ["", *(step.code for step in ladder.steps)]
    climbs = [(tier, above) for tier, above in zip(below, ladder.steps, strict=False) if not above.is_free]
    best: dict[str, list[Sums]] = {above.code: [] for _tier, above in climbs}
    span, done = _span(ladder, version.day(now)), 0
    for first, last, count in _owner_ranges(version.programme_id):
        for tier, above in climbs:
            most = _most(version, tier, above, span, (first, last))
            best[above.code] = nsmallest(CANDIDATES, [*best[above.code], *most], key=_first_the_richest)
        done += count
        report(done)
    for _tier, above in climbs:
        yield above, [owner_id for owner_id, _spend, _points in best[above.code]]


def _owner_ranges(programme_id: UUID) -> Iterator[tuple[UUID, UUID, int]]:
    """Yield the first and last owner of each batch of members, and how many there are."""
    members = (
        Membership.objects.filter(programme_id=programme_id).order_by("owner_id").values_list("owner_id", flat=True)
    )
    owners = list(members[:OWNERS])
    while owners:
        yield owners[0], owners[-1], len(owners)
        owners = list(members.filter(owner_id__gt=owners[-1])[:OWNERS])


def _first_the_richest(row: Sums) -> tuple[int, int, str]:
    owner_id, spend, points = row
    return -spend, -points, owner_id.hex


def _most(version: Version, tier: str, above: Step, span: Span, owners: tuple[UUID, UUID]) -> list[Sums]:
    """Return who of these owners has most of what a tier asks for: owner, spend and points of the window."""
    start, end = (
        clock.day_start(span.first, version.zone.key),
        clock.day_start(span.last + timedelta(days=1), version.zone.key),
    )
    ways = reduce(or_, map(_most_of, above.reach.ways))
    of_programme = {"programme_id": version.programme_id, "owner_id__range": owners}
    members = Membership.objects.filter(tier=tier, **of_programme).values("owner_id")
    rows = (
        Progress.objects.filter(occurred_at__gte=start, occurred_at__lt=end, owner_id__in=members, **of_programme)
        .order_by()
        .values("owner_id")
        .annotate(
            sum_points=Cast(Sum("points"), BigIntegerField()),
            sum_spend=Cast(Sum("spend"), BigIntegerField()),
            sum_visits=Cast(Sum("visits"), BigIntegerField()),
        )
        .filter(ways)
    )
    ordered = rows.order_by("-sum_spend", "-sum_points", "owner_id")
    return list(ordered.values_list("owner_id", "sum_spend", "sum_points")[:CANDIDATES])


def _most_of(way: Figures) -> Q:
    """Return the condition that the sums reach most of every figure that a way asks for."""
    asked = zip(("points", "spend", "visits"), way, strict=True)
    return Q(**{f"sum_{name}__gte": int(figure * NEAR) for name, figure in asked if figure})


def up_for_review(programme_id: UUID, until: date) -> QuerySet[Membership]:
    """Return the members whose tier is reviewed by a day, the earliest first."""
    found = Membership.objects.filter(programme_id=programme_id, review_date__lte=until)
    return found.order_by("review_date", "owner_id")


def members(programme_id: UUID, tier: str | None = None) -> QuerySet[Membership]:
    """Return the memberships of a programme, of one tier if given, who joined last first."""
    found = Membership.objects.filter(programme_id=programme_id)
    return (found if tier is None else found.filter(tier=tier)).order_by("-id")  # ids are made in the order of time


def standings_of(version: Version, owner_ids: Sequence[UUID], now: datetime) -> list[Standing]:
    """Return where these records stand now, in their order."""
    return standings([question(version, owner, now) for owner in owner_ids]) if owner_ids else []
