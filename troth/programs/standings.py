"""Members read before they earn: locked, with the state that rules see. Written again by `applying`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from troth.customers import queries as customers
from troth.kit.ids import new_id
from troth.kit.statements import Written
from troth.kit.transactions import joining

from . import answers, claims, windows, writing
from .claims import BudgetKey
from .models import EarnedBadge, Membership, Progress, TierMove
from .seekers import Seeker
from .state import MemberState
from .tiers import Figures, Holding, Move, Span
from .versions import Version

KEPT_DAYS = 400
"""Counters of periods that ended longer ago are forgotten by the membership, and added up anew when asked for."""

_COLUMNS = [field.attname for field in Membership._meta.concrete_fields]
_THERE = Written(
    lambda programme_id, owners: Membership.objects.filter(
        programme_id=programme_id, owner_id__among=owners
    ).values_list("owner_id")
)
_LOCKED = Written(
    lambda programme_id, owners: (
        Membership.objects.filter(programme_id=programme_id, owner_id__among=owners)
        .order_by("owner_id")
        .select_for_update(no_key=True)
        .values_list(*_COLUMNS)
    )
)
_BLANK = {"review_date": None, "granted_tier": "", "granted_until": None, "order_count": 0, "last_order_at": None}


@dataclass(slots=True)
class Member:
    """A customer's standing in one programme. `rows`: of its records, the canonical one's first; `own`: the seeker's.

    moves: what reviews due by now bring, not written yet; is_new: joined with this.
    """

    version: Version
    records: tuple[UUID, ...]
    rows: list[Membership]
    own: Membership
    is_new: bool = False
    moves: list[Move] = field(default_factory=list)
    holding: Holding = field(default_factory=Holding)

    @property
    def main(self) -> Membership:
        """Return the row that holds the tier: the canonical record's, or the only one."""
        return self.rows[0]

    @property
    def joined_at(self) -> datetime:
        """Return when the first of the customer's records joined."""
        return min(row.joined_at for row in self.rows)

    @property
    def joined_day(self) -> date:
        """Return the day of `joined_at`."""
        return self.version.day(self.joined_at)

    @property
    def order_count(self) -> int:
        """Return how many orders all records count."""
        return sum(row.order_count for row in self.rows)

    @property
    def last_order_at(self) -> datetime | None:
        """Return the latest order of all records."""
        return max((row.last_order_at for row in self.rows if row.last_order_at), default=None)

    @property
    def counters(self) -> dict[str, int]:
        """Return the counters of all records together."""
        found: dict[str, int] = dict(self.rows[0].counters)
        for row in self.rows[1:]:
            for key, value in row.counters.items():
                found[key] = found.get(key, 0) + value
        return found

    def sums(self, span: Span) -> Figures:
        """Return what was earned on the days, by one query."""
        return windows.figures_of([self.ask(span)])[0]

    def ask(self, span: Span) -> windows.Ask:
        """Return the question what was earned on the days."""
        return windows.Ask(self.records, self.version.programme_id, span, self.version.zone.key)

    def kept_span(self, day: date) -> Span | None:
        """Return the days up to this one that count for keeping the tier; None where it is not reviewed, or none do."""
        if self.version.ladder is None or self.holding.until is None:
            return None
        span = self.version.ladder.kept_span(self.holding, day, self.joined_day)
        return span if span.first <= span.last else None

    def grant_at(self, moment: datetime) -> str:
        """Return the tier granted at a moment, "" for none."""
        grants = [row.granted_tier for row in self.rows if row.granted_until and moment < row.granted_until]
        ladder = self.version.ladder
        return max(grants, key=ladder.rank, default="") if ladder else ""

    def tier_at(self, moment: datetime) -> str:
        """Return the tier in force: the higher of the earned and the granted one."""
        ladder = self.version.ladder
        if ladder is None:
            return ""
        return ladder.higher(self.holding.tier, self.grant_at(moment))


