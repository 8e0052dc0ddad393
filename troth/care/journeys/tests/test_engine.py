"""People go through steps: each once, at the right time, whatever else goes wrong."""

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.care.journeys import acts, moments, queries, services
from troth.care.journeys.document.shapes import Wait
from troth.care.journeys.tests.conftest import NOW, after, path
from troth.care.journeys.tests.making import BY_ORDER, text
from troth.care.models import JourneyRun, JourneyVisit, RunState
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.customers.models import Consent
from troth.ledger import services as ledger
from troth.ledger.models import Transaction
from troth.messaging import control_draws
from troth.messaging import starters as texts
from troth.rewards import services as rewards
from troth.rewards.models import Benefit, CodeKind, Coupon
from troth.rewards.services import CampaignFields
from troth.worklist.models import Task

WAIT_AND_TAG = """
  - {id: pause, type: wait, days: 2}
  - {id: mark, type: tag, tag: Seen}
"""


def run_of(owner_id) -> JourneyRun:
    return JourneyRun.objects.get(owner_id=owner_id)


def tags(owner_id) -> list[str]:
    return [tag.name for tag in customers.tags_of(owner_id)]


@pytest.mark.slow
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


@pytest.mark.slow
def test_an_event_lets_in_once_for_each_order(publish, person, happen, tick):
    journey = publish(text(WAIT_AND_TAG, entry=BY_ORDER, reentry="{rule: each_key}"))
    anna = person()
    for order in ("one", "two", "one"):
        happen("activity.order.recorded", anna, after(hours=1), order=order)
    tick(after(hours=1))
    runs = JourneyRun.objects.filter(journey=journey)
    assert sorted(run.entry_key for run in runs) == ["one", "two"]
    assert queries.step_counts(journey.id)[queries.ENTRY].outcomes == {"entered": 2, "under_way": 1}


@pytest.mark.slow
def test_waiting_until_a_time_of_day_holds_over_a_clock_change(publish, person, actor, tick):
    steps = "\n  - {id: pause, type: wait, days: 1, at: '02:30'}\n"
    journey = publish(text(steps))
    berlin = person(time_zone="Europe/Berlin")
    start = datetime(2026, 3, 27, 11, tzinfo=UTC)  # two days before the clocks go forward from two to three
    services.enter(actor=actor, now=start, journey_id=journey.id, customer_ids=[berlin])
    tick(start)
    # 28 March noon is reached after a day; the next 02:30 is that of the 29th, which does not exist: an hour later.
    assert run_of(berlin).due_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.slow
def test_the_first_way_that_holds_is_taken(publish, person, actor, tick):
    steps = """
  - id: who
    type: branch
    ways:
      - {code: berlin, when: {field: customer.source, operator: is, value: Berlin}, steps: [{id: a, type: tag, tag: A}]}
      - {code: named, when: {field: customer.source, operator: is_not_empty}, steps: [{id: b, type: tag, tag: B}]}
    otherwise: [{id: c, type: tag, tag: C}]
  - {id: all, type: tag, tag: All}
"""
    journey = publish(text(steps))
    people = [person(source=source) for source in ("Berlin", "Rome", "")]
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=people)
    tick(NOW)
    assert [tags(one) for one in people] == [["A", "All"], ["All", "B"], ["All", "C"]]
    assert queries.step_counts(journey.id)["who"].outcomes == {"berlin": 1, "named": 1, "otherwise": 1}
    assert queries.step_counts(journey.id)["all"].passed == 3


@pytest.mark.slow
def test_a_branch_asks_the_event_and_the_customer_together(publish, person, happen, tick):
    steps = """
  - id: big
    type: branch
    ways:
      - code: both
        when:
          all:
            - {field: event_number.amount, operator: at_least, value: 100}
            - {field: customer.source, operator: is, value: Berlin}
        steps: [{id: a, type: tag, tag: Big}]
"""
    publish(text(steps, entry=BY_ORDER, reentry="{rule: each_key}"))
    people = [person(source=source) for source in ("Berlin", "Berlin", "Rome")]
    for one, amount in zip(people, ("150", "99.99", "500"), strict=True):
        happen("activity.order.recorded", one, NOW, order=str(one), amount=amount)
    tick(after(seconds=1))
    assert [tags(one) for one in people] == [["Big"], [], []]


