"""What was written about a person goes with the person; that work was done stays."""

import pytest

from troth.customers import services as customers
from troth.worklist import privacy, services
from troth.worklist.models import TaskAct, TaskState

from .conftest import ACTOR, LATER, fresh, login_of, make

pytestmark = pytest.mark.django_db


def test_erasure_empties_what_was_written_and_cancels_what_is_open(ann, li):
    done = make("a", customer_id=ann.id, title="Call Ann", facts={"street": "Nanjing Road"})
    services.complete(
        done.id, outcome="reached", note="Ann is ill", answers={"mood": "neutral"}, actor=login_of(li), now=LATER
    )
    waiting = make("b", customer_id=ann.id)
    other = make("c", title="Call Bob")
    customers.erase_customer(actor=ACTOR, now=LATER, customer_id=ann.id)
    erased = fresh(done)
    assert (erased.title, erased.facts, erased.answers, erased.note) == ("—", {}, {}, "")
    assert (erased.state, erased.outcome, erased.completed_by) == (TaskState.DONE, "reached", li.id)
    assert set(TaskAct.objects.filter(owner_id=ann.id).values_list("note", flat=True)) == {""}
    assert (fresh(waiting).state, fresh(other).title) == (TaskState.CANCELLED, "Call Bob")


def test_the_export_holds_what_was_written(ann, li):
    task = make(customer_id=ann.id, title="Call Ann")
    services.complete(task.id, outcome="reached", note="Asks for blue", actor=login_of(li), now=LATER)
    (found,) = privacy.export([ann.id])
    assert (found["title"], found["outcome"], found["note"]) == ("Call Ann", "reached", "Asks for blue")
