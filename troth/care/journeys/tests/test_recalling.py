"""Who leaves a journey before its end gets nothing more of it, not even what waits for the morning."""

from datetime import timedelta

import pytest

from troth.care.journeys import services
from troth.care.journeys.tests.conftest import NOW, after
from troth.care.journeys.tests.making import BY_ORDER, text
from troth.customers import services as customers
from troth.messaging.models import Contact
from troth.messaging.tests.made_up import publish_texts

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NIGHT = NOW + timedelta(hours=12)  # ten in the evening in Shanghai
STEPS = """
  - {id: say, type: message, template: offer, purpose: marketing, channels: [sink]}
  - {id: pause, type: wait, days: 5}
"""


@pytest.fixture
def willing(person, actor):
    """Return a function that makes a customer who agreed to offers."""
    publish_texts("offer")

    def make():
        found = person()
        customers.record_consent(
            actor=actor, now=NOW, customer_id=found, purpose="marketing", is_given=True, source="form", proof="form 1"
        )
        return found

    return make


def states() -> list[tuple[str, str]]:
    return list(Contact.objects.order_by("id").values_list("state", "held_by"))


WAITS, BACK = ("delayed", "hours"), ("withheld", "called_back")


def test_who_has_bought_gets_no_reminder_in_the_morning(publish, willing, happen, tick):
    goal = "goal: {event: activity.moment.recorded, within_days: 7, ends: true}\n"
    publish(text(STEPS, entry=BY_ORDER, more=goal))
    anna, ben = willing(), willing()
    for one, order in ((anna, "a"), (ben, "b")):
        happen("activity.order.recorded", one, NIGHT, order=order)
    tick(NIGHT)
    assert states() == [WAITS, WAITS]
    happen("activity.moment.recorded", anna, NIGHT + timedelta(minutes=5), order="a", moment="receipt")
    tick(NIGHT + timedelta(minutes=5))
    assert states() == [BACK, WAITS]


def test_an_exit_of_one_order_leaves_the_messages_of_another(publish, willing, happen, tick):
    exits = "exits: [{code: returned, event: activity.return.recorded, same_key: order}]\n"
    publish(text(STEPS, entry=BY_ORDER, reentry="{rule: each_key}", more=exits))
    anna = willing()
    for order in ("a", "b"):
        happen("activity.order.recorded", anna, NIGHT, order=order)
        tick(NIGHT)
    assert states() == [WAITS, ("delayed", "caps")]
    happen("activity.return.recorded", anna, NIGHT + timedelta(minutes=5), order="a")
    tick(NIGHT + timedelta(minutes=5))
    assert states() == [BACK, ("delayed", "caps")]


def test_an_exit_by_condition_and_a_no_to_machines_call_back(publish, willing, actor, tick):
    journey = publish(text(STEPS))
    anna = willing()
    services.enter(actor=actor, now=NIGHT, journey_id=journey.id, customer_ids=[anna])
    tick(NIGHT)
    assert states() == [WAITS]
    customers.record_consent(
        actor=actor, now=NIGHT, customer_id=anna, purpose="automated", is_given=False, source="page"
    )
    tick(after(days=6))
    assert states() == [BACK]


@pytest.mark.parametrize("way", ["taken out", "stopped", "stopped by another"])
def test_who_is_taken_out_or_whose_journey_is_stopped_gets_nothing_more(publish, willing, actor, tick, way):
    journey, anna = publish(text(STEPS)), willing()
    services.enter(actor=actor, now=NIGHT, journey_id=journey.id, customer_ids=[anna])
    tick(NIGHT)
    later = NIGHT + timedelta(minutes=5)
    if way == "taken out":
        services.take_out(actor=actor, now=later, journey_id=journey.id, customer_ids=[anna])
    elif way == "stopped":
        services.stop(actor=actor, now=later, journey_id=journey.id)
    else:
        other = publish(text("\n  - {id: end-it, type: stop, journey: test}\n", code="other"))
        services.enter(actor=actor, now=later, journey_id=other.id, customer_ids=[anna])
        tick(later)
    assert states() == [BACK]


def test_who_came_to_the_end_still_gets_what_waits(publish, willing, actor, tick):
    journey, anna = (
        publish(text("\n  - {id: say, type: message, template: offer, purpose: marketing, channels: [sink]}\n")),
        willing(),
    )
    services.enter(actor=actor, now=NIGHT, journey_id=journey.id, customer_ids=[anna])
    tick(NIGHT)
    tick(after(days=1))
    assert states() == [WAITS]
