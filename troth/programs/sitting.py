"""Members kept open while many orders of theirs go by in the order of time: judged as one by one, read and written in
sets.

`open_standings`, `claim` and `apply` read and write the database for every wave of a batch. Over a year of orders that
is most of the work; here a batch reads its members once, each order meets in memory what the one before it left, and
everything is written at the end. What was earned day by day stays in memory from batch to batch, as long as nobody else
touches the member.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import BigIntegerField, Sum
from django.db.models.functions import Cast

from troth.access.actors import Actor
from troth.customers import queries as customers

from . import answers, claims, writing
from .applying import Applying, Change
from .claims import BudgetKey
from .earned import Earned
from .evaluation import evaluate
from .models import BudgetSlice, EarnedBadge, Membership, Progress, TierMove
from .outcomes import AwardKind, Evaluation
from .seekers import Seeker
from .standings import Member, Standings, kept_from, locked_rows, members_there, new_row, review, tier_then
from .state import MemberState
from .tiers import Figures, Span
from .versions import Version

DAYS_KEPT = 2_000_000
"""Days of members that are kept in memory from batch to batch; above it, all are read anew."""


class BudgetMovedError(Exception):
    """Others drew on a shared budget meanwhile: the batch must be rolled back and judged again."""


@dataclass(slots=True)
class Sitter(Member):
    """A member whose past is in memory. tier_moves: when, from, to; recent: counters that this batch added."""

    earned: Earned = field(default_factory=Earned)
    tier_moves: list[tuple[datetime, str, str]] = field(default_factory=list)
    badges: set[str] = field(default_factory=set)
    recent: list[Mapping[str, int]] = field(default_factory=list)
    counted: dict[str, int] | None = None

    def sums(self, span: Span) -> Figures:
        """Return what was earned on the days."""
        return self.earned.sums(span)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was earned day by day, and what the rows of the member looked like then."""

    stamps: frozenset[tuple[UUID, datetime]]
    zone: str
    earned: Earned


@dataclass(slots=True)
class _Budget:
    """A shared budget: size and use as stored, None where nobody drew on it yet, and what this batch drew."""

    size: int | None
    used: int = 0
    drawn: int = 0
    wanted_size: int = 0

    @property
    def left(self) -> int | None:
        """Return what is left, None where nobody has drawn on it."""
        size = self.wanted_size if self.drawn else self.size
        return None if size is None else max(size - self.used - self.drawn, 0)