FOR_RETURN = """
  - id: back
    type: wait_for
    event: activity.moment.recorded
    same_key: order
    days: 7
    happened: [{id: yes, type: tag, tag: Received}]
    timed_out: [{id: no, type: tag, tag: Silent}]
"""


@pytest.mark.slow
def test_an_awaited_event_of_the_same_order_wakes_at_once(publish, person, happen, tick):
    publish(text(FOR_RETURN, entry=BY_ORDER, reentry="{rule: each_key}"))
    anna, ben = person(), person()
    happen("activity.order.recorded", anna, NOW, order="a")
    happen("activity.order.recorded", ben, NOW, order="b")
    tick(after(hours=1))
    happen("activity.moment.recorded", anna, after(days=1), order="other", moment="received")
    tick(after(days=1))
    assert tags(anna) == []
    happen("activity.moment.recorded", anna, after(days=2), order="a", moment="received")
    tick(after(days=2))
    assert tags(anna) == ["Received"]
    tick(after(days=7))
    assert (tags(anna), tags(ben)) == (["Received"], ["Silent"])


@pytest.mark.slow
def test_an_event_before_the_time_was_up_counts_though_the_worker_comes_later(publish, person, happen, tick):
    publish(text(FOR_RETURN, entry=BY_ORDER, reentry="{rule: each_key}"))
    anna = person()
    happen("activity.order.recorded", anna, NOW, order="a")
    tick(after(hours=1))
    happen("activity.moment.recorded", anna, after(days=6), order="a", moment="received")
    tick(after(days=7, hours=5))  # nobody was there for a day
    assert tags(anna) == ["Received"]


@pytest.mark.slow
def test_a_split_gives_the_same_arm_each_time_and_the_shares_asked_for(publish, person, actor, tick):
    steps = """
  - id: draw
    type: split
    arms:
      - {code: treated, share: 80, steps: [{id: a, type: tag, tag: A}]}
      - {code: control, share: 20, is_control: true}
"""
    first, second = publish(text(steps)), publish(text(steps, code="other"))
    people = [person() for _ in range(200)]
    for journey in (first, second):
        services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=people)
    tick(NOW)
    counts = queries.step_counts(first.id)["draw"].outcomes
    assert sum(counts.values()) == 200
    assert 20 <= counts["control"] <= 62
    arms = {
        journey.id: set(
            JourneyVisit.objects.filter(journey=journey, outcome="control").values_list("owner_id", flat=True)
        )
        for journey in (first, second)
    }
    assert arms[first.id] != arms[second.id]  # another journey draws anew


@pytest.mark.slow
def test_an_exit_by_condition_and_one_by_event_lead_out(publish, person, happen, actor, tick):
    more = """exits:
  - {code: moved, when: {field: customer.source, operator: is, value: Rome}}
  - {code: returned, event: activity.return.recorded}
"""
    journey = publish(text(WAIT_AND_TAG, more=more))
    anna, ben, cleo = person(source="Rome"), person(), person()
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna, ben, cleo])
    tick(NOW)
    happen("activity.return.recorded", ben, after(hours=1))
    tick(after(days=2))
    found = {run.owner_id: run.end_reason for run in JourneyRun.objects.all()}
    assert found == {anna: "moved", ben: "returned", cleo: "finished"}
    assert queries.step_counts(journey.id)[queries.LEFT].outcomes == {"moved": 1, "returned": 1, "finished": 1}


