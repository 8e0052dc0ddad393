from datetime import UTC, date, datetime, timedelta
from unittest.mock import Mock
from uuid import UUID

import pytest

from troth.customers import queries
from troth.customers import services as customers
from troth.events.models import Event
from troth.messaging import delivering, services, settling, suppressions, tasks, tending
from troth.messaging.channels import Handover, HandoverState
from troth.messaging.errors import ContactNotFoundError, ContactStateError
from troth.messaging.intents import Outcome, Result
from troth.messaging.models import Contact, ContactState
from troth.messaging.tests.conftest import NOW
from troth.staff import queries as staff
from troth.staff.models import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def wire(register_channel):
    return register_channel("wire_made_up")


@pytest.fixture
def queued(add_person, intend, actor):
    """Queues a message to each of several people; returns the contacts' ids in the order of sending."""

    def make(count: int, **fields):
        wanted = [intend(add_person(), f"k{number}", channels=("wire_made_up",), **fields) for number in range(count)]
        return [one.contact_id for one in services.send(wanted, actor=actor, now=NOW)]

    return make


def deliver(actor, now=NOW):
    return delivering.deliver("wire_made_up", actor=actor, now=now)


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


def test_one_rejected_recipient_neither_stops_nor_repeats_the_others(wire, queued, actor):
    """lesson: one rejected recipient: the rest are sent again, for ever."""
    first, second, third = queued(3)

    def answer(one):
        is_bad = one.contact_id == second
        return Handover(one.contact_id, HandoverState.FAILED if is_bad else HandoverState.SENT, "p", "smtp_550")

    wire.answers = answer
    while deliver(actor):
        pass
    assert [one.contact_id for one in wire.taken] == [first, second, third]
    states = dict(Contact.objects.values_list("id", "state"))
    assert states == {first: ContactState.SENT, second: ContactState.FAILED, third: ContactState.SENT}
    failed = Event.objects.get(name="messaging.contact.failed")
    assert (failed.data["contact"], failed.data["reason"]) == (str(second), "smtp_550")


def test_an_address_that_the_server_says_does_not_exist_is_taken_out_of_use(
    register_channel, add_person, intend, actor
):
    wire = register_channel("wire_made_up", identity="email", consent="email")
    people = [add_person(email=f"{name}@example.com") for name in ("gone", "full")]
    wanted = [intend(one, f"k{n}", channels=("wire_made_up",), purpose="service") for n, one in enumerate(people)]
    gone, _full = [one.contact_id for one in services.send(wanted, actor=actor, now=NOW)]
    wire.answers = lambda one: Handover(
        one.contact_id, HandoverState.FAILED, "", "smtp_5.1.1" if one.contact_id == gone else "smtp_5.2.2"
    )
    while deliver(actor):
        pass
    assert suppressions.suppressed({("email", "gone@example.com"), ("email", "full@example.com")}) == {
        ("email", "gone@example.com"): "hard_bounce"
    }
    again = intend(people[0], "k9", channels=("wire_made_up",), purpose="service")
    (decision,) = services.send([again], actor=actor, now=NOW)
    stopped = {one.gate for one in decision.verdicts if one.result is Result.STOP}
    assert (decision.outcome, "suppression" in stopped) == (Outcome.WITHHELD, True)


@pytest.mark.parametrize(
    ("reason", "blocked", "refused"),
    [
        ("twilio_21211", "hard_bounce", []),
        ("twilio_21614", "hard_bounce", []),
        ("twilio_21610", None, ["marketing", "survey"]),
        ("FailedOperation.PhoneNumberInBlacklist", None, ["marketing", "survey"]),
        ("isv.MOBILE_NUMBER_ILLEGAL", None, []),
        ("http_400", None, []),
    ],
)
def test_what_a_refusal_says_of_the_number_is_heeded(
    register_channel, add_person, intend, actor, reason, blocked, refused
):
    wire = register_channel("wire_made_up", identity="phone", consent="sms")
    person = add_person(phone="+8613800000001")
    services.send([intend(person, channels=("wire_made_up",))], actor=actor, now=NOW)
    wire.answers = lambda one: Handover(one.contact_id, HandoverState.FAILED, "", reason)
    assert deliver(actor) == 1
    assert suppressions.suppressed({("phone", "+8613800000001")}).get(("phone", "+8613800000001")) == blocked
    said_no = [one for one in queries.consents_of(person.id) if not one.is_given]
    assert [one.purpose for one in said_no] == refused
    assert {(one.channel, one.act.source) for one in said_no} == ({("sms", "provider")} if refused else set())
    assert Contact.objects.get().state == ContactState.FAILED


