"""What a receipt makes of a message: forward and never back, once, and out of use with an address that is gone."""

from datetime import timedelta

import pytest

from troth.access.actors import system_actor
from troth.customers import queries as customers
from troth.customers import services as writes
from troth.events.models import Event
from troth.kit.ids import new_id
from troth.messaging import links, receipts, suppressions
from troth.messaging.models import ContactState, Receipt, ReceiptKind
from troth.messaging.receipts import Report

from .conftest import ACTOR, NOW

K = ReceiptKind


def report(kind: ReceiptKind, contact, key: str = "", **values) -> Report:
    return Report(kind, contact.channel, key or str(kind), values.pop("at", NOW), contact.id, **values)


def take(*reports: Report) -> int:
    return receipts.receive(reports, actor=ACTOR, now=NOW)


def test_a_receipt_moves_forward_and_never_back(contact):
    one = contact()
    for kind, state in (
        (K.OPENED, ContactState.OPENED),
        (K.DELIVERED, ContactState.OPENED),
        (K.BOUNCED_SOFT, ContactState.OPENED),
        (K.CLICKED, ContactState.CLICKED),
        (K.BOUNCED_HARD, ContactState.CLICKED),
    ):
        take(report(kind, one))
        one.refresh_from_db()
        assert one.state == state
    assert one.delivered_at == one.opened_at == one.clicked_at == NOW


def test_the_same_receipt_twice_is_kept_once(contact):
    one = contact()
    assert take(report(K.OPENED, one), report(K.OPENED, one)) == 1
    assert take(report(K.OPENED, one, at=NOW + timedelta(hours=1))) == 0
    assert Receipt.objects.count() == 1
    assert Event.objects.filter(name="messaging.contact.opened").count() == 1


@pytest.mark.parametrize("state", [ContactState.UNKNOWN, ContactState.SENDING])
def test_a_receipt_settles_what_was_not_known(contact, state):
    one = contact(state=state, lease_token=new_id(), lease_until=NOW)
    take(report(K.DELIVERED, one))
    one.refresh_from_db()
    assert (one.state, one.sent_at) == (ContactState.DELIVERED, NOW)
    sent = Event.objects.filter(name="messaging.contact.sent").count()
    assert sent == (1 if state is ContactState.SENDING else 0)


def test_an_address_that_is_gone_is_written_to_no_more(contact):
    one = contact()
    take(report(K.BOUNCED_HARD, one, detail="smtp_5.1.1"))
    one.refresh_from_db()
    assert (one.state, one.reason, one.ended_at) == (ContactState.BOUNCED, "smtp_5.1.1", NOW)
    assert suppressions.suppressed([("email", "wang@example.com")]) == {("email", "wang@example.com"): "hard_bounce"}


def test_a_full_mailbox_is_written_to_again(contact):
    one = contact()
    take(report(K.BOUNCED_SOFT, one))
    one.refresh_from_db()
    assert one.state == ContactState.SENT
    assert suppressions.suppressed([("email", "wang@example.com")]) == {}


def test_whoever_reports_spam_has_said_no(contact, wang):
    take(report(K.COMPLAINED, contact()))
    assert suppressions.suppressed([("email", "wang@example.com")]) == {("email", "wang@example.com"): "complaint"}
    refused = [one for one in customers.consents_of(wang.id) if not one.is_given]
    assert [(one.purpose, one.channel, one.act.source) for one in refused] == [("marketing", "email", "spam report")]


def test_whoever_unsubscribed_at_the_provider_has_said_no(contact, wang):
    """The provider's own link, or its header: we never hear of the click otherwise."""
    one = contact("email_provider")
    assert [take(report(K.UNSUBSCRIBED, one)) for _again in range(2)] == [1, 0]
    refused = [said for said in customers.consents_of(wang.id) if not said.is_given]
    assert [(said.purpose, said.channel, said.act.source, said.act.proof) for said in refused] == [
        ("marketing", "email", "provider", f"contact {one.id}"),
        ("survey", "email", "provider", f"contact {one.id}"),
    ]
    assert suppressions.suppressed([("email", "wang@example.com")]) == {}, "messages about orders still arrive"


@pytest.mark.parametrize("kind", [K.UNSUBSCRIBED, K.COMPLAINED])
def test_a_no_of_somebody_erased_is_taken_without_a_word(contact, wang, kind):
    """A refusal would have the provider send it again for ever."""
    one = contact()
    writes.erase_customer(actor=ACTOR, now=NOW, customer_id=wang.id)
    said = customers.consent_acts_of(wang.id).count()
    assert take(report(kind, one)) == 1
    assert customers.consent_acts_of(wang.id).count() == said


def test_a_receipt_finds_its_message_by_the_providers_number(contact):
    one = contact("sms_tencent", provider_id="77")
    assert take(Report(K.DELIVERED, "sms_tencent", "77:ok", NOW, provider_id="77")) == 1
    assert take(Report(K.DELIVERED, "sms_aliyun", "77:ok", NOW, provider_id="77")) == 0, "another provider's number"
    one.refresh_from_db()
    assert one.state == ContactState.DELIVERED


def test_what_is_not_ours_is_passed_over(contact):
    assert take(Report(K.DELIVERED, "email", "x", NOW, new_id()), Report(K.DELIVERED, "email", "y", NOW)) == 0
    assert not Receipt.objects.exists()


def test_opening_is_noted_only_while_profiling_is_agreed_to(contact, wang):
    one = contact()
    opened = links.Opened(wang.id, {"c": links.short_id(one.id), "n": 1})
    assert receipts.note_activity(opened, K.CLICKED, detail="1", now=NOW)
    writes.record_consent(
        actor=system_actor("x"), now=NOW, customer_id=wang.id, purpose="profiling", is_given=False, source="page"
    )
    assert not receipts.note_activity(opened, K.CLICKED, detail="2", now=NOW)
    assert Receipt.objects.count() == 1
