
import pytest

from troth.events.models import Event
from troth.messaging import delivering
from troth.messaging.models import Contact, ContactState
from troth.messaging.tests.conftest import NOW

pytestmark = pytest.mark.django_db


def test_what_waits_is_handed_over_once(add_person, intend, send, sink, actor):
    person = add_person()
    decision = send(intend(person))
    assert delivering.deliver("sink", actor=actor, now=NOW) == 1
    assert delivering.deliver("sink", actor=actor, now=NOW) == 0
    assert [(one.contact_id, one.key) for one in sink.taken] == [(decision.contact_id, str(decision.contact_id))]
    contact = Contact.objects.get()
    assert (contact.state, contact.sent_at, contact.lease_token) == (ContactState.SENT, NOW, None)
    assert contact.provider_id == f"sink-{contact.id}"
    assert Event.objects.filter(name="messaging.contact.sent", owner_id=person.id).count() == 1
