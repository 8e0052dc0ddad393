"""The catalogue: rewards made, changed, put on offer, archived; prices; stock in and out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.ids import new_id

from . import slices, terms
from .errors import DraftChangedError, RewardNotFoundError, RewardRefusedError, RewardStateError, StockError
from .models import (
    CouponCampaign,
    FulfilmentKind,
    LimitPeriod,
    PayOn,
    Reward,
    RewardKind,
    RewardPrice,
    RewardState,
    SliceKind,
)
from .reward_checks import MOST_PIECES, check_reward, refused
from .scheduling import schedule_expiry


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFields:
    """What a piece costs under an option, for all or for a tier or segment; see `models.RewardPrice`."""

    points: int
    point_currency: str = ""
    option: str = "points"
    money_amount: Decimal = Decimal(0)
    money_currency: str = ""
    programme: str = ""
    tier: str = ""
    segment_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardFields:
    """What a reward is; see `models.Reward`.

    campaign: code of the campaign whose coupon a voucher is; stock: pieces at first, None if they are not counted
    (afterwards `change_stock`).
    """

    code: str
    name: str
    reward_kind: RewardKind
    prices: tuple[PriceFields, ...] = ()
    name_zh: str = ""
    description: str = ""
    description_zh: str = ""
    position: int = 100
    audience: dict[str, Any] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: tuple[int, ...] = ()
    member_limit: int | None = None
    limit_period: LimitPeriod = LimitPeriod.EVER
    stock: int | None = None
    low_stock: int = 0
    unit_cost: Decimal | None = None
    cost_currency: str = ""
    campaign: str = ""
    fulfilment: FulfilmentKind = FulfilmentKind.INSTANT
    pay_on: PayOn = PayOn.REDEMPTION
    hold_days: int = 30


_COPIED = (
    *("code", "name", "name_zh", "description", "description_zh", "reward_kind", "position", "starts_at", "ends_at"),
    *("member_limit", "limit_period", "low_stock", "unit_cost", "cost_currency", "fulfilment", "pay_on", "hold_days"),
)


@transaction.atomic
def create_reward(*, actor: Actor, now: datetime, fields: RewardFields) -> Reward:
    """Make a reward with its prices; nobody sees it before it is put on offer.

    Raises:
        RewardRefusedError: a field breaks its rule, or the code is taken.
        CurrencyUnknownError: a price is in points that do not exist.
        ConditionInvalidError: the audience cannot be understood.
    """
    reward = Reward(id=new_id(), created_at=now, created_by=actor.code)
    _fill(reward, fields, now)
    reward.has_stock = fields.stock is not None
    _store(reward, fields)
    if fields.stock is not None:
        slices.open_counter(reward.id, SliceKind.STOCK, fields.stock)
    _note("created", reward, actor=actor, now=now)
    return reward


@transaction.atomic
def change_reward(
    *, actor: Actor, now: datetime, reward_id: UUID, fields: RewardFields, expected_revision: int | None = None
) -> Reward:
    """Change a reward and its prices; what was redeemed before keeps what it cost. Stock stays as it is.

    Raises:
        RewardNotFoundError: no such reward.
        DraftChangedError: somebody else saved it meanwhile.
        RewardRefusedError, CurrencyUnknownError, ConditionInvalidError: see `create_reward`.
    """
    reward = locked(reward_id)
    if expected_revision is not None and reward.revision != expected_revision:
        raise DraftChangedError(reward.revision)
    _fill(reward, fields, now)
    reward.revision += 1
    RewardPrice.objects.filter(reward=reward).delete()
    _store(reward, fields)
    _note("changed", reward, actor=actor, now=now)
    return reward


@transaction.atomic
def offer_reward(*, actor: Actor, now: datetime, reward_id: UUID) -> Reward:
    """Put a reward on offer.

    Raises:
        RewardNotFoundError: no such reward.
        RewardStateError: it is on offer, or has no price.
    """
    reward = locked(reward_id)
    if reward.state == RewardState.ACTIVE:
        raise RewardStateError(_("“%(reward)s” is on offer already.") % {"reward": reward}, state=reward.state)
    if not reward.prices.exists():
        message = _("“%(reward)s” has no price; state one first. What is free costs 0 points.")
        raise RewardStateError(message % {"reward": reward}, state=reward.state)
    schedule_expiry(now)
    return _move(reward, RewardState.ACTIVE, "offered", actor, now)


@transaction.atomic
def archive_reward(*, actor: Actor, now: datetime, reward_id: UUID) -> Reward:
    """Take a reward off the catalogue; what was redeemed is still fulfilled.

    Raises:
        RewardNotFoundError: no such reward.
        RewardStateError: it is archived already.
    """
    reward = locked(reward_id)
    if reward.state == RewardState.ARCHIVED:
        raise RewardStateError(_("“%(reward)s” is archived already.") % {"reward": reward}, state=reward.state)
    return _move(reward, RewardState.ARCHIVED, "archived", actor, now)


@transaction.atomic
def change_stock(*, actor: Actor, now: datetime, reward_id: UUID, change: int, reason: str) -> int:
    """Add pieces to the stock, or take free ones out, and return how many are left.

    reason: a code such as "delivery", "count", "damage". A reward that was not counted is from now on.

    Raises:
        RewardNotFoundError: no such reward.
        RewardRefusedError: no change, or too large a one.
        StockError: more would be taken out than is left; nothing is.
    """
    reward = locked(reward_id)
    if change == 0 or abs(change) > MOST_PIECES:
        raise refused("change", change, _("write how many pieces come in, or go out with a minus"))
    if not 1 <= len(reason) <= 40:
        raise refused("reason", reason, _("write a code of 1 to 40 characters"))
    if not reward.has_stock:
        slices.open_counter(reward.id, SliceKind.STOCK, 0)
        reward.has_stock = True
        reward.save(update_fields=["has_stock"])
    if slices.resize(reward.id, SliceKind.STOCK, change) != change:
        raise StockError(str(reward), -change)
    data = {"reward": reward.code, "change": change, "reason": reason}
    events.append("rewards.stock.changed", actor=actor, now=now, data=data)
    size, taken = slices.sizes([reward.id], SliceKind.STOCK)[reward.id]
    return size - taken


def locked(reward_id: UUID) -> Reward:
    """Return the reward, locked until the transaction ends.

    Raises:
        RewardNotFoundError: no such reward.
    """
    reward = Reward.objects.select_for_update().filter(id=reward_id).first()
    if reward is None:
        raise RewardNotFoundError(reward_id)
    return reward


def _fill(reward: Reward, fields: RewardFields, now: datetime) -> None:
    campaign = CouponCampaign.objects.filter(code=fields.campaign).first() if fields.campaign else None
    check_reward(fields, campaign)
    for name in _COPIED:
        setattr(reward, name, getattr(fields, name))
    reward.campaign = campaign
    reward.weekdays = sorted(set(fields.weekdays))
    reward.audience = terms.checked_audience(fields.audience)
    reward.updated_at = now


def _store(reward: Reward, fields: RewardFields) -> None:
    try:
        with transaction.atomic():
            reward.save()
    except IntegrityError as error:
        message = _("Another reward has the code “%(code)s”; choose another one.") % {"code": reward.code}
        raise RewardRefusedError(message, field="code", value=reward.code) from error
    RewardPrice.objects.bulk_create(
        RewardPrice(
            reward=reward,
            option=one.option,
            points=one.points,
            point_currency=one.point_currency if one.points else "",
            money_amount=one.money_amount,
            money_currency=one.money_currency if one.money_amount else "",
            programme=one.programme,
            tier=one.tier,
            segment_id=one.segment_id,
        )
        for one in fields.prices
    )


def _move(reward: Reward, state: RewardState, what: str, actor: Actor, now: datetime) -> Reward:
    reward.state, reward.updated_at = state, now
    reward.revision += 1
    reward.save(update_fields=["state", "updated_at", "revision"])
    _note(what, reward, actor=actor, now=now)
    return reward


def _note(what: str, reward: Reward, *, actor: Actor, now: datetime) -> None:
    events.append(f"rewards.reward.{what}", actor=actor, now=now, data={"reward": reward.code})
