"""Sending out: the effect is what comes, a sample is drawn once, reminders come once."""

from datetime import timedelta

import pytest

from troth.customers import services as customers
from troth.messaging import delivering
from troth.messaging.models import Contact
from troth.voice.models import Invitation, InvitationState, Survey, VoiceStanding
from troth.voice.surveys import sending, services, tending
from troth.voice.surveys.errors import SurveyRefusedError, SurveyStateError
from troth.voice.surveys.services import NewInvitation

from .conftest import NOW


@pytest.fixture
def people(person, actor):
    """Six who agreed and two who did not."""
    made = [person(name=f"P{place}") for place in range(8)]
    for one in made[:6]:
        customers.record_consent(
            actor=actor, now=NOW, customer_id=one.id, purpose="survey", is_given=True, source="form", proof="1"
        )
    return made


def run(row, actor, now=NOW):
    found, limit, _asked = sending.begin(row.id)
    last, outcomes, after = None, {}, None
    while True:
        last, some = sending.send_next(found, limit=limit, after=after, actor=actor, now=now)
        if last is None:
            return outcomes
        after = last
        outcomes = {reason: outcomes.get(reason, 0) + count for reason, count in some.items()}


def test_the_effect_says_who_is_spared_and_why(survey, people, actor):
    services.invite(
        [NewInvitation("x", people[0].id, "rec", is_handed_over=False)], actor=actor, now=NOW - timedelta(days=5)
    )
    found = services.effect(survey, segment_id=None, sample_size=4, channels=["sink"], now=NOW)
    assert (found.candidates, found.asked_lately, found.eligible, found.chosen) == (8, 1, 7, 4)
    assert (found.tried, found.stopped) == (7, {"consent": 2})
    assert found.expected == round(4 * 5 / 7)
    assert Invitation.objects.count() == 1


@pytest.mark.slow
def test_a_sending_asks_as_foretold_and_nobody_twice(survey, people, actor):
    row = services.send_out(actor=actor, now=NOW, survey_id=survey.id, channels=["sink"])
    assert run(row, actor) == {"invited": 6, "withheld": 2}
    assert run(row, actor) == {"withheld": 2}
    assert Invitation.objects.count() == 8
    assert Contact.objects.count() == 8


def test_a_sample_is_of_its_size_and_the_same_for_its_seed(survey, people, actor):
    first = services.send_out(actor=actor, now=NOW, survey_id=survey.id, channels=["sink"], sample_size=3, seed="s")
    run(first, actor)
    drawn = set(Invitation.objects.values_list("owner_id", flat=True))
    expected = sorted(people, key=lambda one: sending.draw("s", one.id))[:3]
    assert drawn == {one.id for one in expected}


def test_only_an_open_survey_is_sent_and_a_sample_has_somebody(survey, people, actor):
    with pytest.raises(SurveyRefusedError):
        services.send_out(actor=actor, now=NOW, survey_id=survey.id, sample_size=0)
    services.close_survey(actor=actor, now=NOW, survey_id=survey.id)
    with pytest.raises(SurveyStateError):
        services.send_out(actor=actor, now=NOW, survey_id=survey.id)


@pytest.mark.slow
def test_a_reminder_comes_once_and_only_to_who_has_not_answered(survey, people, actor):
    row = services.send_out(actor=actor, now=NOW, survey_id=survey.id, channels=["sink"], reminder_days=2)
    run(row, actor)
    answered = Invitation.objects.filter(state="sent").order_by("id").first()
    services.record_answers(
        actor=actor, now=NOW, survey_code="rec", answers={"likely": 9}, invitation_id=answered.id, language="en"
    )
    later = NOW + timedelta(days=2)
    assert tending.remind_next(actor=actor, now=later - timedelta(hours=1)) == 0
    assert tending.remind_next(actor=actor, now=later) == 5
    assert tending.remind_next(actor=actor, now=later) == 0
    assert Contact.objects.filter(template="survey_reminder").count() == 5
    answered.refresh_from_db()
    assert answered.reminded_at is None


