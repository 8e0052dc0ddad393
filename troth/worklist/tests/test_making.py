"""Tasks are made once each, with what their kind says, or not at all."""

from datetime import timedelta
from uuid import uuid4

import pytest

from troth.events.models import Event
from troth.worklist import services
from troth.worklist.errors import TaskRefusedError
from troth.worklist.models import ActKind, Task, TaskAct

from .conftest import ACTOR, LATER, NOW, draft, make

pytestmark = pytest.mark.django_db


def test_a_task_has_what_its_kind_says(ann, team):
    task = make(customer_id=ann.id, team="care", source="journey:1")
    assert (task.owner_id, task.task_kind, task.team, task.assignee_id) == (ann.id, "call", team, None)
    assert (task.priority, task.due_at, task.script) == (50, NOW + timedelta(hours=48), "call")
    event = Event.objects.get(name="worklist.task.created")
    assert event.owner_id == ann.id
    assert event.data == {"task": str(task.id), "kind": "call", "source": "journey:1"}
    assert list(TaskAct.objects.values_list("act", "task_id")) == [(ActKind.CREATED, task.id)]


def test_the_same_key_makes_one_task(ann, company):
    wanted = [draft("a", customer_id=ann.id), draft("b"), draft("a", customer_id=ann.id, title="Another")]
    ids = services.create_tasks(wanted, actor=ACTOR, now=NOW)
    assert ids[0] == ids[2] != ids[1]
    assert services.create_tasks(wanted, actor=ACTOR, now=LATER) == ids
    assert sorted(Task.objects.values_list("title", flat=True)) == ["Call about the order"] * 2
    assert Event.objects.filter(name="worklist.task.created").count() == 2
    assert TaskAct.objects.count() == 2


def test_one_key_of_two_customers_is_two_tasks(ann, company):
    one, other = services.create_tasks([draft("a", customer_id=ann.id), draft("a")], actor=ACTOR, now=NOW)
    assert one != other


def test_who_has_left_gets_no_task(li, team):
    li.left_date = NOW.date()
    li.save()
    assert make(assignee_id=li.id, team="care").assignee_id is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""},
        {"key": "k" * 161},
        {"title": "  "},
        {"title": "t" * 201},
        {"kind": "unheard"},
        {"team": "unheard"},
        {"script": "unheard"},
        {"customer_id": uuid4()},
        {"priority": 101},
        {"source": "s" * 121},
        {"facts": {"a": "b" * 9000}},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_draft_makes_nothing_at_all(company, wrong):
    with pytest.raises(TaskRefusedError) as refused:
        services.create_tasks([draft("fine"), draft(**wrong)], actor=ACTOR, now=NOW)
    assert refused.value.fields["field"] == next(iter(wrong))
    assert (Task.objects.count(), Event.objects.count(), TaskAct.objects.count()) == (0, 0, 0)


def test_line_breaks_in_a_title_become_spaces(company):
    assert make(title="Call\r\nBEGIN:VEVENT  now").title == "Call BEGIN:VEVENT now"


@pytest.mark.slow
def test_ten_thousand_at_once(company):
    services.create_tasks([draft(f"k-{number}") for number in range(10_000)], actor=ACTOR, now=NOW)
    assert Task.objects.count() == 10_000
    with pytest.raises(TaskRefusedError):
        services.create_tasks([draft(f"k-{number}") for number in range(10_001)], actor=ACTOR, now=NOW)
