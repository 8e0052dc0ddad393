"""What a rule gives once an event has happened: pending until then, per order, and gone when it is too late."""

from datetime import timedelta

import pytest

from troth.events import services as events
from troth.ledger import queries as ledger
from troth.ledger.awaiting import activate_next
from troth.ledger.models import Lot
from troth.ledger.sweeping import expire_next

from .conftest import ACTOR, FRIDAY, NOW, a_return, bring_back, buy

pytestmark = pytest.mark.django_db
RULES = """
programme: club
name: Club
currency: CNY
rules:
  - code: delivered
    name: Delivered
    pending: {event: activity.moment.recorded, within_days: 10}
    effect: {type: points_per_amount, points: 1}
"""


def deliver(customer, at, order_id):
    data = {"order": str(order_id), "moment": "delivered"}
    events.append("activity.moment.recorded", customer_id=customer, occurred_at=at, data=data, actor=ACTOR, now=at)


def has(customer, now=NOW):
    found = ledger.balances([customer], "points", now=now)[customer]
    return found.available, found.pending


@pytest.mark.slow
def test_each_order_waits_for_its_own_event(currency, publish, person, an_order):
    currency()
    publish(RULES)
    customer = person()
    one, two, three = (an_order(amount, customer=customer) for amount in ("100", "40", "7"))
    sold = buy(one, two, three)
    assert has(customer) == (0, 147)
    bring_back(a_return(three, sold[2].order_id, (1, "1", "7")))
    deliver(customer, FRIDAY + timedelta(days=2), sold[0].order_id)
    deliver(customer, FRIDAY + timedelta(days=12), sold[1].order_id)
    deliver(customer, FRIDAY + timedelta(days=2), sold[2].order_id)  # came back already
    assert activate_next(actor=ACTOR, now=NOW, is_everything=True)[1] == 100
    assert has(customer) == (100, 40)
    assert expire_next(actor=ACTOR, now=NOW)[1] == 40
    assert has(customer) == (100, 0)
    assert Lot.objects.get(amount=100).activates_at == FRIDAY + timedelta(days=2)
    bring_back(a_return(one, sold[0].order_id, (1, "0.5", "50")))
    assert has(customer) == (50, 0)