@pytest.mark.slow
def test_who_answers_on_the_phone_is_not_reminded(survey, people, actor):
    row = services.send_out(actor=actor, now=NOW, survey_id=survey.id, channels=["sink"], reminder_days=2)
    run(row, actor)
    caller = Invitation.objects.filter(state="sent").order_by("id").first().owner_id
    services.record_answers(
        actor=actor,
        now=NOW,
        survey_code="rec",
        answers={"likely": 9},
        customer_id=caller,
        source="staff",
        language="en",
    )
    assert tending.remind_next(actor=actor, now=NOW + timedelta(days=2)) == 6
    reminded = Contact.objects.filter(template="survey_reminder").values_list("owner_id", flat=True)
    assert set(reminded) == {one.id for one in people[:6]} - {caller}


@pytest.mark.slow
def test_who_withdrew_meanwhile_is_not_reminded_and_not_said_to_be(survey, people, actor):
    new = [NewInvitation("x", one.id, "rec", channels=("sink",)) for one in people[:2]]
    services.invite(new, actor=actor, now=NOW)
    customers.record_consent(
        actor=actor, now=NOW, customer_id=people[0].id, purpose="survey", is_given=False, source="page"
    )
    later = NOW + timedelta(days=3)
    assert tending.remind_next(actor=actor, now=later) == 2
    withheld = Contact.objects.filter(template="survey_reminder", state="withheld")
    assert list(withheld.values_list("owner_id", "held_by")) == [(people[0].id, "consent")]
    assert dict(Invitation.objects.values_list("owner_id", "reminded_at")) == {people[0].id: None, people[1].id: later}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda survey, actor, _row: services.close_survey(actor=actor, now=NOW, survey_id=survey.id), "not_open"),
        (lambda survey, _actor, _row: Survey.objects.filter(id=survey.id).update(closes_at=NOW), "closed"),
        (lambda _survey, _actor, row: Invitation.objects.filter(id=row.id).update(expires_at=NOW), "ended"),
        (lambda survey, actor, row: answered(survey, actor, row, limit=None), "answered"),
        (lambda survey, actor, row: answered(survey, actor, None, limit=1), "full"),
    ],
)
def test_what_waits_is_kept_back_once_it_is_needless(survey, people, actor, change, why):
    services.invite([NewInvitation("x", people[0].id, "rec", channels=("sink",))], actor=actor, now=NOW)
    assert Contact.objects.get().state == "queued"
    change(survey, actor, Invitation.objects.get())
    assert delivering.deliver("sink", actor=actor, now=NOW) == 1
    contact = Contact.objects.get()
    assert (contact.state, contact.held_by) == ("withheld", "survey_over")
    assert ["survey_over", "stop", {"why": why}] in contact.verdicts


def answered(survey, actor, row, *, limit):
    Survey.objects.filter(id=survey.id).update(max_answers=limit)
    services.record_answers(
        actor=actor,
        now=NOW,
        survey_code="rec",
        answers={"likely": 9},
        customer_id=row.owner_id if row else None,
        language="en",
    )


def test_what_is_still_of_use_goes_out(survey, people, actor):
    services.invite([NewInvitation("x", people[0].id, "rec", channels=("sink",))], actor=actor, now=NOW)
    assert delivering.deliver("sink", actor=actor, now=NOW) == 1
    assert Contact.objects.get().state == "sent"


def test_whom_the_message_never_reached_was_not_asked(survey, people, actor):
    new = [NewInvitation("x", one.id, "rec", channels=("sink",)) for one in people[:2]]
    services.invite(new, actor=actor, now=NOW)
    customers.record_consent(
        actor=actor, now=NOW, customer_id=people[0].id, purpose="survey", is_given=False, source="page"
    )
    delivering.deliver("sink", actor=actor, now=NOW)
    last, count = tending.set_right_next(after=None, now=NOW)
    assert count == 1
    assert tending.set_right_next(after=last, now=NOW) == (None, 0)
    first, second = Invitation.objects.order_by("owner_id")
    assert (first.state, first.reasons, first.remind_at) == (
        "withheld",
        [{"code": "withheld", "values": {"gates": ["consent"]}}],
        None,
    )
    assert second.state == "sent"
    asked = dict(VoiceStanding.objects.values_list("owner_id", "invited_at"))
    assert asked == {people[0].id: None, people[1].id: NOW}


def test_an_invitation_ends(survey, people, actor):
    services.invite([NewInvitation("x", people[0].id, "rec", is_handed_over=False)], actor=actor, now=NOW)
    assert tending.expire_next(now=NOW + timedelta(days=13)) == 0
    assert tending.expire_next(now=NOW + timedelta(days=14)) == 1
    assert Invitation.objects.get().state == InvitationState.EXPIRED