class Sitting:
    """Batches of one run. Each: `open`, then `judge` order by order in the order of time, then `write`.

    All in one transaction of the caller's; one that was rolled back may be done again.
    """

    def __init__(self, *, actor: Actor, reason: str = "ended") -> None:
        self.actor = actor
        self.reason = reason
        self._known: dict[tuple[UUID, UUID], _Known] = {}
        self._days = 0

    def open(self, seekers: Sequence[Seeker], *, now: datetime) -> None:
        """Lock the members of these orders, made where missing, and read what judging them needs.

        Orders stand in the order of time; of each programme there is one version. Locks: memberships by programme and
        owner, then, in `write`, budgets.
        """
        self._seekers = seekers
        owners = {seeker.owner_id for seeker in seekers}
        found = customers.record_groups(owners)
        groups = {owner: found.get(owner, (owner,)) for owner in owners}
        self._sitters: dict[tuple[UUID, UUID], Sitter] = {}
        versions = {seeker.version.programme_id: seeker.version for seeker in seekers}
        for _, version in sorted(versions.items(), key=lambda one: str(one[0])):
            self._seat(version, groups, now)
        self._members = [self._sitter_of(seeker, groups) for seeker in seekers]
        self._read_late()
        self._read_badges(versions.values())
        self._answered = answers.answer(seekers, groups)
        self._budgets = _budgets_of(seekers)
        standings = Standings(seekers, list(self._members), [])
        self._work = _Settling(standings, self.actor, now, self.reason)

    def judge(self, index: int) -> tuple[Evaluation, MemberState]:
        """Evaluate the order at this place before the member as it stands now."""
        seeker, member = self._seekers[index], self._members[index]
        member.own = next(row for row in member.rows if row.owner_id == seeker.owner_id)
        review(member, seeker.basket.occurred_at)
        state = self._state(index, seeker, member)
        compiled = seeker.version.compiled
        evaluation = evaluate(compiled, seeker.basket, state)
        if evaluation.budgets and (rest := self._short(seeker, evaluation)) is not None:
            state = replace(state, left=rest)
            evaluation = evaluate(compiled, seeker.basket, state)
        return evaluation, state

    def keep(self, evaluation: Evaluation, change: Change) -> None:
        """Let what an order brings count for those after it; `change` names its place."""
        member, seeker = self._members[change.index], self._seekers[change.index]
        for key, amount in evaluation.budgets.items():
            if amount > 0:
                budget = self._budgets[BudgetKey(seeker.version.programme_id, key)]
                budget.drawn += amount
                budget.wanted_size = evaluation.budget_sizes[key]
        before = len(self._work.moves)
        self._work.run([change])
        member.is_new = False
        member.tier_moves += [(one.occurred_at, one.from_tier, one.to_tier) for one in self._work.moves[before:]]
        member.badges.update(one.reference for one in evaluation.awards if one.kind is AwardKind.BADGE)
        if change.is_nothing:
            return
        member.recent.append(change.counters)
        if member.counted is not None:
            _add(member.counted, change.counters)
        if member.version.ladder is not None:
            member.earned.add(member.version.day(change.occurred_at), change.points, change.spend, change.visits)

    def write(self) -> None:
        """Write what the batch brought.

        Raises:
            BudgetMovedError: others drew on a budget meanwhile.
        """
        drawn = {key: budget for key, budget in self._budgets.items() if budget.drawn}
        wanted = {key: budget.drawn for key, budget in drawn.items()}
        if claims.claim(wanted, {key: budget.wanted_size for key, budget in drawn.items()}) != wanted:
            raise BudgetMovedError
        self._work.write()
        if self._days > DAYS_KEPT:
            self._known.clear()
            self._days = 0
        for key, member in self._sitters.items():
            if member.version.ladder is not None:
                self._known[key] = _Known(_stamps(member.rows), member.version.zone.key, member.earned)
                self._days += len(member.earned)

    # --- reading

    def _seat(self, version: Version, groups: Mapping[UUID, tuple[UUID, ...]], now: datetime) -> None:
        programme_id = version.programme_id
        asking = [seeker for seeker in self._seekers if seeker.version.programme_id == programme_id]
        records = {record for seeker in asking for record in groups[seeker.owner_id]}
        known = members_there(programme_id, records)
        missing: dict[UUID, Membership] = {}
        for seeker in asking:  # the first order of each makes the row
            for owner in (groups[seeker.owner_id][0], seeker.owner_id):
                if owner not in known and owner not in missing:
                    missing[owner] = new_row(owner, seeker, now)
        writing.insert_missing([missing[owner] for owner in sorted(missing)])
        rows = locked_rows(programme_id, records, missing)
        fresh: dict[UUID, Sitter] = {}
        for seeker in asking:
            group = groups[seeker.owner_id]
            if (programme_id, group[0]) not in self._sitters:
                own = [rows[record] for record in group if record in rows]
                sitter = Sitter(version, group, own, own[0])
                sitter.is_new = own[0].owner_id in missing and missing[own[0].owner_id].id == own[0].id
                self._sitters[programme_id, group[0]] = sitter
                if not self._recall(sitter, group[0]):
                    fresh[group[0]] = sitter
        if version.ladder is not None:
            _read_earned(version, fresh.values())

    def _recall(self, sitter: Sitter, canonical: UUID) -> bool:
        """Take the days from the batch before, if nobody else wrote the member's rows since."""
        known = self._known.pop((sitter.version.programme_id, canonical), None)
        if known is not None:
            self._days -= len(known.earned)
        if known is None or known.zone != sitter.version.zone.key or known.stamps != _stamps(sitter.rows):
            return False
        sitter.earned = known.earned
        return True

    def _sitter_of(self, seeker: Seeker, groups: Mapping[UUID, tuple[UUID, ...]]) -> Sitter:
        return self._sitters[seeker.version.programme_id, groups[seeker.owner_id][0]]

    def _read_late(self) -> None:
        """Read the tiers that were in force for those whose orders lie before the tier they hold now."""
        late = {
            id(member): member
            for seeker, member in zip(self._seekers, self._members, strict=True)
            if member.version.ladder is not None and seeker.basket.occurred_at < member.main.tier_moved_at
        }
        by_owner = {(one.main.owner_id, one.version.programme_id): one for one in late.values()}
        if not by_owner:
            return
        rows = TierMove.objects.filter(owner_id__among={owner_id for owner_id, _programme in by_owner})
        columns = ("owner_id", "programme_id", "occurred_at", "from_tier", "to_tier")
        for owner_id, programme_id, *move in rows.order_by("occurred_at", "id").values_list(*columns):
            if (member := by_owner.get((owner_id, programme_id))) is not None:
                member.tier_moves.append((move[0], move[1], move[2]))

    def _read_badges(self, versions: Iterable[Version]) -> None:
        programmes = {version.programme_id for version in versions if version.compiled.document.badges}
        owners = {
            (record, member.version.programme_id): member
            for member in self._sitters.values()
            if member.version.programme_id in programmes
            for record in member.records
        }
        if owners:
            rows = EarnedBadge.objects.filter(owner_id__among={owner_id for owner_id, _programme in owners})
            for owner_id, programme_id, badge in rows.values_list("owner_id", "programme_id", "badge"):
                if (member := owners.get((owner_id, programme_id))) is not None:
                    member.badges.add(badge)

    # --- judging

    def _state(self, index: int, seeker: Seeker, member: Sitter) -> MemberState:
        at, day, compiled = seeker.basket.occurred_at, seeker.basket.local_at.date(), seeker.version.compiled
        answered, last = self._answered[index], member.last_order_at
        has_ladder = member.version.ladder is not None
        is_late = has_ladder and at < member.main.tier_moved_at
        left: dict[str, int] = {}
        for key in compiled.shared_sizes(seeker.basket.on, day, seeker.basket.store_id):
            rest = self._budgets[BudgetKey(seeker.version.programme_id, key)].left
            if rest is not None:
                left[key] = rest
        counters = member.counters if day > kept_from(member) else self._counted_anew(member)
        return MemberState(
            tier=tier_then(member, member.tier_moves, at) if is_late else member.tier_at(at),
            answers=answered.answers,
            segments=answered.segments,
            birthday=answered.birthday,
            counters=compiled.counters_for(seeker.basket.on, day, counters),
            left=left,
            badges=tuple(sorted(member.badges)),
            order_count=member.order_count,
            joined_days=max((day - member.joined_day).days, 0),
            last_order_days=None if last is None else max((day - member.version.day(last)).days, 0),
        )

    def _short(self, seeker: Seeker, evaluation: Evaluation) -> dict[str, int] | None:
        """Return what the budgets have left by this version's sizes, if it is less than the evaluation draws."""
        rest: dict[str, int] = {}
        for key, amount in evaluation.budgets.items():
            budget = self._budgets[BudgetKey(seeker.version.programme_id, key)]
            rest[key] = max(evaluation.budget_sizes[key] - budget.used - budget.drawn, 0)
            if amount <= rest[key]:
                rest.pop(key)
        if not rest:
            return None
        day = seeker.basket.local_at.date()
        sizes = seeker.version.compiled.shared_sizes(seeker.basket.on, day, seeker.basket.store_id)
        drawn = {key: self._budgets[BudgetKey(seeker.version.programme_id, key)] for key in sizes}
        return {key: max(size - drawn[key].used - drawn[key].drawn, 0) for key, size in sizes.items()}

    def _counted_anew(self, member: Sitter) -> Mapping[str, int]:
        """Return counters added up from their source, for orders of periods that the membership forgot."""
        if member.counted is None:
            member.counted = {}
            rows = Progress.objects.filter(owner_id__in=member.records, programme_id=member.version.programme_id)
            for counters in [*rows.values_list("counters", flat=True), *member.recent]:
                _add(member.counted, counters)
        return member.counted