def test_an_unknown_outcome_is_never_tried_again_by_itself(wire, queued, actor):
    wire.answers = lambda one: Handover(one.contact_id, HandoverState.UNKNOWN, "", "timeout")
    queued(1)
    deliver(actor)
    later = NOW + timedelta(days=2)
    tending.give_up_lost(actor=actor, now=later)
    tending.queue_due(now=later)
    assert deliver(actor, later) == 0
    contact = Contact.objects.get()
    assert (contact.state, contact.reason, len(wire.taken)) == (ContactState.UNKNOWN, "timeout", 1)


@pytest.mark.slow
def test_a_channel_that_breaks_leaves_everything_it_held_unknown(wire, queued, actor):
    def answer(one):
        raise RuntimeError("made up")

    wire.answers = answer
    queued(2)
    assert deliver(actor) == 2
    assert set(Contact.objects.values_list("state", "reason")) == {(ContactState.UNKNOWN, "no_answer")}


@pytest.mark.slow
def test_what_certainly_did_not_go_is_tried_again_with_growing_pauses_and_fails_in_the_end(wire, queued, actor):
    wire.answers = lambda one: Handover(one.contact_id, HandoverState.RETRY, "", "busy")
    queued(1, purpose="service")
    moment, waited = NOW, []
    while deliver(actor, moment):
        contact = Contact.objects.get()
        if contact.state == ContactState.FAILED:
            break
        assert tending.queue_due(now=contact.due_at - timedelta(seconds=1)) == 0
        waited.append(contact.due_at - moment)
        moment = contact.due_at
        assert tending.queue_due(now=moment) == 1
    assert waited == list(delivering.RETRY_AFTER)
    assert (contact.state, contact.reason, contact.attempts) == (ContactState.FAILED, "busy", 6)
    assert {one.key for one in wire.taken} == {str(contact.id)}


def test_a_killed_workers_hand_over_becomes_unknown_when_its_lease_ends(wire, queued, actor, monkeypatch):
    def killed(channel, written):
        raise SystemExit

    first, *_others = queued(1)
    monkeypatch.setattr(delivering, "_hand_over", killed)
    with pytest.raises(SystemExit):
        deliver(actor)
    monkeypatch.undo()
    assert Contact.objects.get().state == ContactState.SENDING
    assert tending.give_up_lost(actor=actor, now=NOW + delivering.LEASE) == 0
    assert tending.give_up_lost(actor=actor, now=NOW + delivering.LEASE + timedelta(seconds=1)) == 1
    assert deliver(actor, NOW + timedelta(hours=1)) == 0
    contact = Contact.objects.get(id=first)
    assert (contact.state, contact.reason, wire.taken) == (ContactState.UNKNOWN, "worker_lost", [])


def test_a_slow_worker_that_was_given_up_still_tells_the_truth(wire, queued, actor):
    def answer(one):
        tending.give_up_lost(actor=actor, now=NOW + timedelta(hours=1))
        assert Contact.objects.get().state == ContactState.UNKNOWN
        return Handover(one.contact_id, HandoverState.SENT, "p9")

    wire.answers = answer
    queued(1)
    deliver(actor)
    assert Contact.objects.values_list("state", "provider_id").get() == (ContactState.SENT, "p9")


def test_who_withdraws_while_the_message_waits_does_not_get_it(wire, queued, actor):
    (contact_id,) = queued(1)
    person = Contact.objects.get().owner_id
    fields = {"purpose": "marketing", "is_given": False, "source": "link"}
    customers.record_consent(actor=actor, now=NOW + timedelta(seconds=1), customer_id=person, **fields)
    assert deliver(actor, NOW + timedelta(seconds=2)) == 1
    contact = Contact.objects.get(id=contact_id)
    assert (contact.state, wire.taken) == (ContactState.WITHHELD, [])
    assert [verdict[0] for verdict in contact.verdicts if verdict[1] == "stop"] == ["consent"]


def test_what_waited_into_the_night_goes_in_the_morning(wire, queued, actor):
    queued(1)
    night = datetime(2026, 3, 2, 15, tzinfo=UTC)
    deliver(actor, night)
    contact = Contact.objects.get()
    assert (contact.state, contact.due_at) == (ContactState.DELAYED, datetime(2026, 3, 3, 1, tzinfo=UTC))


