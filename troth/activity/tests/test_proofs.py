"""The proofs find what breaks them, and nothing else."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from troth.access.actors import system_actor
from troth.activity import services
from troth.activity.models import DocumentKey, Order, OrderLine
from troth.activity.orders import NewLine, NewOrder
from troth.activity.proofs import PROOFS
from troth.customers import services as customers
from troth.kit.ids import new_id
from troth.staff import services as staff

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ACTOR = system_actor("test")

pytestmark = pytest.mark.django_db


def violations() -> dict[str, int]:
    return {proof.code: count for proof in PROOFS if (count := proof.count_violations())}


@pytest.fixture
def order() -> Order:
    staff.set_up_company(actor=ACTOR, now=NOW, name="Test")
    buyer = customers.create_customer(actor=ACTOR, now=NOW, name="Made Up")
    lines = tuple(
        NewLine(line_no=number, quantity=Decimal(1), unit_price=Decimal("2.50"), net_amount=Decimal("2.50"))
        for number in (1, 2)
    )
    new = NewOrder(source="till", external_id="1", customer_id=buyer.id, occurred_at=NOW, currency="USD", lines=lines)
    services.record_orders([new], actor=ACTOR, now=NOW)
    return Order.objects.get()


def test_what_the_services_wrote_holds(order):
    assert order.net_amount == Decimal("5.00")
    assert violations() == {}


def test_a_changed_line_a_lost_line_and_a_lost_key_are_found(order):
    OrderLine.objects.filter(line_no=1).update(net_amount=Decimal("2.49"))
    assert violations() == {"activity.order_lines": 1}
    OrderLine.objects.filter(line_no=1).delete()
    assert violations() == {"activity.order_lines": 1}
    DocumentKey.objects.all().delete()
    assert violations() == {"activity.order_lines": 1, "activity.keys": 1}


def test_an_order_of_nobody_is_found(order):
    stranger = new_id()
    Order.objects.update(owner_id=stranger)
    DocumentKey.objects.update(owner_id=stranger)
    assert violations() == {"activity.owners": 1}
