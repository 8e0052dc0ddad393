"""The demo's birthday gift: made up, like the birthdays of its people. Who has one these days is given it for real."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from troth.access.actors import Actor
from troth.rewards import queries as rewards_queries
from troth.rewards import services as rewards
from troth.rewards.errors import GiftNotFoundError
from troth.rewards.models import Benefit, CodeKind
from troth.rewards.services import CampaignFields, GiftFields
from troth.staff import queries as staff

CODE = "birthday"
CAMPAIGN = CampaignFields(
    code=CODE,
    name="Birthday coupon",
    name_zh="生日优惠券",
    description="Made up for the demo.",
    description_zh="演示用虚构优惠券。",
    code_kind=CodeKind.UNIQUE,
    size=5_000,
    benefit=Benefit.AMOUNT,
    amount=Decimal(5),
    currency="USD",
    minimum_amount=Decimal(30),
)
GIFT = GiftFields(code=CODE, name="Birthday gift (made up)", name_zh="生日礼（虚构）", campaign=CODE, days_before=7)


def set_up(*, actor: Actor, now: datetime) -> dict[str, int]:
    """Set up the gift and give it to whose birthday it is time for; return how many got it. It doubles nothing."""
    with transaction.atomic():
        try:
            gift = rewards_queries.gift(CODE)
        except GiftNotFoundError:
            made = rewards.create_campaign(actor=actor, now=now, fields=CAMPAIGN)
            rewards.start_campaign(actor=actor, now=now, campaign_id=made.id)
            gift = rewards.create_gift(actor=actor, now=now, fields=GIFT)
    return rewards.give_birthday_gifts(actor=actor, now=staff.moment(now), gift=gift)
