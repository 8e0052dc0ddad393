from dataclasses import replace
from uuid import UUID

import pytest

from troth.messaging import services
from troth.messaging.errors import IntentConflictError, IntentRefusedError, RecipientUnknownError
from troth.messaging.intents import Outcome, Result
from troth.messaging.models import Contact, ContactKey, ContactState
from troth.messaging.tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_a_message_to_somebody_who_agreed_is_queued_with_every_verdict(add_person, intend, send):
    person = add_person()
    decision = send(intend(person))
    assert (decision.outcome, decision.channel, decision.not_before) == (Outcome.QUEUED, "sink", NOW)
    assert [verdict.result for verdict in decision.verdicts] == [Result.PASS] * len(decision.verdicts)
    first = [verdict.gate for verdict in decision.verdicts][:5]
    assert first == ["person", "text", "consent", "address", "suppression"]
    contact = Contact.objects.get()
    assert contact.id == decision.contact_id
    assert (contact.owner_id, contact.state, contact.channel) == (person.id, ContactState.QUEUED, "sink")


def test_the_same_key_gives_the_decision_taken_then(add_person, intend, send):
    person = add_person()
    first = send(intend(person))
    again = send(intend(person))
    assert again == first
    assert Contact.objects.count() == ContactKey.objects.count() == 1


def test_a_key_with_other_content_is_a_conflict_and_changes_nothing(add_person, intend, send):
    person = add_person()
    send(intend(person))
    with pytest.raises(IntentConflictError):
        send(intend(person, facts={"amount": 5}))
    with pytest.raises(IntentConflictError):
        send(intend(add_person()))
    assert Contact.objects.count() == 1


def test_deciding_writes_nothing(add_person, intend):
    decision = services.decide([intend(add_person())], now=NOW)[0]
    assert (decision.outcome, decision.contact_id) == (Outcome.QUEUED, None)
    assert Contact.objects.count() == ContactKey.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "profiling"},
        {"priority": 101},
        {"channels": ("pigeon",)},
        {"facts": {"x": object()}},
        {"template": " "},
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(add_person, intend, send, wrong):
    with pytest.raises(IntentRefusedError) as refused:
        send(intend(add_person(), **wrong))
    assert refused.value.fields["field"] == next(iter(wrong))
    assert Contact.objects.count() == 0


def test_an_unknown_customer_refuses_the_whole_batch(add_person, intend, actor):
    known = add_person()
    stranger = replace(intend(known, "k2"), customer_id=UUID(int=7))
    with pytest.raises(RecipientUnknownError):
        services.send([intend(known), stranger], actor=actor, now=NOW)
    assert Contact.objects.count() == 0
