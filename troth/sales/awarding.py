"""New orders: evaluated under the version in force at their moment, for the member as it stood then.

A batch goes in waves: the first order of every customer, then the second, so that each order meets the counters and the
tier that the one before it left. All waves share one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from troth.access.actors import Actor
from troth.access.idempotency import rounds
from troth.activity.orders import NewOrder
from troth.programs import queries as programs_queries
from troth.programs import services as programs
from troth.programs.baskets import Basket, basket_of
from troth.programs.evaluation import evaluate
from troth.programs.outcomes import Evaluation
from troth.programs.queries import Version
from troth.programs.services import Seeker, Standing
from troth.staff import queries as staff

from .answers import Brought
from .models import Cause
from .moving import Account, Moves
from .postings import Posting, differences
from .steps import Step


@dataclass(frozen=True, slots=True)
class NewSale:
    """An order that was just recorded. place: in the batch; group: the customer over all merged records."""

    place: int
    order_id: UUID
    order: NewOrder
    group: UUID


@dataclass(slots=True)
class Outcome:
    """What came of one order under one programme."""

    place: int
    version: Version
    step: Step
    account: Account
    standing: Standing

    def brought(self) -> Brought:
        """Return it as an answer."""
        return answer(self.version, self.step.evaluation, tuple(self.account.postings), self.standing)


class Stores:
    """Zone and city of the stores that orders name."""

    def __init__(self) -> None:
        self._known = {
            store_id: (ZoneInfo(time_zone) if time_zone else None, city)
            for store_id, (time_zone, city) in staff.places().items()
        }

    def basket(self, order: NewOrder, version: Version) -> Basket:
        """Return the order as rules read it, in its store's zone, else the programme's."""
        zone, city = self._known.get(order.store_id or 0, (None, ""))
        return basket_of(order, zone=zone or version.zone, store_city=city)


def award(sales: Sequence[NewSale], moves: Moves, *, actor: Actor, now: datetime) -> list[Outcome]:
    """Evaluate new orders, store what tiers and counters count, and note what is to move."""
    timeline, stores = programs_queries.versions_in_force(), Stores()
    pairs = [(sale, version) for sale in sales for version in timeline.at(sale.order.occurred_at)]
    found: list[Outcome] = []
    for wave in rounds(pairs, lambda pair: (pair[0].group, pair[1].programme_id)):
        found += _award_wave(wave, stores, moves, actor, now)
    return found


def _award_wave(
    wave: Sequence[tuple[NewSale, Version]], stores: Stores, moves: Moves, actor: Actor, now: datetime
) -> list[Outcome]:
    baskets = [stores.basket(sale.order, version) for sale, version in wave]
    seekers = [
        Seeker(sale.order.customer_id, version, basket) for (sale, version), basket in zip(wave, baskets, strict=True)
    ]
    standings = programs.open_standings(seekers, now=now)
    evaluations = [
        evaluate(version.compiled, basket, state)
        for (_sale, version), basket, state in zip(wave, baskets, standings.states, strict=True)
    ]
    claimed = programs.claim(standings, evaluations)
    changes = [
        programs.change_of(
            one,
            index=index,
            operation_key=f"order:{sale.order_id}",
            source_kind="order",
            source_id=sale.order_id,
            occurred_at=sale.order.occurred_at,
        )
        for index, ((sale, _version), one) in enumerate(zip(wave, claimed, strict=True))
    ]
    after = programs.apply(standings, changes, actor=actor, now=now)
    found = []
    for (sale, version), given, state, standing in zip(wave, claimed, standings.states, after, strict=True):
        account = account_of(sale, version)
        step = Step(
            owner_id=sale.order.customer_id,
            order_id=sale.order_id,
            programme=version.programme_code,
            number=1,
            cause=Cause.ORDER,
            source_id=sale.order_id,
            version_id=version.id,
            occurred_at=sale.order.occurred_at,
            evaluation=given,
            state=state,
            postings=account.postings,
        )
        moves.add(account, differences(given.awards, ()))
        found.append(Outcome(sale.place, version, step, account, standing))
    return found


def account_of(sale: NewSale, version: Version) -> Account:
    """Return where the movements of a new order are noted."""
    return Account(
        place=sale.place,
        name=f"order:{sale.order_id}:{version.programme_code}:1",
        owner_id=sale.order.customer_id,
        cause="order",
        subject={"order": str(sale.order_id), "programme": version.programme_code},
        given_at=sale.order.occurred_at,
        taken_at=sale.order.occurred_at,
        version_id=version.id,
        money_currency=version.compiled.currency,
    )


def answer(
    version: Version, evaluation: Evaluation, postings: tuple[Posting, ...] = (), standing: Standing | None = None
) -> Brought:
    """Return what an order brings, in the form of an answer."""
    return Brought(
        programme=version.programme_code,
        version_id=version.id,
        version_number=version.number,
        awards=evaluation.awards,
        outcomes=evaluation.outcomes,
        postings=postings,
        standing=standing,
        eligible_amount=evaluation.eligible_amount,
    )