@dataclass(slots=True)
class Standings:
    """The members of a batch and their states, parallel to its seekers."""

    seekers: Sequence[Seeker]
    members: list[Member]
    states: list[MemberState]


@joining()
def open_standings(seekers: Sequence[Seeker], *, now: datetime) -> Standings:
    """Lock the memberships in the caller's transaction, made where missing, and read the states.

    A customer may stand once for each programme. Locks: memberships by programme and owner.
    """
    groups = _groups(seekers)
    members: list[Member | None] = [None] * len(seekers)
    for programme_id, indexes in sorted(_by_programme(seekers).items(), key=lambda one: str(one[0])):
        for index, member in _locked(programme_id, indexes, seekers, groups, now).items():
            members[index] = member
    found = [member for member in members if member is not None]
    return Standings(seekers, found, read_states(seekers, found, groups))


def looked_up(seekers: Sequence[Seeker]) -> Standings:
    """Return the same without locks and without making memberships: for questions that write nothing."""
    groups = _groups(seekers)
    rows: dict[tuple[UUID, UUID], Membership] = {}
    for programme_id, indexes in _by_programme(seekers).items():
        owners = {record for index in indexes for record in groups[seekers[index].owner_id]}
        for row in Membership.objects.filter(programme_id=programme_id, owner_id__in=owners):
            rows[programme_id, row.owner_id] = row
    members = [_member(seeker, groups[seeker.owner_id], rows, seeker.basket.occurred_at) for seeker in seekers]
    return Standings(seekers, members, read_states(seekers, members, groups))


def _groups(seekers: Sequence[Seeker]) -> dict[UUID, tuple[UUID, ...]]:
    owners = {seeker.owner_id for seeker in seekers}
    found = customers.record_groups(owners)
    return {owner: found.get(owner, (owner,)) for owner in owners}


def _by_programme(seekers: Sequence[Seeker]) -> dict[UUID, list[int]]:
    found: dict[UUID, list[int]] = defaultdict(list)
    for index, seeker in enumerate(seekers):
        found[seeker.version.programme_id].append(index)
    return found


def _locked(
    programme_id: UUID,
    indexes: list[int],
    seekers: Sequence[Seeker],
    groups: Mapping[UUID, tuple[UUID, ...]],
    now: datetime,
) -> dict[int, Member]:
    """Make what is missing, then lock: each in the order of owners, so that no two batches wait for each other."""
    owners = {record for index in indexes for record in groups[seekers[index].owner_id]}
    known = members_there(programme_id, owners)
    missing = {}
    for index in indexes:
        seeker = seekers[index]
        for owner in {groups[seeker.owner_id][0], seeker.owner_id} - known:
            missing[owner] = new_row(owner, seeker, now)
    writing.insert_missing([missing[owner] for owner in sorted(missing)])
    rows = locked_rows(programme_id, owners, missing)
    keyed = {(programme_id, owner): row for owner, row in rows.items()}
    found = {}
    for index in indexes:
        seeker = seekers[index]
        member = _member(seeker, groups[seeker.owner_id], keyed, seeker.basket.occurred_at)
        # Known by its id: another transaction may have made the row that we wanted to make.
        member.is_new = member.main.owner_id in missing and missing[member.main.owner_id].id == member.main.id
        found[index] = member
    return found


def members_there(programme_id: UUID, owners: set[UUID]) -> set[UUID]:
    """Return which of these records have a membership."""
    return {owner_id for (owner_id,) in _THERE.fetch(programme_id, owners)}


def locked_rows(programme_id: UUID, owners: set[UUID], made: Mapping[UUID, Membership]) -> dict[UUID, Membership]:
    """Lock the rows and return them; those that this transaction made are as it made them."""
    found = _LOCKED.fetch(programme_id, owners)
    own = {row.id: row for row in made.values()}
    rows = [own.get(one[0]) or _row(one) for one in found]
    return {row.owner_id: row for row in rows}