def test_whose_channel_stops_working_takes_the_next(wire, register_channel, add_person, intend, send, actor):
    register_channel("mail_made_up", consent="email", identity="email")
    person = add_person(email="made-up@example.com")
    decision = send(intend(person, channels=("mail_made_up", "wire_made_up")))
    assert (decision.outcome, decision.channel) == (Outcome.QUEUED, "mail_made_up")
    services.suppress(
        kind="email", address="made-up@example.com", reason=services.SuppressionReason.COMPLAINT, actor=actor, now=NOW
    )
    assert delivering.deliver("mail_made_up", actor=actor, now=NOW) == 1
    contact = Contact.objects.get()
    assert (contact.state, contact.channel, contact.address) == (ContactState.QUEUED, "wire_made_up", "")
    assert deliver(actor) == 1
    assert Contact.objects.get().state == ContactState.SENT


@pytest.mark.slow
def test_a_person_settles_what_is_unknown(wire, queued, actor):
    wire.answers = lambda one: Handover(one.contact_id, HandoverState.UNKNOWN, "", "timeout")
    sent, lost, again = queued(3)
    deliver(actor)
    wire.answers = lambda one: Handover(one.contact_id, HandoverState.SENT, "p")
    settling.settle(contact_id=sent, as_state="sent", actor=actor, now=NOW)
    settling.settle(contact_id=lost, as_state="failed", actor=actor, now=NOW)
    settling.settle(contact_id=again, as_state="queued", actor=actor, now=NOW)
    deliver(actor)
    states = dict(Contact.objects.values_list("id", "state"))
    assert states == {sent: ContactState.SENT, lost: ContactState.FAILED, again: ContactState.SENT}
    assert [one.contact_id for one in wire.taken] == [sent, lost, again, again]
    with pytest.raises(ContactStateError):
        settling.settle(contact_id=sent, as_state="queued", actor=actor, now=NOW)
    with pytest.raises(ContactNotFoundError):
        settling.settle(contact_id=UUID(int=9), as_state="sent", actor=actor, now=NOW)


def test_messages_of_a_source_that_still_wait_are_called_back(wire, queued, actor):
    queued(2, source="journey:j9:s1")
    assert settling.call_back(source="journey:j", actor=actor, now=NOW) == 0, "another source, not one of its steps"
    (_mine, other) = Contact.objects.order_by("id")
    nobody, only = {"customer_ids": [UUID(int=9)]}, {"key_beginnings": ["k2", "k3"]}
    assert settling.call_back(source="journey:j9", actor=actor, now=NOW, **nobody) == 0
    assert settling.call_back(source="journey:j9", actor=actor, now=NOW, **only) == 0
    mine = {"customer_ids": [other.owner_id], "key_beginnings": ["k1"]}
    assert settling.call_back(source="journey:j9", actor=actor, now=NOW, **mine) == 1
    assert settling.call_back(source="journey:j9", actor=actor, now=NOW) == 1
    assert deliver(actor) == 0
    assert set(Contact.objects.values_list("state", flat=True)) == {ContactState.WITHHELD}
    assert Contact.objects.first().verdicts == [["called_back", "stop", {}]]


def test_in_a_company_that_stands_still_what_was_meant_that_day_goes_out_and_bears_its_date(
    add_person, intend, sink, actor
):
    Company.objects.update(as_of_date=date(2018, 1, 1))
    moment = staff.moment(NOW)
    wanted = intend(add_person(), relevant_until=moment + timedelta(days=7))
    services.send([wanted], actor=actor, now=moment)
    assert tasks.run_delivery(Mock(payload={"channel": "sink"}, checkpoint={})) == {"handled": 1}
    contact = Contact.objects.get()
    assert (contact.state, contact.sent_at, contact.decided_at) == (ContactState.SENT, moment, moment)


def test_what_happened_before_the_day_that_a_company_stands_still_on_is_judged_on_its_own_day(
    add_person, intend, sink, actor
):
    Company.objects.update(as_of_date=date(2026, 6, 1))
    services.send([intend(add_person(), relevant_until=NOW + timedelta(days=1))], actor=actor, now=NOW)
    assert delivering.deliver("sink", actor=actor, now=NOW) == 1
    contact = Contact.objects.get()
    assert (contact.state, contact.sent_at) == (ContactState.SENT, NOW)


def test_what_was_put_off_waits_for_the_companys_day_and_what_is_tried_again_for_the_clock(wire, queued, actor):
    put_off, again = queued(2)
    Company.objects.update(as_of_date=date(2018, 1, 1))
    moment = staff.moment(NOW)
    both = Contact.objects.filter(id__in=[put_off, again])
    both.update(state=ContactState.DELAYED, due_at=moment + timedelta(days=1), held_by="caps")
    Contact.objects.filter(id=again).update(due_at=NOW, held_by="")
    assert tending.queue_due(now=NOW, moment=moment) == 1
    assert set(both.values_list("id", "state")) == {(put_off, ContactState.DELAYED), (again, ContactState.QUEUED)}
