"""Several at once: one answer an invitation, one survey a customer within the guard's days."""

import pytest
from django.db import transaction

from troth.events.models import Event
from troth.kit.tests.racing import race
from troth.voice.models import Answer, AnswerSheet, Invitation, InvitationState
from troth.voice.surveys import services
from troth.voice.surveys.errors import AlreadyAnsweredError
from troth.voice.surveys.services import NewInvitation

from .conftest import DOCUMENT, NOW

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SHORT = {"title": "T", "main": "likely", "pages": [DOCUMENT["pages"][0]]}


def survey_of(code, actor):
    made = services.create_survey(actor=actor, now=NOW, kind="nps", name=code, code=code, document=SHORT)
    services.publish(actor=actor, now=NOW, survey_id=made.id)


def test_two_who_send_the_last_page_at_once_are_one_answer(racing_database, person, actor):
    survey_of("short", actor)
    new = NewInvitation("k", person().id, "short", is_handed_over=False)
    [asked] = services.invite([new], actor=actor, now=NOW)
    row = Invitation.objects.get(id=asked.invitation_id)

    def send(score):
        def work():
            try:
                with transaction.atomic():
                    paper = services.personal_paper(row.id, row.owner_id, for_writing=True)
                    services.save_page(paper, "p1", {"likely": score}, actor=actor, now=NOW, language="en")
            except AlreadyAnsweredError:
                return "refused"
            return score

        return work

    outcomes = race(*[send(score) for score in (1, 4, 7, 10)])
    [kept] = [one for one in outcomes if one != "refused"]
    assert outcomes.count("refused") == 3
    assert AnswerSheet.objects.get().score == kept
    assert Answer.objects.get().number == kept
    assert Event.objects.filter(name="voice.survey.answered").count() == 1


def test_two_surveys_that_ask_one_customer_at_once_are_one_invitation(racing_database, person, actor):
    codes = ["a", "b", "c", "d"]
    for code in codes:
        survey_of(code, actor)
    customer = person().id

    def ask(code):
        new = NewInvitation(code, customer, code, is_handed_over=False)
        return lambda: services.invite([new], actor=actor, now=NOW)[0].reason

    assert sorted(race(*[ask(code) for code in codes])) == ["", *["asked_lately"] * 3]
    assert Invitation.objects.exclude(state=InvitationState.WITHHELD).count() == 1


def test_one_key_sent_twice_at_once_asks_once(racing_database, person, actor):
    survey_of("short", actor)
    new = NewInvitation("k", person().id, "short", is_handed_over=False)
    found = race(*[lambda: services.invite([new], actor=actor, now=NOW)[0].invitation_id] * 4)
    assert len(set(found)) == 1
    assert Invitation.objects.count() == 1
