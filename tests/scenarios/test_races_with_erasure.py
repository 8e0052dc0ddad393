"""Erasure, merging and what people say at the same moment: no word is kept of whom nothing is known any more."""

from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.care.requests import services as requests
from troth.care.requests.services import NewRequest
from troth.customers import services as customers
from troth.customers.errors import CustomerErasedError
from troth.customers.models import Customer
from troth.kit.proofs import all_proofs, examine_all
from troth.kit.tests.racing import race
from troth.messaging import services as messages
from troth.messaging.delivering import deliver
from troth.messaging.intents import Decision, Intent, Outcome
from troth.messaging.models import Contact, ContactState
from troth.messaging.tests.made_up import publish_texts
from troth.staff import services as staff
from troth.voice.complaints import services as complaints
from troth.voice.complaints.services import NewCase
from troth.voice.models import Case, CaseEntry

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ACTOR = system_actor("test")
ROUNDS = 6
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("racing_database")]


@pytest.fixture
def company(db: None) -> Any:
    return staff.set_up_company(actor=ACTOR, now=NOW, name="Test", currency="CNY", time_zone="Asia/Shanghai")


def person(name: str) -> UUID:
    identities = [customers.NewIdentity("email", f"{name}@example.com")]
    return customers.create_customer(actor=ACTOR, now=NOW, name=name, identities=identities).id


def complain(name: str, key: str) -> Case:
    case = NewCase(key=key, channel="form", text="My ring broke.", email=f"{name}@example.com", name=name)
    return complaints.open_case(case, actor=ACTOR, now=NOW)


def erase(customer_id: UUID) -> Customer:
    return customers.erase_customer(actor=ACTOR, now=NOW, customer_id=customer_id)


def test_first_complaints_at_the_same_moment_are_all_taken(company):
    results = race(*[lambda number=number: complain(f"p{number}", f"k{number}") for number in range(6)])
    assert [one for one in results if isinstance(one, BaseException)] == []
    assert Case.objects.count() == 6


def test_a_complaint_during_an_erasure_keeps_no_word_behind_it(company):
    complain("first", "first")
    for turn in range(ROUNDS):
        someone = person(f"p{turn}")
        said = [lambda turn=turn, key=key: complain(f"p{turn}", f"{turn}:{key}") for key in range(3)]
        results = race(*said, lambda someone=someone: erase(someone))
        assert [one for one in results if isinstance(one, BaseException)] == []
    gone = Customer.objects.exclude(erased_at=None).values_list("id", flat=True)
    left = Case.objects.filter(customer_id__in=gone)
    assert len(gone) == ROUNDS
    assert left.exclude(text="").count() == 0
    assert CaseEntry.objects.filter(case_id__in=left.values("id")).exclude(text="").count() == 0


def test_a_message_during_an_erasure_keeps_no_word_and_goes_to_nobody_after_it(company):
    publish_texts("offer")
    for turn in range(ROUNDS):
        someone = person(f"p{turn}")
        told = [partial(tell, someone, f"{turn}:{number}") for number in range(3)]
        results = race(*told, partial(hand_over), partial(erase, someone), partial(hand_over))
        assert [one for one in results if isinstance(one, BaseException)] == []
        assert tell(someone, f"{turn}:later").outcome is Outcome.WITHHELD
    assert hand_over() == 0
    assert Contact.objects.count() == ROUNDS * 4
    assert Contact.objects.exclude(address="", facts={}).count() == 0
    assert Contact.objects.exclude(state__in=[ContactState.SENT, ContactState.WITHHELD]).count() == 0


def tell(customer_id: UUID, key: str) -> Decision:
    """A service message that says something of the person."""
    intent = Intent(
        key=key,
        customer_id=customer_id,
        purpose="service",
        template="offer",
        facts={"n": "Her ring"},
        channels=("sink",),
        source="test",
    )
    return messages.send([intent], actor=ACTOR, now=NOW)[0]


def hand_over() -> int:
    return deliver("sink", actor=ACTOR, now=NOW)


def test_no_word_is_added_of_whom_nothing_is_known(company):
    case = complain("ann", "first")
    assert case.customer_id is not None
    erase(case.customer_id)
    with pytest.raises(CustomerErasedError):
        complaints.note_from_customer(actor=ACTOR, now=NOW, case_id=case.id, text="My ring broke again.")
    assert CaseEntry.objects.filter(case_id=case.id).exclude(text="").count() == 0


def test_merging_parting_and_erasing_at_once_never_wait_for_each_other_in_a_ring(company):
    for turn in range(ROUNDS):
        one, other, third = (person(f"{name}{turn}") for name in ("a", "b", "c"))
        merge = customers.merge(actor=ACTOR, now=NOW, canonical_id=one, merged_id=other)
        results = race(
            lambda merge=merge: customers.unmerge(actor=ACTOR, now=NOW, merge_id=merge.id),
            lambda one=one: erase(one),
            lambda one=one, third=third: customers.merge(actor=ACTOR, now=NOW, canonical_id=third, merged_id=one),
        )
        assert {type(found).__name__ for found in results} <= {"Merge", "Customer", *_REFUSALS}
    assert [verdict.proof.code for verdict in examine_all(all_proofs()) if not verdict.holds] == []


_REFUSALS = ("MergeRefusedError", "CustomerErasedError")


def test_nothing_is_asked_for_whom_nothing_is_known_of(company):
    someone = person("gone")
    erase(someone)
    new = NewRequest(customer_id=someone, key="k", kind="repair", title="Ring", description="My ring broke.")
    with pytest.raises(CustomerErasedError):
        requests.open_request(new, actor=ACTOR, now=NOW)
