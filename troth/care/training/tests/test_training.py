"""Training: never a seat too many, the waiting list in its order, who came."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.care.models import Seat, SeatState, SessionState, TrainingSession
from troth.care.training import inviting, queries, services
from troth.care.training.errors import TrainingNotFoundError, TrainingRefusedError, TrainingStateError
from troth.care.training.services import SessionFields
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.events.models import Event
from troth.kit.tests.racing import race
from troth.messaging.intents import Decision, Outcome
from troth.segments.models import Segment, SegmentMembership
from troth.staff.models import Company

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
STARTS = NOW + timedelta(days=7)
ACTOR = system_actor("test")


@pytest.fixture
def company(db):
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def session(company):
    services.save_course(code="tea", name="Tea", name_zh="品茶课", actor=ACTOR, now=NOW)
    return plan()


def plan(**changes):
    return services.plan_session(fields(**changes), actor=ACTOR, now=NOW)


def fields(**changes):
    values = {"course": "tea", "starts_at": STARTS, "ends_at": STARTS + timedelta(hours=2), "capacity": 2}
    return SessionFields(**values | changes)


def person(name="Ann"):
    return Customer.objects.create(name=name, created_at=NOW, updated_at=NOW)


def join(session, customer):
    return services.register(session.id, customer.id, actor=ACTOR, now=NOW)


def leave(session, customer):
    return services.give_up(session.id, customer.id, actor=ACTOR, now=NOW)


def states(session):
    return [(seat.state, seat.place) for seat in Seat.objects.filter(session=session).order_by("registered_at", "id")]


def test_seats_then_the_waiting_list_in_its_order(session):
    people = [person(f"p{number}") for number in range(5)]
    for one in people:
        join(session, one)
    assert states(session) == [("taken", 0), ("taken", 0), ("waiting", 1), ("waiting", 2), ("waiting", 3)]
    assert join(session, people[2]).place == 1
    leave(session, people[3])
    leave(session, people[0])
    assert Seat.objects.get(owner_id=people[2].id).state == SeatState.TAKEN
    assert Seat.objects.get(owner_id=people[4].id).place == 3
    assert join(session, people[0]).place == 4  # at the end again
    taken = Event.objects.filter(name="care.seat.taken", owner_id=people[2].id).get()
    assert taken.data["promoted"] is True


@pytest.mark.slow
def test_more_seats_go_to_those_who_wait_and_nobody_loses_one(session):
    for number in range(4):
        join(session, person(f"p{number}"))
    services.change_session(session.id, fields(capacity=3), actor=ACTOR, now=NOW)
    assert [state for state, _place in states(session)] == ["taken", "taken", "taken", "waiting"]
    with pytest.raises(TrainingRefusedError, match="3 seats are taken"):
        services.change_session(session.id, fields(capacity=2), actor=ACTOR, now=NOW)
    assert TrainingSession.objects.get().capacity == 3


@pytest.mark.slow
def test_forty_for_two_seats_at_once(racing_database, session):
    people = [person(f"p{number}") for number in range(40)]
    results = race(*[lambda one=one: join(session, one) for one in people])
    assert {type(one) for one in results} == {Seat}
    assert Seat.objects.filter(state=SeatState.TAKEN).count() == 2
    places = Seat.objects.filter(state=SeatState.WAITING).order_by("place").values_list("place", flat=True)
    assert list(places) == list(range(1, 39))


@pytest.mark.slow
def test_leaving_and_joining_at_once_keeps_every_seat_filled(racing_database, session):
    people = [person(f"p{number}") for number in range(12)]
    for one in people[:6]:
        join(session, one)
    race(
        *[lambda one=one: leave(session, one) for one in people[:2]],
        *[lambda one=one: join(session, one) for one in people[6:]],
    )
    assert Seat.objects.filter(state=SeatState.TAKEN).count() == 2
    assert Seat.objects.filter(state=SeatState.WAITING).count() == 8


@pytest.mark.slow
def test_one_person_with_two_records_has_one_seat(session):
    ann, twin = person(), person()
    Customer.objects.filter(id=twin.id).update(canonical_id=ann.id)
    assert join(session, ann).id == join(session, twin).id


def test_attendance_is_noted_of_those_with_a_seat(session):
    ann, bob, eve = person("a"), person("b"), person("e")
    for one in (ann, bob, eve):
        join(session, one)
    with pytest.raises(TrainingStateError):
        services.note_attendance(session.id, {ann.id: True}, actor=ACTOR, now=NOW)
    came = {ann.id: True, bob.id: False, eve.id: True}
    assert services.note_attendance(session.id, came, actor=ACTOR, now=STARTS) == 2
    assert [state for state, _place in states(session)] == ["attended", "missed", "waiting"]
    assert TrainingSession.objects.get().state == SessionState.HELD
    assert services.note_attendance(session.id, came, actor=ACTOR, now=STARTS) == 2
    assert Event.objects.filter(name="care.seat.attended").count() == 1
    with pytest.raises(TrainingStateError):
        join(session, person("late"))


def test_who_has_no_seat_gives_none_up_and_a_cancelled_session_takes_nobody(session):
    ann = person()
    with pytest.raises(TrainingStateError):
        leave(session, ann)
    services.cancel_session(session.id, actor=ACTOR, now=NOW)
    with pytest.raises(TrainingStateError):
        join(session, ann)
    with pytest.raises(TrainingNotFoundError):
        services.register(ann.id, ann.id, actor=ACTOR, now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [{"capacity": 0}, {"ends_at": STARTS}, {"place": "p" * 201}, {"ends_at": STARTS + timedelta(days=31)}],
    ids=str,
)
def test_a_wrong_session_is_not_planned(session, wrong):
    with pytest.raises(TrainingRefusedError):
        plan(**wrong)
    assert TrainingSession.objects.count() == 1


def test_everybody_in_a_segment_is_invited_once(session, monkeypatch):
    TrainingSession.objects.update(template="invitation")
    people = [person(f"p{number}") for number in range(3)]
    segment = Segment.objects.create(name="S", created_at=NOW, created_by="x", updated_at=NOW)
    for one in people:
        SegmentMembership.objects.create(segment_id=segment.id, owner_id=one.id, entered_at=NOW)
    sent = []

    def send(intents, *, actor, now):
        sent.extend(intents)
        outcomes = [Outcome.WITHHELD if one.customer_id == people[0].id else Outcome.QUEUED for one in intents]
        return [
            Decision(one.key, one.customer_id, outcome, "", None, ())
            for one, outcome in zip(intents, outcomes, strict=True)
        ]

    monkeypatch.setattr(inviting.messaging, "send", send)
    for _again in range(2):
        last, counts = inviting.invite_next(session.id, segment.id, after=None, actor=ACTOR, now=NOW)
        assert counts == {"invited": 2, "withheld": 1}
        assert inviting.invite_next(session.id, segment.id, after=last, actor=ACTOR, now=NOW) == (None, {})
    assert {one.key for one in sent} == {f"training:{session.id}:{one.id}" for one in people}
    assert Seat.objects.filter(state=SeatState.INVITED).count() == 2
    assert Event.objects.filter(name="care.seat.invited").count() == 2
    assert join(session, people[1]).state == SeatState.TAKEN
    assert queries.session(session.id).invited == 2


def test_the_ready_made_invitation_is_there_when_it_is_asked_for(session):
    assert queries.invitations() == {}
    assert plan(template="training_invitation").template == "training_invitation"
    assert queries.invitations() == {"training_invitation": "Invitation to a training"}


def test_a_session_without_a_text_that_it_names_is_not_planned(session):
    with pytest.raises(TrainingRefusedError, match="in use") as refused:
        plan(template="tea_party")
    assert refused.value.fields == ({"field": "template", "value": "tea_party"})
    assert TrainingSession.objects.count() == 1


def test_without_a_template_nobody_is_invited(session):
    segment = Segment.objects.create(name="S", created_at=NOW, created_by="x", updated_at=NOW)
    with pytest.raises(TrainingStateError, match="template"):
        services.invite_segment(session.id, segment.id, actor=ACTOR, now=NOW)


@pytest.mark.slow
def test_an_erased_person_leaves_the_seat_to_the_next(session):
    people = [person(f"p{number}") for number in range(3)]
    for one in people:
        join(session, one)
    customers.erase_customer(actor=ACTOR, now=NOW, customer_id=people[0].id)
    assert [state for state, _place in states(session)] == ["given_up", "taken", "taken"]


def test_sessions_to_come_and_past_with_their_counts(session):
    join(session, person())
    (row,) = queries.sessions_to_come(NOW)
    assert (row.taken, row.waiting, row.attended) == (1, 0, 0)
    assert list(queries.sessions_past(NOW)) == []
    assert [row.id for row in queries.sessions_past(STARTS + timedelta(days=1))] == [session.id]
