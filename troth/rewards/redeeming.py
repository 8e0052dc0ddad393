"""Redemptions in batches: judged, limits and stock taken, points posted, written; all of it or nothing for each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.customers.errors import CustomerErasedError
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.ledger import services as ledger
from troth.ledger.operations import HoldPoints, Operation, Posted, Reason, Spend
from troth.staff import queries as staff

from . import fulfilling, pricing, slices, storing
from .campaigns import not_in_state
from .errors import (
    CampaignExhaustedError,
    CustomerUnknownError,
    MemberLimitError,
    OperationConflictError,
    OperationRefusedError,
    RewardNotFoundError,
    StockError,
)
from .making import assigned_event, make_coupon, store_coupons
from .models import (
    CampaignState,
    Coupon,
    CouponCampaign,
    FulfilmentKind,
    PayOn,
    Redemption,
    RedemptionState,
    Reward,
    RewardPrice,
    RewardState,
    SliceKind,
    TallyKind,
)
from .operations import NewRedemption, Outcome, Redeemed
from .slices import Pool
from .tallies import Tallies, TallyKey, period_start

CLOCK_TOLERANCE = timedelta(days=1)  # a till's clock may be ahead of ours
ATTEMPTS = 3
MAX_KEY = 120
MAX_PIECES = 1_000
MAX_DELIVERY = 300
SCARCE = (MemberLimitError, StockError, CampaignExhaustedError)
HOLD_MARGIN = timedelta(days=1)
"""The ledger lets a hold go so much later than we cancel, so that cancelling finds it."""


@dataclass(slots=True)
class _Wish:
    """One redemption on its way: what was found of it so far.

    error: once it is refused; before: the stored one of its key; twin: the same one earlier in this batch.
    """

    asked: NewRedemption
    group: tuple[UUID, ...] = ()
    reward: Reward | None = None
    price: RewardPrice | None = None
    tally: TallyKey | None = None
    error: TrothError | None = None
    before: Redemption | None = None
    twin: "_Wish | None" = None
    row: Redemption | None = None
    posted: Posted | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it may still come about."""
        return self.error is None and self.before is None and self.twin is None


def redeem_rewards(requests: Sequence[NewRedemption], *, actor: Actor, now: datetime) -> list[Redeemed]:
    """Redeem rewards in one transaction and return one result for each, in their order.

    Points are spent, or held until the reward is handed over; stock and limits are taken; a voucher's coupons are
    handed out. A refused one stores nothing and holds up no other; the same key with the same content gives the first
    result again. The money part of a price is the caller's to collect.

    Errors in results:
        OperationRefusedError, CustomerUnknownError: a value breaks its rule.
        OperationConflictError: the key names another redemption.
        CustomerErasedError: it has an address to go to, and the customer's data were erased.
        RewardNotFoundError: no such reward on offer for this customer.
        RewardWindowError, PriceNotFoundError, MemberLimitError, StockError, CampaignStateError,
        CampaignExhaustedError: it cannot be had now.
        InsufficientPointsError, PoolRefusedError and others of the ledger: it cannot be paid.
    """
    unpaid: dict[int, TrothError] = {}
    attempts = 0
    while True:
        try:
            with transaction.atomic():
                return _Batch(requests, unpaid, actor, now).redeem()
        except _AgainError as again:  # ends: every time at least one more is known to be unpaid
            unpaid |= again.unpaid
        except IntegrityError:  # the same key, stored meanwhile: next time it is found
            attempts += 1
            if attempts == ATTEMPTS:
                raise


class _AgainError(Exception):
    """Some could not be paid, and what they had taken was refused to others: do it all again without them.

    Again from the start, so that locks are taken in their order.
    """

    def __init__(self, unpaid: dict[int, TrothError]) -> None:
        super().__init__()
        self.unpaid = unpaid


