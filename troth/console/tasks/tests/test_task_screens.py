"""The screens of tasks: who may see what, the way through fifty calls, scripts, plans, teams, the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.customers.models import Customer
from troth.jobs.models import Job
from troth.kit.clock import utc_now
from troth.staff.models import StaffMember
from troth.worklist import services
from troth.worklist.models import CallScript, Task, TaskKind, TaskState, Team, VisitPlan
from troth.worklist.services import TaskDraft

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def ann(company):
    return Customer.objects.create(name="Ann Berg", created_at=NOW, updated_at=NOW)


@pytest.fixture
def agent(sign_in):
    """A care agent whose login is a member of staff."""
    browser = sign_in(Role.AGENT)
    browser.member = StaffMember.objects.create(code="li", name="Li Na", user=browser.user)
    return browser


def make(key="t-1", **changes):
    fields = {"kind": "call", "title": "Call Ann about the order"} | changes
    (task_id,) = services.create_tasks([TaskDraft(key=key, **fields)], actor=ACTOR, now=utc_now())
    return Task.objects.get(id=task_id)


def page(browser, name, *args, **query):
    return browser.get(reverse(f"tasks:{name}", args=args), query)


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize("name", ["index", "results", "scripts", "calendar"])
def test_every_page_answers_when_there_is_nothing(agent, name):
    assert page(agent, name).status_code == 200


@pytest.mark.parametrize("name", ["teams", "kinds", "plans", "team_new", "kind_new", "plan_new"])
def test_what_is_arranged_is_for_who_may_arrange(agent, sign_in, name):
    assert page(agent, name).status_code == 403
    assert page(sign_in(Role.MANAGER), name).status_code == 200


@pytest.mark.slow
def test_mine_come_first_and_everybodys_only_with_the_right(agent, sign_in, ann):
    make(assignee_id=agent.member.id, customer_id=ann.id)
    make("other", title="Somebody else's")
    mine = text(page(agent, "index"))
    assert "Call Ann about the order" in mine
    assert "Ann Berg" in mine
    assert "Somebody else&#x27;s" not in mine
    assert "Everybody" not in mine
    assert "Somebody else&#x27;s" not in text(page(agent, "index", whose="all"))
    assert "Somebody else&#x27;s" in text(page(sign_in(Role.MANAGER), "index", whose="all"))


@pytest.mark.slow
def test_who_may_not_see_names_reads_neither_name_nor_title(sign_in, ann):
    clerk = sign_in(Role.CLERK)
    member = StaffMember.objects.create(code="k", name="Kim", user=clerk.user)
    task = make(assignee_id=member.id, customer_id=ann.id)
    for answer in (page(clerk, "index"), page(clerk, "task", task.id), page(clerk, "customer", ann.id)):
        assert "Ann Berg" not in text(answer)
        assert "about the order" not in text(answer)


@pytest.mark.slow
def test_titles_and_notes_are_text_not_html(agent, ann):
    task = make(title="<script>alert(1)</script>", assignee_id=agent.member.id, customer_id=ann.id)
    services.comment(task.id, note="<img src=x>", actor=agent.user.actor, now=utc_now())
    shown = text(page(agent, "task", task.id))
    assert "<script>alert" not in shown
    assert "<img src=x>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


@pytest.mark.slow
def test_the_way_through_the_calls(agent, ann):
    first, second = make("a", priority=90, customer_id=ann.id), make("b")
    opened = agent.post(reverse("tasks:next"))
    assert opened.url == reverse("tasks:task", args=[first.id])
    shown = text(page(agent, "task", first.id))
    assert "Good day, am I speaking with Ann Berg? This is Li Na of Test &amp; Co." in shown
    noted = agent.post(
        reverse("tasks:complete", args=[first.id]),
        {"outcome": "reached", "note": "All well", "answer-mood": "pleased", "go_on": "yes"},
    )
    assert noted.url == reverse("tasks:task", args=[second.id])
    done = Task.objects.get(id=first.id)
    assert (done.state, done.note, done.answers) == (TaskState.DONE, "All well", {"mood": "pleased"})
    assert "All well" in text(page(agent, "task", first.id))
    last = agent.post(reverse("tasks:complete", args=[second.id]), {"outcome": "reached", "go_on": "yes"})
    assert last.url == reverse("tasks:index")


def test_a_refused_outcome_keeps_what_was_written(agent):
    task = make(kind="task", assignee_id=agent.member.id)
    answer = agent.post(reverse("tasks:complete", args=[task.id]), {"outcome": "not_possible", "note": ""})
    assert answer.status_code == 422
    assert "needs a word on what happened" in text(answer)
    assert Task.objects.get().state == TaskState.OPEN


@pytest.mark.slow
def test_call_again_at_a_time_that_was_agreed(agent):
    task = make(assignee_id=agent.member.id)
    soon = utc_now() + timedelta(days=2)
    given = {"outcome": "call_again", "again_at": soon.strftime("%Y-%m-%dT%H:%M")}
    assert agent.post(reverse("tasks:complete", args=[task.id]), given).status_code == 302
    kept = Task.objects.get()
    assert kept.hidden_until is not None
    assert kept.hidden_until == kept.remind_at
    nonsense = agent.post(reverse("tasks:complete", args=[task.id]), given | {"again_at": "tomorrow"})
    assert nonsense.status_code == 422


@pytest.mark.parametrize("act", ["take", "release", "cancel", "reopen", "comment", "snooze", "remind"])
def test_every_act_of_the_page(agent, act):
    task = make(assignee_id=agent.member.id if act != "take" else None)
    soon = (utc_now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    answer = agent.post(reverse("tasks:act", args=[task.id]), {"act": act, "note": "Hello", "at": soon})
    assert answer.status_code == 302
    assert page(agent, "task", task.id).status_code == 200


def test_only_who_may_assign_assigns(agent, sign_in):
    task = make()
    given = {"act": "assign", "assignee": str(agent.member.id)}
    assert agent.post(reverse("tasks:act", args=[task.id]), given).status_code == 404
    assert agent.post(reverse("tasks:assign"), {"task": str(task.id)}).status_code == 403
    manager = sign_in(Role.MANAGER)
    manager.post(reverse("tasks:assign"), {"task": [str(task.id), "x"], "assignee": str(agent.member.id)})
    assert Task.objects.get().assignee_id == agent.member.id
    manager.post(reverse("tasks:act", args=[task.id]), {"act": "assign", "assignee": ""})
    assert Task.objects.get().assignee_id is None


def test_who_may_only_look_changes_nothing(sign_in):
    task = make()
    analyst = sign_in(Role.ANALYST)
    for name, args in (("next", []), ("act", [task.id]), ("complete", [task.id])):
        assert analyst.post(reverse(f"tasks:{name}", args=args)).status_code == 403


@pytest.mark.slow
def test_a_task_made_by_hand_twice_pressed_is_one(agent, ann):
    shown = text(page(agent, "new", customer=str(ann.id)))
    key = shown.split('name="key" value="')[1].split('"')[0]
    given = {"key": key, "title": "Ring back", "kind": "call", "customer": str(ann.id), "priority": "70"}
    assert agent.post(reverse("tasks:new"), given).status_code == 302
    assert agent.post(reverse("tasks:new"), given).status_code == 302
    task = Task.objects.get()
    assert (task.title, task.owner_id, task.priority) == ("Ring back", ann.id, 70)
    assert "Ring back" in text(page(agent, "customer", ann.id))


def test_reminders_are_shown_when_they_are_due(agent):
    task = make(assignee_id=agent.member.id)
    Task.objects.update(remind_at=utc_now())
    assert task.title in text(page(agent, "reminders"))


def test_a_team_is_made_and_changed(agent, sign_in):
    manager = sign_in(Role.MANAGER)
    given = {"code": "care", "name": "Care", "member": [str(agent.member.id)], "is_active": "yes"}
    assert manager.post(reverse("tasks:team_new"), given).status_code == 302
    assert [place.member_id for place in Team.objects.get().places.all()] == [agent.member.id]
    refused = manager.post(reverse("tasks:team", args=["care"]), {"name": ""})
    assert refused.status_code == 422
    assert Team.objects.get().name == "Care"


@pytest.mark.slow
def test_a_kind_of_ours_is_changed_with_its_outcomes(sign_in):
    manager = sign_in(Role.MANAGER)
    given = {
        "name": "Call", "due_hours": 5, "again_hours": 6, "most_attempts": 0, "priority": 50, "is_active": "on",
        "outcome-code": ["spoke", ""], "outcome-label": ["Spoke", ""], "outcome-label_zh": ["谈过", ""],
        "outcome-effect": ["done", "done"], "outcome-note": ["yes", "no"],
        "field-code": ["size"], "field-label": ["Size"], "field-label_zh": [""], "field-type": ["choice"],
        "field-choices": ["S, M，L"],
    }  # fmt: skip
    assert manager.post(reverse("tasks:kind", args=["call"]), given).status_code == 302
    row = TaskKind.objects.get()
    assert (row.code, row.due_hours, row.outcomes[0]["needs_note"]) == ("call", 5, True)
    assert list(row.fields[0]["choices"]) == ["S", "M", "L"]
    assert "Spoke" in text(page(manager, "task", make().id))
    assert manager.post(reverse("tasks:kind", args=["call"]), given | {"outcome-code": [""]}).status_code == 422


@pytest.mark.slow
def test_a_script_is_tried_saved_and_published(sign_in, ann):
    manager = sign_in(Role.MANAGER)
    shown = text(page(manager, "script", "call"))
    assert "am I speaking with" in shown
    tried = manager.post(
        reverse("tasks:script_preview"),
        {"body": "Hi {{ customer.name }} {{ custmer.city }}", "language": "en", "customer": str(ann.id)},
    )
    assert "Hi Ann Berg ____" in text(tried)
    assert "No task knows: custmer.city" in text(tried)
    broken = manager.post(reverse("tasks:script_preview"), {"body": "{% if", "language": "en"})
    assert "The script cannot be filled in" in text(broken)
    given = {"name": "Call", "body": "Hi <b>{{ customer.name }}</b>", "revision": "0"}
    assert manager.post(reverse("tasks:script", args=["call"]), given).status_code == 302
    assert manager.post(reverse("tasks:script", args=["call"]), given).status_code == 422  # somebody else saved
    assert manager.post(reverse("tasks:script_move", args=["call"]), {"act": "publish"}).status_code == 302
    assert CallScript.objects.get().version_number == 1
    assert "Hi &lt;b&gt;Ann Berg&lt;/b&gt;" in text(page(manager, "task", make(customer_id=ann.id).id))


def test_a_script_is_read_but_not_written_by_agents(agent):
    assert "Save the draft" not in text(page(agent, "script", "call"))
    assert agent.post(reverse("tasks:script", args=["call"]), {"name": "x", "body": "y"}).status_code == 404
    assert page(agent, "script_new").status_code == 404
    assert page(agent, "script", "unheard").status_code == 404
    assert CallScript.objects.count() == 0


@pytest.mark.slow
def test_a_plan_is_made_and_shows_whom_it_reaches(sign_in):
    manager = sign_in(Role.MANAGER)
    given = {
        "name": "A week after", "code": "after", "days_after": 7, "moment": "order", "most_a_day": 0, "rest_days": 14,
        "priority": 50, "is_active": "on", "touch_gold": "high", "script": "return_visit",
    }  # fmt: skip
    made = manager.post(reverse("tasks:plan_new"), given)
    assert made.url == reverse("tasks:plan_due", args=["after"])
    plan = VisitPlan.objects.get()
    assert (plan.days_after, plan.touches["gold"], plan.touches["silver"], plan.is_active) == (7, "high", "none", True)
    assert "Nobody is due today" in text(manager.get(made.url))
    assert page(manager, "plan", "after").status_code == 200
    assert manager.post(reverse("tasks:plan_new"), given | {"days_after": -1}).status_code == 422


def test_results_as_a_file_hold_no_formula(agent, sign_in):
    agent.member.name = '=HYPERLINK("http://evil")'
    agent.member.save()
    task = make(assignee_id=agent.member.id)
    services.complete(task.id, outcome="reached", actor=agent.user.actor, now=utc_now())
    file = text(page(agent, "results_file"))
    assert "'=HYPERLINK" in file
    assert page(agent, "results").status_code == 200


@pytest.mark.slow
def test_the_calendars_address_is_shown_once_and_works_without_signing_in(agent):
    make(assignee_id=agent.member.id)
    shown = text(agent.post(reverse("tasks:calendar"), {"act": "open"}))
    address = "/" + shown.split("http://testserver/")[1].split('"')[0].split("<")[0]
    assert address.endswith(".ics")
    assert address not in text(page(agent, "calendar"))
    read = Client().get(address)
    assert read.status_code == 200
    assert read["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"BEGIN:VEVENT" in read.content
    assert b"Ann" not in read.content
    agent.post(reverse("tasks:calendar"), {"act": "close"})
    assert Client().get(address).status_code == 404
    assert Client().get("/tasks/calendar/guess.ics").status_code == 404


def test_without_a_member_of_staff_it_says_so(sign_in):
    browser = sign_in(Role.AGENT)
    assert "belongs to no member of staff" in text(page(browser, "index"))
    assert "belongs to no member of staff" in text(page(browser, "calendar"))
    assert browser.post(reverse("tasks:next")).status_code in {302, 403}
    assert "To the people" not in text(page(browser, "index")) + text(page(browser, "calendar"))


@pytest.mark.parametrize("name", ["index", "calendar"])
def test_an_administrator_without_a_member_of_staff_is_led_to_where_it_is_mended(sign_in, name):
    browser = sign_in(Role.ADMIN)

    assert f'href="{reverse("staff:people")}">To the people' in text(page(browser, name))


@pytest.mark.parametrize("name", ["index", "scripts", "results", "calendar"])
def test_the_pages_speak_chinese(sign_in, name):
    browser = sign_in(Role.AGENT, language="zh-hans")
    assert "任务" in text(page(browser, name))


@pytest.mark.slow
def test_todays_visits_are_planned_at_once_and_found(sign_in, company):
    manager = sign_in(Role.MANAGER)
    given = {
        "name": "A week after", "code": "after", "days_after": 7, "moment": "order", "most_a_day": 0, "rest_days": 14,
        "priority": 50, "touch_": "high", "script": "return_visit", "template": "return_visit",
    }  # fmt: skip
    manager.post(reverse("tasks:plan_new"), given)
    due, run = (reverse(f"tasks:{name}", args=["after"]) for name in ("plan_due", "plan_run"))
    assert run not in text(manager.get(due))
    assert manager.post(run).status_code == 422
    assert not Job.objects.exists()
    manager.post(reverse("tasks:plan", args=["after"]), given | {"is_active": "on"})
    assert run in text(manager.get(due))
    manager.post(run)
    manager.post(run)
    (job,) = Job.objects.filter(name="worklist.plan_visits")
    assert job.payload == {"plan": "after"}
    services.run_plan(VisitPlan.objects.get().id, actor=ACTOR, now=utc_now())
    planned = text(manager.get(due))
    assert (run in planned, "Today is planned" in planned) == (False, True)
    make("of-the-plan", source="plan:after")
    make("of-nobody", title="Another")
    listed = manager.get(reverse("tasks:index"), {"whose": "all", "source": "plan:after"})
    assert [row.task.source for row in listed.context["rows"]] == ["plan:after"]
    assert sign_in(Role.AGENT).post(run).status_code == 403
