"""What surveys add below: condition fields, the gate, what the loyalty index hears, merges and privacy."""

from datetime import date, timedelta

import pytest

from troth.customers import services as customers
from troth.insights import attitudes
from troth.kit.conditions import compiling
from troth.kit.conditions.reading import read
from troth.messaging import services as messaging
from troth.messaging.services import Intent, Outcome
from troth.segments import queries as segments
from troth.voice.models import Answer, AttitudeMeasure, InformationTag, VoiceStanding
from troth.voice.surveys import attitude, services

from .conftest import NOW

LATER = NOW + timedelta(days=1)


@pytest.fixture
def answered(survey, actor):
    """Return a function that records what a customer says."""

    def record(customer, score, *, at=NOW, **more):
        answers = {"likely": score, **more}
        return services.record_answers(
            actor=actor, now=at, survey_code="rec", answers=answers, customer_id=customer.id, language="en"
        )

    return record


def members(definition):
    fields = segments.catalogue()
    query = compiling.members(read(definition, fields), fields, segments.as_of(LATER))
    from django.db import connection  # noqa: PLC0415  only here

    with connection.cursor() as cursor:
        cursor.execute(query.sql, list(query.params))
        return {str(row[0]).replace("-", "") for row in cursor.fetchall()}


def hexes(*people):
    return {one.id.hex for one in people}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("voice.nps", "at_least", 9, {"fan"}),
        ("voice.nps_group", "any_of", ["detractor"], {"foe"}),
        ("voice.nps_group", "any_of", ["passive"], {"lukewarm"}),
        ("voice.answers", "at_least", 1, {"fan", "foe", "lukewarm"}),
        ("voice.csat", "at_most", 2, {"foe"}),
        ("voice.answered_at", "in_last_days", 2, {"fan", "foe", "lukewarm"}),
        ("voice.surveys", "has_any_of", ["rec"], {"fan", "foe", "lukewarm"}),
    ],
)
def test_a_condition_field_finds_exactly_its_people(person, answered, field, operator, value, expected):
    people = {name: person(name=name) for name in ("fan", "foe", "lukewarm", "silent")}
    answered(people["fan"], 10)
    answered(people["foe"], 0, staff=1)
    answered(people["lukewarm"], 7)
    found = members({"field": field, "operator": operator, "value": value})
    assert found == hexes(*(people[name] for name in expected))


@pytest.mark.slow
def test_the_last_score_counts_and_a_merge_can_be_undone(person, answered, actor):
    one, other = person(name="a"), person(name="b")
    answered(one, 10)
    answered(other, 2, at=LATER)
    row = customers.merge(actor=actor, now=LATER, canonical_id=one.id, merged_id=other.id)
    assert VoiceStanding.objects.get().nps_score == 2
    customers.unmerge(actor=actor, now=LATER, merge_id=row.id)
    assert dict(VoiceStanding.objects.values_list("owner_id", "nps_score")) == {one.id: 10, other.id: 2}


@pytest.mark.slow
@pytest.mark.parametrize(("score", "purpose", "outcome"), [
    (0, "marketing", Outcome.WITHHELD), (0, "service", Outcome.QUEUED), (9, "marketing", Outcome.QUEUED),
])  # fmt: skip
def test_promotion_is_silent_after_a_bad_score_and_service_passes(person, answered, actor, score, purpose, outcome):
    customer = person(name="x", language="en")
    for one in ("marketing", "service"):
        customers.record_consent(
            actor=actor, now=NOW, customer_id=customer.id, purpose=one, is_given=True, source="form", proof="1"
        )
    answered(customer, score)
    intent = Intent("k", customer.id, purpose, "t", channels=("sink",))
    [decision] = messaging.decide([intent], now=LATER.replace(hour=4))
    assert decision.outcome is outcome
    said = {verdict.gate: verdict.values for verdict in decision.verdicts}
    if outcome is Outcome.WITHHELD:
        assert said["fresh_detractor"]["score"] == 0
    [after] = messaging.decide([intent], now=NOW.replace(hour=4) + timedelta(days=15))
    withheld_by = {verdict.gate for verdict in after.verdicts if verdict.result != "pass"}
    # The score is forgotten by then; the case that it opened is not, until somebody closes it.
    assert withheld_by == ({"open_complaint"} if outcome is Outcome.WITHHELD else set())


@pytest.mark.slow
def test_the_loyalty_index_hears_what_was_said_under_the_record_that_counts(person, answered, actor):
    one, other = person(name="a"), person(name="b")
    answered(one, 10, staff=5)
    answered(other, 3, at=LATER)
    InformationTag.objects.create(
        owner_id=other.id, sheet_id=other.id, question="why", information_kind="idea", tagged_at=NOW, tagged_by="x"
    )
    customers.merge(actor=actor, now=LATER, canonical_id=one.id, merged_id=other.id)
    frame = attitude.read(date(2026, 3, 2))
    assert set(frame["customer_id"]) == {str(one.id)}
    found = sorted(frame.select("indicator", "value", "measured_date").rows())
    assert found == [
        ("information", 1.0, date(2026, 3, 1)), ("recommend", 3.0, date(2026, 3, 2)),
        ("recommend", 10.0, date(2026, 3, 1)), ("satisfaction", 5.0, date(2026, 3, 1)),
    ]  # fmt: skip
    among = frame["customer_id"].unique()
    assert attitudes.measurements(date(2026, 3, 1), among=among).height == 3


@pytest.mark.slow
def test_an_erased_person_leaves_scores_but_no_words(person, answered, actor):
    customer = person(name="a")
    sheet = answered(customer, 3, why="My name is Ann")
    customers.erase_customer(actor=actor, now=LATER, customer_id=customer.id)
    assert not Answer.objects.exclude(text="").exists()
    assert Answer.objects.get(sheet_id=sheet.id, question="likely").number == 3
    assert not AttitudeMeasure.objects.exists()
    assert not VoiceStanding.objects.exists()


@pytest.mark.slow
def test_what_was_said_is_handed_out(person, answered, actor):
    customer = person(name="a")
    answered(customer, 3, why="Cold soup")
    told = customers.export_customer(actor=actor, now=LATER, customer_id=customer.id)
    [sheet] = told["surveys"]["answer_sheets"]
    assert sheet["score"] == 3
    assert {"question": "why", "item": "", "value": "Cold soup"} in sheet["answers"]