class _Settling(Applying):
    """Applies with sums out of memory."""

    def _figures(self, members: list[Member], days: list[date]) -> list[Figures]:
        found = []
        for member, day in zip(members, days, strict=True):
            ladder = member.version.ladder
            is_known = ladder is not None and not member.is_new
            found.append(member.sums(ladder.span(day, member.joined_day)) if ladder and is_known else Figures())
        return found

    def _kept(self, members: list[Member], days: list[date], figures: list[Figures]) -> list[Figures]:
        spans = [member.kept_span(day) for member, day in zip(members, days, strict=True)]
        return [member.sums(span) if span else Figures() for member, span in zip(members, spans, strict=True)]


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for key, value in more.items():
        sums[key] = sums.get(key, 0) + value


def _stamps(rows: Iterable[Membership]) -> frozenset[tuple[UUID, datetime]]:
    return frozenset((row.id, row.updated_at) for row in rows)


def _read_earned(version: Version, members: Iterable[Sitter]) -> None:
    owners = {record: member for member in members for record in member.records}
    if not owners:
        return
    rows = Progress.objects.filter(owner_id__among=owners, programme_id=version.programme_id)
    rows = rows.annotate(stored_spend=Cast("spend", BigIntegerField())).order_by("occurred_at")
    for owner_id, at, points, spend, visits in rows.values_list(
        "owner_id", "occurred_at", "points", "stored_spend", "visits"
    ):
        owners[owner_id].earned.add(version.day(at), points, spend, visits)


def _budgets_of(seekers: Sequence[Seeker]) -> dict[BudgetKey, _Budget]:
    asked: dict[tuple[int, str, date, int | None], Seeker] = {}
    for seeker in seekers:
        basket = seeker.basket
        asked[id(seeker.version), basket.on, basket.local_at.date(), basket.store_id] = seeker
    keys: dict[UUID, set[str]] = defaultdict(set)
    for seeker in asked.values():
        basket, compiled = seeker.basket, seeker.version.compiled
        keys[seeker.version.programme_id].update(
            compiled.shared_sizes(basket.on, basket.local_at.date(), basket.store_id)
        )
    found = {BudgetKey(programme_id, key): _Budget(None) for programme_id, some in keys.items() for key in some}
    for programme_id, some in keys.items():
        rows = BudgetSlice.objects.filter(programme_id=programme_id, key__in=some).order_by().values_list("key")
        sums = {"total_size": Cast(Sum("size"), BigIntegerField()), "total_used": Cast(Sum("used"), BigIntegerField())}
        for key, size, used in rows.annotate(**sums):
            found[BudgetKey(programme_id, key)] = _Budget(int(size), int(used))
    return found