class _Batch:
    """One transaction's redemptions. Locks are taken in this order: tallies, stock, codes, accounts."""

    def __init__(
        self, requests: Sequence[NewRedemption], unpaid: Mapping[int, TrothError], actor: Actor, now: datetime
    ) -> None:
        """unpaid: refusals of the ledger known from an earlier attempt, by the place of the request."""
        self.actor = actor
        self.now = now
        self.zone = staff.company().time_zone
        self.wishes = [_Wish(one, error=_refusal(one, now) or unpaid.get(place)) for place, one in enumerate(requests)]
        self.groups = customers.record_groups(wish.asked.customer_id for wish in self.open())
        self.coupons: list[Coupon] = []
        self.events: list[NewEvent] = []

    def open(self) -> list[_Wish]:
        """Return the redemptions that may still come about."""
        return [wish for wish in self.wishes if wish.is_open]

    def redeem(self) -> list[Redeemed]:
        self._judge()
        self._find_repeats()
        tallies = self._take_limits()
        stock = self._take(SliceKind.STOCK)
        codes = self._take(SliceKind.CODES)
        for wish in self.open():
            wish.row = self._row(wish)
        self._pay()
        self._refuse_unfairness()
        for wish in self.wishes:
            if wish.is_open:
                self._complete(wish, stock, codes)
            elif wish.tally is not None:
                tallies.add(wish.tally, -wish.asked.quantity)
        self._write(tallies)
        slices.settle(SliceKind.STOCK, stock)
        slices.settle(SliceKind.CODES, codes)
        return [_result(wish) for wish in self.wishes]

    # --- judging

    def _judge(self) -> None:
        """Find customer, reward and price of each; refuse what cannot be."""
        codes = {wish.asked.reward for wish in self.open()}
        rewards = {row.code: row for row in Reward.objects.filter(code__in=codes).select_related("campaign")}
        prices = RewardPrice.objects.filter(reward_id__in=[row.id for row in rewards.values()])
        by_reward = pricing.by_reward(list(prices))
        standings = pricing.standings(self.groups, prices)
        # Whoever has an address written down is held: no erasure passes by.
        gone = customer_services.hold_for_words(wish.asked.customer_id for wish in self.open() if wish.asked.delivery)
        audiences = pricing.audiences(rewards.values(), self.groups, self.now)
        for wish in self.open():
            wish.group = self.groups.get(wish.asked.customer_id, ())
            try:
                if not wish.group:
                    raise CustomerUnknownError(wish.asked.customer_id)
                if wish.asked.customer_id in gone:
                    raise CustomerErasedError(wish.asked.customer_id)
                wish.reward = self._reward(wish, rewards, audiences)
                if not wish.asked.is_gift:
                    standing = standings[wish.group[0]]
                    wish.price = pricing.price_for(by_reward[wish.reward.id], standing, wish.asked.option)
            except TrothError as error:
                wish.error = error

    def _reward(self, wish: _Wish, rewards: dict[str, Reward], audiences: dict[UUID, frozenset[UUID] | None]) -> Reward:
        reward = rewards.get(wish.asked.reward)
        if reward is None:
            raise RewardNotFoundError(wish.asked.reward)
        if wish.asked.is_gift:
            return reward
        meant = audiences[reward.id]
        if reward.state != RewardState.ACTIVE or (meant is not None and wish.group[0] not in meant):
            raise RewardNotFoundError(wish.asked.reward)
        pricing.refuse_outside_window(reward, wish.asked.occurred_at, self.zone)
        return reward

    def _find_repeats(self) -> None:
        """Let what was redeemed before under its key be the answer, even where it could not be redeemed now."""
        named = [wish for wish in self.wishes if wish.group]
        if not named:
            return
        records = {record for wish in named for record in wish.group}
        keys = {wish.asked.key for wish in named}
        rows = Redemption.objects.filter(owner_id__among=records, operation_key__among=keys).select_related("reward")
        canonical = {record: wish.group[0] for wish in named for record in wish.group}
        stored = {(canonical[row.owner_id], row.operation_key): row for row in rows}
        firsts: dict[tuple[UUID, str], _Wish] = {}
        for wish in named:
            key = (wish.group[0], wish.asked.key)
            first = firsts.setdefault(key, wish)
            if key in stored:
                wish.before, wish.error = stored[key], _difference(wish.asked, stored[key])
            elif first is not wish and first.asked == wish.asked:
                wish.twin = first
            elif first is not wish:
                wish.error = OperationConflictError(wish.asked.key, "key")

    # --- taking

    def _take_limits(self) -> Tallies:
        """Count what is wanted against the limits per member; `tally` is set only where it was counted."""
        keys = {id(wish): self._tally_key(wish) for wish in self.open()}
        tallies = Tallies({key for key in keys.values() if key is not None}, _by_owner(self.groups))
        for wish in self.open():
            key, reward = keys[id(wish)], wish.reward
            if key is None or reward is None or reward.member_limit is None:
                continue
            if tallies.count(key) + wish.asked.quantity > reward.member_limit:
                wish.error = MemberLimitError(str(reward), reward.member_limit, reward.get_limit_period_display())
            else:
                wish.tally = key
                tallies.add(key, wish.asked.quantity)
        return tallies

    def _tally_key(self, wish: _Wish) -> TallyKey | None:
        reward = wish.reward
        if reward is None or reward.member_limit is None or wish.asked.is_gift:
            return None
        start = period_start(reward.limit_period, wish.asked.occurred_at, self.zone)
        return TallyKey(wish.group[0], TallyKind.REDEMPTIONS, reward.id, start)

    def _take(self, kind: SliceKind) -> dict[UUID, Pool]:
        """Take pieces of stock, or codes of vouchers, for all that are open, and refuse those for whom none is left."""
        wanted = Counter[UUID]()
        for wish in self.open():
            if counter_id := _counter(wish, kind):
                wanted[counter_id] += wish.asked.quantity
        pools = {one: Pool(slices.take(one, kind, wanted[one])) for one in sorted(wanted)}
        left = {counter_id: pool.count() for counter_id, pool in pools.items()}
        for wish in self.open():
            counter_id = _counter(wish, kind)
            if counter_id is None:
                continue
            wish.error = _scarcity(wish, kind, left[counter_id])
            if wish.error is None:
                left[counter_id] -= wish.asked.quantity
        return pools

    def _pay(self) -> None:
        """Spend or hold the points of all that are still open, in one posting."""
        paying = [wish for wish in self.open() if wish.row is not None and wish.row.points]
        if not paying:
            return
        answers = ledger.post([_payment(wish) for wish in paying], actor=self.actor, now=self.now)
        for wish, answer in zip(paying, answers, strict=True):
            wish.posted, wish.error = answer, answer.error

    def _refuse_unfairness(self) -> None:
        """Begin again if somebody was refused for what somebody else then could not pay."""
        unpaid = {place: wish for place, wish in enumerate(self.wishes) if wish.posted and wish.error}
        freed = {one for wish in unpaid.values() for one in _drawn_on(wish)}
        scarce = {one for wish in self.wishes if isinstance(wish.error, SCARCE) for one in _drawn_on(wish)}
        if freed & scarce:
            raise _AgainError({place: wish.error for place, wish in unpaid.items() if wish.error is not None})

    # --- ending

    def _complete(self, wish: _Wish, stock: dict[UUID, Pool], codes: dict[UUID, Pool]) -> None:
        """Use what was taken ahead; what a refused redemption leaves in the pools goes back."""
        row, reward = wish.row, wish.reward
        assert row is not None, "only those that come about are completed"
        assert reward is not None, "and they have a reward"
        for number in range(1, row.quantity + 1):
            if reward.has_stock:
                stock[reward.id].pop()
            if reward.campaign is not None:
                serial_no = codes[reward.campaign.id].pop()
                assert serial_no is not None, "as many were taken as are wanted"
                self._make_coupon(row, reward.campaign, serial_no, number)
        data = {"redemption": str(row.id), "reward": reward.code, "quantity": row.quantity}
        paid = {"points": row.points, "currency": row.point_currency, "is_gift": row.is_gift}
        self._note("requested", row, data | paid)
        if row.state == RedemptionState.FULFILLED:
            self._note("fulfilled", row, data)

    def _make_coupon(self, row: Redemption, campaign: CouponCampaign, serial_no: int, number: int) -> None:
        coupon = make_coupon(
            campaign,
            serial_no,
            owner_id=row.owner_id,
            key=f"redemption:{row.id}:{number}",
            source="redemption",
            source_id=str(row.id),
            occurred_at=row.occurred_at,
            zone=self.zone,
            now=self.now,
        )
        row.coupon_ids.append(str(coupon.id))
        self.coupons.append(coupon)

    def _note(self, what: str, row: Redemption, data: dict[str, object]) -> None:
        name = f"rewards.redemption.{what}"
        self.events.append(NewEvent(name, row.owner_id, data, occurred_at=row.occurred_at))

    def _row(self, wish: _Wish) -> Redemption:
        asked, reward, price = wish.asked, wish.reward, wish.price
        assert reward is not None, "judged above"
        is_instant = reward.fulfilment == FulfilmentKind.INSTANT
        points = price.points * asked.quantity if price else 0
        is_held = bool(points) and reward.pay_on == PayOn.FULFILMENT and not is_instant
        row_id = new_id()
        return Redemption(
            id=row_id,
            owner_id=asked.customer_id,
            reward=reward,
            operation_key=asked.key,
            quantity=asked.quantity,
            option=price.option if price else "",
            points=points,
            point_currency=price.point_currency if price and points else "",
            money_amount=price.money_amount * asked.quantity if price else 0,
            money_currency=price.money_currency if price else "",
            unit_cost=reward.unit_cost,
            cost_currency=reward.cost_currency,
            is_gift=asked.is_gift,
            state=RedemptionState.FULFILLED if is_instant else RedemptionState.REQUESTED,
            stock_count=asked.quantity if reward.has_stock else 0,
            is_held=is_held,
            ledger_key=f"redemption:{row_id}" if points else "",
            store_id=asked.store_id,
            household_id=asked.household_id if points else None,
            period_date=wish.tally.period_date if wish.tally else None,
            delivery=asked.delivery,
            occurred_at=asked.occurred_at,
            recorded_at=self.now,
            hold_until=self.now + timedelta(days=reward.hold_days) if is_held else None,
            fulfilled_at=asked.occurred_at if is_instant else None,
            updated_at=self.now,
        )

    def _write(self, tallies: Tallies) -> None:
        storing.insert(Redemption, [wish.row for wish in self.open() if wish.row is not None])
        store_coupons(self.coupons)
        self.events += [assigned_event(coupon) for coupon in self.coupons]
        tallies.write()
        events.append_many(self.events, actor=self.actor, now=self.now)


