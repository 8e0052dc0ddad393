"""Lists, counts, workload and results say what is so."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from troth.worklist import queries, services
from troth.worklist.errors import TaskKindRefusedError, TaskNotFoundError, TaskRefusedError, TeamRefusedError
from troth.worklist.kinds import Kind, NoteField, Outcome
from troth.worklist.models import Team, TeamMember
from troth.worklist.queries import Counts, PersonResults, TaskFilter, Workload

from .conftest import ACTOR, LATER, NOW, fresh, hire, login_of, make

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def keys(actor=ACTOR, now=LATER, **wanted):
    return [task.key for task in queries.tasks(TaskFilter(**wanted), actor=actor, now=now)]


def test_lists_are_narrowed_and_the_urgent_come_first(li, wu, team, ann):
    make("low", priority=10)
    make("high", priority=90, customer_id=ann.id, source="journey:1")
    make("mine", assignee_id=li.id, team="care")
    make("late", team="care", due_at=NOW - timedelta(hours=1), kind="case")
    off = make("off")
    services.snooze(off.id, until=LATER + timedelta(days=1), actor=ACTOR, now=NOW)
    gone = make("gone")
    services.cancel(gone.id, actor=ACTOR, now=NOW)
    assert keys() == ["high", "late", "mine", "low"]
    assert keys(state="overdue") == ["late"]
    assert keys(state="later") == ["off"]
    assert keys(state="cancelled") == ["gone"]
    assert len(keys(state="")) == 6
    assert keys(mine=True, actor=login_of(li)) == ["mine"]
    assert keys(mine=True) == []
    assert keys(team="mine", actor=login_of(wu)) == ["late"]
    assert keys(team="care") == ["late", "mine"]
    assert keys(kind="case") == ["late"]
    assert keys(assignee_id=li.id) == ["mine"]
    assert keys(is_unassigned=True) == ["high", "late", "low"]
    assert keys(customer_ids=(ann.id,)) == ["high"]
    assert keys(source="journey:1") == ["high"]


def test_counts_are_the_actors_own(li, team):
    make("a", assignee_id=li.id, due_at=NOW - timedelta(hours=1))
    make("b", assignee_id=li.id)
    off = make("c", assignee_id=li.id)
    services.snooze(off.id, until=LATER + timedelta(days=1), actor=ACTOR, now=NOW)
    make("d", team="care")
    make("e")
    assert queries.counts(login_of(li), LATER) == Counts(due=2, overdue=1, later=1, team=1)
    assert queries.counts(ACTOR, LATER) == Counts(0, 0, 0, 0)


def test_reminders_come_when_they_are_due(li):
    soon, late = make("a", assignee_id=li.id), make("b", assignee_id=li.id)
    services.remind(soon.id, at=NOW + timedelta(minutes=30), actor=ACTOR, now=NOW)
    services.remind(late.id, at=NOW + timedelta(hours=3), actor=ACTOR, now=NOW)
    assert queries.reminders_due(li, NOW) == []
    assert queries.reminders_due(li, NOW + timedelta(minutes=20)) == [soon]
    services.remind(soon.id, at=None, actor=ACTOR, now=NOW)
    assert queries.reminders_due(li, NOW + timedelta(minutes=20)) == []


def test_the_workload_of_everybody(li, wu, team):
    make("a", assignee_id=li.id, due_at=NOW - timedelta(hours=1), team="care")
    make("b", assignee_id=li.id)
    make("c", assignee_id=wu.id)
    make("d", team="care")
    off = make("e", assignee_id=li.id)
    services.snooze(off.id, until=LATER + timedelta(days=9), actor=ACTOR, now=NOW)
    assert queries.workload(LATER) == [Workload(None, 1, 0, 1), Workload(li, 3, 1, 2), Workload(wu, 1, 0, 1)]
    assert queries.workload(LATER, team="care") == [Workload(None, 1, 0, 1), Workload(li, 1, 1, 0)]


def test_results_per_person_outcome_and_day(li, wu, team):
    at = NOW + timedelta(hours=1)
    for number, (person, outcome) in enumerate(
        [(li, "reached"), (li, "reached"), (li, "wrong_number"), (wu, "reached"), (wu, "not_reached")]
    ):
        task = make(f"t-{number}", assignee_id=person.id)
        services.complete(task.id, outcome=outcome, actor=login_of(person), now=at)
    late = make("late", assignee_id=wu.id, due_at=NOW - timedelta(days=1))
    services.complete(late.id, outcome="reached", actor=login_of(wu), now=NOW + timedelta(hours=14))  # next day there
    found = queries.results(NOW, NOW + WEEK, zone="Asia/Shanghai")
    assert found.people == [PersonResults(li, 2, 1, 0, 3, 1.0), PersonResults(wu, 2, 0, 1, 1, 7.5)]
    assert found.outcomes == [("call", "reached", 4), ("call", "wrong_number", 1)]
    assert found.days == [(date(2026, 11, 22), 3, 1), (date(2026, 11, 23), 1, 0)]
    assert (found.total.closed, found.total.success, found.total.punctuality) == (5, 0.8, 0.8)
    assert found.total.hours == pytest.approx(3.6)


def test_what_was_opened_again_counts_once_it_is_done_again(li):
    task = make(assignee_id=li.id)
    services.complete(task.id, outcome="reached", actor=login_of(li), now=LATER)
    services.reopen(task.id, actor=ACTOR, now=LATER)
    assert queries.results(NOW, NOW + WEEK, zone="UTC").people == []


def test_no_work_no_shares(company):
    found = queries.results(NOW, NOW + WEEK, zone="UTC")
    assert (found.people, found.outcomes, found.days) == ([], [], [])
    assert (found.total.success, found.total.punctuality, found.total.hours) == (None, None, None)


def test_a_customers_tasks_open_ones_first(ann, li):
    done = make("a", customer_id=ann.id)
    services.complete(done.id, outcome="reached", actor=login_of(li), now=LATER)
    make("b", customer_id=ann.id)
    make("c")
    assert [task.key for task in queries.of_customer(ann.id)] == ["b", "a"]
    assert [act.act for act in queries.acts_of(done.id)] == ["completed", "created"]


def test_one_task_or_none(company, li):
    task = make()
    assert queries.task(task.id) == task
    with pytest.raises(TaskNotFoundError):
        queries.task(li.id)


# --- teams and kinds


def test_a_team_has_exactly_its_people(li, wu):
    services.save_team(code="care", name="Care", members=[li.id, wu.id], leads=[li.id], actor=ACTOR, now=NOW)
    services.save_team(code="care", name="Care", members=[li.id], actor=ACTOR, now=LATER)
    assert list(TeamMember.objects.values_list("member_id", "is_lead")) == [(li.id, False)]
    assert [team.people for team in queries.teams()] == [1]


@pytest.mark.parametrize("wrong", [{"code": "a b"}, {"name": ""}, {"members": ["left"]}, {"leads": ["li"]}], ids=str)
def test_a_wrong_team_is_not_kept(li, wrong):
    left = hire("zhao", left_date=NOW.date())
    ids = {"left": left.id, "li": li.id}
    values = {name: [ids[one] for one in value] if isinstance(value, list) else value for name, value in wrong.items()}
    with pytest.raises(TeamRefusedError):
        services.save_team(**({"code": "care", "name": "Care", "members": []} | values), actor=ACTOR, now=NOW)
    assert Team.objects.count() == 0


KIND = Kind(
    code="gift",
    name="Bring a gift",
    name_zh="送礼",
    outcomes=(Outcome(code="given", label="Given", fields=("size",)), Outcome(code="later", label="L", effect="again")),
    fields=(NoteField(code="size", label="Size", type="number"), NoteField(code="day", label="Day", type="date")),
    most_attempts=0,
)


def test_a_kind_of_the_companys_own(li, company):
    assert services.save_kind(KIND, actor=ACTOR, now=NOW) == KIND
    assert queries.kind_of("gift") == KIND
    assert [kind.code for kind in queries.all_kinds()][-1] == "gift"
    task = make(kind="gift")
    with pytest.raises(TaskRefusedError, match="Fill in: Size"):
        services.complete(task.id, outcome="given", actor=login_of(li), now=LATER)
    for size in ("many", "NaN", "1" * 40):
        with pytest.raises(TaskRefusedError):
            services.complete(task.id, outcome="given", answers={"size": size}, actor=login_of(li), now=LATER)
    assert fresh(task).attempts == 0
    answers = {"size": "38.5", "day": "2026-12-01"}
    assert (
        services.complete(task.id, outcome="given", answers=answers, actor=login_of(li), now=LATER).answers == answers
    )


def test_a_kind_of_ours_changed_by_the_company(team):
    ours = queries.kind_of("call")
    assert ours.is_ours
    changed = Kind(
        **{name: getattr(ours, name) for name in Kind.__dataclass_fields__} | {"team": "care", "priority": 9}
    )
    services.save_kind(changed, actor=ACTOR, now=NOW)
    task = make()
    assert (task.team, task.priority) == (team, 9)
    assert not queries.kind_of("call").is_ours


def test_a_kind_that_is_gone_can_still_be_ended(li, company):
    task = make()
    type(task).objects.filter(id=task.id).update(task_kind="gone")
    assert services.complete(task.id, outcome="done", actor=login_of(li), now=LATER).state == "done"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "a b"},
        {"name": " "},
        {"outcomes": ()},
        {"outcomes": (Outcome(code="x", label="X", effect="again"),)},
        {"outcomes": (Outcome(code="x", label="X"), Outcome(code="x", label="Y"))},
        {"outcomes": (Outcome(code="x y", label="X"),)},
        {"outcomes": (Outcome(code="x", label=""),)},
        {"outcomes": (Outcome(code="x", label="X", effect="unheard"),)},
        {"outcomes": (Outcome(code="x", label="X", fields=("unheard",)),)},
        {"fields": (NoteField(code="size", label="S", type="unheard"),)},
        {"fields": (NoteField(code="size", label="S", type="choice"),)},
        {"fields": (NoteField(code="size", label="S", choices=("a",)),)},
        {"priority": 101},
        {"due_hours": 0},
        {"team": "unheard"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_kind_is_not_kept(company, wrong):
    with pytest.raises(TaskKindRefusedError):
        services.save_kind(replace(KIND, **wrong), actor=ACTOR, now=NOW)
    assert "gift" not in [kind.code for kind in queries.all_kinds(is_active=None)]
