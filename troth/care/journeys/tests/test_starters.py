"""Every ready-made journey can be begun with as it stands."""

import pytest

from troth.care.journeys import services, starters
from troth.care.journeys.document.reading import read_document
from troth.care.journeys.errors import JourneyInvalidError
from troth.care.journeys.tests.conftest import NOW
from troth.care.journeys.tests.making import text
from troth.ledger import services as ledger
from troth.messaging import starters as texts
from troth.voice.surveys import services as surveys
from troth.voice.surveys import starters as voice


@pytest.mark.slow
def test_every_ready_made_journey_is_right_and_bilingual(company, actor):
    texts.install(actor=actor, now=NOW)
    make_points(actor)
    csat = voice.STARTERS["csat"]
    made = surveys.create_survey(
        actor=actor, now=NOW, kind=csat.kind, name=csat.name[0], code=csat.code, document=csat.document
    )
    surveys.publish(actor=actor, now=NOW, survey_id=made.id)
    for one in starters.starters():
        assert list(starters.missing(one.code)) == []
        assert all([one.name["en"], one.name["zh"], one.purpose["en"], one.purpose["zh"]])
        journey = services.create_journey(actor=actor, now=NOW, text=starters.text_of(one.code))
        services.publish(actor=actor, now=NOW, journey_id=journey.id)


def test_what_a_company_lacks_is_named(company):
    (problem, *_more) = starters.missing("birthday")
    assert (problem.path, problem.code) == ("steps[0].template", "unknown_code")


def test_a_score_that_opened_a_complaint_is_left_to_it(company):
    """The case sends its own words and has its own call: two of each would be worse than none."""
    assert "cases.open" in starters.text_of("after-low-score")


def make_points(actor) -> None:
    ledger.create_currency(actor=actor, now=NOW, code="points", rules=ledger.CurrencyRules(name="Points"))


def test_a_ready_made_call_script_can_be_given_with_a_task(company):
    found = read_document(text("  - {id: call, type: task, title: Call, script: call}\n"))
    assert found.steps[0].script == "call"
    with pytest.raises(JourneyInvalidError) as refused:
        read_document(text("  - {id: call, type: task, title: Call, script: unheard}\n"))
    assert "one of: call, return_visit" in str(refused.value.problems[0])
