"""Journeys over the API: written, checked, published, entered, rehearsed; each step of a person's path read."""

from datetime import timedelta

import pytest

from troth.access.permissions import Permission
from troth.care.journeys import services as journeys
from troth.care.models import JourneyRun
from troth.customers.models import Customer
from troth.events.models import Event
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.kit import clock

from .conftest import ACTOR

NOW = clock.utc_now()
TEXT = """journey: hello
name: {en: Hello, zh: 问候}
entry: {type: list}
reentry: {rule: never}
steps:
  - {id: pause, type: wait, days: 1}
  - {id: mark, type: tag, tag: Greeted}
"""


@pytest.fixture
def hello(api):
    """A published journey."""
    assert api.post("/journeys", {"text": TEXT}).status_code == 201
    assert api.post("/journeys/hello/publish", {"note": "First"}).status_code == 200


@pytest.fixture
def anna(company):
    return str(Customer.objects.create(created_at=NOW, updated_at=NOW).id)


@pytest.mark.slow
def test_a_journey_is_made_published_and_gone_through(api, hello, anna):
    found = api.get("/journeys/hello").json()
    assert (found["state"], found["version"], found["document"]["steps"][0]["id"]) == ("running", 1, "pause")
    answer = api.post("/journeys/hello/people", {"customers": [anna]}).json()
    assert answer == {"entered": 1, "turned_away": {}}
    assert api.post("/journeys/hello/people", {"customers": [anna]}).json()["turned_away"] == {"under_way": 1}
    later = clock.utc_now() + timedelta(days=2)
    for _ in range(2):
        journeys.advance(actor=ACTOR, now=later)
    (row,) = api.get(f"/customers/{anna}/journeys").json()["items"]
    path = api.get(f"/journey-runs/{row['id']}").json()["path"]
    assert [(one["step"], one["outcome"]) for one in path] == [("pause", "done"), ("mark", "done")]
    assert api.get("/journeys/hello").json()["totals"]["finished"] == 1
    assert api.get("/journeys/hello/people", step="pause").json()["items"] == []


def test_what_is_wrong_with_a_document_is_told_by_line(api):
    wrong = TEXT.replace("days: 1", "days: x").replace("tag: Greeted", "tagg: Greeted")
    found = api.post("/journey-documents/check", {"text": wrong}).json()
    assert not found["is_valid"]
    assert [(one["line"], one["path"]) for one in found["problems"]] == [
        (6, "steps[0].days"),
        (7, "steps[1].tag"),
        (7, "steps[1].tagg"),
    ]
    refused = api.post("/journeys", {"text": wrong})
    assert (refused.status_code, refused.json()["code"]) == (422, "journey_invalid")


@pytest.mark.slow
def test_pausing_and_stopping_need_the_right_to_publish(api, api_with, hello, anna):
    writer = api_with(Permission.JOURNEYS_VIEW, Permission.JOURNEYS_EDIT)
    assert writer.post("/journeys/hello/pause", None).status_code == 403
    assert api.post("/journeys/hello/pause", None).json()["state"] == "paused"
    refused = api.post("/journeys/hello/people", {"customers": [anna]})
    assert (refused.status_code, refused.json()["code"]) == (409, "journey_state")
    assert not JourneyRun.objects.exists()
    assert api.post("/journeys/hello/resume", None).json()["state"] == "running"
    assert api.post("/journeys/hello/stop", None).json()["state"] == "stopped"
    assert api.get("/journeys").json()["items"] == []
    assert api.get("/journeys", state="running").json()["items"] == []
    assert [one["code"] for one in api.get("/journeys", state="stopped").json()["items"]] == ["hello"]


@pytest.mark.slow
def test_a_rehearsal_is_taken_in_the_background(api, hello):
    found = api.post("/journeys/hello/rehearsals", {"since": "2026-10-01T00:00:00Z"})
    assert (found.status_code, found.json()["state"]) == (201, "waiting")
    run(Job.objects.get(name="care.rehearse_journey").id)
    done = api.get(f"/journey-rehearsals/{found.json()['id']}").json()
    assert (done["state"], done["result"]["entered"]) == ("finished", 0)
    assert api.get(f"/journey-rehearsals/{done['id']}/acts").json()["items"] == []
    assert [one["id"] for one in api.get("/journeys/hello/rehearsals").json()["items"]] == [done["id"]]


@pytest.mark.slow
def test_people_are_taken_out_and_their_record_tells(api, hello, anna):
    api.post("/journeys/hello/people", {"customers": [anna]})
    assert api.post("/journeys/hello/people/out", {"customers": [anna]}).json() == {"count": 1}
    assert api.post("/journeys/hello/people/out", {"customers": [anna]}).json() == {"count": 0}
    run = JourneyRun.objects.get()
    assert (run.state, run.end_reason) == ("stopped", "taken_out")
    left = Event.objects.get(name="care.journey.left")
    assert (str(left.owner_id), left.data) == (anna, {"journey": "hello", "version": 1, "reason": "taken_out"})


@pytest.mark.slow
def test_people_go_on_by_another_version(api, hello, anna):
    api.post("/journeys/hello/people", {"customers": [anna]})
    renamed = TEXT.replace("id: pause", "id: rest")
    assert api.send("PUT", "/journeys/hello/draft", {"text": renamed}).status_code == 200
    api.post("/journeys/hello/publish", {"note": "Second"})
    homeless = api.post("/journeys/hello/people/move", {"version": 2})
    assert (homeless.status_code, JourneyRun.objects.get().version.number) == (422, 1)
    moved = api.post("/journeys/hello/people/move", {"version": 2, "steps": {"pause": "rest"}})
    assert (moved.json(), JourneyRun.objects.get().version.number) == ({"count": 1}, 2)
    assert JourneyRun.objects.get().step == "rest"
    assert api.post("/journeys/hello/people/move", {"version": 9}).status_code == 404


@pytest.mark.slow
def test_the_stuck_are_tried_again(api, hello, anna):
    api.post("/journeys/hello/people", {"customers": [anna]})
    JourneyRun.objects.update(state="stuck", due_at=None, failures=8, error="ValueError")
    assert api.post("/journeys/hello/people/again", {"step": "mark"}).json() == {"count": 0}
    assert not Event.objects.filter(name="care.people.tried_again").exists()
    assert api.post("/journeys/hello/people/again", {}).json() == {"count": 1}
    run = JourneyRun.objects.get()
    assert (run.state, run.failures, run.error, run.due_at is not None) == ("active", 0, "", True)
    told = Event.objects.get(name="care.people.tried_again")
    assert told.data == {"journey": "hello", "step": "", "count": 1}


@pytest.mark.slow
def test_a_draft_is_thrown_away(api, hello):
    api.send("PUT", "/journeys/hello/draft", {"text": TEXT.replace("days: 1", "days: 3")})
    assert "days: 3" in api.get("/journeys/hello").json()["draft_text"]
    assert api.post("/journeys/hello/draft/discard", None).json()["draft_text"] == ""
    assert api.post("/journeys/hello/draft/discard", None).status_code == 409


@pytest.mark.slow
def test_who_may_only_write_journeys_moves_nobody(api_with, hello, anna):
    """As in the console, where putting people in, taking them out and moving them asks for the right to publish."""
    writer = api_with(Permission.JOURNEYS_VIEW, Permission.JOURNEYS_EDIT)
    for act in ("people", "people/out", "people/move", "people/again"):
        assert writer.post(f"/journeys/hello/{act}", {"customers": [anna]}).status_code == 403
    assert not JourneyRun.objects.exists()
