"""The demo's made-up people without an order: the same every time, on each of the lowest rungs, and nobody twice."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from troth.access.actors import system_actor
from troth.customers.models import Customer
from troth.demo import prospects_made
from troth.insights import prospects
from troth.insights.prospect_models import ProspectRung
from troth.insights.tests.making import make_company

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def test_some_stand_on_each_rung_and_done_again_nothing_changes():
    make_company()
    prospects_made.fill(system_actor("demo"), NOW, "en")
    people = list(Customer.objects.order_by("id").values_list("id", "name", "source", "is_made_up"))
    assert len(people) == prospects_made.COUNT
    assert all(is_made_up for *_told, is_made_up in people)
    stand = Counter(found[0] for one, *_told in people if (found := prospects.standing_now(one)))
    assert set(stand) == set(ProspectRung.values)
    prospects_made.fill(system_actor("demo"), NOW, "en")
    assert list(Customer.objects.order_by("id").values_list("id", "name", "source", "is_made_up")) == people
