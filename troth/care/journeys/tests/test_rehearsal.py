"""A draft over the past: who would have got what, what would have stopped it, and nothing written."""

from datetime import timedelta
from decimal import Decimal

import pytest

from troth.activity.models import Order
from troth.care.journeys import queries, services
from troth.care.journeys.errors import JourneyRefusedError
from troth.care.journeys.tests.conftest import NOW
from troth.care.journeys.tests.making import BY_ORDER, text
from troth.care.models import JourneyRun, RehearsalState
from troth.customers import queries as customers
from troth.customers.models import Consent
from troth.events.models import Event
from troth.messaging import starters as texts
from troth.messaging.models import Contact
from troth.segments.tests.conftest import buy

STEPS = """
  - {id: pause, type: wait, days: 1, at: "10:00"}
  - {id: thanks, type: message, template: thank_you, channels: [sink]}
  - {id: mark, type: tag, tag: Thanked}
"""


def order_of(owner_id, at):
    """Give the customer an order at a moment."""
    buy(customers.customer(owner_id), 1)
    Order.objects.filter(owner_id=owner_id).update(occurred_at=at)


def test_a_rehearsal_tells_who_would_have_got_what_and_writes_nothing_else(company, person, actor):
    texts.install(actor=actor, now=NOW, codes=["thank_you"])
    anna, ben = person(), person()
    Consent.objects.create(
        owner_id=anna, purpose="marketing", channel="any", is_given=True, occurred_at=NOW - timedelta(days=90),
        recorded_at=NOW - timedelta(days=90), source="test", actor="system:test",
    )  # fmt: skip
    for owner in (anna, ben):
        order_of(owner, NOW - timedelta(days=10))
    journey = services.create_journey(
        actor=actor, now=NOW, text=text(STEPS, entry=BY_ORDER, reentry="{rule: each_key}")
    )
    before = Event.objects.count()
    row = services.rehearse(
        actor=actor,
        now=NOW,
        journey_id=journey.id,
        since=NOW - timedelta(days=30),
        in_background=False,
        prices={"sink": Decimal("0.05")},
    )
    row = services.play_rehearsal(actor=actor, now=NOW, rehearsal_id=row.id)
    assert (row.state, row.result["entered"], row.result["finished"]) == (RehearsalState.FINISHED, 2, 2)
    assert row.result["gates"] == {"consent": 1}
    assert (row.result["channels"], row.result["message_cost"]) == ({"sink": 1}, "0.05")
    assert row.result["steps"]["thanks"] == {"done": 2, "message_queued": 1, "message_withheld": 1}
    acts = {(one.owner_id, one.step): (one.outcome, one.gate) for one in queries.rehearsed_acts(row.id)}
    assert acts == {
        (anna, "thanks"): ("queued", ""),
        (ben, "thanks"): ("withheld", "consent"),
        (anna, "mark"): ("done", ""),
        (ben, "mark"): ("done", ""),
    }
    assert not JourneyRun.objects.exists()
    assert not Contact.objects.exists()
    assert not customers.tags_of(anna).exists()
    assert Event.objects.count() == before + 1  # that it was rehearsed


def test_a_time_that_is_no_past_is_refused(company, actor):
    journey = services.create_journey(actor=actor, now=NOW, text=text("\n  - {id: a, type: wait, days: 1}\n"))
    with pytest.raises(JourneyRefusedError):
        services.rehearse(actor=actor, now=NOW, journey_id=journey.id, since=NOW)
    assert not queries.rehearsals(journey.id).exists()
