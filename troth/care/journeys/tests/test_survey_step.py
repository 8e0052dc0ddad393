"""The step that asks for a survey: asked once, waited for, gone on by the score."""

import pytest

from troth.care.journeys import queries, services
from troth.care.journeys.errors import JourneyInvalidError
from troth.care.journeys.tests.conftest import NOW, after, path
from troth.care.journeys.tests.making import text
from troth.care.models import JourneyRun, RunState
from troth.customers import services as customers
from troth.customers.services import NewIdentity
from troth.messaging.models import Contact
from troth.messaging.tests.made_up import publish_texts
from troth.voice.models import Invitation
from troth.voice.surveys import services as surveys
from troth.worklist.models import Task

QUESTION = {"code": "likely", "type": "nps", "text": "Would you recommend us?"}
ASK = """  - id: ask
    type: survey
    survey: rec
    days: 5
    low: [{id: call, type: task, title: Call}]
    middle: [{id: mid, type: tag, tag: Middle}]
    high: [{id: fan, type: tag, tag: Fan}]
    unanswered: [{id: silent, type: tag, tag: Silent}]
"""


@pytest.fixture
def survey(company, actor):
    publish_texts("survey_invitation", "survey_reminder")
    made = surveys.create_survey(
        actor=actor,
        now=NOW,
        kind="nps",
        name="Recommend",
        code="rec",
        document={"title": "How are we?", "main": "likely", "pages": [{"code": "p1", "questions": [QUESTION]}]},
    )
    surveys.publish(actor=actor, now=NOW, survey_id=made.id)
    return made


@pytest.fixture
def reachable(company, actor):
    """Return a function that makes a customer who agreed to be asked."""

    def make(name="ann", *, agrees=True):
        identities = [NewIdentity("email", f"{name}@example.com")]
        made = customers.create_customer(actor=actor, now=NOW, identities=identities, name=name)
        if agrees:
            customers.record_consent(
                actor=actor, now=NOW, customer_id=made.id, purpose="survey", is_given=True, source="test", proof="t"
            )
        return made.id

    return make


def begin(publish, actor, *people, steps=ASK):
    journey = publish(text(steps))
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=list(people))
    return journey


def answer(actor, owner, score, at):
    surveys.record_answers(
        actor=actor, now=at, survey_code="rec", answers={"likely": score}, customer_id=owner, may_open_case=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(("score", "way"), [(2, "low"), (8, "middle"), (10, "high")])
def test_the_way_goes_on_by_the_score(survey, reachable, publish, actor, tick, score, way):
    ann = reachable()
    begin(publish, actor, ann)
    tick(NOW)
    run = JourneyRun.objects.get()
    assert (run.state, run.step, run.awaits_value) == (RunState.ACTIVE, "ask", "rec")
    assert Invitation.objects.get().expires_at == after(days=5)
    answer(actor, ann, score, after(days=2))
    tick(after(days=2, minutes=1))
    assert path(JourneyRun.objects.get())[0] == ("ask", way)
    assert Task.objects.count() == (way == "low")


@pytest.mark.slow
def test_without_an_answer_time_is_up_and_nobody_is_asked_twice(survey, reachable, publish, actor, tick):
    begin(publish, actor, reachable())
    for day in (0, 1, 3):
        tick(after(days=day))
    assert (Invitation.objects.count(), Contact.objects.filter(template="survey_invitation").count()) == (1, 1)
    tick(after(days=5))
    assert path(JourneyRun.objects.get()) == [("ask", "unanswered"), ("silent", "done")]


@pytest.mark.slow
def test_who_was_asked_lately_is_spared_and_goes_on(survey, reachable, publish, actor, tick):
    ann = reachable()
    surveys.invite([surveys.NewInvitation("k", ann, "rec", is_handed_over=False)], actor=actor, now=NOW)
    begin(publish, actor, ann)
    tick(NOW)
    (visit, _tag) = queries.path_of(JourneyRun.objects.get())
    assert (visit.outcome, visit.detail["reason"]) == ("not_asked", "asked_lately")


@pytest.mark.slow
def test_who_never_agreed_is_not_asked(survey, reachable, publish, actor, tick):
    begin(publish, actor, reachable(agrees=False))
    tick(NOW)
    (visit, _tag) = queries.path_of(JourneyRun.objects.get())
    assert (visit.outcome, visit.detail["reason"]) == ("not_asked", "withheld")


@pytest.mark.slow
def test_an_answer_to_another_survey_does_not_count(survey, reachable, publish, actor, tick, happen):
    ann = reachable()
    begin(publish, actor, ann)
    tick(NOW)
    happen("voice.survey.answered", ann, after(days=1), survey="other", score=1, is_detractor=True)
    tick(after(days=1))
    assert JourneyRun.objects.get().step == "ask"


@pytest.mark.slow
def test_the_bands_can_be_the_journeys_own(survey, reachable, publish, actor, tick):
    ann = reachable()
    begin(publish, actor, ann, steps=ASK.replace("days: 5", "days: 5\n    low_to: 8\n    high_from: 10"))
    tick(NOW)
    answer(actor, ann, 8, after(days=1))
    tick(after(days=1))
    assert path(JourneyRun.objects.get())[0] == ("ask", "low")


@pytest.mark.slow
def test_who_comes_to_the_step_too_late_is_not_asked(survey, reachable, publish, actor, tick):
    begin(publish, actor, reachable())
    tick(after(days=4))
    assert path(JourneyRun.objects.get())[0] == ("ask", "late")
    assert not Invitation.objects.exists()


@pytest.mark.slow
def test_what_leads_nowhere_is_refused(survey, publish):
    for wrong, code in (("survey: rec", "unknown_code"), ("days: 5", "no_end")):
        steps = ASK.replace(wrong, "survey: gone" if code == "unknown_code" else "days: 0")
        with pytest.raises(JourneyInvalidError) as refused:
            publish(text(steps))
        assert refused.value.problems[0].code == code
    with pytest.raises(JourneyInvalidError) as refused:
        publish(text(ASK.replace("days: 5", "days: 5\n    low_to: 9\n    high_from: 9")))
    assert refused.value.problems[0].code == "scores_meet"


@pytest.mark.slow
def test_a_rehearsal_judges_the_invitation_and_follows_real_answers(survey, reachable, actor, happen):
    ann, ben = reachable("ann"), reachable("ben", agrees=False)
    for owner in (ann, ben):
        happen("voice.complaint.closed", owner, after(days=-20), case="c")
    happen("voice.survey.answered", ann, after(days=-18), survey="rec", score=9, is_promoter=True)
    entry = "{type: event, event: voice.complaint.closed, key: case}"
    journey = services.create_journey(actor=actor, now=NOW, text=text(ASK, entry=entry, reentry="{rule: each_key}"))
    row = services.rehearse(
        actor=actor, now=NOW, journey_id=journey.id, since=after(days=-30), in_background=False, prices={}
    )
    result = services.play_rehearsal(actor=actor, now=NOW, rehearsal_id=row.id).result
    assert result["steps"]["ask"] == {"high": 1, "unanswered": 1, "message_queued": 1, "message_withheld": 1}
    assert result["gates"] == {"consent": 1}
    assert not Invitation.objects.exists()
