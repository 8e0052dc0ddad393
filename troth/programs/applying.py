"""What an evaluation, or a return, changes: progress, counters, badges, budgets, and the tier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit import clock, rows
from troth.kit.ids import new_id
from troth.kit.json_text import json_text
from troth.kit.transactions import joining

from . import claims, windows, writing
from .claims import BudgetKey
from .compiled import VISIT
from .models import EarnedBadge, Progress, TierMove
from .outcomes import AwardKind, Difference, Evaluation
from .periods import last_day
from .standing import Standing, standing_of
from .standings import KEPT_DAYS, Member, Standings, kept_figures, kept_from
from .tiers import Figures, Holding, Move
from .versions import Version


@dataclass(frozen=True, slots=True)
class Change:
    """What an order, return or event adds to the member of `index`; signed. spend in ten-thousandths.

    occurred_at: of the order, also where a return takes back; operation_key: once for each owner and programme.
    """

    index: int
    operation_key: str
    source_kind: str
    source_id: UUID | None
    occurred_at: datetime
    points: int = 0
    spend: int = 0
    visits: int = 0
    orders: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)
    budgets: Mapping[str, int] = field(default_factory=dict)
    badges_added: tuple[str, ...] = ()
    badges_removed: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Tell whether it changes nothing."""
        figures = (self.points, self.spend, self.visits, self.orders)
        return not (any(figures) or self.counters or self.budgets or self.badges_added or self.badges_removed)


def change_of(
    what: Evaluation | Difference,
    *,
    index: int,
    operation_key: str,
    source_kind: str,
    source_id: UUID | None,
    occurred_at: datetime,
) -> Change:
    """Return the change that an evaluation brings, or the difference between two."""
    if isinstance(what, Evaluation):
        added = tuple(award.reference for award in what.awards if award.kind is AwardKind.BADGE)
        removed: tuple[str, ...] = ()
    else:
        added, removed = what.badges_added, what.badges_removed
    return Change(
        index=index,
        operation_key=operation_key,
        source_kind=source_kind,
        source_id=source_id,
        occurred_at=occurred_at,
        points=what.tier_points,
        spend=what.tier_spend,
        visits=what.tier_visits,
        orders=what.orders,
        counters=what.counters,
        budgets=what.budgets,
        badges_added=added,
        badges_removed=removed,
    )


@joining()
def apply(
    standings: Standings, changes: Sequence[Change], *, actor: Actor, now: datetime, reason: str = "ended"
) -> list[Standing]:
    """Write what changes bring to members opened in this transaction; return where each stands, parallel to `changes`.

    Tiers rise at once. Where something is taken back, a tier that it had earned is reviewed from now; what other
    orders earned meanwhile stays. reason: of a move that follows a grant's beginning or end.
    """
    work = Applying(standings, actor, now, reason)
    found = work.run(changes)
    work.write()
    return found