@pytest.mark.slow
def test_a_goal_is_counted_within_its_days_and_may_end_the_way(publish, person, happen, actor, tick):
    more = "goal: {event: activity.order.recorded, within_days: 10, ends: true}\n"
    journey = publish(text("\n  - {id: pause, type: wait, days: 30}\n", more=more))
    anna, ben = person(), person()
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna, ben])
    tick(NOW)
    happen("activity.order.recorded", anna, after(days=10), order="a")
    happen("activity.order.recorded", ben, after(days=10, seconds=1), order="b")
    tick(after(days=11))
    assert run_of(anna).goal_at == after(days=10)
    assert (run_of(anna).state, run_of(ben).state) == (RunState.EXITED, RunState.ACTIVE)
    assert queries.totals([journey.id])[journey.id].reached == 1


@pytest.mark.slow
def test_journeys_start_and_stop_each_other(publish, person, actor, tick):
    slow = publish(text("\n  - {id: pause, type: wait, days: 30}\n", code="slow"))
    publish(text("\n  - {id: mark, type: tag, tag: Other}\n", code="other"))
    steps = """
  - {id: one, type: start, journey: other}
  - {id: two, type: stop, journey: slow}
"""
    main = publish(text(steps, code="main"))
    anna = person()
    services.enter(actor=actor, now=NOW, journey_id=slow.id, customer_ids=[anna])
    services.enter(actor=actor, now=NOW, journey_id=main.id, customer_ids=[anna])
    tick(NOW)
    assert tags(anna) == ["Other"]
    assert JourneyRun.objects.get(journey=slow).end_reason == "stopped_by_journey"


@pytest.mark.slow
def test_people_finish_the_version_they_began_unless_they_are_moved(publish, person, actor, tick):
    journey = publish(text(WAIT_AND_TAG))
    anna, ben = person(), person()
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna])
    tick(NOW)
    later = "\n  - {id: pause, type: wait, days: 5}\n  - {id: mark, type: tag, tag: New}\n"
    publish(text(later), at=after(days=1))
    services.enter(actor=actor, now=after(days=1), journey_id=journey.id, customer_ids=[ben])
    tick(after(days=2))
    assert tags(anna) == ["Seen"]
    cleo = person()
    third = "\n  - {id: pause, type: wait, days: 9}\n  - {id: mark, type: tag, tag: Third}\n"
    publish(text(third), at=after(days=2))
    assert services.move_people(actor=actor, now=after(days=2), journey_id=journey.id, to_version=3) == 1
    tick(after(days=2))
    assert run_of(ben).due_at == after(days=10)  # nine days from when Ben came to the step
    assert cleo not in JourneyRun.objects.values_list("owner_id", flat=True)


@pytest.mark.slow
def test_nothing_moves_while_a_journey_is_paused_and_nobody_is_skipped_for_it(publish, person, happen, actor, tick):
    journey = publish(text(WAIT_AND_TAG, entry=BY_ORDER, reentry="{rule: each_key}"))
    anna, ben = person(), person()
    happen("activity.order.recorded", anna, NOW, order="a")
    tick(after(hours=1))
    services.pause(actor=actor, now=after(days=1), journey_id=journey.id)
    happen("activity.order.recorded", ben, after(days=10), order="b")
    tick(after(days=20))
    assert tags(anna) == []
    services.resume(actor=actor, now=after(days=21), journey_id=journey.id)
    tick(after(days=21))
    assert tags(anna) == ["Seen"]
    assert not JourneyRun.objects.filter(owner_id=ben).exists()


@pytest.mark.slow
def test_stopping_takes_everybody_out(publish, person, actor, tick):
    journey = publish(text(WAIT_AND_TAG))
    anna = person()
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna])
    services.stop(actor=actor, now=after(hours=1), journey_id=journey.id)
    tick(after(days=3))
    assert (run_of(anna).state, run_of(anna).end_reason, tags(anna)) == (RunState.STOPPED, "journey_stopped", [])


