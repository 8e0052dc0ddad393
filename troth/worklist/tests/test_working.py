"""Take, give back, assign, put off, note how it went, cancel."""

from datetime import timedelta

import pytest

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.events.models import Event
from troth.kit.tests.racing import race
from troth.worklist import services
from troth.worklist.errors import (
    NoMemberError,
    TaskClosedError,
    TaskNotFoundError,
    TaskRefusedError,
    TaskTakenError,
)
from troth.worklist.models import ActKind, Effect, Task, TaskAct, TaskState

from .conftest import ACTOR, LATER, NOW, fresh, hire, login_of, make

pytestmark = pytest.mark.django_db


def events(name):
    return list(Event.objects.filter(name=f"worklist.task.{name}").values_list("data", flat=True))


def test_taking_makes_it_mine_and_twice_changes_nothing(li, team):
    task = make(team="care")
    taken = services.take(task.id, actor=login_of(li), now=LATER)
    assert (taken.assignee_id, taken.taken_at) == (li.id, LATER)
    services.take(task.id, actor=login_of(li), now=LATER + timedelta(hours=1))
    assert fresh(task).taken_at == LATER
    assert events("taken") == [{"task": str(task.id), "kind": "call", "source": "", "member": str(li.id)}]


def test_what_another_has_cannot_be_taken(li, wu, team):
    task = make(assignee_id=wu.id)
    with pytest.raises(TaskTakenError, match="Wu has taken this task already"):
        services.take(task.id, actor=login_of(li), now=LATER)
    assert fresh(task).assignee_id == wu.id


def test_who_is_no_member_of_staff_takes_nothing(company):
    task = make()
    for actor in (ACTOR, Actor("user", "018f0000-0000-7000-8000-000000000000", "x")):
        with pytest.raises(NoMemberError):
            services.take(task.id, actor=actor, now=LATER)
    assert fresh(task).assignee_id is None


def test_the_next_task_is_mine_before_the_teams_and_the_urgent_first(li, team):
    make("low", team="care", priority=10)
    high = make("high", team="care", priority=90)
    mine = make("mine", assignee_id=li.id, priority=5)
    make("others", team="care", priority=99, assignee_id=hire("zhao").id)
    actor = login_of(li)
    assert services.take_next(actor=actor, now=LATER) == mine
    assert services.take_next(actor=actor, now=LATER, after=mine.id) == high
    assert fresh(high).assignee_id == li.id


def test_the_next_task_is_of_my_teams_or_of_none(li, team):
    make("late", team="care")
    services.snooze(fresh(Task.objects.get().id).id, until=LATER + timedelta(days=1), actor=ACTOR, now=NOW)
    outside = hire("zhao")
    assert services.take_next(actor=login_of(outside), now=LATER) is None
    free = make("free")
    make("team", team="care")
    assert services.take_next(actor=login_of(outside), now=LATER) == free
    assert services.take_next(actor=login_of(outside), now=LATER, after=free.id) is None


def test_what_is_put_off_is_not_the_next_one_until_its_time(li):
    urgent, other = make("u", priority=90), make("o", priority=10)
    actor, until = login_of(li), LATER + timedelta(hours=2)
    services.snooze(urgent.id, until=until, actor=actor, now=LATER)
    assert services.take_next(actor=actor, now=LATER) == other
    services.complete(other.id, outcome="reached", actor=actor, now=LATER)
    assert services.take_next(actor=actor, now=until - timedelta(seconds=1)) is None
    assert services.take_next(actor=actor, now=until) == urgent


def test_given_back_it_waits_for_the_team(li, team):
    task = make(team="care", assignee_id=li.id)
    released = services.release(task.id, actor=login_of(li), now=LATER)
    assert (released.assignee, released.taken_at, released.team) == (None, None, team)


