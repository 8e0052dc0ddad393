from datetime import UTC, datetime, time, timedelta

import pytest

from troth.customers import services as customers
from troth.messaging import delivering, policy_versions, services, tending
from troth.messaging.intents import Outcome
from troth.messaging.models import Contact, ContactState
from troth.messaging.policies import Cap, Hours, Terms
from troth.messaging.tests.conftest import NOW, said

pytestmark = pytest.mark.django_db

NEXT_DAY = datetime(2026, 3, 2, 16, tzinfo=UTC)  # midnight in Shanghai
ANY_TIME = {"marketing": Hours(), "survey": Hours(), "service": Hours()}


@pytest.fixture
def rules(actor):
    def save(*caps, **fields):
        terms = Terms(caps=tuple(Cap(*cap) for cap in caps), **({"hours": ANY_TIME} | fields))
        version, _terms = policy_versions.in_force()
        return services.save_policy(terms=terms, note="", expected_version=version, actor=actor, now=NOW)

    return save


def go_out(actor, now=NOW):
    while delivering.deliver("sink", actor=actor, now=now):
        pass


@pytest.mark.slow
def test_the_second_of_a_day_waits_for_the_next_morning(add_person, intend, send, actor):
    """lesson: a frequency node that logs an error and lets the person fall out."""
    person = add_person()
    send(intend(person, "a", facts={"n": 1}))
    go_out(actor)
    second = send(intend(person, "b", facts={"n": 2}, source="journey:j2:s1"), NOW + timedelta(minutes=5))
    assert (second.outcome, second.not_before) == (Outcome.DELAYED, datetime(2026, 3, 3, 1, tzinfo=UTC))
    assert said(second)["caps"][1].items() >= {"days": 1, "most": 1, "count": 1}.items()
    morning = datetime(2026, 3, 3, 1, 5, tzinfo=UTC)
    assert tending.queue_due(now=morning) == 1
    go_out(actor, morning)
    assert list(Contact.objects.order_by("key").values_list("state", flat=True)) == [ContactState.SENT] * 2


def test_within_a_batch_the_higher_priority_has_the_place(add_person, intend, actor):
    person = add_person()
    ranked = {"a": 10, "b": 90, "c": 50}
    wanted = [intend(person, key, facts={"k": key}, priority=priority) for key, priority in ranked.items()]
    decisions = services.send(wanted, actor=actor, now=NOW)
    days = [one.not_before and one.not_before.date().day for one in decisions]
    assert [one.outcome for one in decisions] == [Outcome.DELAYED, Outcome.QUEUED, Outcome.DELAYED]
    assert days == [4, 2, 3]


def test_a_later_message_of_higher_priority_goes_before_one_that_still_waits(add_person, intend, send, actor, sink):
    person = add_person()
    low = send(intend(person, "low", facts={"n": 1}, priority=10))
    high = send(intend(person, "high", facts={"n": 2}, priority=90))
    assert (low.outcome, high.outcome) == (Outcome.QUEUED, Outcome.QUEUED)
    go_out(actor)
    assert [one.contact_id for one in sink.taken] == [high.contact_id]
    waiting = Contact.objects.get(key="low")
    assert (waiting.state, waiting.due_at) == (ContactState.DELAYED, datetime(2026, 3, 3, 1, tzinfo=UTC))


def test_caps_count_over_purposes_but_not_service(add_person, intend, send, rules):
    rules((1, 1))
    person = add_person()
    assert send(intend(person, "s1", purpose="service")).outcome is Outcome.QUEUED
    assert send(intend(person, "o1", facts={"n": 1})).outcome is Outcome.QUEUED
    survey = send(intend(person, "v1", purpose="survey"))
    assert (survey.outcome, survey.not_before) == (Outcome.DELAYED, NEXT_DAY)
    assert send(intend(person, "s2", purpose="service", facts={"n": 2})).outcome is Outcome.QUEUED


@pytest.mark.slow
def test_a_week_and_a_month_are_counted_in_days_of_the_person(add_person, intend, send, rules, actor):
    rules((7, 2), (30, 3), longest_delay_days=40)
    person = add_person()
    for day in (0, 1):
        moment = NOW + timedelta(days=day)
        assert send(intend(person, f"k{day}", facts={"n": day}), moment).outcome is Outcome.QUEUED
        go_out(actor, moment)
    third = send(intend(person, "k2", facts={"n": 2}), NOW + timedelta(days=2))
    assert third.not_before == NEXT_DAY + timedelta(days=6)  # seven days after the first one's day
    go_out(actor, NOW + timedelta(days=2))
    tending.queue_due(now=NOW + timedelta(days=7))
    go_out(actor, NOW + timedelta(days=7))
    assert Contact.objects.filter(state=ContactState.SENT).count() == 3
    fourth = send(intend(person, "k3", facts={"n": 3}), NOW + timedelta(days=8))
    assert fourth.not_before == NEXT_DAY + timedelta(days=29)


def test_what_the_caps_would_put_off_too_far_is_withheld(add_person, intend, send, rules, actor):
    rules((30, 1))
    person = add_person()
    send(intend(person, "a", facts={"n": 1}))
    go_out(actor)
    second = send(intend(person, "b", facts={"n": 2}))
    assert (second.outcome, said(second)["relevance"][0]) == (Outcome.WITHHELD, "stop")


@pytest.mark.slow
def test_records_of_one_person_share_the_caps(add_person, intend, send, actor):
    kept, merged = add_person(), add_person()
    send(intend(merged, "a", facts={"n": 1}))
    go_out(actor)
    customers.merge(actor=actor, now=NOW, canonical_id=kept.id, merged_id=merged.id, reason="manual")
    assert send(intend(kept, "b", facts={"n": 2})).outcome is Outcome.DELAYED


def test_what_failed_or_was_withheld_counts_for_nobody(add_person, intend, send):
    person = add_person()
    first = send(intend(person, "a", facts={"n": 1}))
    Contact.objects.filter(id=first.contact_id).update(state=ContactState.FAILED, ended_at=NOW)
    assert send(intend(person, "b", facts={"n": 2})).outcome is Outcome.QUEUED


def test_what_may_have_gone_counts_as_gone(add_person, intend, send):
    person = add_person()
    first = send(intend(person, "a", facts={"n": 1}))
    Contact.objects.filter(id=first.contact_id).update(state=ContactState.UNKNOWN, ended_at=NOW)
    assert send(intend(person, "b", facts={"n": 2})).outcome is Outcome.DELAYED


@pytest.mark.slow
def test_other_rules_hold_at_once_for_what_waits(add_person, intend, send, actor, rules):
    noon = Hours(time(11), time(15))
    rules((1, 1), hours=ANY_TIME | {"marketing": noon})
    ann, bob = add_person(), add_person()
    for person, key in ((ann, "a"), (bob, "b"), (bob, "c")):
        send(intend(person, key, facts={"n": key}))
    due = dict(Contact.objects.values_list("key", "due_at"))
    at_three, next_day = datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert due == {"a": at_three, "b": at_three, "c": next_day}
    Contact.objects.filter(key="a").update(held_by="")  # a provider's wish: the rules have no say in it
    rules((1, 2))
    assert tending.queue_due(now=NOW) == 2
    go_out(actor)
    states = dict(Contact.objects.values_list("key", "state"))
    assert states == {"a": ContactState.DELAYED, "b": ContactState.SENT, "c": ContactState.SENT}