@pytest.mark.slow
def test_a_step_that_fails_holds_up_nobody_else_and_loses_nobody(publish, person, actor, tick, monkeypatch):
    """lesson: a frequency node that logs an error and lets the person fall out."""

    journey = publish(text("\n  - {id: mark, type: tag, tag: Seen}\n"))
    people = [person() for _ in range(5)]
    broken = people[2]
    real = acts.act

    def breaks(step, journey, travellers, scene):
        if any(one.owner_id == broken for one in travellers):
            raise ValueError("no connection")
        return real(step, journey, travellers, scene)

    monkeypatch.setattr(acts, "act", breaks)
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=people)
    tick(NOW)
    assert [tags(one) for one in people] == [["Seen"], ["Seen"], [], ["Seen"], ["Seen"]]
    assert (run_of(broken).state, run_of(broken).failures, run_of(broken).error) == (RunState.ACTIVE, 1, "ValueError")
    for hours in range(1, 12):
        tick(after(hours=hours))
    assert run_of(broken).state == RunState.STUCK
    monkeypatch.undo()
    assert services.try_again(actor=actor, now=after(days=1), journey_id=journey.id) == 1
    tick(after(days=1))
    assert tags(broken) == ["Seen"]


@pytest.mark.slow
def test_what_is_long_past_is_not_acted_on_after_a_restored_backup(publish, person, happen, actor, tick):
    """lesson: a restored backup sends long-past campaigns."""
    journey = publish(text(WAIT_AND_TAG, entry=BY_ORDER, reentry="{rule: each_key}"))
    anna, ben = person(), person()
    happen("activity.order.recorded", anna, NOW, order="a")
    tick(after(hours=1))
    happen("activity.order.recorded", ben, after(hours=2), order="b")
    tick(after(days=40))  # the world of the backup, forty days later
    assert (tags(anna), tags(ben)) == ([], [])
    assert path(run_of(anna)) == [("pause", "done"), ("mark", "late")]
    assert queries.step_counts(journey.id)[queries.ENTRY].outcomes == {"entered": 1, "stale": 1}


@pytest.mark.parametrize("days", [0, 1])
def test_a_wait_of_days_is_one_of_the_calendar(days):

    step = Wait(id="a", type="wait", days=days, hours=0 if days else 24)
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert moments.ends_at(step, before, "Europe/Berlin") - before == timedelta(hours=23 if days else 24)


@pytest.mark.slow
def test_whoever_refuses_decisions_by_machine_enters_only_what_merely_tells(publish, person, actor):
    more = "service_only: true\n"
    deciding, telling = publish(text(WAIT_AND_TAG)), publish(text(WAIT_AND_TAG, code="told", more=more))
    anna = person()
    Consent.objects.create(
        owner_id=anna, purpose="automated", channel="any", is_given=False, occurred_at=NOW, recorded_at=NOW,
        source="test", actor="system:test",
    )  # fmt: skip
    assert services.enter(actor=actor, now=NOW, journey_id=deciding.id, customer_ids=[anna]) == {
        "automation_refused": 1
    }
    assert services.enter(actor=actor, now=NOW, journey_id=telling.id, customer_ids=[anna]) == {"entered": 1}


@pytest.mark.slow
def test_an_erased_person_leaves_and_nothing_of_them_stays(publish, person, actor, tick):
    journey, anna = publish(text(WAIT_AND_TAG)), person()
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna], facts={"ref": "x1"})
    customer_services.erase_customer(actor=actor, now=after(hours=1), customer_id=anna)
    assert (run_of(anna).state, run_of(anna).end_reason, run_of(anna).facts) == (RunState.STOPPED, "erased", {})


