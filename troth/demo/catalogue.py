"""The demo's rewards: made up, with made-up prices and stock. Who took them is made up, too: see `rewards_made`."""

from datetime import datetime

from troth.access.actors import Actor
from troth.rewards import queries as rewards_queries
from troth.rewards import services as rewards
from troth.rewards.errors import RewardNotFoundError
from troth.rewards.models import FulfilmentKind, RewardKind
from troth.rewards.services import PriceFields, RewardFields

MADE_UP = "Made up for the demo."
MADE_UP_ZH = "演示用虚构奖励。"
_WHAT = (
    ("shopping-bag", "Shopping bag", "购物袋", RewardKind.GOODS, 400, 500),
    ("fruit-basket", "Basket of fruit", "水果篮", RewardKind.GOODS, 1_500, 120),
    ("cooking-evening", "Cooking evening", "烹饪之夜", RewardKind.EXPERIENCE, 3_000, 24),
    ("food-bank", "A meal for the food bank", "为食物银行捐一餐", RewardKind.DONATION, 250, None),
)  # code, name, Chinese name, kind, points, stock


def set_up(*, actor: Actor, now: datetime, points: str) -> None:
    """Put the rewards on offer for points of this currency; what is there stays."""
    for position, (code, name, name_zh, kind, price, stock) in enumerate(_WHAT, start=1):
        try:
            rewards_queries.reward(code)
        except RewardNotFoundError:
            fields = RewardFields(
                code=code,
                name=name,
                name_zh=name_zh,
                description=MADE_UP,
                description_zh=MADE_UP_ZH,
                reward_kind=kind,
                prices=(PriceFields(points=price, point_currency=points),),
                position=position,
                stock=stock,
                fulfilment=FulfilmentKind.COLLECT if kind is RewardKind.GOODS else FulfilmentKind.INSTANT,
            )
            made = rewards.create_reward(actor=actor, now=now, fields=fields)
            rewards.offer_reward(actor=actor, now=now, reward_id=made.id)