def test_many_are_assigned_at_once_and_closed_ones_stay(li, wu, team):
    tasks = [make(f"t-{number}") for number in range(3)]
    services.cancel(tasks[2].id, actor=ACTOR, now=NOW)
    ids = [task.id for task in tasks]
    assert services.assign(ids, member_id=wu.id, team="care", actor=ACTOR, now=LATER) == 2
    assert [(fresh(task).assignee_id, fresh(task).team) for task in tasks] == [(wu.id, team)] * 2 + [(None, None)]
    assert services.assign(ids[:1], member_id=None, actor=ACTOR, now=LATER) == 1
    assert (fresh(tasks[0]).assignee_id, fresh(tasks[0]).team) == (None, team)


def test_to_nobody_known_nothing_is_assigned(li, team):
    task = make()
    li.left_date = NOW.date()
    li.save()
    for wrong in ({"member_id": li.id}, {"team": "unheard"}):
        with pytest.raises(TaskRefusedError):
            services.assign([task.id], actor=ACTOR, now=LATER, **wrong)
    assert (fresh(task).assignee_id, fresh(task).team_id, fresh(task).revision) == (None, None, 1)


def test_reached_is_done(li, ann):
    task = make(customer_id=ann.id, source="journey:1")
    done = services.complete(task.id, outcome="reached", note=" All well ", actor=login_of(li), now=LATER)
    assert (done.state, done.outcome, done.note, done.attempts) == (TaskState.DONE, "reached", "All well", 1)
    assert (done.completed_at, done.completed_by, done.assignee_id) == (LATER, li.id, li.id)
    assert events("completed") == [
        {
            "task": str(task.id),
            "kind": "call",
            "source": "journey:1",
            "outcome": "reached",
            "effect": "done",
            "member": str(li.id),
        }
    ]


def test_not_reached_comes_back_and_ends_after_three_times(li):
    task = make()
    actor, at = login_of(li), NOW
    for attempt in (1, 2):
        tried = services.complete(task.id, outcome="not_reached", actor=actor, now=at)
        assert (tried.state, tried.attempts) == (TaskState.OPEN, attempt)
        assert tried.hidden_until == tried.due_at == at + timedelta(hours=24)
        at = tried.due_at
    last = services.complete(task.id, outcome="not_reached", actor=actor, now=at)
    assert (last.state, last.outcome, last.attempts) == (TaskState.DONE, "not_reached", 3)
    assert TaskAct.objects.get(act=ActKind.COMPLETED).effect == Effect.FAILED
    assert [one["attempt"] for one in events("attempted")] == [1, 2]


def test_a_call_that_was_agreed_is_reminded_of_and_not_counted_out(li):
    task = make()
    for day in range(1, 5):
        again_at = NOW + timedelta(days=day)
        tried = services.complete(task.id, outcome="call_again", again_at=again_at, actor=login_of(li), now=NOW)
        assert (tried.state, tried.due_at, tried.remind_at) == (TaskState.OPEN, again_at, again_at)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"outcome": "unheard"}, "outcome"),
        ({"outcome": "reached", "note": "n" * 2001}, "note"),
        ({"outcome": "reached", "answers": {"unheard": 1}}, "answers"),
        ({"outcome": "reached", "answers": {"mood": "furious"}}, "mood"),
        ({"outcome": "call_again", "again_at": NOW - timedelta(days=1)}, "again_at"),
        ({"outcome": "call_again", "again_at": NOW + timedelta(days=1000)}, "again_at"),
    ],
)
def test_a_wrong_outcome_changes_nothing(li, values, field):
    task = make()
    with pytest.raises(TaskRefusedError) as refused:
        services.complete(task.id, actor=login_of(li), now=LATER, **values)
    assert refused.value.fields["field"] == field
    assert (fresh(task).revision, fresh(task).attempts, TaskAct.objects.count()) == (1, 0, 1)


def test_who_wants_no_calls_gets_none_any_more(li, ann):
    task = make(customer_id=ann.id)
    services.complete(task.id, outcome="declined", actor=login_of(li), now=LATER)
    found = customers.contactables([ann.id], purposes=["service", "marketing"], kinds=[])[ann.id].consents
    assert {key: one.is_given for key, one in found.items()} == {
        ("service", "phone"): False,
        ("marketing", "phone"): False,
    }


