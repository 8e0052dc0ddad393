"""Several at once: receipts of one message, and a preference that changes while messages go out."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from troth.events.models import Event
from troth.kit.tests.racing import race
from troth.messaging import delivering, preferences, services
from troth.messaging.models import Contact, ContactState, Receipt, ReceiptKind
from troth.messaging.receipts import Report, receive
from troth.messaging.tests.conftest import NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
THREADS, EACH = 16, 4
PEOPLE, MESSAGES = 12, 12


@pytest.fixture
def wire(register_channel):
    return register_channel("wire_made_up")


@pytest.fixture
def queued(racing_database, wire, add_person, intend, actor):
    """Queues a message to each of several people; returns people and contacts' ids."""

    def make(count: int):
        people = [add_person() for _number in range(count)]
        wanted = [intend(one, f"k{number}", channels=("wire_made_up",)) for number, one in enumerate(people)]
        return people, [one.contact_id for one in services.send(wanted, actor=actor, now=NOW)]

    return make


def test_64_receipts_of_one_message_are_one(queued, actor):
    _people, (contact_id,) = queued(1)
    delivering.deliver("wire_made_up", actor=actor, now=NOW)
    report = Report(ReceiptKind.DELIVERED, "wire_made_up", "r-1", NOW, contact_id)

    def tell() -> int:
        return sum(receive([report], actor=actor, now=NOW) for _number in range(EACH))

    assert sum(race(*[tell] * THREADS)) == 1
    contact = Contact.objects.get()
    assert (contact.state, contact.delivered_at) == (ContactState.DELIVERED, NOW)
    assert Receipt.objects.filter(contact_id=contact_id).count() == 1


def test_receipts_of_several_kinds_at_once_are_all_kept_and_the_furthest_counts(queued, actor):
    _people, (contact_id,) = queued(1)
    delivering.deliver("wire_made_up", actor=actor, now=NOW)
    kinds = [ReceiptKind.DELIVERED, ReceiptKind.OPENED, ReceiptKind.CLICKED, ReceiptKind.BOUNCED_SOFT] * 4

    def tell(kind: ReceiptKind) -> Callable[[], int]:
        return lambda: receive([Report(kind, "wire_made_up", f"r-{kind}", NOW, contact_id)], actor=actor, now=NOW)

    assert sum(race(*[tell(kind) for kind in kinds])) == 4
    assert Receipt.objects.filter(contact_id=contact_id).count() == 4
    contact = Contact.objects.get()
    assert (contact.delivered_at, contact.opened_at, contact.clicked_at) == (NOW, NOW, NOW)


def test_who_withdraws_while_messages_go_out_gets_none_from_then_on(queued, wire, actor):
    people, ids = queued(120)
    leaving = people[::2]

    def withdraw() -> None:
        for one in leaving:
            preferences.withdraw(
                customer_id=one.id, purpose="marketing", channel="any", source="page", proof="p", now=NOW
            )

    def send() -> None:
        while delivering.deliver("wire_made_up", actor=actor, now=NOW):
            pass

    assert race(withdraw, send, send) == [None] * 3
    send()
    rows = {row.owner_id: row for row in Contact.objects.filter(id__in=ids)}
    assert {rows[one.id].state for one in people[1::2]} == {ContactState.SENT}
    assert {rows[one.id].state for one in leaving} <= {ContactState.SENT, ContactState.WITHHELD}
    assert {rows[one.id].held_by for one in leaving if rows[one.id].state == ContactState.WITHHELD} <= {"consent"}
    sent = [row.id for row in rows.values() if row.state == ContactState.SENT]
    assert sorted(one.contact_id for one in wire.taken) == sorted(sent)
    assert Event.objects.filter(name="messaging.contact.sent").count() == len(sent)


def test_a_cap_holds_however_many_channels_hand_over_at_once(
    racing_database, register_channel, add_person, intend, actor
):
    """One a day: whichever way the first goes, all others to the same person wait for another day."""
    codes = ("wire_one", "wire_two")
    taken = [register_channel(code).taken for code in codes]
    people = [add_person() for _number in range(PEOPLE)]
    asked = [0]

    def ask(code: str, drawn: random.Random) -> None:
        for number in range(MESSAGES):
            facts = {"text": f"{code} {number}"}
            wanted = [
                intend(one, f"{facts} {one.id}", channels=(code,), facts=facts, priority=drawn.randrange(100))
                for one in people
            ]
            services.send(wanted, actor=actor, now=NOW)
        asked.append(len(wanted) * MESSAGES)

    def hand_over(code: str) -> None:
        while len(asked) <= len(codes):
            delivering.deliver(code, actor=actor, now=NOW)
        while delivering.deliver(code, actor=actor, now=NOW):
            pass

    asking = [partial(ask, code, random.Random(number)) for number, code in enumerate(codes)]  # no secret
    assert race(*asking, *[partial(hand_over, code) for code in codes]) == [None] * 4
    assert sum(asked) == Contact.objects.count() == 2 * PEOPLE * MESSAGES
    sent = Counter(Contact.objects.filter(state=ContactState.SENT).values_list("owner_id", flat=True))
    assert sent == {one.id: 1 for one in people}
    assert sum(map(len, taken)) == PEOPLE