@pytest.mark.slow
def test_a_birthday_is_kept_in_the_persons_own_morning(publish, person, actor, tick):
    entry = "{type: date, of: birthday, days: -1, at: '09:00'}"
    publish(text("\n  - {id: mark, type: tag, tag: Soon}\n", entry=entry, reentry="{rule: each_key}"))
    tokyo, other = (
        person(birth_date=date(1990, 3, 3), time_zone="Asia/Tokyo"),
        person(birth_date=date(1990, 3, 4)),
    )
    assert services.sweep(actor=actor, now=NOW) == 1
    assert services.sweep(actor=actor, now=after(hours=1)) == 0
    assert run_of(tokyo).entered_at == datetime(2026, 3, 2, 0, tzinfo=UTC)
    tick(NOW)
    assert (tags(tokyo), tags(other)) == (["Soon"], [])


@pytest.mark.slow
def test_a_lunar_festival_is_greeted_on_its_own_day(publish, person, actor):
    entry = "{type: date, of: festival, festival: mid_autumn, days: 0, at: '09:00'}"
    publish(text(WAIT_AND_TAG, entry=entry, reentry="{rule: each_key}"), at=datetime(2026, 9, 1, tzinfo=UTC))
    person()
    assert services.sweep(actor=actor, now=datetime(2026, 9, 24, 4, tzinfo=UTC)) == 0
    assert services.sweep(actor=actor, now=datetime(2026, 9, 25, 4, tzinfo=UTC)) == 1


@pytest.mark.slow
def test_points_coupons_and_tasks_are_given_once(publish, person, actor, tick):
    ledger.create_currency(actor=actor, now=NOW, code="points", rules=ledger.CurrencyRules(name="Points"))
    steps = """
  - {id: gift, type: points, currency: points, amount: 50, expires_days: 30, note: Spring}
  - {id: call, type: task, title: {en: Call, zh: 致电}, due_hours: 24}
"""
    journey, anna = publish(text(steps)), person()
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna])
    tick(NOW)
    tick(after(hours=1))
    assert Transaction.objects.filter(owner_id=anna).count() == 1
    (task,) = Task.objects.filter(owner_id=anna)
    assert (task.title, task.due_at, task.source) == ("Call", after(hours=24), f"journey:{journey.id}")
    gift, call = queries.path_of(run_of(anna))
    assert (gift.detail["points"], call.detail["task"]) == (50, str(task.id))


@pytest.mark.slow
def test_whom_chance_keeps_out_of_a_coupon_goes_on_without_it(publish, person, actor, tick, monkeypatch):
    anna, bert = person(), person()
    monkeypatch.setattr(control_draws, "_is_drawn", lambda _subject, one, _percent: one == bert)
    fields = CampaignFields(
        code="tea", name="Tea", code_kind=CodeKind.UNIQUE, size=9, benefit=Benefit.SHIPPING, control_percent=10
    )
    campaign = rewards.create_campaign(actor=actor, now=NOW, fields=fields)
    rewards.start_campaign(actor=actor, now=NOW, campaign_id=campaign.id)
    journey = publish(text("\n  - {id: gift, type: coupon, campaign: tea}\n  - {id: mark, type: tag, tag: Seen}\n"))
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna, bert])
    tick(NOW)
    assert path(run_of(anna)) == [("gift", "done"), ("mark", "done")]
    assert path(run_of(bert)) == [("gift", "kept_out"), ("mark", "done")]
    assert list(Coupon.objects.values_list("owner_id", flat=True)) == [anna]


@pytest.mark.slow
def test_a_message_withheld_or_delayed_keeps_the_person_in_the_journey(publish, person, actor, tick):
    """lesson: a frequency node that logs an error and lets the person fall out."""
    texts.install(actor=actor, now=NOW, codes=["thank_you"])
    steps = (
        "\n  - {id: say, type: message, template: thank_you, channels: [sink]}\n  - {id: mark, type: tag, tag: On}\n"
    )
    journey, anna = publish(text(steps)), person()
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=[anna])
    tick(NOW)
    assert path(run_of(anna)) == [("say", "withheld"), ("mark", "done")]
    assert queries.path_of(run_of(anna))[0].detail["gate"] == "consent"
    assert tags(anna) == ["On"]
