"""Service requests and seats in trainings through the API."""

from datetime import timedelta

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Permission
from troth.care.models import Seat, ServiceRequest, TrainingSession
from troth.care.training import services as training
from troth.kit.clock import utc_now
from troth.kit.ids import new_id
from troth.staff.models import StaffMember

ACTOR = system_actor("test")


def opened(api, customer, key="k-1", **changes):
    body = {"key": key, "customer_id": customer["id"], "kind": "repair", "title": "The kettle hums"} | changes
    return api.post("/service-requests", body)


@pytest.mark.slow
def test_a_request_is_opened_once_and_goes_to_its_end(api, lin):
    made = opened(api, lin)
    assert made.status_code == 201
    found = made.json()
    assert (found["state"], found["step"], found["kind"]) == ("open", "received", "repair")
    assert found["steps"] == ["received", "scheduled", "on_site", "done", "confirmed"]
    assert opened(api, lin, title="Another").json()["number"] == found["number"]
    StaffMember.objects.create(code="li", name="Li")
    start = utc_now() + timedelta(days=1)
    at = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat(), "technician": "li"}
    address = f"/service-requests/{found['number']}"
    assert api.post(f"{address}/appointment", at).json()["step"] == "scheduled"
    assert api.post(f"{address}/step", {"step": "done"}).status_code == 409
    for step in ("on_site", "done"):
        assert api.post(f"{address}/step", {"step": step}).json()["step"] == step
    said = api.post(f"{address}/word", {"satisfied": True, "words": "Thanks"}).json()
    assert (said["state"], said["satisfied"]) == ("closed", True)
    assert api.get(address).json() == said
    assert [one["number"] for one in api.get("/service-requests?state=closed").json()["items"]] == [found["number"]]
    assert ServiceRequest.objects.count() == 1


@pytest.mark.parametrize(("wrong", "status"), [({"kind": "unheard"}, 422), ({"title": " "}, 422), ({"key": ""}, 422)])
def test_a_wrong_request_is_not_opened(api, lin, wrong, status):
    assert opened(api, lin, **wrong).status_code == status
    assert not ServiceRequest.objects.exists()


@pytest.mark.slow
def test_a_cancelled_request_takes_nothing_more(api, lin):
    number = opened(api, lin).json()["number"]
    assert api.post(f"/service-requests/{number}/cancel", {"note": "Not needed"}).json()["state"] == "cancelled"
    assert api.post(f"/service-requests/{number}/cancel", {}).status_code == 409


@pytest.mark.slow
def test_seats_are_taken_and_given_up(api, lin):
    now = utc_now()
    training.save_course(code="stones", name="Stones", actor=ACTOR, now=now)
    starts = now + timedelta(days=3)
    fields = training.SessionFields(course="stones", starts_at=starts, ends_at=starts + timedelta(hours=1), capacity=1)
    session = training.plan_session(fields, actor=ACTOR, now=now)
    (listed,) = api.get("/training-sessions").json()["items"]
    assert (listed["id"], listed["free"], listed["state"]) == (str(session.id), 1, "open")
    whose = {"customer_id": lin["id"]}
    assert api.post(f"/training-sessions/{session.id}/seats", whose).json()["state"] == "taken"
    assert api.get("/training-sessions").json()["items"][0]["free"] == 0
    assert api.post(f"/training-sessions/{session.id}/seats/give-up", whose).json()["state"] == "given_up"
    assert Seat.objects.get().state == "given_up"


@pytest.mark.slow
def test_what_customers_wrote_is_hidden_without_the_scope(api, api_with, lin):
    number = opened(api, lin, description="Ring me at home").json()["number"]
    other = api_with(Permission.CASES_VIEW)
    assert other.get(f"/service-requests/{number}").json()["description"] is None


@pytest.mark.slow
def test_who_came_is_noted_once_the_session_has_begun(api, lin):
    now = utc_now()
    training.save_course(code="stones", name="Stones", actor=ACTOR, now=now)
    starts = now + timedelta(days=3)
    fields = training.SessionFields(course="stones", starts_at=starts, ends_at=starts + timedelta(hours=1), capacity=1)
    session = training.plan_session(fields, actor=ACTOR, now=now)
    whose = {"customer_id": lin["id"]}
    assert api.post(f"/training-sessions/{session.id}/seats", whose).json()["state"] == "taken"
    came = {"came": {lin["id"]: True}}
    assert api.post(f"/training-sessions/{session.id}/attendance", came).status_code == 409  # not begun
    long_ago = now - timedelta(days=1)
    TrainingSession.objects.filter(id=session.id).update(starts_at=long_ago)
    stranger = {"came": {lin["id"]: True, str(new_id()): False}}
    assert api.post(f"/training-sessions/{session.id}/attendance", stranger).json() == {"noted": 1}
    assert Seat.objects.get().state == "attended"