def _counter(wish: _Wish, kind: SliceKind) -> UUID | None:
    """Return the counter that a redemption draws on."""
    assert wish.reward is not None, "judged before anything is taken"
    if kind is SliceKind.STOCK:
        return wish.reward.id if wish.reward.has_stock else None
    return wish.reward.campaign_id


def _drawn_on(wish: _Wish) -> set[UUID]:
    """Return the reward and the campaign that a redemption would take from."""
    ids = {wish.reward.id, wish.reward.campaign_id} if wish.reward is not None else set()
    return {one for one in ids if one is not None}


def _scarcity(wish: _Wish, kind: SliceKind, left: int) -> TrothError | None:
    """Return why a redemption cannot have its pieces, or None."""
    assert wish.reward is not None, "judged before anything is taken"
    campaign = wish.reward.campaign
    if kind is SliceKind.CODES and campaign is not None and campaign.state != CampaignState.ACTIVE:
        return not_in_state(campaign)
    if left >= wish.asked.quantity:
        return None
    if kind is SliceKind.CODES and campaign is not None:
        return CampaignExhaustedError(campaign.code)
    return StockError(str(wish.reward), wish.asked.quantity)


def _refusal(one: NewRedemption, now: datetime) -> TrothError | None:
    if not 1 <= len(one.key) <= MAX_KEY:
        return _refused("key", one.key, _("write 1 to %(limit)d characters") % {"limit": MAX_KEY})
    if not 1 <= one.quantity <= MAX_PIECES:
        return _refused("quantity", one.quantity, _("take 1 to %d pieces") % MAX_PIECES)
    if len(one.delivery) > MAX_DELIVERY:
        return _refused("delivery", "…", _("write at most 300 characters"))
    if one.occurred_at > now + CLOCK_TOLERANCE:
        return _refused("occurred_at", one.occurred_at, _("lies in the future"))
    return None


