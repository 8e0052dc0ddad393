"""Where asking ends and silence begins: to the day, to the answer, to the score."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from troth.messaging import services as messaging
from troth.messaging.services import Intent
from troth.voice.models import AnswerSheet, Invitation, Survey
from troth.voice.surveys import queries, services
from troth.voice.surveys.errors import SurveyOverError
from troth.voice.surveys.sending import draw
from troth.voice.surveys.services import NewInvitation

from .conftest import NOW

pytestmark = pytest.mark.slow

ANSWERS = {"likely": 9, "staff": "5"}


def change(survey, actor, **fields: Any) -> None:
    services.change_settings(actor=actor, now=NOW, survey_id=survey.id, name="Recommend", **fields)


def ask(customer, actor, *, key: str = "k", now=NOW):
    (found,) = services.invite([NewInvitation(key, customer.id, "rec", is_handed_over=False)], actor=actor, now=now)
    return found


def answer(actor, customer=None, *, score: int = 9, now=NOW):
    said = {**ANSWERS, "likely": score}
    who = {"customer_id": customer.id} if customer else {}
    return services.record_answers(actor=actor, now=now, survey_code="rec", answers=said, **who)


@pytest.mark.parametrize(("seconds", "reason"), [(-1, ""), (0, "closed")])
def test_a_survey_asks_until_the_moment_it_closes(survey, person, actor, seconds, reason):
    closes_at = NOW + timedelta(days=3)
    change(survey, actor, closes_at=closes_at)
    found = ask(person(), actor, now=closes_at + timedelta(seconds=seconds))
    assert (found.reason, found.is_invited) == (reason, not reason)
    if not reason:
        assert Invitation.objects.get().expires_at == closes_at, "no invitation outlives its survey"


def test_a_survey_that_has_its_answers_asks_and_takes_no_more(survey, person, actor):
    change(survey, actor, max_answers=2)
    answer(actor, person())
    invited = ask(person(), actor)
    assert invited.is_invited
    answer(actor, person())
    assert ask(person(), actor).reason == "full"
    with pytest.raises(SurveyOverError):
        answer(actor, person())
    with pytest.raises(SurveyOverError):
        services.record_answers(
            actor=actor, now=NOW, survey_code="rec", answers=ANSWERS, invitation_id=invited.invitation_id
        )
    assert AnswerSheet.objects.filter(state="complete").count() == 2
    assert AnswerSheet.objects.count() == 2


def test_the_open_link_takes_as_many_answers_as_it_may_and_invitations_go_on(survey, person, actor):
    change(survey, actor, has_open_link=True, open_limit=1)
    token = Survey.objects.get().open_token

    def fill_in(device: str) -> None:
        for page, raw in (("p1", {"likely": "9"}), ("p3", {"staff": "5"})):
            paper = services.open_paper(token, device, for_writing=True)
            services.save_page(paper, page, raw, actor=actor, now=NOW, language="en")

    fill_in("one")
    with pytest.raises(SurveyOverError):
        fill_in("two")
    assert list(AnswerSheet.objects.values_list("device", "state")) == [("one", "complete")]
    invited = ask(person(), actor)
    by_name = services.record_answers(
        actor=actor, now=NOW, survey_code="rec", answers=ANSWERS, invitation_id=invited.invitation_id
    )
    assert by_name.state == "complete"


@pytest.mark.parametrize(("score", "results"), [(6, ["stop", "pass", "pass"]), (7, ["pass", "pass", "pass"])])
def test_only_a_detractor_is_spared_promotion_and_only_that(survey, person, actor, score, results):
    """0 to 6 are detractors; surveys and messages about orders go on, also beside an offer in one batch."""
    customer = person()
    answer(actor, customer, score=score)
    intents = [Intent(one, customer.id, one, "t", channels=("sink",)) for one in ("marketing", "survey", "service")]
    assert [said(one)["fresh_detractor"] for one in messaging.decide(intents, now=NOW)] == results


def test_a_bad_score_is_fresh_for_its_days_and_no_second_longer(survey, person, actor):
    customer, days = person(), timedelta(days=queries.asking_rules().detractor_days)
    answer(actor, customer, score=0)
    offer = [Intent("o", customer.id, "marketing", "t", channels=("sink",))]
    for moment, result in ((NOW + days - timedelta(seconds=1), "stop"), (NOW + days, "pass")):
        (decision,) = messaging.decide(offer, now=moment)
        assert said(decision)["fresh_detractor"] == result


def said(decision) -> dict[str, str]:
    return {one.gate: one.result.value for one in decision.verdicts}


def test_another_seed_draws_another_sample():
    people = [UUID(int=number) for number in range(200)]
    first, again, other = (sorted(people, key=lambda one: draw(seed, one))[:20] for seed in ("a", "a", "b"))
    assert first == again
    assert len(set(first) & set(other)) < 10
