"""What voice tells the model of who leaves."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from troth.voice import traces, troubles
from troth.voice.models import AttitudeMeasure, Case, CaseState

from .conftest import NOON, complaint

DAY = date(2026, 11, 16)


@pytest.mark.slow
def test_complaints_of_known_customers_and_answers_with_a_score(ann):
    complaint(ann)
    complaint(ann)
    complaint(None)
    for indicator, score, day in (("recommend", 9, DAY), ("trust", 4, DAY), ("recommend", 3, DAY - timedelta(days=9))):
        AttitudeMeasure.objects.create(
            owner_id=ann.id, sheet_id=uuid4(), indicator=indicator, value=score, measured_at=NOON, measured_date=day
        )
    told = sorted(traces.read(DAY - timedelta(days=9), DAY), key=lambda row: row[1])
    assert told == [(ann.id, "complaints", DAY, 2.0), (ann.id, "recommend", DAY, 9.0)]


@pytest.mark.slow
def test_who_has_a_complaint_open_is_told_to_the_next_best_action(ann, bob):
    opened = complaint(ann)
    complaint(bob)
    complaint(None)  # by nobody we know
    assert troubles.read() == {ann.id, bob.id}
    Case.objects.filter(id=opened.id).update(state=CaseState.REJECTED)
    assert troubles.read() == {bob.id}
