"""What happens to those under way while something else does: a no to machines, an erasure, another version."""

import pytest

from troth.care.journeys import services
from troth.care.journeys.tests.conftest import NOW, after, path
from troth.care.journeys.tests.making import BY_ORDER, text
from troth.care.models import JourneyRun, JourneyVisit, RunState
from troth.customers import queries as customer_reads
from troth.customers import services as customers
from troth.customers.models import Customer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

WAIT_AND_TAG = "\n  - {id: pause, type: wait, days: 2}\n  - {id: mark, type: tag, tag: Seen}\n"


def enter(journey, owner_id, at, actor):
    return services.enter(actor=actor, now=at, journey_id=journey.id, customer_ids=[owner_id])


def tags(owner_id) -> list[str]:
    return [one.name for one in customer_reads.tags_of(owner_id)]


def test_after_days_counts_from_the_last_of_several_entries(publish, person, actor, tick):
    journey, anna = publish(text(WAIT_AND_TAG, reentry="{rule: after_days, days: 10}")), person()
    for day, came in ((0, "entered"), (10, "entered"), (15, "again"), (20, "entered")):
        assert enter(journey, anna, after(days=day), actor) == {came: 1}, day
        tick(after(days=day + 3))
    assert JourneyRun.objects.count() == 3


@pytest.mark.parametrize("rule", ["each_time", "after_days, days: 1"])
def test_who_is_stuck_is_under_way(publish, person, actor, rule):
    journey, anna = publish(text(WAIT_AND_TAG, reentry=f"{{rule: {rule}}}")), person()
    enter(journey, anna, NOW, actor)
    JourneyRun.objects.update(state=RunState.STUCK, due_at=None)
    assert enter(journey, anna, after(days=5), actor) == {"under_way": 1}
    assert JourneyRun.objects.count() == 1


def test_nobody_whose_data_are_erased_enters(publish, person, actor):
    journey, anna = publish(text(WAIT_AND_TAG)), person()
    customers.erase_customer(actor=actor, now=NOW, customer_id=anna)
    assert enter(journey, anna, NOW, actor) == {"erased": 1}
    assert not JourneyRun.objects.exists()


@pytest.mark.parametrize(
    ("more", "state", "reason"),
    [("", "exited", "automation_refused"), ("service_only: true\n", "finished", "finished")],
)
def test_who_refuses_decisions_by_machine_on_the_way_leaves_what_decides(
    publish, person, actor, tick, more, state, reason
):
    """GDPR 22, PIPL 24: a no holds at once, also for what was begun."""
    journey, anna = publish(text(WAIT_AND_TAG, more=more)), person()
    enter(journey, anna, NOW, actor)
    tick(NOW)
    customers.record_consent(
        actor=actor, now=after(days=1), customer_id=anna, purpose="automated", is_given=False, source="page"
    )
    tick(after(days=3))
    run = JourneyRun.objects.get()
    assert (run.state, run.end_reason) == (state, reason)
    assert tags(anna) == ([] if more == "" else ["Seen"])


def test_whoever_was_erased_behind_its_back_goes_no_further(publish, person, actor, tick):
    """An erasure ends the ways by itself; should it not have heard of one, the next step does."""
    journey, anna = publish(text(WAIT_AND_TAG)), person()
    enter(journey, anna, NOW, actor)
    tick(NOW)
    Customer.objects.filter(id=anna).update(erased_at=after(days=1))
    tick(after(days=3))
    run = JourneyRun.objects.get()
    assert (run.state, run.end_reason, path(run)) == ("exited", "erased", [])


def test_what_was_done_under_an_earlier_version_is_not_done_again(publish, person, actor, tick):
    first = "\n  - {id: mark, type: tag, tag: Seen}\n  - {id: pause, type: wait, days: 2}\n"
    journey, anna = publish(text(first)), person()
    enter(journey, anna, NOW, actor)
    tick(NOW)
    customers.remove_tag_from_many(actor=actor, now=after(hours=1), customer_ids=[anna], name="Seen")
    publish(text(WAIT_AND_TAG), at=after(days=1))
    assert services.move_people(actor=actor, now=after(days=1), journey_id=journey.id, to_version=2) == 1
    tick(after(days=3))
    run = JourneyRun.objects.get()
    assert (run.state, tags(anna)) == ("finished", [])
    assert [step for step, _outcome in path(run)] == ["mark", "pause"]


FOR_RECEIPT = """
  - id: received
    type: wait_for
    event: activity.moment.recorded
    same_key: order
    days: 7
    happened: [{id: yes, type: tag, tag: Received}]
    timed_out: [{id: no, type: tag, tag: Silent}]
"""


@pytest.mark.parametrize(("order", "day", "tag"), [("other", 1, "Silent"), ("a", 8, "Silent"), ("a", 7, "Received")])
def test_another_orders_event_or_a_late_one_does_not_count_when_time_is_up(
    publish, person, happen, tick, order, day, tag
):
    publish(text(FOR_RECEIPT, entry=BY_ORDER, reentry="{rule: each_key}"))
    anna = person()
    happen("activity.order.recorded", anna, NOW, order="a")
    tick(NOW)
    happen("activity.moment.recorded", anna, after(days=day), order=order, moment="received")
    tick(after(days=9))  # nobody was there in between
    assert tags(anna) == [tag]


def test_the_order_that_led_in_is_not_the_next_one(publish, person, happen, tick):
    """lesson: re-entry schedules two runs."""
    steps = FOR_RECEIPT.replace("activity.moment.recorded", "activity.order.recorded").replace(
        "    same_key: order\n", ""
    )
    publish(text(steps, entry=BY_ORDER))
    anna, ben = person(), person()
    for one in (anna, ben):
        happen("activity.order.recorded", one, NOW, order="a")
    tick(NOW)
    happen("activity.order.recorded", anna, after(days=2), order="b")
    tick(after(days=2))
    assert (tags(anna), tags(ben)) == (["Received"], [])
    tick(after(days=8))
    assert tags(ben) == ["Silent"]


def test_whoever_comes_again_falls_into_the_same_arm(publish, person, actor, tick):
    steps = """
  - id: draw
    type: split
    arms: [{code: a, share: 50, steps: [{id: one, type: tag, tag: A}]}, {code: b, share: 50, is_control: true}]
"""
    journey = publish(text(steps, reentry="{rule: each_time}"))
    people = [person() for _ in range(6)]
    for day in range(3):
        services.enter(actor=actor, now=after(days=day), journey_id=journey.id, customer_ids=people)
        tick(after(days=day))
    visits = JourneyVisit.objects.filter(step="draw").values_list("owner_id", "outcome")
    assert visits.count() == 18
    assert len(set(visits)) == 6, "each always the same"


def test_an_awaited_event_must_be_as_asked_for(publish, person, happen, tick):
    steps = FOR_RECEIPT.replace("days: 7", "days: 7\n    where: {field: event.moment, operator: is, value: received}")
    publish(text(steps, entry=BY_ORDER, reentry="{rule: each_key}"))
    anna = person()
    happen("activity.order.recorded", anna, NOW, order="a")
    tick(NOW)
    happen("activity.moment.recorded", anna, after(days=1), order="a", moment="dispatched")
    tick(after(days=1))
    assert tags(anna) == []
    happen("activity.moment.recorded", anna, after(days=2), order="a", moment="received")
    tick(after(days=2))
    assert tags(anna) == ["Received"]
