"""Asking: each key once, nobody too often over all surveys, and reasons for who is spared."""

from datetime import timedelta

import pytest

from troth.customers import services as customers
from troth.events.models import Event
from troth.messaging.models import Contact
from troth.voice.models import Invitation, VoiceStanding
from troth.voice.surveys import services
from troth.voice.surveys.services import NewInvitation

from .conftest import DOCUMENT, NOW


def new(key, customer, code):
    return NewInvitation(key, customer, code, is_handed_over=False)


def ask(actor, *new, now=NOW):
    return [(one.is_invited, one.reason) for one in services.invite(list(new), actor=actor, now=now)]


@pytest.fixture
def other(survey, actor):
    made = services.create_survey(actor=actor, now=NOW, kind="csat", name="Other", code="other", document=DOCUMENT)
    services.publish(actor=actor, now=NOW, survey_id=made.id)
    return made


def test_a_key_asks_once(survey, person, actor):
    customer = person().id
    assert ask(actor, new("k", customer, "rec")) == [(True, "")]
    later = NOW + timedelta(days=100)
    assert ask(actor, new("k", customer, "rec"), now=later) == [(True, "")]
    assert Invitation.objects.count() == 1


def test_the_guard_counts_every_survey(survey, other, person, actor):
    """lesson: one survey's fatigue guard ignores the others"""
    customer = person().id
    assert ask(actor, new("a", customer, "rec")) == [(True, "")]
    assert ask(actor, new("b", customer, "other"), now=NOW + timedelta(days=29)) == [(False, "asked_lately")]
    assert ask(actor, new("c", customer, "other"), now=NOW + timedelta(days=30)) == [(True, "")]
    spared = Invitation.objects.get(key="b")
    assert (spared.state, spared.reasons[0]["values"]["days"]) == ("withheld", 30)


def test_two_in_one_batch_are_one(survey, other, person, actor):
    customer = person().id
    found = ask(
        actor,
        new("a", customer, "rec"),
        new("b", customer, "other"),
    )
    assert found == [(True, ""), (False, "asked_lately")]


def test_a_closed_survey_asks_nobody(survey, person, actor):
    services.close_survey(actor=actor, now=NOW, survey_id=survey.id)
    assert ask(actor, new("a", person().id, "rec")) == [(False, "not_open")]


def test_the_send_decision_has_the_last_word_and_then_nobody_was_asked(survey, person, actor):
    silent = person(name="No consent")
    found = services.invite([NewInvitation("a", silent.id, "rec", channels=("sink",))], actor=actor, now=NOW)
    assert (found[0].is_invited, found[0].reason) == (False, "withheld")
    assert "consent" in found[0].values["gates"]
    assert VoiceStanding.objects.get(owner_id=silent.id).invited_at is None
    assert not Event.objects.filter(name="voice.survey.invited").exists()


def test_who_agreed_is_sent_the_link(survey, person, actor):
    willing = person(name="Agreed")
    customers.record_consent(
        actor=actor, now=NOW, customer_id=willing.id, purpose="survey", is_given=True, source="form", proof="form 1"
    )
    found = services.invite([NewInvitation("a", willing.id, "rec", channels=("sink",))], actor=actor, now=NOW)
    assert found[0].is_invited
    contact = Contact.objects.get()
    row = Invitation.objects.get()
    assert (contact.key, contact.purpose, contact.template) == (
        f"survey:{row.id}:invite",
        "survey",
        "survey_invitation",
    )
    assert contact.facts["survey_url"].endswith(f"/p/s/{services.token(row.id, row.owner_id)}/")
