"""The past awarded: orders recorded as history become earning ones, under the versions in force at their moments.

They go in the order of time, a batch a transaction: judged by the same evaluation, counted by the same memberships,
booked by the same ledger as an order that comes in; only the members stay in memory from one order to the next
(`programs.sitting`). So a year of them brings what it would have brought one by one. What came back since is unwound
at the end, see `history_returns`.

An order that was awarded is history no more: done again, interrupted and done again, or by two at once, nothing is
given twice. What rules ask about people is answered as it is today.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.activity import past
from troth.activity import queries as activity_queries
from troth.activity import services as activity
from troth.activity.past import PastOrder
from troth.customers import queries as customers
from troth.kit.deadlocks import again_after_deadlock
from troth.kit.errors import TrothError
from troth.programs import queries as programs_queries
from troth.programs import services as programs
from troth.programs.baskets import Basket
from troth.programs.queries import Version
from troth.programs.services import Seeker, Sitting
from troth.rewards.operations import Redeem, use_key
from troth.staff import queries as staff

from . import coupons, paying, steps
from .attempts import RefusedAtLastError
from .models import Cause
from .moving import Account, Moves
from .past_baskets import PastBaskets
from .paying import Paid
from .postings import LEDGER_KINDS, differences
from .steps import Step

BATCH = 2_000
ATTEMPTS = 5


@dataclass(slots=True)
class Awarded:
    """What a batch, or a whole run, came to.

    points: by currency; refused: order → why, these stay history; unjudged: made when no programme was in force, or
    awarded by somebody else meanwhile.
    """

    orders: int = 0
    points: Counter[str] = field(default_factory=Counter)
    coupons: int = 0
    refused: dict[UUID, TrothError] = field(default_factory=dict)
    unjudged: int = 0

    def add(self, other: "Awarded") -> None:
        """Count another batch, too."""
        self.orders += other.orders
        self.points.update(other.points)
        self.coupons += other.coupons
        self.refused.update(other.refused)
        self.unjudged += other.unjudged


@dataclass(frozen=True, slots=True)
class _Sale:
    """An order and the versions that judge it, each with the order as it reads it."""

    order: PastOrder
    judged_by: tuple[tuple[Version, Basket], ...]


def award_between(
    start: datetime,
    end: datetime,
    *,
    actor: Actor,
    tell_time: Callable[[], datetime],
    note: Callable[[Awarded], None] = lambda _awarded: None,
) -> Iterator[Awarded]:
    """Award the history of a time, batch by batch; yield what each came to, outside of its transaction.

    note: is told the same within the transaction, to keep count.
    """
    work = _History(actor, tell_time, note)
    for stretch in past.history_ids(start, end):
        for first in range(0, len(stretch), BATCH):
            yield work.award(stretch[first : first + BATCH])


class _History:
    """One run: what it needs of company and programmes, and the members it knows from the batch before."""

    def __init__(self, actor: Actor, tell_time: Callable[[], datetime], note: Callable[[Awarded], None]) -> None:
        self._actor = actor
        self._tell_time = tell_time
        self._note = note
        self._sitting = Sitting(actor=actor)
        self._timeline = programs_queries.versions_in_force()
        self._baskets = PastBaskets(staff.places())

    def award(self, order_ids: Sequence[UUID]) -> Awarded:
        """Award some orders in one transaction; those that are refused in the end are left as they are."""
        refused: dict[UUID, TrothError] = {}
        tries = 0
        while True:
            try:
                return again_after_deadlock(partial(self._attempt, order_ids, refused))
            except _RefusedOrdersError as error:
                refused |= error.errors
            except programs.BudgetMovedError:
                tries += 1
                if tries == ATTEMPTS:
                    raise

    def _attempt(self, order_ids: Sequence[UUID], refused: dict[UUID, TrothError]) -> Awarded:
        chosen = [order_id for order_id in order_ids if order_id not in refused]
        with transaction.atomic(), customers.groups_remembered():
            sales, unreadable = self._read(past.locked_history(chosen))
            found = Awarded(refused={**refused, **unreadable}, unjudged=len(chosen) - len(sales) - len(unreadable))
            # Members know one version of each programme at a time, so a batch ends where the next version begins.
            for _versions, part in groupby(sales, key=lambda sale: [version.id for version, _basket in sale.judged_by]):
                found.add(self._settle(list(part)))
            self._note(found)
        return found

    def _read(self, orders: Sequence[PastOrder]) -> tuple[list[_Sale], dict[UUID, TrothError]]:
        sales: list[_Sale] = []
        unreadable: dict[UUID, TrothError] = {}
        for order in orders:
            versions = self._timeline.at(order.occurred_at)
            try:
                judged_by = tuple((version, self._baskets.basket(order, version.zone)) for version in versions)
            except TrothError as error:
                unreadable[order.id] = error
                continue
            if judged_by:
                sales.append(_Sale(order, judged_by))
        return sales, unreadable

    def _settle(self, sales: Sequence[_Sale]) -> Awarded:
        """Judge, write and book orders under the same versions."""
        now = self._tell_time()
        moves = Moves()
        judged = [(place, sale.order, *by) for place, sale in enumerate(sales) for by in sale.judged_by]
        self._sitting.open([Seeker(order.owner_id, version, basket) for _, order, version, basket in judged], now=now)
        done = [
            self._judge(index, place, order, version, moves)
            for index, (place, order, version, _basket) in enumerate(judged)
        ]
        self._sitting.write()
        try:
            self._use_tags(sales, moves)
            moves.post(actor=self._actor, now=now)
        except RefusedAtLastError as error:
            why = {sales[place].order.id: one for place, one in error.errors.items()}
            raise _RefusedOrdersError(why) from error
        steps.write((step for step, _account in done), now=now)
        activity.end_history([sale.order.id for sale in sales])
        found = Awarded(orders=len(sales))
        for _step, account in done:
            for posting in account.postings:
                if posting.kind in LEDGER_KINDS:
                    found.points[posting.code] += posting.amount
                else:
                    found.coupons += posting.amount
        return found

    def _judge(self, index: int, place: int, order: PastOrder, version: Version, moves: Moves) -> tuple[Step, Account]:
        evaluation, state = self._sitting.judge(index)
        change = programs.change_of(
            evaluation,
            index=index,
            operation_key=f"order:{order.id}",
            source_kind="order",
            source_id=order.id,
            occurred_at=order.occurred_at,
        )
        self._sitting.keep(evaluation, change)
        code = version.programme_code
        account = Account(
            place=place,
            name=f"order:{order.id}:{code}:1",
            owner_id=order.owner_id,
            cause="order",
            subject={"order": str(order.id), "programme": code},
            given_at=order.occurred_at,
            taken_at=order.occurred_at,
            version_id=version.id,
            money_currency=version.compiled.currency,
        )
        moves.add(account, differences(evaluation.awards, ()))
        step = Step(
            owner_id=order.owner_id,
            order_id=order.id,
            programme=code,
            number=1,
            cause=Cause.ORDER,
            source_id=order.id,
            version_id=version.id,
            occurred_at=order.occurred_at,
            evaluation=evaluation,
            state=state,
            postings=account.postings,
        )
        return step, account

    def _use_tags(self, sales: Sequence[_Sale], moves: Moves) -> None:
        """Redeem the coupons, and spend the points, that orders say they used."""
        tagged = {
            sale.order.id: place
            for place, sale in enumerate(sales)
            if sale.order.tags.get(coupons.TAG) or sale.order.tags.get(paying.TAG)
        }
        paid: list[Paid] = []
        for order_id, known in activity_queries.new_orders(tagged).items() if tagged else ():
            order, place = replace(known, is_history=False), tagged[order_id]
            for code in coupons.codes_of(order):
                operation = Redeem(
                    key=use_key(order.source, order.external_id, code),
                    code=code,
                    customer_id=order.customer_id,
                    occurred_at=order.occurred_at,
                    currency=order.currency,
                    source=order.source,
                    order_ref=order.external_id,
                )
                moves.use_coupon(place, operation)
            paid.append(Paid(place, order_id, order, Cause.ORDER, order_id, order.occurred_at))
        paying.settle(sorted(paid, key=lambda one: one.place), moves)


class _RefusedOrdersError(Exception):
    """Some orders cannot be awarded: order → why."""

    def __init__(self, errors: dict[UUID, TrothError]) -> None:
        super().__init__(f"{len(errors)} refused")
        self.errors = errors
