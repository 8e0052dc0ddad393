"""Tasks through the API: made once, taken by one, completed as their kind says."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Permission
from troth.kit import clock
from troth.staff import services as staff
from troth.staff.models import StaffMember
from troth.worklist.models import Task, TaskAct


@pytest.fixture
def people(company):
    return [StaffMember.objects.create(code=code, name=code.title()) for code in ("li", "wu")]


def make(api, key="k-1", **changes):
    body = {"key": key, "kind": "call", "title": "Call about the new range"} | changes
    return api.post("/tasks", body)


def test_a_task_is_made_once_under_its_key(api, lin, people):
    made = make(api, customer_id=lin["id"], assignee="li", priority=80)
    assert made.status_code == 201
    task = made.json()
    assert (task["key"], task["kind"], task["state"], task["assignee"]) == ("k-1", "call", "open", "li")
    assert (task["customer_id"], task["priority"], task["source"]) == (lin["id"], 80, "api")
    assert make(api, customer_id=lin["id"], title="Another").json()["id"] == task["id"]
    assert Task.objects.count() == 1
    assert api.get(f"/tasks/{task['id']}").json() == task


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"kind": "unheard"}, 422),
        ({"title": " "}, 422),
        ({"key": "with space"}, 422),
        ({"priority": 101}, 422),
        ({"customer_id": str(uuid4())}, 422),
        ({"assignee": "unheard"}, 404),
    ],
)
def test_a_wrong_task_is_not_made(api, wrong, status):
    assert make(api, **wrong).status_code == status
    assert Task.objects.count() == 0


def test_the_list_is_narrowed(api, lin, people):
    make(api, "a", assignee="li")
    make(api, "b", customer_id=lin["id"], kind="return_visit")

    def keys(query):
        return [task["key"] for task in api.get(f"/tasks?{query}").json()["items"]]

    assert keys("") == ["b", "a"]
    assert keys("assignee=li") == ["a"]
    assert keys("kind=return_visit&state=open") == ["b"]
    assert keys(f"customer_id={lin['id']}") == ["b"]
    assert keys("state=done") == []
    assert api.get("/tasks?assignee=unheard").status_code == 404


def test_one_takes_it_and_the_other_is_told_whose_it_is(api, people):
    task = make(api).json()
    assert api.post(f"/tasks/{task['id']}/take", {"member": "li"}).json()["assignee"] == "li"
    refused = api.post(f"/tasks/{task['id']}/take", {"member": "wu"})
    assert (refused.status_code, refused.json()["code"]) == (409, "task_taken")
    assert api.post(f"/tasks/{task['id']}/complete", {"member": "wu", "outcome": "reached"}).status_code == 409
    assert api.post(f"/tasks/{uuid4()}/take", {"member": "li"}).status_code == 404


def test_it_is_completed_as_its_kind_says(api, people):
    task = make(api, kind="return_visit").json()
    body = {"member": "li", "outcome": "reached", "note": "Well", "answers": {"mood": "pleased", "satisfied": True}}
    done = api.post(f"/tasks/{task['id']}/complete", body).json()
    assert (done["state"], done["outcome"], done["assignee"], done["attempts"]) == ("done", "reached", "li", 1)
    assert Task.objects.get().answers == {"mood": "pleased", "satisfied": True}
    again = api.post(f"/tasks/{task['id']}/complete", body)
    assert (again.status_code, again.json()["code"]) == (409, "task_closed")


def test_a_wrong_outcome_changes_nothing(api, people):
    task = make(api).json()
    answer = api.post(f"/tasks/{task['id']}/complete", {"member": "li", "outcome": "unheard"})
    assert (answer.status_code, answer.json()["code"]) == (422, "task_refused")
    assert Task.objects.get().attempts == 0


def test_without_the_right_to_names_there_is_no_title(api, api_with, people):
    task = make(api).json()
    other = api_with(Permission.TASKS_VIEW)
    assert other.get(f"/tasks/{task['id']}").json()["title"] is None
    assert other.post(f"/tasks/{task['id']}/take", {"member": "li"}).status_code == 403


def test_a_company_that_stands_still_on_a_day_works_on_that_day(api, company, people):
    staff.change_company(actor=system_actor("test"), now=clock.utc_now(), as_of_date=date(2018, 1, 1))
    task = make(api, assignee="li").json()
    assert task["created_at"] == "2018-01-01T04:00:00Z"
    done = api.post(f"/tasks/{task['id']}/complete", {"member": "li", "outcome": "reached", "note": "Pleased"})
    assert done.json()["completed_at"] == task["created_at"]


def test_a_task_is_put_off_noted_given_back_cancelled_and_opened_again(api, people):
    task = make(api, assignee="li").json()
    path = f"/tasks/{task['id']}"
    until = (clock.utc_now() + timedelta(days=2)).replace(microsecond=0)
    assert api.post(f"{path}/put-off", {"until": until.isoformat()}).json()["hidden_until"] is not None
    past = api.post(f"{path}/put-off", {"until": "2020-01-01T00:00:00Z"})
    assert (past.status_code, Task.objects.get().hidden_until) == (422, until)
    assert api.post(f"{path}/notes", {"note": "Called her shop."}).status_code == 200
    assert list(TaskAct.objects.filter(act="commented").values_list("note", flat=True)) == ["Called her shop."]
    assert api.post(f"{path}/give-back", None).json()["assignee"] is None
    assert api.post(f"{path}/cancel", None).json()["state"] == "cancelled"
    closed = api.post(f"{path}/cancel", None)
    assert (closed.status_code, closed.json()["code"]) == (409, "task_closed")
    assert api.post(f"{path}/reopen", None).json()["state"] == "open"