def _refused(field: str, value: object, text: str) -> OperationRefusedError:
    return OperationRefusedError(f"{field} {str(value)[:60]}: {text}", field=field, value=str(value)[:60])


def _difference(asked: NewRedemption, before: Redemption) -> TrothError | None:
    """Return the refusal of a key that named another redemption."""
    pairs = (
        ("reward", asked.reward, before.reward.code),
        ("quantity", asked.quantity, before.quantity),
        ("option", asked.option or before.option, before.option),
        ("is_gift", asked.is_gift, before.is_gift),
        ("household_id", asked.household_id if before.points else None, before.household_id),
    )
    differing = [name for name, now, then in pairs if now != then]
    return OperationConflictError(asked.key, differing[0]) if differing else None


def _payment(wish: _Wish) -> Operation:
    row = wish.row
    assert row is not None, "only those that come about are paid"
    data = {"reward": wish.asked.reward, "redemption": str(row.id)}
    said: dict[str, Any] = {
        "key": row.ledger_key,
        "owner": fulfilling.payer_of(row),
        "currency": row.point_currency,
        "occurred_at": row.occurred_at,
        "reason": Reason("rewards.redemption", data),
        "amount": row.points,
        "spender_id": row.owner_id if row.household_id else None,
    }
    if row.hold_until is not None:
        return HoldPoints(expires_at=row.hold_until + HOLD_MARGIN, **said)
    return Spend(**said)


def _by_owner(groups: dict[UUID, tuple[UUID, ...]]) -> dict[UUID, tuple[UUID, ...]]:
    return {group[0]: group for group in groups.values()}


def _result(wish: _Wish) -> Redeemed:
    if wish.twin is not None:
        first = _result(wish.twin)
        return first if first.error else replace(first, outcome=Outcome.REPEATED, available=None)
    row = wish.before if wish.before is not None else wish.row
    if wish.error is not None or row is None:
        return Redeemed(Outcome.REFUSED, error=wish.error)
    return Redeemed(
        Outcome.DONE if wish.before is None else Outcome.REPEATED,
        redemption_id=row.id,
        state=row.state,
        points=row.points,
        point_currency=row.point_currency,
        money_amount=row.money_amount,
        money_currency=row.money_currency,
        available=wish.posted.available if wish.posted else None,
        coupon_ids=tuple(UUID(one) for one in row.coupon_ids),
    )
