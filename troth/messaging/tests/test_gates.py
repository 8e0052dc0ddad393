from datetime import UTC, date, datetime, timedelta

import pytest

from troth.customers import services as customers
from troth.events.models import Event
from troth.messaging import gates, privacy, queries, services
from troth.messaging.errors import SuppressionKeptError, SuppressionNotFoundError, SuppressionRefusedError
from troth.messaging.intents import Outcome, Result, Verdict
from troth.messaging.models import Contact, ContactState, Suppression, SuppressionReason
from troth.messaging.tests.conftest import NOW, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(register_channel):
    return register_channel("mail_made_up", consent="email", identity="email")


@pytest.fixture
def text(register_channel):
    return register_channel("sms_made_up", consent="sms", identity="phone")


@pytest.fixture
def consent(actor):
    def record(person, is_given, *, channel="any", purpose="marketing", at=NOW):
        fields = {"purpose": purpose, "channel": channel, "source": "form", "proof": "form 2" if is_given else ""}
        customers.record_consent(
            actor=actor, now=max(at, NOW), occurred_at=at, customer_id=person.id, is_given=is_given, **fields
        )

    return record


def test_who_never_agreed_gets_no_offer(add_person, intend, send):
    """lesson: one never subscribed gets mail."""
    person = add_person(agreed=())
    decision = send(intend(person))
    assert decision.outcome is Outcome.WITHHELD
    assert said(decision)["consent"] == ("stop", {"channels": {"sink": "missing"}})
    event = Event.objects.get(name="messaging.contact.withheld")
    assert (event.owner_id, event.data["gate"]) == (person.id, "consent")
    assert Contact.objects.get().state == ContactState.WITHHELD


def test_a_service_message_needs_no_consent_but_respects_a_refusal(add_person, intend, send, consent):
    silent, refusing = add_person(agreed=()), add_person(agreed=())
    consent(refusing, is_given=False, purpose="service")
    assert send(intend(silent, "k1", purpose="service")).outcome is Outcome.QUEUED
    assert send(intend(refusing, "k2", purpose="service")).outcome is Outcome.WITHHELD


@pytest.mark.parametrize(
    ("acts", "chosen"),
    [
        ([], ""),
        ([("any", True)], "mail_made_up"),
        ([("any", True), ("email", False)], "sms_made_up"),
        ([("email", False), ("any", True)], "sms_made_up"),  # a general yes does not undo a particular no
        ([("sms", True)], "sms_made_up"),
        ([("email", True), ("any", False)], ""),  # withdrawn everywhere at once
        ([("any", False), ("email", True)], "mail_made_up"),
    ],
)
def test_a_channel_is_taken_in_order_of_preference_as_consent_allows(
    add_person, intend, send, consent, mail, text, acts, chosen
):
    person = add_person(agreed=(), email="made-up@example.com", phone="13800138000")
    for place, (channel, is_given) in enumerate(acts):
        consent(person, is_given, channel=channel, at=NOW - timedelta(days=9 - place))
    decision = send(intend(person, channels=("mail_made_up", "sms_made_up")))
    assert decision.channel == chosen
    assert decision.outcome is (Outcome.QUEUED if chosen else Outcome.WITHHELD)


def test_a_channel_without_address_gives_way_to_the_next(add_person, intend, send, mail, text):
    person = add_person(phone="13800138000")
    decision = send(intend(person, channels=("mail_made_up", "sms_made_up")))
    assert decision.channel == "sms_made_up"
    assert said(decision)["address"] == ("pass", {"channels": {"mail_made_up": "missing"}})
    assert Contact.objects.get().address == "+8613800138000"


def test_nobody_is_reached_without_any_address(add_person, intend, send, mail):
    decision = send(intend(add_person(), channels=("mail_made_up",)))
    assert said(decision)["address"] == ("stop", {"channels": {"mail_made_up": "missing"}})
    assert "suppression" not in said(decision)