def new_row(owner_id: UUID, seeker: Seeker, now: datetime) -> Membership:
    """Return the membership of whoever joins with this order or event, not stored yet."""
    version, joined_at = seeker.version, seeker.basket.occurred_at
    start = version.ladder.start if version.ladder else ""
    day = version.day(joined_at)
    values: dict[str, Any] = {
        **_BLANK,
        "id": new_id(),
        "owner_id": owner_id,
        "programme_id": version.programme_id,
        "joined_at": joined_at,
        "tier": start,
        "tier_moved_at": joined_at,
        "earned_tier": start,
        "earned_since_date": day,
        "counters": {},
        "counters_from_date": day - timedelta(days=KEPT_DAYS),
        "updated_at": now,
    }
    return _row([values[name] for name in _COLUMNS])


def _row(values: Sequence[Any]) -> Membership:
    """Return the model of these values, for a third of what its constructor takes."""
    return Membership.from_db("default", _COLUMNS, values)


def _member(
    seeker: Seeker, records: tuple[UUID, ...], rows: Mapping[tuple[UUID, UUID], Membership], at: datetime
) -> Member:
    """Return the member with the reviews that are due at the moment, in memory."""
    programme_id = seeker.version.programme_id
    own = [rows[programme_id, record] for record in records if (programme_id, record) in rows]
    if not own:
        own = [new_row(records[0], seeker, at)]
    named = next((row for row in own if row.owner_id == seeker.owner_id), own[0])
    member = Member(seeker.version, records, own, named)
    review(member, at)
    return member


def review(member: Member, at: datetime) -> None:
    """Read the earned tier of a member and bring it up to a moment: what reviews due by then decide."""
    ladder = member.version.ladder
    if ladder is None:
        return
    holdings = [Holding(row.earned_tier, row.earned_since_date, row.review_date) for row in member.rows]
    best = max(holdings, key=lambda holding: ladder.rank(holding.tier))
    member.holding = best if best.tier else replace(best, tier=ladder.start)
    today = member.version.day(at)
    if member.holding.until is None or member.holding.until > today:
        return
    member.moves = list(ladder.reviews(member.holding, today, member.joined_day, member.sums))
    if member.moves:
        member.holding = member.moves[-1].after


def read_states(
    seekers: Sequence[Seeker], members: Sequence[Member], groups: Mapping[UUID, tuple[UUID, ...]]
) -> list[MemberState]:
    """Return what rules see of each member, just before its order or event."""
    answered = answers.answer(seekers, groups)
    badges = _badges(seekers, members)
    budgets = claims.left_of(
        BudgetKey(seeker.version.programme_id, key) for seeker in seekers for key in _budget_sizes(seeker)
    )
    past_tiers = _past_tiers(seekers, members)
    states = []
    for index, (seeker, member) in enumerate(zip(seekers, members, strict=True)):
        at, day = seeker.basket.occurred_at, seeker.basket.local_at.date()
        counters = member.counters if day > kept_from(member) else _counted_anew(member)
        last = member.last_order_at
        states.append(
            MemberState(
                tier=past_tiers.get(index, "") if index in past_tiers else member.tier_at(at),
                answers=answered[index].answers,
                segments=answered[index].segments,
                birthday=answered[index].birthday,
                counters=seeker.version.compiled.counters_for(seeker.basket.on, day, counters),
                left=_left(seeker, budgets),
                badges=badges.get(index, ()),
                order_count=member.order_count,
                joined_days=max((day - member.joined_day).days, 0),
                last_order_days=None if last is None else max((day - member.version.day(last)).days, 0),
            )
        )
    return states


def kept_from(member: Member) -> date:
    """Return the day up to which, itself included, the member's counters may be forgotten."""
    return max(row.counters_from_date for row in member.rows)


