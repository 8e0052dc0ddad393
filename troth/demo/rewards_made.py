"""What members did with their points over the year: all made up, through the services of every company.

Some orders of the data are told to have been paid in part with points, before the year is awarded: then they are paid
and earn in the order of time. Rewards are taken after it, each when its member had the points by what the ledger says
of that day; a few were cancelled, the latest wait to be handed over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TypeVar
from uuid import UUID

from troth.access.actors import Actor
from troth.activity import queries as activity
from troth.activity.orders import NewOrder
from troth.demo import source
from troth.kit import clock
from troth.ledger import queries as ledger
from troth.rewards import services as rewards
from troth.rewards.models import RedemptionState
from troth.rewards.operations import NewRedemption, Redeemed
from troth.sales import services as sales
from troth.sales.services import Payment

MARK = "made_up"
"""Tag of an order of the data of which something is made up, and what."""
PAYER_EVERY = 20  # of so many households one pays with points; the others may take rewards
PAYMENTS = (200, 300, 500)
POINTS_A_DOLLAR = 100
LEAST_ORDER = 15
EARN_NOTHING = ("Tobacco", "Spirits")  # as the programme has it
MARGIN = 1.5
TAKER_SHARE = 0.3
WISHES = (("shopping-bag", 400, 4), ("food-bank", 250, 6), ("fruit-basket", 1_500, 3), ("cooking-evening", 3_000, 1))
"""Reward, its points, how often it is wished for."""
CANCELLED_SHARE = 0.06
WAITING = timedelta(days=8)  # before the demo's day: what was taken since is not handed over yet
BATCH = 250

Item = TypeVar("Item")


def name_payments(owners: Mapping[int, UUID], *, points: str, actor: Actor, now: datetime) -> int:
    """Tell of some orders that points paid a part, no more than their buyers surely had; return how many orders."""
    chance = Random("payments")  # noqa: S311  made-up data, the same every time
    chosen = [owners[household] for household in sorted(owners)[::PAYER_EVERY]]
    changed = [order for owner in chosen for order in _paid_in_part(owner, points, chance)]
    done = 0
    for part in _parts(changed, BATCH):
        for sold in sales.record_orders(part, actor=actor, now=now):
            if sold.error is not None:
                raise sold.error
            done += 1
    return done


def _paid_in_part(owner: UUID, points: str, chance: Random) -> Iterator[NewOrder]:
    """Yield one customer's orders of which points paid a part."""
    orders = sorted(activity.new_orders(activity.orders([owner]).values_list("id", flat=True)).values(), key=_moment)
    had = 0
    for order in orders:
        wanted = chance.choice(PAYMENTS)
        is_due = chance.random() < 0.12 and had >= MARGIN * wanted
        if is_due and order.is_history and sum(line.net_amount for line in order.lines) >= LEAST_ORDER:
            tags = sales.payment_tags([Payment(points, wanted)])
            money = f"{wanted / POINTS_A_DOLLAR:.2f}"
            had -= wanted
            yield replace(order, tags={**order.tags, **tags, "points_amount": money, MARK: "points_paid"})
        earning = (line.net_amount for line in order.lines if not line.category.startswith(EARN_NOTHING))
        had += int(sum(earning))


def _moment(order: NewOrder) -> tuple[datetime, str]:
    return order.occurred_at, order.external_id


def take(owners: Mapping[int, UUID], *, points: str, today: datetime, actor: Actor, now: datetime) -> dict[str, int]:
    """Have members take rewards; return how many were taken, and how many of them cancelled. Again, it doubles nothing.

    today: the day that counts as the present.
    """
    wishes = list(_wishes(owners, points, today))
    counts: dict[str, int] = defaultdict(int)
    for part in _parts(wishes, BATCH):
        asked = [one for one, _fate in part]
        for (one, fate), done in zip(part, rewards.redeem_rewards(asked, actor=actor, now=now), strict=True):
            if done.error is None:  # else the last one went to another
                counts["taken"] += 1
                counts["cancelled"] += _settle(one, done, fate, today, actor=actor, now=now)
    return dict(counts)


def _wishes(owners: Mapping[int, UUID], points: str, today: datetime) -> Iterator[tuple[NewRedemption, float]]:
    """Yield what is taken and, between 0 and 1, what becomes of it, as time went by."""
    chance = Random("rewards")  # noqa: S311  made-up data, the same every time
    weights = [weight for _reward, _price, weight in WISHES]
    start = clock.day_start(source.FIRST_DAY, source.ZONE) + timedelta(days=60)
    found: list[tuple[NewRedemption, float]] = []
    for place, (household, owner) in enumerate(sorted(owners.items())):
        is_taker, share, fate = chance.random() < TAKER_SHARE, chance.random(), chance.random()
        ((reward, price, _weight),) = chance.choices(WISHES, weights)
        pieces = chance.randint(1, 8) if reward == "food-bank" else 1
        if not is_taker or place % PAYER_EVERY == 0:
            continue
        at = start + (today - start) * share
        if ledger.balance_as_of(owner, points, occurred=at - timedelta(minutes=1)).available >= price * pieces:
            found.append((NewRedemption(f"{source.NAME}:{household}", owner, reward, at, quantity=pieces), fate))
    yield from sorted(found, key=lambda one: one[0].occurred_at)


def _settle(one: NewRedemption, done: Redeemed, fate: float, today: datetime, *, actor: Actor, now: datetime) -> bool:
    """Hand over what is to be collected, but the latest; cancel some. Return whether it was cancelled."""
    if done.redemption_id is None or done.state != RedemptionState.REQUESTED:
        return done.state == RedemptionState.CANCELLED  # done before
    after = one.occurred_at + timedelta(days=1 + 5 * fate)
    if fate < CANCELLED_SHARE and after < today:
        rewards.cancel_redemption(
            actor=actor, now=now, redemption_id=done.redemption_id, reason="member", happened_at=after
        )
        return True
    is_waiting = one.occurred_at > today - WAITING
    state = RedemptionState.PREPARED if is_waiting else RedemptionState.FULFILLED
    if not is_waiting or fate < 0.5:
        rewards.advance_redemption(
            actor=actor, now=now, redemption_id=done.redemption_id, state=state, happened_at=min(after, today)
        )
    return False


def _parts(items: Iterable[Item], size: int) -> Iterator[Sequence[Item]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