class Applying:
    """One application: gathers rows, writes them at the end in sets; see `apply`."""

    def __init__(self, standings: Standings, actor: Actor, now: datetime, reason: str) -> None:
        self.reason = reason
        self.standings = standings
        self.actor = actor
        self.now = now
        self.progress: list[tuple[Any, ...]] = []
        self.moves: list[TierMove] = []
        self.events: list[NewEvent] = []
        self.badges: list[EarnedBadge] = []
        self.lost_badges: list[tuple[Member, str]] = []
        self.returned: dict[BudgetKey, int] = {}
        self.touched: dict[UUID, Any] = {}

    def run(self, changes: Sequence[Change]) -> list[Standing]:
        members = [self.standings.members[change.index] for change in changes]
        before = [member.main.tier for member in members]
        days = [self._day(member, change) for member, change in zip(members, changes, strict=True)]
        figures = self._figures(members, days)
        kept = self._kept(members, days, figures)
        found = []
        for index, (member, change, tier, day) in enumerate(zip(members, changes, before, days, strict=True)):
            holding = member.holding
            self._join(member)
            for move in member.moves:
                self._note_move(member, move, change, clock.day_start(move.day, member.version.zone.key))
            member.moves = []
            counted = _with_visits(member, change)
            self._count(member, counted)
            now_has = self._with(member, counted, day, figures[index])
            self._climb_or_fall(member, counted, day, now_has)
            self._settle_tier(member, change)
            keeps = self._keeps(member, counted, day, kept[index] if member.holding == holding else None)
            found.append(standing_of(member, tier, now_has, keeps, change.occurred_at))
        return found

    def write(self) -> None:
        """Write everything that was gathered."""
        rows.insert(Progress, _PROGRESS_COLUMNS, self.progress)
        writing.update_memberships(list(self.touched.values()))
        TierMove.objects.bulk_create(self.moves)
        self._write_badges()
        if self.returned:
            claims.give_back(self.returned)
        if self.events:
            events.append_many(self.events, actor=self.actor, now=self.now)

    # --- parts

    def _day(self, member: Member, change: Change) -> date:
        """Return the day as of which the tier is judged: the member's present, which a late order does not move."""
        last = member.last_order_at
        moment = change.occurred_at if last is None else max(change.occurred_at, last)
        return member.version.day(moment)

    def _figures(self, members: list[Member], days: list[date]) -> list[Figures]:
        asks, places = [], []
        for index, (member, day) in enumerate(zip(members, days, strict=True)):
            ladder = member.version.ladder
            if ladder is not None and not member.is_new:
                span = ladder.span(day, member.joined_day)
                asks.append(member.ask(span))
                places.append(index)
        found = [Figures()] * len(members)
        for index, figures in zip(places, windows.figures_of(asks), strict=True):
            found[index] = figures
        return found

    def _kept(self, members: list[Member], days: list[date], figures: list[Figures]) -> list[Figures]:
        return kept_figures(members, days, figures)

    def _keeps(self, member: Member, change: Change, day: date, had: Figures | None) -> Figures:
        """Return what counts for keeping the tier, the change included; had: without it, None for another tier."""
        span = member.kept_span(day)
        if span is None:
            return Figures()
        if had is None:
            had = member.sums(span)
        if not span.first <= member.version.day(change.occurred_at) <= span.last:
            return had
        return had.plus(change.points, change.spend, change.visits)

    def _with(self, member: Member, change: Change, day: date, had: Figures) -> Figures:
        """Return the figures with the change in them, if its day lies in the window."""
        ladder = member.version.ladder
        if ladder is None:
            return had
        span = ladder.span(day, member.joined_day)
        if not span.first <= member.version.day(change.occurred_at) <= span.last:
            return had
        return had.plus(change.points, change.spend, change.visits)

    def _join(self, member: Member) -> None:
        if member.is_new:
            data = {"programme": member.version.programme_code}
            self._event("programs.member.joined", member, member.joined_at, data)

    def _count(self, member: Member, change: Change) -> None:
        if change.is_nothing:
            return
        row, programme_id = member.own, member.version.programme_id
        for key, value in change.counters.items():
            total = row.counters.get(key, 0) + value
            if total:
                row.counters[key] = total
            else:
                row.counters.pop(key, None)
        row.order_count += change.orders
        if change.orders > 0:
            row.last_order_at = max(row.last_order_at or change.occurred_at, change.occurred_at)
        _forget(row, member.version.day(change.occurred_at))
        self._touch(row)
        for key, value in change.budgets.items():
            if value < 0:
                one = BudgetKey(programme_id, key)
                self.returned[one] = self.returned.get(one, 0) - value
        self._count_badges(member, change)
        self.progress.append(_progress_row(member, change, self.now))

    def _count_badges(self, member: Member, change: Change) -> None:
        for badge in change.badges_added:
            self.badges.append(
                EarnedBadge(
                    owner_id=member.own.owner_id,
                    programme_id=member.version.programme_id,
                    badge=badge,
                    earned_at=change.occurred_at,
                    source_id=change.source_id,
                    recorded_at=self.now,
                )
            )
            data = {"programme": member.version.programme_code, "badge": badge}
            self._event("programs.badge.earned", member, change.occurred_at, data)
        for badge in change.badges_removed:
            self.lost_badges.append((member, badge))
            data = {"programme": member.version.programme_code, "badge": badge}
            self._event("programs.badge.withdrawn", member, self.now, data)

    def _write_badges(self) -> None:
        EarnedBadge.objects.bulk_create(self.badges, ignore_conflicts=True)
        for member, badge in self.lost_badges:
            held = EarnedBadge.objects.filter(owner_id__in=member.records, programme_id=member.version.programme_id)
            held.filter(badge=badge).delete()

    # --- tiers

    def _climb_or_fall(self, member: Member, change: Change, day: date, figures: Figures) -> None:
        ladder = member.version.ladder
        if ladder is None:
            return
        if change.points < 0 or change.spend < 0 or change.visits < 0:
            self._reconsider(member, change, figures)
        move = ladder.climb(member.holding, day, member.joined_day, lambda _span: figures)
        if move is not None:
            self._note_move(member, move, change, self._moment_of(member, change))

    def _moment_of(self, member: Member, change: Change) -> datetime:
        """Return when a move is in force: with the order; with a late one, not before the tier it ends."""
        return max(change.occurred_at, member.main.tier_moved_at)

    def _reconsider(self, member: Member, change: Change, figures: Figures) -> None:
        """Take back tiers reached with what was returned since: those neither deserved then nor now."""
        ladder = member.version.ladder
        assert ladder is not None
        while (reached := self._move_that_earned(member)) is not None:
            step = ladder.steps[ladder.rank(member.holding.tier)]
            span = ladder.span(member.holding.since, member.joined_day)
            had = member.sums(span)
            if span.first <= member.version.day(change.occurred_at) <= span.last:
                had = had.plus(change.points, change.spend, change.visits)
            if step.reach.is_met(had) or step.reach.is_met(figures):
                return
            day = member.version.day(self.now)
            self._note_move(
                member, Move(member.holding, holding_of(reached.before), day, "returned", had), change, self.now
            )

    def _move_that_earned(self, member: Member) -> TierMove | None:
        """Return the move by which the tier was reached, None where it was kept at a review since."""
        ladder, holding = member.version.ladder, member.holding
        assert ladder is not None
        if ladder.rank(holding.tier) < 0 or holding.until is None:
            return None
        if holding.until != ladder.held_until(holding.since, member.joined_day, is_renewal=False):
            return None
        moves = TierMove.objects.filter(owner_id=member.main.owner_id, programme_id=member.version.programme_id)
        wanted = {"data__tier": holding.tier, "data__day": holding.since.isoformat()}
        return moves.filter(reason="reached", **wanted).order_by("-occurred_at", "-id").first()

    def _note_move(self, member: Member, move: Move, change: Change, at: datetime) -> None:
        """Take over a move of the earned tier, and keep it with its figures."""
        member.holding = move.after
        row = member.main
        row.earned_tier, row.earned_since_date, row.review_date = move.after.tier, move.after.since, move.after.until
        for other in member.rows[1:]:  # of merged records the tier is with the canonical one
            other.earned_tier, other.review_date = "", None
            self._touch(other)
        self._touch(row)
        tier = member.tier_at(at)
        if tier == row.tier and move.reason == "kept":
            return
        self._move_tier(member, tier, at, reason=move.reason, source_id=change.source_id, move=move)

    def _settle_tier(self, member: Member, change: Change) -> None:
        """Let the tier follow a grant that has begun or ended; one that has ended is forgotten."""
        if member.version.ladder is None:
            return
        moment = max(change.occurred_at, member.main.tier_moved_at)
        tier = member.tier_at(moment)
        ends = [row.granted_until for row in member.rows if row.granted_until and row.granted_until <= moment]
        if tier != member.main.tier:
            at = max(*ends, member.main.tier_moved_at) if ends else moment
            self._move_tier(member, tier, at, reason=self.reason, source_id=None, move=None)
        for row in member.rows:
            if row.granted_until and row.granted_until <= moment:
                row.granted_tier, row.granted_until = "", None
                self._touch(row)
        if change.source_kind == "adjustment":
            for row in member.rows:
                self._touch(row)

    def _move_tier(
        self, member: Member, tier: str, at: datetime, *, reason: str, source_id: UUID | None, move: Move | None
    ) -> None:
        row = member.main
        moved = tier_move(
            member, tier, at, reason=reason, source_id=source_id, move=move, actor=self.actor, now=self.now
        )
        self.moves.append(moved)
        if tier != row.tier:
            data = {
                "programme": member.version.programme_code,
                "from": row.tier,
                "to": tier,
                "reason": reason,
            }
            self._event("programs.tier.moved", member, at, data)
            row.tier, row.tier_moved_at = tier, at
        self._touch(row)

    def _event(self, name: str, member: Member, at: datetime, data: dict[str, Any]) -> None:
        self.events.append(NewEvent(name, member.main.owner_id, data, at))

    def _touch(self, row: Any) -> None:
        row.updated_at = self.now
        self.touched[row.id] = row


