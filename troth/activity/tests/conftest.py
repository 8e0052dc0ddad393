"""A company with two customers, and orders to vary."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from troth.access.actors import system_actor
from troth.activity.orders import NewLine, NewOrder, NewReturn, NewReturnLine
from troth.customers.models import Customer
from troth.staff import services as staff

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SOLD_AT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
ACTOR = system_actor("test")


@pytest.fixture
def company(db):
    return staff.set_up_company(actor=ACTOR, now=NOW, name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def customer(company):
    return Customer.objects.create(name="A", created_at=NOW, updated_at=NOW)


@pytest.fixture
def other_customer(company):
    return Customer.objects.create(name="B", created_at=NOW, updated_at=NOW)


@pytest.fixture
def an_order(customer):
    """Return a function that makes order 8812 of the web shop, varied by keyword; it brings 29.50."""
    lines = (
        NewLine(
            1,
            Decimal(2),
            Decimal("15"),
            Decimal("25.00"),
            Decimal("5.00"),
            Decimal("6.20"),
            sku="TEA",
            name="Tea",
        ),
        NewLine(
            2,
            Decimal("0.5"),
            Decimal("9"),
            Decimal("4.50"),
            sku="NUT",
            category="Food",
            attributes={"bio": True},
        ),
    )
    order = NewOrder("web", "8812", customer.id, SOLD_AT, "CNY", lines, channel="online", tags={"payment": "wechat"})
    return lambda **changes: replace(order, **changes)


@pytest.fixture
def a_return(customer):
    """Return a function that makes a return of one packet of tea, varied by keyword."""

    def make(order_id, *, quantity="1", amount="12.50", **changes):
        line = NewReturnLine(1, Decimal(quantity), Decimal(amount), order_line_no=1)
        new = NewReturn("web", "R1", customer.id, NOW, "CNY", (line,), order_id=order_id, reason="too much")
        return replace(new, **changes)

    return make
