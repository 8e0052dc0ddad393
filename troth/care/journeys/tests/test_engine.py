"""People go through steps: each once, at the right time, whatever else goes wrong."""



from troth.care.journeys import queries, services
from troth.care.journeys.tests.conftest import NOW, after, path
from troth.care.journeys.tests.making import BY_ORDER, text
from troth.care.models import JourneyRun, RunState
from troth.customers import queries as customers

WAIT_AND_TAG = """
  - {id: pause, type: wait, days: 2}
  - {id: mark, type: tag, tag: Seen}
"""


def run_of(owner_id) -> JourneyRun:
    return JourneyRun.objects.get(owner_id=owner_id)


def tags(owner_id) -> list[str]:
    return [tag.name for tag in customers.tags_of(owner_id)]


def test_a_person_waits_and_then_goes_on(publish, person, actor, tick):
    journey, anna = publish(text(WAIT_AND_TAG)), person()
    assert services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna]) == {"entered": 1}
    tick(NOW)
    assert (run_of(anna).step, run_of(anna).due_at) == ("pause", after(days=2))
    tick(after(days=2, seconds=-1))
    assert tags(anna) == []
    tick(after(days=2))
    assert tags(anna) == ["Seen"]
    assert (run_of(anna).state, run_of(anna).end_reason) == (RunState.FINISHED, "finished")
    assert path(run_of(anna)) == [("pause", "done"), ("mark", "done")]
    counts = queries.step_counts(journey.id)
    assert counts["mark"].outcomes == {"done": 1}
    assert counts[queries.ENTRY].outcomes == {"entered": 1}
    assert queries.totals([journey.id])[journey.id] == queries.Totals(entered=1, finished=1)


def test_an_event_lets_in_once_for_each_order(publish, person, happen, tick):
    journey = publish(text(WAIT_AND_TAG, entry=BY_ORDER, reentry="{rule: each_key}"))
    anna = person()
    for order in ("one", "two", "one"):
        happen("activity.order.recorded", anna, after(hours=1), order=order)
    tick(after(hours=1))
    runs = JourneyRun.objects.filter(journey=journey)
    assert sorted(run.entry_key for run in runs) == ["one", "two"]
    assert queries.step_counts(journey.id)[queries.ENTRY].outcomes == {"entered": 2, "under_way": 1}