@pytest.mark.slow
def test_a_bounced_address_is_written_to_no_more(add_person, intend, send, actor, mail, text):
    person = add_person(email="Gone@example.com", phone="13800138000")
    bounced = {"kind": "email", "address": "gone@example.com", "actor": actor, "now": NOW}
    services.suppress(reason=SuppressionReason.HARD_BOUNCE, **bounced)
    services.suppress(reason=SuppressionReason.HARD_BOUNCE, **bounced)
    decision = send(intend(person, channels=("mail_made_up", "sms_made_up")))
    assert decision.channel == "sms_made_up"
    assert said(decision)["suppression"] == ("pass", {"channels": {"mail_made_up": "hard_bounce"}})
    assert Event.objects.filter(name="messaging.address.suppressed").count() == 1
    (blocked,) = queries.blocked_of(person.id)
    assert (blocked.address, blocked.is_objection) == ("gone@example.com", False)
    services.lift_suppression(block_id=blocked.block.id, customer_id=person.id, note="Spelt anew", actor=actor, now=NOW)
    assert (
        send(intend(person, "k2", facts={"n": 2}, channels=("mail_made_up",), purpose="service")).outcome
        is Outcome.QUEUED
    )


def block_of(person):
    (found,) = queries.blocked_of(person.id)
    return found


@pytest.mark.slow
def test_a_block_is_lifted_with_a_reason_once_and_can_come_again(add_person, actor, mail, text):
    person, other = add_person(email="gone@example.com"), add_person(email="b@example.com")
    bounced = {"kind": "email", "address": "gone@example.com", "reason": SuppressionReason.HARD_BOUNCE}
    services.suppress(**bounced, actor=actor, now=NOW)
    lift = {"block_id": block_of(person).block.id, "customer_id": person.id, "actor": actor, "now": NOW}
    for changes, refusal in (
        ({"note": " "}, SuppressionRefusedError),
        ({"note": "x" * 201}, SuppressionRefusedError),
        ({"note": "x", "customer_id": other.id}, SuppressionNotFoundError),
        ({"note": "x", "block_id": 999_999}, SuppressionNotFoundError),
    ):
        with pytest.raises(refusal):
            services.lift_suppression(**lift | changes)
    assert block_of(person).block.lifted_at is None
    for note in ("Mailbox is back", "again"):
        services.lift_suppression(**lift, note=note)
    lifted = Suppression.objects.get()
    kept = (lifted.lifted_at, lifted.lifted_by, lifted.lifted_for, lifted.lift_note)
    assert kept == (NOW, actor.code, person.id, "Mailbox is back")
    event = Event.objects.get(name="messaging.address.released")
    assert (event.owner_id, event.data) == (person.id, {"kind": "email", "reason": "hard_bounce"})
    assert queries.blocked_of(person.id) == []
    services.suppress(**bounced, actor=actor, now=NOW)
    assert (block_of(person).block.id != lifted.id, queries.blocks(is_lifted=True).count()) == (True, 1)
    privacy.erase([person.id], actor, NOW)
    lifted.refresh_from_db()
    assert (lifted.lift_note, queries.blocks().count()) == ("", 1)


@pytest.mark.slow
def test_who_reported_spam_is_written_to_only_after_a_new_yes(add_person, actor, consent, mail, text):
    person = add_person(email="a@example.com")
    services.suppress(kind="email", address="a@example.com", reason=SuppressionReason.COMPLAINT, actor=actor, now=NOW)
    lift = {"block_id": block_of(person).block.id, "customer_id": person.id, "note": "Asked", "actor": actor}
    consent(person, is_given=True, at=NOW - timedelta(days=1))
    consent(person, is_given=True, channel="sms", at=NOW + timedelta(hours=1))
    consent(person, is_given=True, channel="email", purpose="survey", at=NOW + timedelta(hours=1))
    with pytest.raises(SuppressionKeptError):
        services.lift_suppression(**lift, now=NOW)
    assert block_of(person).is_objection
    consent(person, is_given=True, channel="email", at=NOW + timedelta(hours=2))
    assert not block_of(person).is_objection
    services.lift_suppression(**lift, now=NOW + timedelta(hours=3))
    assert queries.blocked_of(person.id) == []


def test_the_stricter_of_merged_records_holds(add_person, intend, send, actor, consent):
    kept, merged = add_person(), add_person(agreed=())
    consent(merged, is_given=False, at=NOW - timedelta(days=3))
    later = NOW + timedelta(minutes=1)
    customers.merge(actor=actor, now=later, canonical_id=kept.id, merged_id=merged.id, reason="manual")
    decision = send(intend(kept), later)
    assert (decision.outcome, said(decision)["consent"][1]["channels"]) == (Outcome.WITHHELD, {"sink": "refused"})
    consent(kept, is_given=True, at=later)
    assert send(intend(merged, "k2", facts={"n": 2}), later).outcome is Outcome.QUEUED
    assert Contact.objects.get(key="k2").owner_id == kept.id


