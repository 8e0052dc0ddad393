"""Who objected, over merged records and changes of mind; and that modules above are told at once."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.customers import queries, services
from troth.customers.hooks import _consent_steps

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR = system_actor("test")


def say(person, is_given: bool, hours: int = 0, purpose: str = "profiling") -> None:
    moment = NOW + timedelta(hours=hours)
    services.record_consent(
        actor=ACTOR, now=moment, customer_id=person.id, purpose=purpose, is_given=is_given, source="page", proof="p"
    )


@pytest.fixture
def make(db):
    return lambda name: services.create_customer(actor=ACTOR, now=NOW, name=name)


def test_who_objects_now(make):
    no, back, yes, silent = (make(name) for name in ("no", "back", "yes", "silent"))
    say(no, False)
    say(back, False)
    say(back, True, 1)
    say(yes, True)
    say(silent, False, purpose="automated")
    assert queries.objecting("profiling") == {no.id}
    assert queries.objecting("automated") == {silent.id}


@pytest.mark.parametrize("purpose", ["profiling", "automated"])
def test_an_objection_holds_whichever_way_it_names(make, purpose):
    anna = make("Anna")
    said = services.record_consent(
        actor=ACTOR, now=NOW, customer_id=anna.id, purpose=purpose, channel="email", is_given=False, source="page"
    )
    assert (said.channel, queries.objecting(purpose)) == ("any", {anna.id})


def test_an_objection_of_one_record_holds_for_the_merged_customer(make):
    anna, other = make("Anna"), make("Anna B")
    say(anna, True)
    say(other, False)
    services.merge(actor=ACTOR, now=NOW, canonical_id=anna.id, merged_id=other.id, reason="same")
    assert queries.objecting("profiling") == {anna.id}


def test_modules_above_are_told_in_the_same_transaction(make):
    told = []
    step = services.ConsentStep("test", frozenset({"profiling"}), lambda *said: told.append(said[1:4]))
    services.register_consent_step(step)
    try:
        person = make("Anna")
        say(person, False)
        say(person, False, purpose="marketing")
    finally:
        _consent_steps.pop("test")
    assert told == [("profiling", "any", False)]
