"""Where the members of a programme stood at an earlier moment, out of what was kept: a rehearsal begins with it.

Orders count with what was kept of them, also where they came back only later. The earned tier is the one that the next
move ended, or, where none came, the one that is held today.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField
from django.db.models.functions import Cast

from .applying import holding_of
from .models import EarnedBadge, Membership, Progress, TierGrant, TierMove
from .rehearsal import PastMember, PastStandings
from .tiers import Holding
from .versions import Version

PORTION = 5_000


def standings_at(version: Version, moment: datetime, owners: Mapping[UUID, UUID]) -> PastStandings:
    """Return the members who had joined by then, and what shared budgets had given.

    version: the one in force then; owners: record → customer, of all records of the customers asked for.
    """
    found = PastStandings()
    _read_members(version, moment, owners, found.members)
    _read_progress(version, moment, owners, found)
    _read_badges(version.programme_id, moment, owners, found.members)
    _read_grants(version.programme_id, moment, owners, found.grants)
    return found


def _read_members(
    version: Version, moment: datetime, owners: Mapping[UUID, UUID], members: dict[UUID, PastMember]
) -> None:
    ended, lowered = _moves(version.programme_id, moment)
    rows = Membership.objects.filter(programme_id=version.programme_id, joined_at__lt=moment)
    columns = ("owner_id", "joined_at", "earned_tier", "earned_since_date", "review_date")
    for owner_id, joined_at, *earned in rows.values_list(*columns).iterator(PORTION):
        if (customer := owners.get(owner_id)) is None:
            continue
        joined = version.day(joined_at)
        holding = ended.get(owner_id) or Holding(*earned)
        holding = _reviewed_next(version, moment, joined, holding, is_lowered=(owner_id, holding.since) in lowered)
        member = members.setdefault(customer, PastMember(joined, holding))
        member.joined = min(member.joined, joined)
        if version.ladder and version.ladder.rank(holding.tier) > version.ladder.rank(member.holding.tier):
            member.holding = holding


def _moves(programme_id: UUID, moment: datetime) -> tuple[dict[UUID, Holding], set[tuple[UUID, date]]]:
    """Return the earned tiers that moves since then ended first, and the days on which a review took one away."""
    moves = TierMove.objects.filter(programme_id=programme_id)
    ended: dict[UUID, Holding] = {}
    later = moves.filter(occurred_at__gte=moment).order_by("occurred_at", "id")
    for owner_id, before in later.values_list("owner_id", "before").iterator(PORTION):
        if before and owner_id not in ended:
            ended[owner_id] = holding_of(before)
    lowered = moves.filter(occurred_at__lt=moment, reason="reviewed").values_list("owner_id", "data")
    return ended, {(owner_id, date.fromisoformat(data["day"])) for owner_id, data in lowered.iterator(PORTION)}


def _reviewed_next(version: Version, moment: datetime, joined: date, holding: Holding, *, is_lowered: bool) -> Holding:
    """Return the holding with the review that was next then: renewals since are kept nowhere but in its day."""
    if version.ladder is None or holding.until is None:
        return holding
    today = version.day(moment)
    review = version.ladder.held_until(holding.since, joined, is_renewal=is_lowered)
    while review <= today and review < holding.until:
        review = version.ladder.held_until(review, joined, is_renewal=True)
    return Holding(holding.tier, holding.since, min(review, holding.until))


def _read_progress(version: Version, moment: datetime, owners: Mapping[UUID, UUID], found: PastStandings) -> None:
    rows = Progress.objects.filter(programme_id=version.programme_id, occurred_at__lt=moment)
    rows = rows.annotate(stored_spend=Cast("spend", BigIntegerField())).order_by("owner_id", "occurred_at")
    columns = ("owner_id", "occurred_at", "points", "stored_spend", "visits", "orders", "counters", "budgets")
    budgets: Counter[str] = Counter()
    for owner_id, at, *figures, orders, counters, given in rows.values_list(*columns).iterator(PORTION):
        for key, amount in given.items():
            budgets[key] += amount
        if (customer := owners.get(owner_id)) is None or customer not in found.members:
            continue
        _count(found.members[customer], version.day(at), figures, orders, counters)
    found.budgets = dict(budgets)


def _count(member: PastMember, day: date, figures: list[int], orders: int, counters: Mapping[str, Any]) -> None:
    member.order_count += orders
    if orders > 0:
        member.last_order = day if member.last_order is None else max(member.last_order, day)
    for key, amount in counters.items():
        member.counters[key] = member.counters.get(key, 0) + amount
    if any(figures):
        member.earned.add(day, *figures)


def _read_badges(
    programme_id: UUID, moment: datetime, owners: Mapping[UUID, UUID], members: Mapping[UUID, PastMember]
) -> None:
    rows = EarnedBadge.objects.filter(programme_id=programme_id, earned_at__lt=moment)
    for owner_id, badge in rows.values_list("owner_id", "badge").iterator(PORTION):
        if (member := members.get(owners.get(owner_id, owner_id))) is not None:
            member.badges.add(badge)


def _read_grants(
    programme_id: UUID,
    moment: datetime,
    owners: Mapping[UUID, UUID],
    grants: dict[UUID, list[tuple[str, datetime, datetime]]],
) -> None:
    rows = TierGrant.objects.filter(programme_id=programme_id, ends_at__gt=moment).order_by("starts_at", "id")
    columns = ("owner_id", "tier", "starts_at", "ends_at", "revoked_at")
    for owner_id, tier, starts_at, ends_at, revoked_at in rows.values_list(*columns):
        if (customer := owners.get(owner_id)) is not None:
            given = grants.setdefault(customer, [])
            given.append((tier, starts_at, min(ends_at, revoked_at or ends_at)))
