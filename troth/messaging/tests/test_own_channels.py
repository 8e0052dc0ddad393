"""Channels within the installation: the inbox and a person, each once."""

import pytest

from troth.customers import services as customers
from troth.kit.ids import new_id
from troth.messaging import channels, inbox
from troth.messaging.channels import HandoverState, Outgoing
from troth.messaging.incoming.replies import Said, take_reply
from troth.messaging.models import InboxMessage, Reply
from troth.worklist.models import Task

from .conftest import NOW


@pytest.fixture
def message(add_person):
    contact_id = new_id()
    return Outgoing(contact_id, str(contact_id), "", "Hello", "How are you?", customer_id=add_person().id)


def test_an_inbox_takes_a_message_once_and_knows_when_it_was_read(message):
    for _again in range(2):
        (done,) = channels.get("inbox").deliver([message])
        assert done.state is HandoverState.SENT
    (found,) = inbox.inbox_of([message.customer_id])
    assert (found.subject, found.text, found.read_at) == ("Hello", "How are you?", None)
    assert inbox.mark_read(message_id=found.id, now=NOW).read_at == NOW


def test_a_person_gets_one_task_with_the_script(message):
    for _again in range(2):
        (done,) = channels.get("person").deliver([message])
        assert done.state is HandoverState.SENT
    task = Task.objects.get()
    assert (task.title, task.customer_id) == ("Hello", message.customer_id)
    assert task.facts["script"] == "How are you?"


@pytest.mark.slow
def test_the_inbox_and_replies_are_handed_out_and_erased(message, add_person, actor):
    person = add_person(phone="+8613800000009")
    channels.get("inbox").deliver([Outgoing(new_id(), "k", "", "Hi", "Only for you", customer_id=person.id)])
    take_reply(Said("sms_twilio", "+8613800000009", "My secret", "m1"), now=NOW)
    handed = customers.export_customer(actor=actor, now=NOW, customer_id=person.id)
    assert "Only for you" in str(handed)
    assert "My secret" in str(handed)
    customers.erase_customer(actor=actor, now=NOW, customer_id=person.id)
    assert not InboxMessage.objects.filter(owner_id=person.id).exists()
    assert Reply.objects.get(owner_id=person.id).text == ""
