"""Rewards and redemptions, between the API's form and ours."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import models

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.rewards import queries
from troth.rewards.models import Redemption, RedemptionState, Reward, RewardPrice
from troth.rewards.queries import Offered
from troth.rewards.services import PriceFields, RewardFields

from ..fields import amount_text
from .reward_schemas import OfferedOut, PriceIn, PriceOut, RedemptionOut, RewardIn, RewardOut


def fields(item: RewardIn) -> RewardFields:
    """Return a reward's fields in our form."""
    given = item.model_dump()
    changed = {
        "prices": tuple(_price_fields(one) for one in item.prices),
        "weekdays": tuple(item.weekdays),
        "cost_currency": item.cost_currency or "",
        "campaign": item.campaign or "",
    }
    return RewardFields(**given | changed)


def _price_fields(item: PriceIn) -> PriceFields:
    return PriceFields(**item.model_dump() | {"money_currency": item.money_currency or ""})


def reward(row: Reward) -> RewardOut:
    """Return a reward with all its prices."""
    return rewards([row])[0]


def rewards(rows: Sequence[Reward]) -> list[RewardOut]:
    """Return rewards with all their prices."""
    ids = [row.id for row in rows]
    prices, left = queries.prices(ids), queries.stock(ids)
    return [RewardOut(**_reward(row, prices.get(row.id, ()), left.get(row.id))) for row in rows]


def offered(one: Offered) -> OfferedOut:
    """Return a reward as a customer sees it."""
    return OfferedOut(**_reward(one.reward, one.prices, one.left), member_left=one.member_left, is_open=one.is_open)


def redemption(row: Redemption, actor: Actor) -> RedemptionOut:
    """Return a redemption."""
    return redemptions([row], actor)[0]


def redemptions(rows: Sequence[Redemption], actor: Actor) -> list[RedemptionOut]:
    """Return redemptions; addresses only to those who may see personal data."""
    codes = {
        str(coupon.id): coupon.code
        for coupon in queries.coupons_with(UUID(one) for row in rows for one in row.coupon_ids).values()
    }
    sees_personal = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)
    return [_redemption(row, codes, row.delivery if sees_personal else "") for row in rows]


def _redemption(row: Redemption, codes: dict[str, str], delivery: str) -> RedemptionOut:
    return RedemptionOut(
        id=row.id,
        customer_id=row.owner_id,
        reward=row.reward.code,
        quantity=row.quantity,
        state=RedemptionState(row.state),
        option=row.option,
        points=row.points,
        point_currency=row.point_currency,
        household_id=row.household_id,
        is_held=row.is_held,
        hold_until=row.hold_until if row.is_held else None,
        money_amount=amount_text(row.money_amount, row.money_currency),
        money_currency=row.money_currency,
        is_gift=row.is_gift,
        coupons=[codes[one] for one in row.coupon_ids],
        delivery=delivery,
        cancel_reason=row.cancel_reason,
        occurred_at=row.occurred_at,
        fulfilled_at=row.fulfilled_at,
        cancelled_at=row.cancelled_at,
    )


def _reward(row: Reward, prices: Sequence[RewardPrice], left: int | None) -> dict[str, Any]:
    own = {field.name for field in row._meta.get_fields() if isinstance(field, models.Field)}
    found = {name: getattr(row, name) for name in RewardOut.model_fields if name in own}
    return found | {
        "prices": [_price(one) for one in prices],
        "left": left,
        "campaign": row.campaign.code if row.campaign else "",
    }


def _price(row: RewardPrice) -> PriceOut:
    return PriceOut(
        option=row.option,
        points=row.points,
        point_currency=row.point_currency,
        money_amount=amount_text(row.money_amount, row.money_currency),
        money_currency=row.money_currency,
        programme=row.programme,
        tier=row.tier,
        segment_id=row.segment_id,
    )