def tier_move(
    member: Member,
    tier: str,
    at: datetime,
    *,
    reason: str,
    source_id: UUID | None,
    move: Move | None,
    actor: Actor,
    now: datetime,
) -> TierMove:
    """Return the row of a change of tier; with what the earned tier was before, so that it can be taken back."""
    before: dict[str, Any] = {}
    data: dict[str, Any] = {}
    if move is not None:
        until = move.before.until
        before = {
            "tier": move.before.tier,
            "since": move.before.since.isoformat(),
            "until": until.isoformat() if until else None,
        }
        data = {"tier": move.after.tier, "day": move.day.isoformat(), **move.figures._asdict()}
    return TierMove(
        id=new_id(),
        owner_id=member.main.owner_id,
        programme_id=member.version.programme_id,
        from_tier=member.main.tier,
        to_tier=tier,
        reason=reason,
        source_id=source_id,
        before=before,
        data=data,
        occurred_at=at,
        recorded_at=now,
        actor=actor.code,
    )


def holding_of(raw: Mapping[str, Any]) -> Holding:
    """Return the earned tier that a move ended, as its row has it."""
    until = raw.get("until")
    return Holding(raw["tier"], date.fromisoformat(raw["since"]), date.fromisoformat(until) if until else None)


def _with_visits(member: Member, change: Change) -> Change:
    """Return the change with the visit that it really is: a day is one visit as long as any order of it stands.

    Which order of the day was judged first does not matter: brought back, it leaves the visit to the others.
    """
    key = next((key for key in change.counters if key.startswith(VISIT)), None)
    if key is None or last_day(key.removeprefix(VISIT)) <= kept_from(member):
        return change
    had = sum(row.counters.get(key, 0) for row in member.rows)
    return replace(change, visits=int(had + change.counters[key] > 0) - int(had > 0))


