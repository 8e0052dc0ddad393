"""Asking: each key once, nobody too often over all surveys, and reasons for who is spared."""

from datetime import timedelta

import pytest

from troth.voice.models import Invitation
from troth.voice.surveys import services
from troth.voice.surveys.services import NewInvitation

from .conftest import DOCUMENT, NOW


def ask(actor, *new, now=NOW):
    return [(one.is_invited, one.reason) for one in services.invite(list(new), actor=actor, now=now)]


@pytest.fixture
def other(survey, actor):
    made = services.create_survey(actor=actor, now=NOW, kind="csat", name="Other", code="other", document=DOCUMENT)
    services.publish(actor=actor, now=NOW, survey_id=made.id)
    return made


def test_a_key_asks_once(survey, person, actor):
    customer = person().id
    assert ask(actor, NewInvitation("k", customer, "rec")) == [(True, "")]
    later = NOW + timedelta(days=100)
    assert ask(actor, NewInvitation("k", customer, "rec"), now=later) == [(True, "")]
    assert Invitation.objects.count() == 1


def test_the_guard_counts_every_survey(survey, other, person, actor):
    """lesson: one survey's fatigue guard ignores the others"""
    customer = person().id
    assert ask(actor, NewInvitation("a", customer, "rec")) == [(True, "")]
    assert ask(actor, NewInvitation("b", customer, "other"), now=NOW + timedelta(days=29)) == [(False, "asked_lately")]
    assert ask(actor, NewInvitation("c", customer, "other"), now=NOW + timedelta(days=30)) == [(True, "")]
    spared = Invitation.objects.get(key="b")
    assert (spared.state, spared.reasons[0]["values"]["days"]) == ("withheld", 30)


def test_two_in_one_batch_are_one(survey, other, person, actor):
    customer = person().id
    found = ask(actor, NewInvitation("a", customer, "rec"), NewInvitation("b", customer, "other"))
    assert found == [(True, ""), (False, "asked_lately")]


def test_a_closed_survey_asks_nobody(survey, person, actor):
    services.close_survey(actor=actor, now=NOW, survey_id=survey.id)
    assert ask(actor, NewInvitation("a", person().id, "rec")) == [(False, "not_open")]
