"""Fixtures: a company in Shanghai, people, campaigns that run."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from troth.access.actors import system_actor
from troth.customers.models import Customer
from troth.ledger import queries as ledger_queries
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.ledger.operations import Earn, Owner, Reason
from troth.rewards import services, slices
from troth.rewards.models import Benefit, CodeKind, CouponCampaign, FulfilmentKind, Reward, RewardKind, SliceKind
from troth.rewards.services import (
    Assign,
    CampaignFields,
    CouponDone,
    NewRedemption,
    PriceFields,
    Redeemed,
    RewardFields,
)
from troth.staff.models import Company

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)  # noon in Shanghai
LATER = NOW + timedelta(hours=1)
EARLIER = NOW - timedelta(days=60)
ACTOR = system_actor("test")
UNIQUE = CampaignFields(
    code="welcome",
    name="Welcome",
    name_zh="新客礼券",
    code_kind=CodeKind.UNIQUE,
    size=1000,
    benefit=Benefit.PERCENT,
    percent=Decimal(10),
)
GENERIC = CampaignFields(
    code="spring",
    name="Spring",
    code_kind=CodeKind.GENERIC,
    generic_code="SPRING26",
    benefit=Benefit.AMOUNT,
    amount=Decimal(20),
)

MakeCampaign = Callable[..., CouponCampaign]


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def person(company: Company) -> Callable[..., Customer]:
    """Return a function that makes a customer."""

    def make(**fields: Any) -> Customer:
        return Customer.objects.create(created_at=NOW, updated_at=NOW, **fields)

    return make


@pytest.fixture
def ann(person: Callable[..., Customer]) -> Customer:
    return person(name="Ann")


@pytest.fixture
def bob(person: Callable[..., Customer]) -> Customer:
    return person(name="Bob")


@pytest.fixture
def campaign(company: Company) -> MakeCampaign:
    """Return a function that makes and starts a campaign."""

    def make(fields: CampaignFields = UNIQUE, **changes: Any) -> CouponCampaign:
        made = services.create_campaign(actor=ACTOR, now=NOW, fields=replace(fields, **changes))
        return services.start_campaign(actor=ACTOR, now=NOW, campaign_id=made.id)

    return make


def post(*operations: Any, now: datetime = NOW) -> list[CouponDone]:
    """Post coupon operations as the test's actor."""
    return services.post_coupons(operations, actor=ACTOR, now=now)


def post_one(operation: Any, now: datetime = NOW) -> CouponDone:
    """Post one operation and return its result."""
    (result,) = post(operation, now=now)
    return result


def assigned(customer: Customer, key: str = "a-1", campaign: str = "welcome", **changes: Any) -> CouponDone:
    """Give a customer a coupon and return the result."""
    return post_one(Assign(key=key, customer_id=customer.id, campaign=campaign, occurred_at=NOW, **changes))


def code_of(error: Any) -> str:
    """Return the code of a result's refusal."""
    return error.error.code if error.error else ""


def merge(merged: Customer, canonical: Customer) -> None:
    """Link a record to another one, as a merge does."""
    Customer.objects.filter(id=merged.id).update(canonical_id=canonical.id)


MUG = RewardFields(
    code="mug",
    name="Mug",
    name_zh="马克杯",
    reward_kind=RewardKind.GOODS,
    prices=(PriceFields(points=500, point_currency="points"),),
    stock=10,
    fulfilment=FulfilmentKind.COLLECT,
    unit_cost=Decimal("8.50"),
    cost_currency="CNY",
)


@pytest.fixture
def points(company: Company) -> Callable[..., None]:
    """Make the currency "points"; return a function that gives points, soon-ending ones if asked."""
    ledger.create_currency(actor=ACTOR, now=EARLIER, code="points", rules=CurrencyRules(name="Points"))
    numbers = count(1)

    def give(customer: Customer, amount: int, expires_at: datetime | None = None) -> None:
        earn = Earn(
            key=f"earn-{next(numbers)}",
            owner=Owner("customer", customer.id),
            currency="points",
            occurred_at=EARLIER,
            reason=Reason("test"),
            amount=amount,
            expires_at=expires_at,
        )
        (answer,) = ledger.post([earn], actor=ACTOR, now=EARLIER)
        assert answer.error is None, answer.error

    return give


@pytest.fixture
def reward(points: Callable[..., None]) -> Callable[..., Reward]:
    """Return a function that makes a reward and puts it on offer."""

    def make(fields: RewardFields = MUG, **changes: Any) -> Reward:
        made = services.create_reward(actor=ACTOR, now=NOW, fields=replace(fields, **changes))
        return services.offer_reward(actor=ACTOR, now=NOW, reward_id=made.id)

    return make


def wish(customer: Customer, key: str = "r-1", reward: str = "mug", **changes: Any) -> NewRedemption:
    """Return a wish for a reward."""
    return NewRedemption(key=key, customer_id=customer.id, reward=reward, **({"occurred_at": NOW} | changes))


def redeem(*wishes: NewRedemption, now: datetime = NOW) -> list[Redeemed]:
    """Redeem as the test's actor."""
    return services.redeem_rewards(wishes, actor=ACTOR, now=now)


def redeem_one(*args: Any, now: datetime = NOW, **changes: Any) -> Redeemed:
    """Redeem one reward and return the result."""
    (result,) = redeem(wish(*args, **changes), now=now)
    return result


def available(customer: Customer, now: datetime = NOW) -> int:
    """Return the points that a customer can spend."""
    return ledger_queries.balances([customer.id], "points", now=now)[customer.id].available


def stock_left(reward: Reward) -> int:
    """Return how many pieces are left."""
    size, taken = slices.sizes([reward.id], SliceKind.STOCK)[reward.id]
    return size - taken
