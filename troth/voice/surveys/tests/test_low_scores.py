"""A low score opens a case by itself: by the rules, once, with somebody to call, and promotion is silent."""

from datetime import timedelta
from typing import Any

import pytest

from troth.customers import services as customers
from troth.customers.services import NewIdentity
from troth.events.models import Event
from troth.messaging import services as messaging
from troth.messaging.models import Contact
from troth.messaging.services import Intent, Outcome
from troth.voice.complaints import services as complaints
from troth.voice.complaints.starters import POLICY
from troth.voice.models import AnswerSheet, Case
from troth.voice.surveys import services
from troth.voice.surveys.services import NewInvitation
from troth.worklist.models import Task

from .conftest import NOW

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ann(company, actor):
    identities = [NewIdentity("email", "ann@example.com")]
    return customers.create_customer(actor=actor, now=NOW, identities=identities, name="Ann")


def answer(customer, actor, answers: dict[str, Any] | None = None, **changes: Any) -> AnswerSheet:
    values: dict[str, Any] = {"survey_code": "rec", "language": "en", "customer_id": customer.id if customer else None}
    said = answers or {"likely": 2, "why": "Cold soup"}
    return services.record_answers(actor=actor, now=LATER, answers=said, **(values | changes))


def rules(actor, **low: Any) -> None:
    complaints.ensure_starters(actor=actor, now=NOW)
    complaints.publish_policy(actor=actor, now=NOW, document=POLICY | {"low_scores": low})


@pytest.mark.slow
def test_a_low_score_opens_a_case_and_somebody_is_to_call(survey, ann, actor):
    sheet = answer(ann, actor)
    case = Case.objects.get()
    assert (case.channel, case.source_ref, case.customer_id) == ("survey", str(sheet.id), ann.id)
    assert case.text == "Would you recommend us? 2 of 10\n\nWhat went wrong?\nCold soup"
    assert Event.objects.filter(name="voice.complaint.opened", owner_id=ann.id).count() == 1
    task = Task.objects.get()
    assert (task.task_kind, task.customer_id, task.source) == ("call", ann.id, f"case:{case.id}")


@pytest.mark.slow
def test_promotion_is_silent_from_then_on(survey, ann, actor):
    for purpose in ("marketing", "service"):
        customers.record_consent(
            actor=actor, now=NOW, customer_id=ann.id, purpose=purpose, is_given=True, source="test", proof="t"
        )
    answer(ann, actor)
    (decision,) = messaging.decide([Intent("k", ann.id, "marketing", "t")], now=LATER)
    stopped = {one.gate for one in decision.verdicts if one.result == "stop"}
    assert decision.outcome is Outcome.WITHHELD
    assert {"open_complaint", "fresh_detractor"} <= stopped


@pytest.mark.slow
@pytest.mark.parametrize(
    ("likely", "low", "count"),
    [
        (3, {"nps": 3}, 1),
        (4, {"nps": 3}, 0),
        (0, {}, 0),
        (0, {"csat": 5}, 0),
        (0, {"nps": 3, "except_surveys": ["rec"]}, 0),
    ],
)
def test_the_rules_say_what_is_low(survey, ann, actor, likely, low, count):
    rules(actor, **low)
    answer(ann, actor, {"likely": likely})
    assert Case.objects.count() == count


@pytest.mark.slow
def test_one_case_for_each_sheet(survey, ann, actor):
    [invited] = services.invite([NewInvitation("k", ann.id, "rec", is_handed_over=False)], actor=actor, now=NOW)
    sheet = answer(ann, actor, invitation_id=invited.invitation_id)
    again = complaints.GivenScore(
        sheet_id=sheet.id,
        customer_id=ann.id,
        survey="rec",
        kind="nps",
        score=2,
        text=Case.objects.get().text,
        language="en",
    )
    assert complaints.open_from_score(again, actor=actor, now=LATER) == Case.objects.get()
    assert Task.objects.count() == 1


def test_history_opens_nothing(survey, ann, actor):
    answer(ann, actor, occurred_at=LATER - timedelta(days=4))
    assert not Case.objects.exists()


def test_nobody_is_called_who_is_not_known(survey, actor):
    answer(None, actor)
    assert AnswerSheet.objects.get().score == 2
    assert not Case.objects.exists()


@pytest.mark.slow
def test_the_customer_is_thanked_for_being_frank_and_not_told_of_a_complaint(survey, ann, actor):
    answer(ann, actor)
    assert list(Contact.objects.values_list("template", flat=True)) == ["case_low_score"]
