"""Who stayed after a fault, by orders after the last complaint; who complained lately is not judged yet."""

from datetime import timedelta

import pytest

from troth.insights.tests.making import make_order
from troth.voice.complaints import staying
from troth.voice.models import Case, CaseState

from .conftest import NOON, complaint

DAY = NOON.date()


def told(as_of):
    rows = staying.read(as_of).select("customer_id", "indicator", "value", "measured_date").rows()
    return {row[0]: row[1:] for row in rows}


@pytest.mark.slow
def test_who_buys_again_stayed_and_who_is_silent_for_half_a_year_did_not(ann, bob):
    make_order(ann.id, DAY - timedelta(days=3))
    complaint(ann)
    case = complaint(bob)
    assert told(DAY) == {}
    make_order(ann.id, DAY + timedelta(days=5))
    assert told(DAY + timedelta(days=4)) == {}
    stayed = ("stayed_after_fault", 1.0, DAY + timedelta(days=5))
    assert told(DAY + timedelta(days=30)) == {str(ann.id): stayed}
    over = DAY + timedelta(days=staying.WAITED_DAYS)
    assert told(over) == {str(ann.id): stayed, str(bob.id): ("stayed_after_fault", 0.0, over)}
    Case.objects.filter(id=case.id).update(state=CaseState.REJECTED)
    assert told(over) == {str(ann.id): stayed}