def _forget(row: Any, today: date) -> None:
    """Drop counters of periods that ended long ago; once in a while, not with every order."""
    if today - row.counters_from_date < timedelta(days=2 * KEPT_DAYS):
        return
    since = today - timedelta(days=KEPT_DAYS)
    row.counters = {key: value for key, value in row.counters.items() if _ends(key) >= since}
    row.counters_from_date = since


def _ends(key: str) -> date:
    """Return the day on which the period of a counter ends; a streak's days are kept for good."""
    if key.startswith(("streak:", "given:streak:")):
        return date.max
    return last_day(key.rpartition(":")[2])


_PROGRESS_COLUMNS = (
    "id", "owner_id", "programme_id", "operation_key", "source_kind", "source_id", "version_number", "occurred_at",
    "recorded_at", "points", "spend", "visits", "orders", "counters", "budgets",
)  # fmt: skip


def _progress_row(member: Member, change: Change, now: datetime) -> tuple[Any, ...]:
    version: Version = member.version
    return (
        rows.new_id_text(),
        member.own.owner_id,
        version.programme_id,
        change.operation_key,
        change.source_kind,
        change.source_id,
        version.number,
        change.occurred_at.astimezone(UTC),
        now,
        change.points,
        change.spend,
        change.visits,
        change.orders,
        json_text(dict(change.counters)),
        json_text(dict(change.budgets)),
    )
