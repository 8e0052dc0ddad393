"""Information value: seen by rule, mended by hand."""

from datetime import timedelta

import pytest

from troth.events.models import Event
from troth.voice.models import InformationTag
from troth.voice.surveys import services
from troth.voice.surveys.errors import SurveyRefusedError

from .conftest import NOW


@pytest.fixture
def sheet(survey, person, actor):
    return services.record_answers(
        actor=actor, now=NOW, survey_code="rec", answers={"likely": 2, "why": "I wish you had oat milk. 店员很好。"},
        customer_id=person().id, language="en",
    )  # fmt: skip


def standing():
    return {(row.information_kind, row.rule, row.is_removed) for row in InformationTag.objects.all()}


@pytest.mark.slow
def test_words_are_tagged_by_rule_when_they_come(sheet):
    assert standing() == {("need", "i wish", False), ("praise", "很好", False)}
    assert Event.objects.filter(name="voice.information.tagged", owner_id=sheet.owner_id).count() == 2


@pytest.mark.slow
def test_a_person_takes_a_tag_off_and_puts_another_on(sheet, actor):
    later = NOW + timedelta(hours=1)
    services.tag(actor=actor, now=later, sheet_id=sheet.id, question="why", kind="praise", is_removed=True)
    services.tag(actor=actor, now=later, sheet_id=sheet.id, question="why", kind="idea")
    assert standing() == {("need", "i wish", False), ("praise", "", True), ("idea", "", False)}


@pytest.mark.slow
@pytest.mark.parametrize(("question", "kind"), [("why", "gossip"), ("gone", "idea")])
def test_what_is_not_there_cannot_be_tagged(sheet, actor, question, kind):
    before = standing()
    with pytest.raises(SurveyRefusedError):
        services.tag(actor=actor, now=NOW, sheet_id=sheet.id, question=question, kind=kind)
    assert standing() == before
