"""The event log through the API: settled, followed by cursor, narrowed."""

from datetime import timedelta

import pytest

from troth.access.permissions import Permission
from troth.api.resources import events as resource
from troth.events import registry
from troth.events.models import CustomEventType, Event


def settled(monkeypatch):
    monkeypatch.setattr(resource, "SETTLED_AFTER", timedelta(seconds=-5))


def test_fresh_events_are_held_back_but_not_those_of_one_customer(api, lin):
    assert api.get("/events").json() == {"items": [], "next_cursor": None, "resume_cursor": None}
    mine = api.get("/events", customer_id=lin["id"]).json()
    assert [one["name"] for one in mine["items"]] == ["customers.customer.created"]


def test_the_log_is_followed_without_gaps(api, lin, an_order, monkeypatch):
    settled(monkeypatch)
    first = api.get("/events", name="customers.customer.created", limit=1).json()
    assert [one["customer_id"] for one in first["items"]] == [lin["id"]]
    nothing = api.get("/events", name="customers.customer.created", cursor=first["resume_cursor"]).json()
    assert (nothing["items"], nothing["resume_cursor"]) == ([], first["resume_cursor"])
    ann = api.post("/customers", {"name": "Ann"}).json()
    more = api.get("/events", name="customers.customer.created", cursor=nothing["resume_cursor"]).json()
    assert [one["customer_id"] for one in more["items"]] == [ann["id"]]


def test_an_event_carries_ids_and_codes_only(api, lin, an_order, monkeypatch):
    settled(monkeypatch)
    order = api.post("/orders", an_order(lin)).json()
    (event,) = api.get("/events", name="activity.order.recorded").json()["items"]
    assert event["data"] == {
        "order": order["id"],
        "amount": "29.5000",
        "currency": "CNY",
        "line_count": 2,
        "is_history": False,
    }
    assert (event["customer_id"], event["occurred_at"]) == (lin["id"], "2026-03-01T18:00:00Z")
    assert event["actor"].startswith("api_key:")


def test_every_kind_of_event_is_listed(api):
    items = api.get("/event-types").json()["items"]
    assert [one["name"] for one in items] == [kind.name for kind in registry.all_types()]
    assert all(one["label"] for one in items)


def test_a_name_that_is_none_is_refused(api):
    response = api.get("/events", name="Robert'); --")
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "name")


OPENED = {"label": "Opened the app", "label_zh": "打开 App", "fields": {"version": "code", "minutes": "whole"}}


@pytest.fixture
def opened(api):
    return api.send("PUT", "/event-types/custom.app.opened", OPENED)


def of(customer, **more):
    return {"customer_id": customer["id"], "name": "custom.app.opened"} | more


def test_a_kind_of_ones_own_is_defined_changed_and_listed(api, opened):
    assert (opened.status_code, opened.json()) == (
        201,
        {"name": "custom.app.opened", "label": "Opened the app", "fields": {"version": "code", "minutes": "whole"}},
    )
    assert api.send("PUT", "/event-types/custom.app.opened", OPENED).status_code == 200
    more = OPENED | {"fields": {"version": "code", "minutes": "whole", "paid": "number"}}
    assert api.send("PUT", "/event-types/custom.app.opened", more).json()["fields"]["paid"] == "number"
    assert Event.objects.filter(name="events.type.defined").count() == 2
    for fields in ({"version": "code"}, more["fields"] | {"version": "date"}):
        refused = api.send("PUT", "/event-types/custom.app.opened", OPENED | {"fields": fields})
        assert (refused.status_code, refused.json()["code"]) == (409, "event_type_changed")
    assert CustomEventType.objects.get().fields == more["fields"]
    listed = {one["name"]: one for one in api.get("/event-types").json()["items"]}
    assert listed["custom.app.opened"]["fields"]["minutes"] == "a whole number"


@pytest.mark.parametrize("name", ["activity.order.recorded", "custom.app", "custom.App.opened", "custom..x"])
def test_a_name_outside_of_custom_is_refused(api, name):
    assert api.send("PUT", f"/event-types/{name}", OPENED).status_code == 422
    assert CustomEventType.objects.count() == 0


def test_an_event_of_ones_own_is_recorded_once_of_a_customer_by_any_identity(api, lin, opened):
    body = {
        "identity": {"kind": "phone", "value": "138 0013 8000"},
        "name": "custom.app.opened",
        "occurred_at": "2026-03-01T18:00:00+08:00",
        "data": {"version": "5.2.0", "minutes": 7},
    }
    first = api.post("/events", body, idempotency_key="e")
    again = api.post("/events", body, idempotency_key="e")
    assert (first.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert first.json() == again.json()
    event = first.json()
    assert (event["customer_id"], event["occurred_at"]) == (lin["id"], "2026-03-01T10:00:00Z")
    assert event["data"] == {"version": "5.2.0", "minutes": 7}
    assert Event.objects.filter(name="custom.app.opened").count() == 1
    (listed,) = api.get("/events", customer_id=lin["id"], name="custom.app.opened").json()["items"]
    assert listed == event


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"name": "custom.app.closed"}, 404, "event_type_unknown"),
        ({"name": "activity.order.recorded"}, 422, "validation_failed"),
        ({"data": {"colour": "red"}}, 422, "event_refused"),
        ({"data": {"minutes": "7"}}, 422, "event_refused"),
        ({"data": {"minutes": True}}, 422, "event_refused"),
        ({"data": {"version": "likes tea, call her"}}, 422, "event_refused"),
        ({"data": {"version": "林雨"}}, 422, "event_refused"),
        ({"data": {"version": {"major": 5}}}, 422, "validation_failed"),
        ({"occurred_at": "2990-01-01T00:00:00Z"}, 422, "event_refused"),
        ({"customer_id": "0190a0a0-0000-7000-8000-000000000000"}, 404, "customer_not_found"),
    ],
)
def test_an_event_that_does_not_fit_its_kind_is_refused(api, lin, opened, changes, status, code):
    before = Event.objects.count()
    refused = api.post("/events", of(lin, **changes))
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert Event.objects.count() == before


def test_a_key_without_the_scope_records_nothing(api_with, lin, opened):
    refused = api_with(Permission.EVENTS_VIEW).post("/events", of(lin))
    assert (refused.status_code, refused.json()["fields"]["permission"]) == (403, "events.append")
