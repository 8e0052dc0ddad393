"""Changed and returned orders: evaluated again under the same version and state, and the difference moved.

What a return undoes is what the order would not have brought without the goods that came back. Other orders keep what
they brought. Counters and budgets fall by the difference; tiers are reviewed from now. What a changed order would draw
more from a shared budget it gets as far as the budget has it now: others may have had it meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from troth.access.actors import Actor
from troth.access.idempotency import rounds
from troth.activity.orders import NewOrder, NewReturnLine
from troth.programs import queries as programs_queries
from troth.programs import services as programs
from troth.programs.baskets import Basket
from troth.programs.evaluation import evaluate
from troth.programs.outcomes import NOTHING, Evaluation, difference
from troth.programs.queries import Version
from troth.programs.services import Seeker

from .awarding import Outcome, Stores
from .baskets import came_back, is_gone
from .models import Cause
from .moving import Account, Moves
from .postings import differences
from .steps import Step, Steps


@dataclass(frozen=True, slots=True)
class Unwound:
    """An order that is to be evaluated again. place: in the batch; group: the customer over all merged records.

    returned: all that came back of it, with what comes back now; source_id: the return, else the order; happened_at:
    when the goods came back, or when we learned of the change.
    """

    place: int
    order_id: UUID
    order: NewOrder
    group: UUID
    cause: Cause
    source_id: UUID
    returned: Sequence[NewReturnLine]
    happened_at: datetime


def unwind(
    items: Sequence[Unwound], known: Mapping[UUID, Sequence[Steps]], moves: Moves, *, actor: Actor, now: datetime
) -> list[Outcome]:
    """Evaluate orders again and note what is to move; `known` is brought up to date, for the next of an order."""
    stores = Stores()
    pairs = [(item, steps) for item in items for steps in known.get(item.order_id, ())]
    found: list[Outcome] = []
    for wave in rounds(pairs, lambda pair: (pair[0].group, pair[1].programme)):
        versions = [programs_queries.version(steps.version_id) for _item, steps in wave]
        found += _unwind_wave(wave, versions, stores, moves, actor, now)
    return found


def _unwind_wave(
    wave: Sequence[tuple[Unwound, Steps]],
    versions: Sequence[Version],
    stores: Stores,
    moves: Moves,
    actor: Actor,
    now: datetime,
) -> list[Outcome]:
    baskets = [
        left_of(stores.basket(item.order, version), came_back(item.order, item.returned))
        for (item, _steps), version in zip(wave, versions, strict=True)
    ]
    seekers = [
        Seeker(steps.owner_id, version, basket)
        for (_item, steps), version, basket in zip(wave, versions, baskets, strict=True)
    ]
    standings = programs.open_standings(seekers, now=now)
    standings.states = [steps.state for _item, steps in wave]  # each order is judged as its member stood then
    before = [steps.evaluation for _item, steps in wave]
    wanted = [
        evaluated_again(item, steps, version, basket)
        for (item, steps), version, basket in zip(wave, versions, baskets, strict=True)
    ]
    after = programs.claim(standings, wanted, before=before)
    changes = [
        programs.change_of(
            difference(old, new),
            index=index,
            operation_key=f"order:{item.order_id}:{steps.number + 1}",
            source_kind=str(item.cause),
            source_id=item.source_id,
            occurred_at=item.order.occurred_at,
        )
        for index, ((item, steps), old, new) in enumerate(zip(wave, before, after, strict=True))
    ]
    reviewed = programs.apply(standings, changes, actor=actor, now=now)
    found = []
    for (item, steps), version, new, standing in zip(wave, versions, after, reviewed, strict=True):
        account = _account_of(item, steps, version)
        steps.postings += moves.add(account, differences(new.awards, steps.postings))
        steps.number += 1
        steps.evaluation = new
        step = Step(
            owner_id=steps.owner_id,
            order_id=item.order_id,
            programme=steps.programme,
            number=steps.number,
            cause=item.cause,
            source_id=item.source_id,
            version_id=version.id,
            occurred_at=item.order.occurred_at,
            evaluation=new,
            state=None,
            postings=account.postings,
        )
        found.append(Outcome(item.place, version, step, account, standing))
    return found


def evaluated_again(item: Unwound, steps: Steps, version: Version, basket: Basket) -> Evaluation:
    """Return what the order brings as it stands now. basket: what is left of it; of what is gone nothing counts."""
    if is_gone(item.order, came_back(item.order, item.returned)):
        return NOTHING
    return evaluate(version.compiled, basket, steps.state)


def left_of(basket: Basket, back: Mapping[int, tuple[Decimal, Decimal]]) -> Basket:
    """Return the basket without the goods that came back; a line of which nothing is left is no line.

    A line that never had a quantity counts by its money, and stays.
    """
    if not back:
        return basket
    rest = basket.without(back)
    pairs = zip(basket.lines, rest.lines, strict=True)
    return replace(rest, lines=tuple(left for whole, left in pairs if left.quantity or not whole.quantity))


def _account_of(item: Unwound, steps: Steps, version: Version) -> Account:
    order = {"order": str(item.order_id), "programme": steps.programme}
    subject = {**order, "return": str(item.source_id)} if item.cause is Cause.RETURN else order
    return Account(
        place=item.place,
        name=f"order:{item.order_id}:{steps.programme}:{steps.number + 1}",
        owner_id=steps.owner_id,
        cause=str(item.cause),
        subject=subject,
        given_at=item.order.occurred_at,
        taken_at=item.happened_at,
        version_id=version.id,
        money_currency=version.compiled.currency,
    )
