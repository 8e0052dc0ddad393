"""Where a rule begins and ends, to the moment; what one message says of another in the same batch or under way."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.messaging import (
    control_gate,
    delivering,
    policy_versions,
    services,
    settling,
    suppressions,
    templates,
    tending,
)
from troth.messaging.channels import Handover, HandoverState
from troth.messaging.intents import Outcome
from troth.messaging.models import Contact, ContactState, SuppressionReason
from troth.messaging.policies import Cap, Hours, Terms
from troth.messaging.tests.conftest import NOW, said

pytestmark = pytest.mark.django_db

ANY_TIME = {"marketing": Hours(), "survey": Hours(), "service": Hours()}


@pytest.fixture
def rules(actor):
    def save(*caps, **fields):
        terms = Terms(caps=tuple(Cap(*cap) for cap in caps), hours=ANY_TIME, **fields)
        version, _terms = policy_versions.in_force()
        return services.save_policy(terms=terms, note="", expected_version=version, actor=actor, now=NOW)

    return save


def go_out(actor, now=NOW, channel="sink"):
    while delivering.deliver(channel, actor=actor, now=now):
        pass


def test_the_last_moment_of_use_is_one_of_use(add_person, intend, send):
    assert send(intend(add_person(), relevant_until=NOW)).outcome is Outcome.QUEUED


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "outcome"), [(-1, Outcome.WITHHELD), (0, Outcome.QUEUED)])
def test_the_same_content_may_come_again_when_its_hours_are_over(
    add_person, intend, send, rules, actor, seconds, outcome
):
    rules(repeat_hours=24)
    person = add_person()
    send(intend(person, "a"))
    go_out(actor)
    again = send(intend(person, "b"), NOW + timedelta(hours=24, seconds=seconds))
    assert again.outcome is outcome


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        # Half past midnight and ten in the morning of 3 March in Shanghai: the second and the third day of UTC.
        (datetime(2026, 3, 2, 16, 30, tzinfo=UTC), datetime(2026, 3, 3, 2, tzinfo=UTC), Outcome.DELAYED),
        # Half an hour before and after midnight there: one day of UTC.
        (datetime(2026, 3, 2, 15, 30, tzinfo=UTC), datetime(2026, 3, 2, 16, 30, tzinfo=UTC), Outcome.QUEUED),
    ],
)
def test_a_cap_counts_the_days_on_the_persons_wall(add_person, intend, send, rules, actor, first, second, outcome):
    """lesson: hours read in UTC."""
    rules((1, 1))
    person = add_person()
    send(intend(person, "a", facts={"n": 1}), first)
    go_out(actor, first)
    assert send(intend(person, "b", facts={"n": 2}), second).outcome is outcome


def test_what_is_being_handed_over_counts_as_gone(add_person, intend, send, rules):
    rules((1, 1))
    person = add_person()
    first = send(intend(person, "a", facts={"n": 1}))
    Contact.objects.filter(id=first.contact_id).update(state=ContactState.SENDING)
    assert send(intend(person, "b", facts={"n": 2})).outcome is Outcome.DELAYED


def test_a_message_about_an_order_reaches_the_control_group_beside_an_offer(
    add_person, intend, rules, actor, monkeypatch
):
    rules(control_percent=50)
    monkeypatch.setattr(control_gate, "_is_kept_out", lambda customer_id, terms, group, percent: True)
    ann, ben = add_person(), add_person()
    both = [intend(ann, "a"), intend(ben, "b", purpose="service"), intend(ann, "c", purpose="survey")]
    found = services.send(both, actor=actor, now=NOW)
    assert [said(one)["control_group"][0] for one in found] == ["stop", "pass", "pass"]


def test_a_blocked_address_is_the_same_however_it_is_written(actor):
    address = {"kind": "email", "address": " Gone@Example.COM ", "reason": SuppressionReason.HARD_BOUNCE}
    suppressions.suppress(**address, actor=actor, now=NOW)
    assert suppressions.suppressed([("email", "gone@example.com")]) == {("email", "gone@example.com"): "hard_bounce"}
    assert suppressions.suppressed([("phone", "gone@example.com")]) == {}


def test_what_a_person_settled_no_slow_worker_changes(register_channel, add_person, intend, send, actor):
    wire = register_channel("wire_made_up")
    send(intend(add_person(), channels=("wire_made_up",)))

    def answer(one):
        later = NOW + timedelta(hours=1)
        tending.give_up_lost(actor=actor, now=later)
        settling.settle(contact_id=one.contact_id, as_state="failed", actor=actor, now=later)
        return Handover(one.contact_id, HandoverState.SENT, "p9")

    wire.answers = answer
    go_out(actor, channel="wire_made_up")
    assert Contact.objects.values_list("state", "provider_id").get() == (ContactState.FAILED, "")


def test_a_text_with_a_hole_fails_and_the_others_go(add_person, intend, sink, actor):
    templates.create_template(
        actor=actor,
        now=NOW,
        code="dispatch",
        name="Dispatch",
        purpose="service",
        document={
            "languages": {"en": {"email": {"subject": "On its way", "body": "Order {{ number }} is on its way."}}},
            "facts": [{"code": "number", "label": "Number", "example": "8812"}],
        },
    )
    templates.publish(actor=actor, now=NOW, code="dispatch", revision=1)
    given = {"a": {"number": "8812"}, "b": {}, "c": {"number": "8813"}}
    wanted = [
        intend(add_person(), key, template="dispatch", purpose="service", facts=facts) for key, facts in given.items()
    ]
    services.send(wanted, actor=actor, now=NOW)
    go_out(actor)
    assert [one.text.strip().split("\n")[0] for one in sink.taken] == [
        "Order 8812 is on its way.",
        "Order 8813 is on its way.",
    ]
    hole = Contact.objects.get(key="b")
    assert (hole.state, hole.reason, hole.ended_at) == (ContactState.FAILED, "facts_missing: number", NOW)
