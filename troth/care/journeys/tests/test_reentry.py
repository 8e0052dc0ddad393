"""How often somebody goes through: exact, whatever is tried."""

from datetime import timedelta

import pytest

from troth.care.journeys import queries, services
from troth.care.journeys.entering import MOST_A_DAY
from troth.care.journeys.errors import JourneyRefusedError, JourneyStateError
from troth.care.journeys.tests.conftest import NOW, after
from troth.care.journeys.tests.making import BY_ORDER, text
from troth.care.models import JourneyRun
from troth.customers import services as customers
from troth.kit.ids import new_id
from troth.segments import services as segments

SHORT = "\n  - {id: pause, type: wait, days: 2}\n"


def enter(journey, owner_id, at, actor, **fields):
    return services.enter(actor=actor, now=at, journey_id=journey.id, customer_ids=[owner_id], **fields)


@pytest.mark.slow
def test_never_means_once_in_a_lifetime(publish, person, actor, tick):
    """lesson: re-entry schedules two runs; "no restart" ignored."""
    journey, anna = publish(text(SHORT)), person()
    assert enter(journey, anna, NOW, actor) == {"entered": 1}
    assert enter(journey, anna, NOW, actor) == {"under_way": 1}
    tick(after(days=2))
    assert enter(journey, anna, after(days=3), actor) == {"again": 1}
    publish(text(SHORT), at=after(days=4))  # another version is no other journey
    assert enter(journey, anna, after(days=5), actor) == {"again": 1}
    assert JourneyRun.objects.count() == 1


@pytest.mark.slow
def test_a_target_removed_and_added_again_gets_nothing_twice(publish, person, actor, tick):
    """lesson: a removed and re-added target mailed again."""
    journey, anna = publish(text("\n  - {id: mark, type: tag, tag: Seen}\n" + SHORT)), person()
    enter(journey, anna, NOW, actor)
    tick(NOW)
    assert services.take_out(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna]) == 1
    assert enter(journey, anna, after(hours=1), actor) == {"again": 1}
    tick(after(hours=1))
    assert queries.step_counts(journey.id)["mark"].passed == 1


@pytest.mark.slow
def test_after_days_counts_from_the_last_entry(publish, person, actor, tick):
    journey, anna = publish(text(SHORT, reentry="{rule: after_days, days: 10}")), person()
    assert enter(journey, anna, NOW, actor) == {"entered": 1}
    tick(after(days=3))
    assert enter(journey, anna, after(days=10, seconds=-1), actor) == {"again": 1}
    assert enter(journey, anna, after(days=10), actor) == {"entered": 1}
    assert enter(journey, anna, after(days=30), actor) == {"under_way": 1}


@pytest.mark.slow
def test_each_time_waits_only_for_the_run_under_way(publish, person, actor, tick):
    journey, anna = publish(text(SHORT, reentry="{rule: each_time}")), person()
    assert enter(journey, anna, NOW, actor) == {"entered": 1}
    assert enter(journey, anna, after(days=1), actor) == {"under_way": 1}
    tick(after(days=2))
    assert enter(journey, anna, after(days=2), actor) == {"entered": 1}


def test_each_key_runs_side_by_side_and_never_twice(publish, person, actor, tick):
    journey, anna = publish(text(SHORT, entry=BY_ORDER, reentry="{rule: each_key}")), person()
    assert enter(journey, anna, NOW, actor, key="a") == {"entered": 1}
    assert enter(journey, anna, NOW, actor, key="b") == {"entered": 1}
    assert enter(journey, anna, NOW, actor, key="a") == {"under_way": 1}
    tick(after(days=3))
    assert enter(journey, anna, after(days=3), actor, key="a") == {"again": 1}
    with pytest.raises(JourneyRefusedError, match="key"):
        enter(journey, anna, after(days=3), actor)
    assert JourneyRun.objects.count() == 2


@pytest.mark.slow
def test_one_person_of_two_records_goes_through_once(publish, person, actor):
    journey, anna, again = publish(text(SHORT)), person(name="Anna"), person(name="Anna")
    enter(journey, again, NOW, actor)
    customers.merge(actor=actor, now=NOW, canonical_id=anna, merged_id=again, reason="manual")
    assert enter(journey, anna, after(hours=1), actor) == {"under_way": 1}


def test_a_paused_or_stopped_journey_lets_nobody_in(publish, person, actor):
    journey, anna = publish(text(SHORT)), person()
    services.pause(actor=actor, now=NOW, journey_id=journey.id)
    with pytest.raises(JourneyStateError):
        enter(journey, anna, NOW, actor)
    assert not JourneyRun.objects.exists()


def test_the_audience_and_the_unknown_stay_out(publish, person, actor):
    more = "audience: {field: customer.source, operator: is, value: Berlin}\n"
    journey = publish(text(SHORT, more=more))
    found = services.enter(
        actor=actor, now=NOW, journey_id=journey.id, customer_ids=[person(source="Berlin"), person(), new_id()]
    )
    assert found == {"entered": 1, "audience": 1, "unknown": 1}


def test_whoever_was_in_a_segment_before_is_no_news(publish, person, actor, happen, tick):
    segment = segments.create_segment(
        actor=actor, now=NOW, name="Big", definition={"field": "customer.source", "operator": "is", "value": "Berlin"}
    )
    segments.publish(actor=actor, now=NOW, segment_id=segment.id)
    entry = f"{{type: segment, segment: {segment.id}}}"
    publish(text(SHORT, entry=entry))
    anna, ben = person(), person()
    happen("segments.member.entered", anna, NOW - timedelta(seconds=1), segment=str(segment.id), version=1)
    happen("segments.member.entered", ben, after(hours=1), segment=str(segment.id), version=1)
    tick(after(hours=1))
    assert list(JourneyRun.objects.values_list("owner_id", flat=True)) == [ben]


@pytest.mark.slow
def test_journeys_that_start_each_other_come_to_rest(publish, person, actor, tick):
    each_time, anna = "{rule: each_time}", person()
    publish(text("\n  - {id: mark, type: tag, tag: Seen}\n", code="pong", reentry=each_time))
    ping = publish(text("\n  - {id: on, type: start, journey: pong}\n", code="ping", reentry=each_time))
    publish(text("\n  - {id: on, type: start, journey: ping}\n", code="pong", reentry=each_time))
    assert enter(ping, anna, NOW, actor) == {"entered": 1}
    for _turn in range(2 * MOST_A_DAY):
        assert services.advance(actor=actor, now=NOW).people == 1
    assert services.advance(actor=actor, now=NOW).people == 0
    assert JourneyRun.objects.count() == 2 * MOST_A_DAY
    assert set(JourneyRun.objects.values_list("state", flat=True)) == {"finished"}
    assert enter(ping, anna, after(hours=23), actor) == {"too_often": 1}
    assert enter(ping, anna, after(hours=24), actor) == {"entered": 1}
