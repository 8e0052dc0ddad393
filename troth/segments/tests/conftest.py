"""Fixtures: a company whose day is known, people with orders, a published segment."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from troth.access.actors import Actor, system_actor
from troth.activity.models import Order
from troth.customers.models import Customer
from troth.kit.ids import new_id
from troth.segments import services
from troth.segments.models import Segment
from troth.staff.models import Company

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
LOYAL = {"field": "orders.count", "operator": "at_least", "value": 2}

MakePerson = Callable[..., Customer]


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def person(company: Company) -> MakePerson:
    """Return a function that makes a customer with so many orders of 100 each on 1 February 2026."""

    def make(orders: int = 0, **fields: Any) -> Customer:
        customer = Customer.objects.create(created_at=NOW, updated_at=NOW, **fields)
        buy(customer, orders)
        return customer

    return make


def buy(customer: Customer, orders: int) -> None:
    """Give the record orders."""
    Order.objects.bulk_create(
        Order(
            id=new_id(), owner_id=customer.id, source="s", external_id=str(new_id()), occurred_at=NOW,
            order_date=date(2026, 2, 1), currency="CNY", net_amount=Decimal(100), full_price_amount=Decimal(100),
            fingerprint="f", recorded_at=NOW, updated_at=NOW,
        )
        for _ in range(orders)
    )  # fmt: skip


@pytest.fixture
def segment(company: Company, actor: Actor) -> Segment:
    """The published segment of people with at least two orders; nobody looked for its members yet."""
    made = services.create_segment(actor=actor, now=NOW, name="Loyal", definition=LOYAL)
    services.publish(actor=actor, now=NOW, segment_id=made.id)
    made.refresh_from_db()
    return made
