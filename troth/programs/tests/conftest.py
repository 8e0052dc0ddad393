"""Fixtures: a company, people, a published programme, and orders that earn in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from troth.access.actors import Actor, system_actor
from troth.customers.models import Customer
from troth.kit.ids import new_id
from troth.programs import queries, services
from troth.programs.baskets import basket_of
from troth.programs.evaluation import evaluate
from troth.programs.models import ProgrammeVersion
from troth.programs.services import Standing
from troth.programs.tests.making import BASE, FRIDAY, HEAD, ZONE, Line, order
from troth.staff.models import Company

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
START = datetime(2020, 1, 1, tzinfo=UTC)
LADDER = """tiers:
  ladder:
    - {code: basic, name: Basic}
    - {code: silver, name: Silver, reach: {spend: 100}}
    - {code: gold, name: Gold, reach: {spend: 1000}, keep: {spend: 500}}
"""

Publish = Callable[..., ProgrammeVersion]
Person = Callable[..., UUID]
Buy = Callable[..., Standing]


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def person(company: Company) -> Person:
    """Return a function that makes a customer."""

    def make(**fields: Any) -> UUID:
        return Customer.objects.create(created_at=START, updated_at=START, **fields).id

    return make


@pytest.fixture
def publish(company: Company, actor: Actor) -> Publish:
    """Return a function that makes a programme with a version in force since 2020."""

    def make(text: str = BASE + LADDER, **fields: Any) -> ProgrammeVersion:
        return services.establish(
            actor=actor, now=NOW, text=fields.pop("head", HEAD) + text, effective_at=START, reviewed_by="system:other"
        )

    return make


@pytest.fixture
def buy(actor: Actor) -> Buy:
    """Return a function that lets a customer buy: evaluate, claim, apply."""

    def act(owner_id: UUID, *lines: Line, at: datetime = FRIDAY, **fields: Any) -> Standing:
        new = order(*lines, at=at, owner_id=owner_id, **fields)
        version = queries.versions_in_force().at(at)[0]
        now = max(at, NOW) if fields.get("is_history") else at + timedelta(seconds=1)
        seeker = services.Seeker(owner_id, version, basket_of(new, zone=ZONE))
        standings = services.open_standings([seeker], now=now)
        evaluations = [evaluate(version.compiled, seeker.basket, standings.states[0])]
        evaluations = services.claim(standings, evaluations)
        change = services.change_of(
            evaluations[0],
            index=0,
            operation_key=new.external_id,
            source_kind="order",
            source_id=new_id(),
            occurred_at=at,
        )
        return services.apply(standings, [change], actor=actor, now=now)[0]

    return act