@pytest.mark.parametrize(
    ("born", "outcome"), [(date(2012, 3, 2), Outcome.QUEUED), (date(2012, 3, 3), Outcome.WITHHELD)]
)
def test_children_get_no_offers_until_the_day_they_are_fourteen(add_person, intend, send, born, outcome):
    assert send(intend(add_person(birth_date=born))).outcome is outcome


def test_a_child_gets_service_messages(add_person, intend, send):
    assert send(intend(add_person(birth_date=date(2020, 1, 1)), purpose="service")).outcome is Outcome.QUEUED


def test_an_erased_person_gets_nothing(add_person, intend, send, actor):
    person = add_person(email="made-up@example.com")
    customers.erase_customer(actor=actor, now=NOW, customer_id=person.id)
    decision = send(intend(person, purpose="service"))
    assert (decision.outcome, said(decision)["person"]) == (Outcome.WITHHELD, ("stop", {"is_erased": True}))


def test_what_comes_too_late_is_withheld(add_person, intend, send):
    decision = send(intend(add_person(), relevant_until=NOW - timedelta(seconds=1)))
    assert (decision.outcome, said(decision)["relevance"][0]) == (Outcome.WITHHELD, "stop")


def test_what_could_only_go_out_too_late_is_withheld_at_once(add_person, intend, send):
    night = datetime(2026, 3, 2, 14, tzinfo=UTC)  # 22:00 in Shanghai
    decision = send(intend(add_person(), relevant_until=night + timedelta(hours=10)), night)
    assert (decision.outcome, said(decision)["hours"][0], said(decision)["relevance"][0]) == (
        Outcome.WITHHELD,
        "delay",
        "stop",
    )


def test_the_persons_own_zone_goes_before_the_companys(add_person, intend, send):
    night = datetime(2026, 3, 2, 14, tzinfo=UTC)
    here, there = add_person(), add_person(time_zone="Europe/Berlin")
    assert send(intend(here), night).not_before == datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert send(intend(there, "k2"), night).not_before == night


def test_the_same_content_does_not_come_twice_from_two_journeys(add_person, intend, send):
    """lesson: a removed and re-added target mailed again."""
    person = add_person()
    first = send(intend(person, "journey 1", facts={"order": "8812"}))
    again = send(intend(person, "journey 2", facts={"order": "8812"}, source="journey:j2:s1"))
    other = send(intend(person, "journey 3", facts={"order": "8813"}, purpose="service"))
    assert said(again)["repeat"] == ("stop", {"contact": str(first.contact_id), "hours": 24})
    assert (again.outcome, other.outcome) == (Outcome.WITHHELD, Outcome.QUEUED)


@pytest.mark.slow
def test_two_records_of_one_person_in_one_list_get_one_message(add_person, intend, actor):
    kept, merged = add_person(), add_person()
    customers.merge(actor=actor, now=NOW, canonical_id=kept.id, merged_id=merged.id, reason="manual")
    decisions = services.send([intend(kept, "a"), intend(merged, "b")], actor=actor, now=NOW)
    assert [one.outcome for one in decisions] == [Outcome.QUEUED, Outcome.WITHHELD]


@pytest.fixture
def quiet_gate():
    """A gate as modules above register one: offers wait a day for whoever has an open complaint."""
    troubled = set()

    def judge(candidates, now):
        return [
            Verdict("made_up_complaint", Result.DELAY, {"case": "C1"}, now + timedelta(days=1))
            if one.owner_id in troubled and one.intent.purpose == "marketing"
            else Verdict("made_up_complaint", Result.PASS)
            for one in candidates
        ]

    gate = gates.Gate("made_up_complaint", "Open complaint", 100, judge)
    gates.register_gate(gate)
    yield troubled
    gates._gates.pop("made_up_complaint")


def test_a_registered_gate_mutes_offers_and_lets_service_through(add_person, intend, send, quiet_gate):
    person = add_person()
    quiet_gate.add(person.id)
    offer, service = send(intend(person)), send(intend(person, "k2", purpose="service"))
    assert (offer.outcome, offer.not_before) == (Outcome.DELAYED, NOW + timedelta(days=1))
    assert said(offer)["made_up_complaint"][0] == "delay"
    assert service.outcome is Outcome.QUEUED


def test_a_gate_of_another_kind_under_the_same_code_is_refused(quiet_gate):
    with pytest.raises(ValueError, match="made_up_complaint"):
        gates.register_gate(gates.Gate("made_up_complaint", "Other", 1, lambda candidates, now: []))