def test_what_is_filled_in_is_kept_as_its_type_says(li):
    task = make(kind="return_visit")
    answers = {"mood": "pleased", "satisfied": "yes", "wish": "a bigger size"}
    done = services.complete(task.id, outcome="reached", answers=answers, actor=login_of(li), now=LATER)
    assert done.answers == {"mood": "pleased", "satisfied": True, "wish": "a bigger size"}


def test_an_outcome_may_need_a_word(li):
    task = make(kind="task")
    with pytest.raises(TaskRefusedError, match="needs a word"):
        services.complete(task.id, outcome="not_possible", actor=login_of(li), now=LATER)
    assert fresh(task).state == TaskState.OPEN


def test_who_has_not_taken_it_cannot_end_it(li, wu):
    task = make(assignee_id=wu.id)
    with pytest.raises(TaskTakenError):
        services.complete(task.id, outcome="reached", actor=login_of(li), now=LATER)
    assert fresh(task).state == TaskState.OPEN


def test_a_closed_task_stays_closed_until_it_is_opened_again(li):
    task = make()
    services.complete(task.id, outcome="reached", actor=login_of(li), now=LATER)
    for act in (
        lambda: services.take(task.id, actor=login_of(li), now=LATER),
        lambda: services.complete(task.id, outcome="reached", actor=login_of(li), now=LATER),
        lambda: services.cancel(task.id, actor=ACTOR, now=LATER),
    ):
        with pytest.raises(TaskClosedError):
            act()
    reopened = services.reopen(task.id, actor=ACTOR, now=LATER)
    assert (reopened.state, reopened.completed_at, reopened.assignee_id) == (TaskState.OPEN, None, li.id)


def test_what_was_made_for_a_source_goes_with_it(ann, company):
    ours = make("a", source="journey:1", customer_id=ann.id)
    other = make("b", source="journey:1")
    make("c", source="journey:2")
    assert services.cancel_by_source("journey:1", customer_ids=[ann.id], actor=ACTOR, now=LATER) == 1
    assert (fresh(ours).state, fresh(other).state) == (TaskState.CANCELLED, TaskState.OPEN)
    assert services.cancel_by_source("journey:1", reason="exited", actor=ACTOR, now=LATER) == 1
    assert services.cancel_by_source("journey:1", actor=ACTOR, now=LATER) == 0
    assert [one["reason"] for one in events("cancelled")] == ["source", "exited"]


def test_there_is_no_such_task(company, li):
    with pytest.raises(TaskNotFoundError):
        services.take(li.id, actor=login_of(li), now=LATER)


@pytest.mark.slow
def test_sixteen_take_one_task_and_one_gets_it(racing_database, company):
    people = [hire(f"p{number}") for number in range(16)]
    task = make()
    results = race(*[lambda one=one: services.take(task.id, actor=login_of(one), now=LATER) for one in people])
    winners = [one for one in results if isinstance(one, Task)]
    assert len(winners) == 1
    assert {type(one) for one in results if not isinstance(one, Task)} == {TaskTakenError}
    assert fresh(task).assignee_id == winners[0].assignee_id
    assert len(events("taken")) == 1


@pytest.mark.slow
def test_ten_ask_for_the_next_and_each_gets_another(racing_database, company):
    people = [hire(f"p{number}") for number in range(10)]
    for number in range(10):
        make(f"t-{number}")
    found = race(*[lambda one=one: services.take_next(actor=login_of(one), now=LATER) for one in people])
    assert len({one.id for one in found}) == 10


@pytest.mark.slow
def test_two_complete_one_task_and_it_is_done_once(racing_database, company):
    people = [hire(f"p{number}") for number in range(8)]
    task = make()
    results = race(
        *[
            lambda one=one: services.complete(task.id, outcome="reached", actor=login_of(one), now=LATER)
            for one in people
        ]
    )
    assert sum(isinstance(one, Task) for one in results) == 1
    assert {type(one) for one in results} == {Task, TaskClosedError}
    assert fresh(task).attempts == 1


@pytest.mark.slow
def test_the_same_key_from_eight_sides_makes_one(racing_database, ann):
    results = race(*[lambda: make(customer_id=ann.id).id] * 8)
    assert len(set(results)) == 1
    assert Event.objects.filter(name="worklist.task.created").count() == 1
