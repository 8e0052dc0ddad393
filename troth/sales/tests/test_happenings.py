"""Events of the log earn, once, by the version of their moment."""

from datetime import timedelta

import pytest

from troth.customers import services as customers
from troth.events import services as events
from troth.events.models import Event
from troth.jobs.models import Schedule
from troth.ledger.models import Account
from troth.programs.models import Membership
from troth.sales.happenings import reward_events
from troth.sales.models import EventEvaluation
from troth.sales.scheduling import REWARD_EVENTS

from .conftest import ACTOR, BASE, FRIDAY, NOW, START

pytestmark = pytest.mark.django_db
VISIT = "activity.visit.recorded"
RULES = (
    BASE + f"  - {{code: visit, name: Visit, on: {VISIT}, effect: {{type: fixed, points: 5}},"
    " caps: [{per: member, period: day, times: 1}]}\n"
)


def visit(customer, at):
    return events.append(VISIT, customer_id=customer, occurred_at=at, data={"visit_kind": "store"}, actor=ACTOR, now=at)


def reward(now=NOW):
    return sum(reward_events(actor=ACTOR, now=now))


def test_an_event_earns_once_within_its_caps(currency, publish, person):
    currency()
    publish(RULES)
    one, two = person(), person()
    for customer, at in ((one, FRIDAY), (one, FRIDAY + timedelta(hours=1)), (one, FRIDAY + timedelta(days=1))):
        visit(customer, at)
    visit(two, FRIDAY)
    assert reward() == 4
    assert {row.owner_id: row.balance for row in Account.objects.all()} == {one: 10, two: 5}
    assert reward() == 0
    assert EventEvaluation.objects.count() == 4


def test_an_event_that_was_committed_late_is_found(currency, publish, person):
    currency()
    publish(RULES)
    customer = person()
    visit(customer, FRIDAY)
    assert reward(FRIDAY + timedelta(hours=2)) == 1
    visit(customer, FRIDAY - timedelta(hours=3))
    assert reward(FRIDAY + timedelta(hours=3)) == 1


def test_events_before_the_programme_and_of_the_company_earn_nothing(currency, publish, person):
    currency()
    publish(RULES)
    visit(person(), START - timedelta(days=1))
    events.append(VISIT, occurred_at=FRIDAY, data={"visit_kind": "store"}, actor=ACTOR, now=FRIDAY)
    assert reward() == 0
    assert not Membership.objects.exists()


def test_a_merged_record_earns_with_its_customer(currency, publish, person):
    currency()
    publish(RULES)
    one, two = person(), person()
    customers.merge(canonical_id=one, merged_id=two, actor=ACTOR, now=NOW)
    visit(one, FRIDAY)
    visit(two, FRIDAY)
    assert reward() == 2
    assert sum(row.balance for row in Account.objects.all()) == 5


def test_publishing_starts_the_looking(currency, publish):
    currency()
    publish(RULES)
    assert Schedule.objects.filter(name=REWARD_EVENTS).exists()
    assert not Event.objects.filter(name=VISIT).exists()
    assert reward() == 0
