"""The demo's made-up ties: the same every time, and nobody brought by those who came through them."""

from datetime import UTC, datetime

import pytest

from troth.access.actors import system_actor
from troth.customers import queries as customers
from troth.customers.models import AttributeType, CustomerAttribute
from troth.demo import household_facts, ties_made
from troth.insights.knowing import SPEND
from troth.insights.tests.making import make_company, make_customer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def test_some_were_brought_by_others_without_a_ring_and_done_again_nothing_changes(monkeypatch):
    make_company()
    owners = {number: make_customer() for number in range(100)}
    monkeypatch.setattr(household_facts, "customer_ids", lambda: owners)
    ties_made.fill(system_actor("demo"), NOW, "en")
    told = customers.referrals()
    assert told is not None
    assert 0 < len(told.links) < 20
    assert (told.unknown, told.circular) == (0, 0)
    assert customers.attribute_values(SPEND, AttributeType.NUMBER) == {}  # nobody has a score yet
    before = list(CustomerAttribute.objects.order_by("id").values())
    ties_made.fill(system_actor("demo"), NOW, "en")
    assert list(CustomerAttribute.objects.order_by("id").values()) == before
