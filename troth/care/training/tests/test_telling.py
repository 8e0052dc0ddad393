"""Who signs up hears what they have; who waited, that a seat is theirs; who has one, that nothing takes place."""

from datetime import timedelta

import pytest

from troth.care.training import links, services
from troth.customers.models import Identity
from troth.messaging.models import ChannelSetup, Contact, ContactState

from .test_training import ACTOR, NOW, STARTS, company, fields, join, leave, person, session

pytestmark = pytest.mark.django_db
__all__ = ["company", "session"]


@pytest.fixture
def people(session):
    """Return three who come one after the other: two with a seat, one who waits."""
    ChannelSetup.objects.create(code="email", is_enabled=True, updated_at=NOW)
    found = [person(f"p{number}") for number in range(3)]
    for number, one in enumerate(found):
        Identity.objects.create(
            owner_id=one.id, identity_kind="email", value=f"p{number}@example.com", is_primary=True, created_at=NOW
        )
        services.register(session.id, one.id, is_told=False, actor=ACTOR, now=NOW)
    return found


def told(template):
    return list(Contact.objects.filter(template=template).order_by("owner_id").values_list("owner_id", flat=True))


def test_who_moves_up_is_told_at_once_with_a_way_to_give_it_up(session, people):
    leave(session, people[0])
    contact = Contact.objects.get()
    assert (contact.owner_id, contact.purpose, contact.state) == (people[2].id, "service", ContactState.QUEUED)
    assert contact.facts == {
        "course": "Tea",
        "course_zh": "品茶课",
        "training_date": "2026-11-29",
        "training_hours": "12:00–14:00",
        "place": "",
        "training_url": links.address_of(session.id, people[2].id),
    }
    assert contact.relevant_until == STARTS


def test_more_seats_are_told_and_nobody_twice(session, people):
    services.change_session(session.id, fields(capacity=3), actor=ACTOR, now=NOW)
    services.change_session(session.id, fields(capacity=4), actor=ACTOR, now=NOW)
    assert told("training_seat") == [people[2].id]


def test_another_time_or_place_is_told_to_everybody_and_other_changes_to_nobody(session, people):
    services.change_session(session.id, fields(place="Flagship"), actor=ACTOR, now=NOW)
    assert told("training_changed") == sorted(one.id for one in people)
    assert {contact.facts["place"] for contact in Contact.objects.all()} == {"Flagship"}
    services.change_session(session.id, fields(place="Flagship", template="training_invitation"), actor=ACTOR, now=NOW)
    assert Contact.objects.count() == 3


def test_who_moves_up_by_the_same_change_hears_both(session, people):
    services.change_session(session.id, fields(place="Flagship", capacity=3), actor=ACTOR, now=NOW)
    assert told("training_seat") == [people[2].id]
    assert told("training_changed") == sorted(one.id for one in people)


def test_everybody_with_a_seat_or_a_place_hears_that_it_is_cancelled(session, people):
    leave(session, people[1])
    services.cancel_session(session.id, actor=ACTOR, now=NOW)
    assert told("training_cancelled") == sorted([people[0].id, people[2].id])


def test_of_what_has_begun_nobody_is_told(session, people):
    services.cancel_session(session.id, actor=ACTOR, now=STARTS + timedelta(hours=1))
    assert Contact.objects.count() == 0


def test_who_signs_up_hears_whether_it_is_a_seat_or_a_place_on_the_list(session, people):
    for one in (people[2], people[0], people[1]):
        leave(session, one)
    Contact.objects.all().delete()
    for one in people:
        join(session, one)
        join(session, one)  # asked again, nothing changes
    assert told("training_booked") == sorted([people[0].id, people[1].id])
    assert told("training_waiting") == [people[2].id]
    contact = Contact.objects.get(template="training_waiting")
    assert (contact.state, contact.purpose, contact.relevant_until) == (ContactState.QUEUED, "service", STARTS)
    assert contact.facts["training_url"] == links.address_of(session.id, people[2].id)


def test_who_signs_up_again_later_is_told_again(session, people):
    leave(session, people[0])
    services.register(session.id, people[0].id, actor=ACTOR, now=NOW + timedelta(hours=1))
    services.give_up(session.id, people[0].id, actor=ACTOR, now=NOW + timedelta(hours=2))
    services.register(session.id, people[0].id, actor=ACTOR, now=NOW + timedelta(hours=3))
    assert told("training_waiting") == [people[0].id] * 2
