"""One programme over past orders: the same evaluation, counters, budgets and tiers, in memory; nothing is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from troth.activity.past import PastOrder
from troth.programs.answers import Answered, birthday_parts
from troth.programs.baskets import Basket
from troth.programs.outcomes import Award, AwardKind
from troth.programs.rehearsal import PastStandings, Rehearsal
from troth.programs.versions import Version

from .past_baskets import PastBaskets

_POINTS = (AwardKind.POINTS, AwardKind.STAMPS)
Place = tuple[str, str, str]  # rule, kind, code


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What replaying needs besides the orders. Plain values, so that it can go to another process.

    canonical: merged record → customer; stores: id → (zone or "", city); answers: customer → what rules ask of people,
    as they are today; birthdays: customer → (day of birth, whether it is kept by the moon); before: where members and
    budgets stood before the first order.
    """

    canonical: Mapping[UUID, UUID] = field(default_factory=dict)
    stores: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    answers: Mapping[UUID, tuple[Mapping[str, bool], tuple[str, ...]]] = field(default_factory=dict)
    birthdays: Mapping[UUID, tuple[date, bool]] = field(default_factory=dict)
    before: PastStandings = field(default_factory=PastStandings)


@dataclass(slots=True)
class Tally:
    """What a replay found so far. costs: ten-thousandths of money."""

    places: dict[Place, list[int]] = field(default_factory=dict)  # times, amount, cost
    points_by_owner: Counter[UUID] = field(default_factory=Counter)
    cost_by_owner: Counter[UUID] = field(default_factory=Counter)
    orders_awarded: int = 0
    discounted_cost: int = 0
    tiers: dict[UUID, str] = field(default_factory=dict)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    budgets: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


class Replay:
    """One version, run over batches of orders in their order."""

    def __init__(self, version: Version, surroundings: Surroundings) -> None:
        self.rehearsal = Rehearsal(version, explains=False, before=surroundings.before)
        self.version = version
        self.surroundings = surroundings
        self.tally = Tally()
        self._baskets = PastBaskets(surroundings.stores)

    def run(self, orders: Sequence[PastOrder]) -> list[int]:
        """Replay orders and return what each costs, in ten-thousandths."""
        return [self._run(order) for order in orders]

    def finish(self) -> Tally:
        """Return what was found."""
        for owner, member in self.rehearsal.members.items():
            assert isinstance(owner, UUID), "owners are customers"
            self.tally.tiers[owner] = member.holding.tier
        for move in self.rehearsal.moves:
            self.tally.moves[move.before, move.after] += 1
        budgets = self.rehearsal.budgets
        self.tally.budgets = {key: budgets[key] for key in self.tally.sizes}
        return self.tally

    def _run(self, order: PastOrder) -> int:
        if not order.lines:
            return 0
        owner = self.surroundings.canonical.get(order.owner_id, order.owner_id)
        basket = self._baskets.basket(order, self.version.zone)
        evaluation = self.rehearsal.run(owner, basket, answered=self._answered(owner, basket))
        if not evaluation.awards:
            return 0
        cost = self._count(owner, evaluation.awards)
        self.tally.orders_awarded += 1
        if cost and any(line.discount_amount for line in order.lines):
            self.tally.discounted_cost += cost
        if evaluation.budget_sizes:
            self.tally.sizes.update(evaluation.budget_sizes)
        return cost

    def _count(self, owner: UUID, awards: Sequence[Award]) -> int:
        points = points_cost = cost = 0
        for award in awards:
            own = award.amount * (award.unit_cost or 0)
            key = (award.rule, award.kind.value, award.currency or award.reference)
            row = self.tally.places.get(key)
            if row is None:
                row = self.tally.places[key] = [0, 0, 0]
            row[0] += 1
            row[1] += award.amount
            row[2] += own
            cost += own
            if award.kind in _POINTS:
                points += award.amount
                points_cost += own
        if points:
            self.tally.points_by_owner[owner] += points
            self.tally.cost_by_owner[owner] += points_cost
        return cost

    def _answered(self, owner: UUID, basket: Basket) -> Answered:
        answers, segments = self.surroundings.answers.get(owner, ({}, ()))
        birthday: tuple[str, ...] = ()
        if born := self.surroundings.birthdays.get(owner):
            birthday = birthday_parts(born[0], basket.local_at.date(), is_lunar=born[1])
        return Answered(answers, segments, birthday)
