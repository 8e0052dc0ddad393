"""Channels within the installation: the inbox and a person, each once."""

import pytest

from troth.kit.ids import new_id
from troth.messaging import channels, inbox
from troth.messaging.channels import HandoverState, Outgoing
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
