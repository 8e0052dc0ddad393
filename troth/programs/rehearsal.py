"""A programme run over the past in memory: the same evaluation and the same tiers, nothing read, nothing written.

It begins with where everybody stood before (`past_standings`), or with nothing.
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from .answers import Answered
from .baskets import Basket, EventBasket
from .earned import Earned
from .evaluation import evaluate
from .outcomes import AwardKind, Evaluation
from .state import MemberState
from .tiers import Holding
from .versions import Version

NO_ANSWERS = Answered({}, (), ())


@dataclass(slots=True)
class PastMember:
    """A member's standing, kept in memory."""

    joined: date
    holding: Holding
    counters: dict[str, int] = field(default_factory=dict)
    badges: set[str] = field(default_factory=set)
    order_count: int = 0
    last_order: date | None = None
    earned: Earned = field(default_factory=Earned)

    def copy(self) -> "PastMember":
        """Return the same, to be changed apart."""
        return replace(self, counters=dict(self.counters), badges=set(self.badges), earned=self.earned.copy())


@dataclass(slots=True)
class PastStandings:
    """Members by customer, and what shared budgets gave by key, before the first order of a rehearsal.

    grants: customer → tiers given by a person, before it or later, each with its first and its last moment.
    """

    members: dict[UUID, PastMember] = field(default_factory=dict)
    grants: dict[UUID, list[tuple[str, datetime, datetime]]] = field(default_factory=dict)
    budgets: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TierChange:
    """A tier that changed in the rehearsal."""

    owner: Hashable
    before: str
    after: str
    day: date
    reason: str


class Rehearsal:
    """One version, and every member who came by, in the order in which things happened.

    explains: whether evaluations say why; before: where everybody stood before; budgets: what shared budgets have
    given, by key; moves: every change of tier.
    """

    def __init__(self, version: Version, *, explains: bool = True, before: PastStandings | None = None) -> None:
        self.version = version
        self.explains = explains
        self.members: dict[Hashable, PastMember] = {}
        before = before or PastStandings()
        self._before: Mapping[Any, PastMember] = before.members
        self._grants: Mapping[Any, list[tuple[str, datetime, datetime]]] = before.grants
        self.budgets: Counter[str] = Counter(before.budgets)
        self.moves: list[TierChange] = []

    def run(self, owner: Hashable, basket: Basket | EventBasket, *, answered: Answered = NO_ANSWERS) -> Evaluation:
        """Evaluate an order or event of a member, and keep what it brings for what comes later."""
        day = self.version.day(basket.occurred_at)
        member = self._member(owner, day)
        self._review(owner, member, day)
        state = self._state(member, self._tier(owner, member, basket.occurred_at), basket, answered)
        evaluation = evaluate(self.version.compiled, basket, state, explains=self.explains)
        self._keep(member, evaluation, day)
        self._climb(owner, member, day)
        return evaluation

    def tier_of(self, owner: Hashable) -> str:
        """Return the tier a member holds at this point, "" for whoever has not come by."""
        member = self.members.get(owner)
        return member.holding.tier if member else ""

    def _member(self, owner: Hashable, day: date) -> PastMember:
        member = self.members.get(owner)
        if member is None:
            start = Holding(self.version.ladder.start if self.version.ladder else "", day)
            before = self._before.get(owner)
            member = PastMember(day, start) if before is None else before.copy()
            if self.version.ladder is None or not member.holding.tier:
                member.holding = start
            self.members[owner] = member
        return member

    def _tier(self, owner: Hashable, member: PastMember, moment: datetime) -> str:
        """Return the tier in force: the higher of the earned one and those granted."""
        tier = member.holding.tier
        if self.version.ladder is not None:
            for granted, first, last in self._grants.get(owner, ()):
                if first <= moment < last:
                    tier = self.version.ladder.higher(granted, tier)
        return tier

    def _state(self, member: PastMember, tier: str, basket: Basket | EventBasket, answered: Answered) -> MemberState:
        compiled, day = self.version.compiled, basket.local_at.date()
        sizes: Mapping[str, int] = compiled.shared_sizes(basket.on, day, basket.store_id)
        last = member.last_order
        return MemberState(
            tier=tier,
            answers=answered.answers,
            segments=answered.segments,
            birthday=answered.birthday,
            counters=compiled.counters_for(basket.on, day, member.counters),
            left={key: size - self.budgets[key] for key, size in sizes.items() if self.budgets[key]},
            badges=tuple(member.badges),
            order_count=member.order_count,
            joined_days=max((day - member.joined).days, 0),
            last_order_days=None if last is None else max((day - last).days, 0),
        )

    def _keep(self, member: PastMember, evaluation: Evaluation, day: date) -> None:
        for key, value in evaluation.counters.items():
            member.counters[key] = member.counters.get(key, 0) + value
        self.budgets.update(evaluation.budgets)
        member.badges.update(award.reference for award in evaluation.awards if award.kind is AwardKind.BADGE)
        if evaluation.orders:
            member.order_count += 1
            member.last_order = day if member.last_order is None else max(day, member.last_order)
        if self.version.ladder and (evaluation.tier_points or evaluation.tier_spend or evaluation.tier_visits):
            member.earned.add(day, evaluation.tier_points, evaluation.tier_spend, evaluation.tier_visits)

    def _review(self, owner: Hashable, member: PastMember, day: date) -> None:
        ladder = self.version.ladder
        if ladder is None or member.holding.until is None or member.holding.until > day:
            return
        for move in ladder.reviews(member.holding, day, member.joined, member.earned.sums):
            self._move(owner, member, move.after, move.day, move.reason)

    def _climb(self, owner: Hashable, member: PastMember, day: date) -> None:
        ladder = self.version.ladder
        if ladder is None:
            return
        move = ladder.climb(member.holding, day, member.joined, member.earned.sums)
        if move is not None:
            self._move(owner, member, move.after, day, move.reason)

    def _move(self, owner: Hashable, member: PastMember, after: Holding, day: date, reason: str) -> None:
        if after.tier != member.holding.tier:
            self.moves.append(TierChange(owner, member.holding.tier, after.tier, day, reason))
        member.holding = after
