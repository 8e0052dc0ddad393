"""Answer sheets: kept page by page, finished once, off the way nothing is kept."""

from datetime import timedelta

import pytest
from django.db import transaction

from troth.events.models import Event
from troth.voice.models import Answer, AnswerSheet, AttitudeMeasure, Invitation, VoiceStanding
from troth.voice.surveys import answering, services
from troth.voice.surveys.errors import AlreadyAnsweredError, AnswerRefusedError, SurveyOverError
from troth.voice.surveys.services import NewInvitation

from .conftest import NOW

LATER = NOW + timedelta(days=1)


@pytest.fixture
def invitation(survey, person, actor):
    [invited] = services.invite(
        [NewInvitation("k", person().id, "rec", store_code="s1", is_handed_over=False)], actor=actor, now=NOW
    )
    assert invited.is_invited
    return Invitation.objects.get(id=invited.invitation_id)


@transaction.atomic
def save(invitation, page, raw, actor, now=LATER):
    paper = services.personal_paper(invitation.id, invitation.owner_id, for_writing=True)
    return services.save_page(paper, page, raw, actor=actor, now=now, language="en")


@pytest.mark.slow
def test_a_detractor_is_asked_why_and_the_event_tells_the_score(invitation, actor):
    sheet = save(invitation, "p1", {"likely": 3}, actor)
    paper = services.personal_paper(invitation.id, invitation.owner_id)
    assert [page.code for page in answering.route(paper, "en").pages()] == ["p1", "p2", "p3"]
    assert (sheet.state, sheet.score) == ("partial", None)
    save(invitation, "p2", {"why": "Cold soup"}, actor)
    sheet = save(invitation, "p3", {"staff": "4", "like": {"choices": ["taste"]}}, actor)
    assert (sheet.state, sheet.score, sheet.store_code) == ("complete", 3, "s1")
    event = Event.objects.get(name="voice.survey.answered")
    assert event.data == {
        "survey": "rec", "kind": "nps", "sheet": str(sheet.id), "score": 3, "is_promoter": False,
        "is_detractor": True, "store": "s1",
    }  # fmt: skip
    measures = AttitudeMeasure.objects.order_by("indicator").values_list("indicator", "value")
    assert list(measures) == [("recommend", 3), ("satisfaction", 4)]
    standing = VoiceStanding.objects.get(owner_id=invitation.owner_id)
    assert (standing.nps_score, standing.nps_at, standing.csat_score) == (3, LATER, 4)


def test_what_lies_off_the_way_in_the_end_is_not_kept(invitation, actor):
    save(invitation, "p1", {"likely": 3}, actor)
    save(invitation, "p2", {"why": "Cold soup"}, actor)
    save(invitation, "p1", {"likely": 10}, actor)
    save(invitation, "p3", {}, actor)
    assert list(Answer.objects.values_list("question", "number")) == [("likely", 10)]


def test_a_finished_sheet_is_not_written_again(invitation, actor):
    save(invitation, "p1", {"likely": 10}, actor)
    save(invitation, "p3", {}, actor)
    with pytest.raises(AlreadyAnsweredError):
        save(invitation, "p1", {"likely": 1}, actor)
    assert Answer.objects.get().number == 10


@pytest.mark.parametrize(
    "raw", [{}, {"likely": 11}, {"likely": -1}, {"likely": "９"}, {"likely": True}, {"likely": "1e9"}]
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(invitation, actor, raw):
    with pytest.raises(AnswerRefusedError) as refused:
        save(invitation, "p1", raw, actor)
    assert refused.value.problems[0].path == "likely"
    assert not AnswerSheet.objects.exists()
    invitation.refresh_from_db()
    assert invitation.state == "sent"


def test_an_ended_invitation_takes_no_answer(invitation, actor):
    with pytest.raises(SurveyOverError):
        save(invitation, "p1", {"likely": 5}, actor, now=NOW + timedelta(days=15))
    assert not AnswerSheet.objects.exists()


@pytest.mark.slow
def test_a_page_off_the_way_is_refused(invitation, actor):
    save(invitation, "p1", {"likely": 10}, actor)
    with pytest.raises(AnswerRefusedError):
        save(invitation, "p2", {"why": "x"}, actor)
    assert not Answer.objects.filter(question="why").exists()
