"""Members who earn: counters, budgets, tiers, all read from what they earned."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.events.models import Event
from troth.programs import queries
from troth.programs.models import BudgetSlice, Membership, Progress, TierMove
from troth.programs.tests.conftest import LADDER
from troth.programs.tests.making import BASE, FRIDAY

pytestmark = pytest.mark.django_db


def tier(customer_id) -> str:
    return Membership.objects.get(owner_id=customer_id).tier


def test_the_first_order_joins_and_an_order_moves_up_at_once(publish, person, buy):
    publish()
    one = person()
    standing = buy(one, ("Bread", "99.99", "1"))
    assert (standing.tier_before, standing.tier, standing.next_tier) == ("basic", "basic", "silver")
    assert standing.missing_to_reach[0].spend == 100
    assert buy(one, ("Bread", "0.01", "1"), at=FRIDAY + timedelta(hours=1)).tier == "silver"
    assert list(TierMove.objects.values_list("from_tier", "to_tier", "reason")) == [("basic", "silver", "reached")]
    assert list(Event.objects.filter(owner_id=one).order_by("id").values_list("name", flat=True)) == [
        "programs.member.joined",
        "programs.tier.moved",
    ]


def test_several_steps_at_once(publish, person, buy):
    publish()
    assert buy(person(), ("Bread", "1000", "1")).tier == "gold"


def test_a_cap_of_a_person_and_day_holds_over_orders(publish, person, buy):
    publish(BASE + "    caps: [{per: member, period: day, points: 15}]\n")
    one = person()
    buy(one, ("Bread", "10", "1"))
    buy(one, ("Bread", "10", "1"), at=FRIDAY + timedelta(hours=1))
    buy(one, ("Bread", "10", "1"), at=FRIDAY + timedelta(days=1))
    assert list(Progress.objects.order_by("occurred_at").values_list("points", flat=True)) == [10, 5, 10]
    assert Membership.objects.get().counters == {"cap:base.1:2026-11-20": 15, "cap:base.1:2026-11-21": 10}


def test_a_budget_is_used_up_to_its_last_point_and_no_further(publish, person, buy):
    publish(BASE + "    budget: launch\nbudgets: [{code: launch, points: 25}]\n")
    for _ in range(4):
        buy(person(), ("Bread", "10", "1"))
    assert sorted(Progress.objects.values_list("points", flat=True)) == [0, 5, 10, 10]
    use = queries.budget_use(Membership.objects.first().programme_id)
    assert [(one.key, one.size, one.used) for one in use] == [("budget:launch:", 25, 25)]
    assert all(one.used <= one.size for one in BudgetSlice.objects.all())


def test_a_review_demotes_by_one_step_at_most(publish, person, buy):
    publish()
    one = person()
    buy(one, ("Bread", "1000", "1"), at=datetime(2024, 3, 1, tzinfo=UTC))
    assert tier(one) == "gold"
    standing = buy(one, ("Bread", "1", "1"), at=datetime(2025, 3, 2, tzinfo=UTC))
    assert (standing.tier_before, standing.tier) == ("gold", "silver")


def test_late_orders_see_the_tier_in_force_then(publish, person, buy):
    text = BASE + (
        "  - code: gold\n    name: Gold\n    when: {field: member.tier, operator: any_of, value: [gold]}\n"
        "    effect: {type: fixed, points: 7}\n"
    )
    publish(text + LADDER)
    one = person()
    buy(one, ("Bread", "10", "1"), at=FRIDAY - timedelta(days=20))
    buy(one, ("Bread", "1000", "1"), at=FRIDAY)
    buy(one, ("Bread", "10", "1"), at=FRIDAY - timedelta(days=10))
    buy(one, ("Bread", "10", "1"), at=FRIDAY + timedelta(hours=1))
    found = dict(Progress.objects.values_list("occurred_at", "points"))
    assert found[FRIDAY - timedelta(days=10)] == 10
    assert found[FRIDAY + timedelta(hours=1)] == 17
