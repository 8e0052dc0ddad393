"""The event log through the API: settled, followed by cursor, narrowed."""

from datetime import timedelta

from troth.api.resources import events as resource
from troth.events import registry


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
