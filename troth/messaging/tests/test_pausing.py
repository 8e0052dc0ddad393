import json
import shutil
from datetime import timedelta
from uuid import uuid4

import pytest

from troth.events.models import Event
from troth.jobs.models import Job, Schedule
from troth.jobs.running import JobContext
from troth.messaging import delivering, pausing, services, tasks
from troth.messaging.errors import SendingStateError
from troth.messaging.models import Contact, ContactState, SendingState
from troth.messaging.tests.conftest import NOW

pytestmark = pytest.mark.django_db


def beat(actor, minutes=0):
    return pausing.beat(NOW + timedelta(minutes=minutes), actor=actor)


def test_rounds_are_counted_in_the_database_and_beside_it(actor, sending_file):
    assert [beat(actor, minutes) for minutes in range(3)] == [True, True, True]
    state = SendingState.objects.get()
    assert (state.pulse, json.loads(sending_file.read_text())["pulse"]) == (3, 3)
    assert json.loads(sending_file.read_text())["installation"] == str(state.installation)


def test_a_database_that_was_set_back_sends_nothing_until_a_person_releases_it(
    add_person, intend, send, sink, actor, sending_file
):
    """lesson: a restored backup sends long-past campaigns."""
    send(intend(add_person()))
    beat(actor)
    backup = SendingState.objects.get()
    beat(actor, 1), beat(actor, 2)
    backup.save()  # the database as it was an hour ago; the message in it was sent since
    assert not beat(actor, 3)
    assert delivering.deliver("sink", actor=actor, now=NOW) == 0
    state = SendingState.objects.get()
    assert (state.is_paused, state.reason, len(sink.taken)) == (True, "restored", 0)
    assert Event.objects.get(name="messaging.sending.paused").data == {"reason": "restored"}
    assert not beat(actor, 4)

    assert services.release(withhold_waiting=True, actor=actor, now=NOW + timedelta(minutes=5)) == 1
    assert beat(actor, 6)
    assert delivering.deliver("sink", actor=actor, now=NOW) == 0
    assert Contact.objects.values_list("state", "verdicts").get() == (ContactState.WITHHELD, [["pause", "stop", {}]])


def test_a_copy_of_the_database_elsewhere_sends_nothing(actor, sending_file):
    beat(actor)
    sending_file.unlink()
    assert not beat(actor, 1)
    assert SendingState.objects.get().reason == "moved"


def test_a_data_directory_that_was_copied_back_sends_nothing(actor, sending_file, tmp_path):
    """Where database and file come from the same backup, the count fits; but it is not the same file."""
    beat(actor)
    shutil.copy(sending_file, tmp_path / "backup")
    sending_file.rename(tmp_path / "old")
    shutil.copy(tmp_path / "backup", sending_file)
    assert not beat(actor, 1)
    assert SendingState.objects.get().reason == "moved"


def test_a_data_directory_of_another_installation_does_not_do(actor, sending_file):
    beat(actor)
    sending_file.write_text(json.dumps({"installation": str(uuid4()), "pulse": 1}))
    assert not beat(actor, 1)


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"pulse": "x"}'])
def test_a_file_that_cannot_be_read_counts_as_missing(actor, sending_file, text):
    beat(actor)
    sending_file.write_text(text)
    assert not beat(actor, 1)


def test_a_crash_between_database_and_file_is_no_restore(actor, sending_file):
    beat(actor)
    said = sending_file.read_text()
    beat(actor, 1)
    sending_file.write_text(said)  # one behind
    assert beat(actor, 2)


def test_after_a_long_silence_what_waits_needs_a_person(add_person, intend, send, actor):
    beat(actor)
    assert beat(actor, 25 * 60)  # nothing waited
    send(intend(add_person()))
    assert not beat(actor, 50 * 60 + 1)
    assert SendingState.objects.get().reason == "silence"


def test_pause_and_release_by_a_person(add_person, intend, send, sink, actor):
    send(intend(add_person()))
    services.pause_all(note="made up", actor=actor, now=NOW)
    with pytest.raises(SendingStateError):
        services.pause_all(actor=actor, now=NOW)
    assert delivering.deliver("sink", actor=actor, now=NOW) == 0
    assert services.release(withhold_waiting=False, actor=actor, now=NOW) == 0
    with pytest.raises(SendingStateError):
        services.release(withhold_waiting=False, actor=actor, now=NOW)
    assert delivering.deliver("sink", actor=actor, now=NOW) == 1
    assert [event.name for event in Event.objects.filter(name__startswith="messaging.sending").order_by("id")] == [
        "messaging.sending.paused",
        "messaging.sending.released",
    ]


def test_the_first_message_has_the_queue_tended_and_the_delivery_asked_for(add_person, intend, send):
    person = add_person()
    send(intend(person))
    send(intend(person, "k2", purpose="service"))
    assert Schedule.objects.get(name="messaging.tend").every_seconds == 60
    assert list(Job.objects.filter(name="messaging.deliver").values_list("payload", flat=True)) == [{"channel": "sink"}]


@pytest.fixture
def context(db):
    def make(name, **payload):
        token = uuid4()
        job = Job.objects.create(
            name=name, payload=payload, status="running", lease_token=token, created_by="test", created_at=NOW
        )
        return JobContext(job, token)

    return make


@pytest.mark.slow
def test_the_jobs_deliver_what_waits_and_nothing_while_paused(add_person, intend, send, sink, actor, context):
    now = tasks.clock.utc_now()
    send(intend(add_person(), purpose="service"), now)
    services.pause_all(actor=actor, now=now)
    assert tasks.run_delivery(context("messaging.deliver", channel="sink")) == {"handled": 0}
    assert tasks.run_tending(context("messaging.tend")) == {"due": 0, "lost": 0, "is_paused": True}
    services.release(withhold_waiting=False, actor=actor, now=now)
    assert tasks.run_delivery(context("messaging.deliver", channel="sink")) == {"handled": 1}
    Contact.objects.update(state=ContactState.DELAYED, due_at=now)
    assert tasks.run_tending(context("messaging.tend")) == {"due": 1, "lost": 0, "is_paused": False}
