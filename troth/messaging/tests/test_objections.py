"""No decision by machine alone: offers that a program chose stop, what staff or an order sends passes."""

import pytest

from troth.customers import services as customers
from troth.messaging.objection_gate import CODE

from .conftest import NOW, said


@pytest.mark.parametrize(
    ("purpose", "source", "result"),
    [
        ("marketing", "journey:j1:s1", "stop"),
        ("marketing", "api", "stop"),
        ("marketing", "api:key", "stop"),
        ("marketing", "apiary", "pass"),
        ("marketing", "model:next_product", "stop"),
        ("survey", "journey:j1:s1", "pass"),
        ("marketing", "staff", "pass"),
        ("service", "journey:j1:s1", "pass"),
    ],
)
def test_who_objected_gets_no_offer_that_a_program_chose(add_person, intend, send, actor, purpose, source, result):
    person = add_person(email="a@example.com")
    customers.record_consent(
        actor=actor, now=NOW, customer_id=person.id, purpose="automated", is_given=False, source="page"
    )
    decision = send(intend(person, purpose=purpose, source=source))
    assert said(decision)[CODE][0] == result


def test_who_was_never_asked_does_not_object(add_person, intend, send):
    assert said(send(intend(add_person(email="a@example.com"))))[CODE][0] == "pass"
