"""Fixtures: a company, people, a published journey, and a clock that moves it on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from troth.access.actors import Actor, system_actor
from troth.care.journeys import queries, services
from troth.care.models import Journey, JourneyRun
from troth.customers.models import Customer
from troth.events import services as events
from troth.staff.models import Company

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)  # a Monday, ten in the morning in Shanghai

Publish = Callable[..., Journey]
Person = Callable[..., UUID]
Tick = Callable[..., None]
Happen = Callable[..., UUID]


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN")


@pytest.fixture
def person(company: Company) -> Person:
    """Return a function that makes a customer."""

    def make(**fields: Any) -> UUID:
        return Customer.objects.create(created_at=NOW, updated_at=NOW, **fields).id

    return make


@pytest.fixture
def publish(company: Company, actor: Actor) -> Publish:
    """Return a function that makes a journey of a text, or the next version of one, and sets it running."""

    def make(text: str, *, at: datetime = NOW) -> Journey:
        code = text.split("journey:", 1)[1].split("\n", 1)[0].strip()
        journey = Journey.objects.filter(code=code).first()
        if journey is None:
            journey = services.create_journey(actor=actor, now=at, text=text)
        else:
            services.save_draft(actor=actor, now=at, journey_id=journey.id, text=text)
        services.publish(actor=actor, now=at, journey_id=journey.id)
        return queries.journey(journey.id)

    return make


@pytest.fixture
def happen(company: Company, actor: Actor) -> Happen:
    """Return a function that appends an event of a customer's."""

    def append(name: str, owner_id: UUID, at: datetime, *, recorded: datetime | None = None, **data: Any) -> UUID:
        found = events.append(name, actor=actor, now=recorded or at, customer_id=owner_id, occurred_at=at, data=data)
        return found.id

    return append


@pytest.fixture
def tick(actor: Actor) -> Tick:
    """Return a function that does what the jobs do: read the log, move everybody on, until nothing is left to do."""

    def run(now: datetime, *, limit: int = 100) -> None:
        while services.read_log(actor=actor, now=now, limit=limit) is not None:
            pass
        while True:
            done = services.advance(actor=actor, now=now, limit=limit)
            if not done.people and not done.failed:
                return

    return run


def after(**length: Any) -> datetime:
    """Return so long after the tests' beginning."""
    return NOW + timedelta(**length)


def path(run: JourneyRun) -> list[tuple[str, str]]:
    """Return the steps of a run with their outcomes."""
    return [(one.step, one.outcome) for one in queries.path_of(run)]