def _counted_anew(member: Member) -> dict[str, int]:
    """Return counters added up from their source, for an order so late that the membership forgot its period."""
    found: dict[str, int] = {}
    rows = Progress.objects.filter(owner_id__in=member.records, programme_id=member.version.programme_id)
    for counters in rows.values_list("counters", flat=True):
        for key, value in counters.items():
            found[key] = found.get(key, 0) + value
    return found


def _budget_sizes(seeker: Seeker) -> dict[str, int]:
    basket = seeker.basket
    return seeker.version.compiled.shared_sizes(basket.on, basket.local_at.date(), basket.store_id)


def _left(seeker: Seeker, budgets: Mapping[BudgetKey, int]) -> dict[str, int]:
    keys = {key: BudgetKey(seeker.version.programme_id, key) for key in _budget_sizes(seeker)}
    return {key: budgets[one] for key, one in keys.items() if one in budgets}


def _badges(seekers: Sequence[Seeker], members: Sequence[Member]) -> dict[int, tuple[str, ...]]:
    wanted = {index for index, seeker in enumerate(seekers) if seeker.version.compiled.document.badges}
    if not wanted:
        return {}
    owners = {record: index for index in wanted for record in members[index].records}
    rows = EarnedBadge.objects.filter(owner_id__in=owners).values_list("owner_id", "programme_id", "badge")
    held: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    for owner_id, programme_id, badge in rows:
        held[owner_id, programme_id].add(badge)
    found = {}
    for index in wanted:
        programme_id = seekers[index].version.programme_id
        found[index] = tuple(sorted({badge for one in members[index].records for badge in held[one, programme_id]}))
    return found


def _past_tiers(seekers: Sequence[Seeker], members: Sequence[Member]) -> dict[int, str]:
    """Return the tier that was in force for those whose order came late: before the tier they hold now. One query."""
    late = {
        index: member
        for index, (seeker, member) in enumerate(zip(seekers, members, strict=True))
        if seeker.version.ladder is not None and seeker.basket.occurred_at < member.main.tier_moved_at
    }
    if not late:
        return {}
    moves: dict[tuple[UUID, UUID], list[tuple[datetime, str, str]]] = defaultdict(list)
    rows = TierMove.objects.filter(
        owner_id__in={member.main.owner_id for member in late.values()},
        programme_id__in={member.version.programme_id for member in late.values()},
    ).order_by("occurred_at", "id")
    for owner_id, programme_id, at, before, after in rows.values_list(
        "owner_id", "programme_id", "occurred_at", "from_tier", "to_tier"
    ):
        moves[owner_id, programme_id].append((at, before, after))
    return {
        index: tier_then(
            member, moves[member.main.owner_id, member.version.programme_id], seekers[index].basket.occurred_at
        )
        for index, member in late.items()
    }


def tier_then(member: Member, moves: Sequence[tuple[datetime, str, str]], occurred_at: datetime) -> str:
    """Return the tier in force at a moment before the tier held now, by the moves (when, from, to) in their order."""
    before = [after for at, _from, after in moves if at <= occurred_at]
    if before:
        return before[-1]
    return moves[0][1] if moves else member.main.tier


def kept_figures(members: Sequence[Member], days: Sequence[date], figures: Sequence[Figures]) -> list[Figures]:
    """Return what counts for keeping the tier, of each member as of its day; `figures`: of the current windows."""
    found = [Figures()] * len(members)
    asks, places = [], []
    for index, (member, day) in enumerate(zip(members, days, strict=True)):
        ladder, span = member.version.ladder, member.kept_span(day)
        if ladder is None or span is None:
            continue
        if span == (ladder.span(day, member.joined_day).first, day):
            found[index] = figures[index]  # the current window lasts until the review
            continue
        asks.append(member.ask(span))
        places.append(index)
    for index, had in zip(places, windows.figures_of(asks), strict=True):
        found[index] = had
    return found
