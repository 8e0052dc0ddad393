"""Customers through the API: exact bodies, refusals that change nothing, masking, pages."""

import json
from base64 import urlsafe_b64encode
from uuid import uuid4

import pytest

from troth.access.permissions import Permission
from troth.customers import services as customers
from troth.customers.models import Customer, Identity
from troth.events.models import Event
from troth.kit import clock

from .conftest import ACTOR

SEEN_BY_ALL = {"id", "created_at", "updated_at", "record_ids", "identities"}


def test_a_customer_is_added_and_given_back_whole(api):
    body = {
        "name": "林雨",
        "birth_date": "1990-05-06",
        "identities": [
            {"kind": "phone", "value": "138 0013 8000"},
            {"kind": "card", "value": "ab-12 34", "source": "club"},
        ],
    }
    response = api.post("/customers", body)
    assert response.status_code == 201
    made = response.json()
    assert {name: value for name, value in made.items() if name not in SEEN_BY_ALL} == {
        "customer_kind": "person",
        "name": "林雨",
        "family_name": "林",
        "given_name": "雨",
        "birth_date": "1990-05-06",
        "is_lunar_birthday": False,
        "gender": "",
        "language": "",
        "time_zone": "",
        "country": "",
        "region": "",
        "city": "",
        "district": "",
        "street": "",
        "postcode": "",
        "joined_date": None,
        "source": "",
        "staff_owner_id": None,
        "phone": "+8613800138000",
        "email": None,
        "tags": [],
        "is_erased": False,
        "is_masked": False,
        "revision": 1,
        "attributes": [],
        "consents": [],
    }
    assert [(one["kind"], one["source"], one["value"]) for one in made["identities"]] == [
        ("card", "club", "AB1234"),
        ("phone", "", "+8613800138000"),
    ]
    assert made["record_ids"] == [made["id"]]
    assert api.get(f"/customers/{made['id']}").json() == made
    event = Event.objects.get(name="customers.customer.created")
    assert event.actor.startswith("api_key:")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "customer_refused"),
        ({"name": "A", "salary": 3}, 422, "validation_failed"),
        ({"name": "A", "birth_date": "1990-02-30"}, 422, "validation_failed"),
        ({"name": "A", "birth_date": 19900506}, 422, "validation_failed"),
        ({"name": "A\x00"}, 422, "validation_failed"),
        ({"name": "A", "is_lunar_birthday": "yes"}, 422, "validation_failed"),
        ({"name": "A", "birth_date": "2999-01-01"}, 422, "customer_refused"),
        ({"name": "A", "identities": [{"kind": "phone", "value": "1.38E+10"}]}, 422, "identity_refused"),
        ({"name": "A", "identities": [{"kind": "email", "value": "LIN@example.com"}]}, 409, "identity_taken"),
    ],
)
def test_a_refused_customer_is_not_added(api, lin, body, status, code):
    response = api.post("/customers", body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 3)


@pytest.mark.slow
def test_only_the_fields_that_are_there_change(api, lin):
    response = api.send("PATCH", f"/customers/{lin['id']}", {"city": "苏州", "expected_revision": 1})
    assert response.status_code == 200
    changed = response.json()
    assert (changed["city"], changed["name"], changed["birth_date"], changed["revision"]) == (
        "苏州",
        "林雨",
        "1990-05-06",
        2,
    )
    outdated = api.send("PATCH", f"/customers/{lin['id']}", {"city": "杭州", "expected_revision": 1})
    assert (outdated.status_code, outdated.json()["code"]) == (409, "customer_changed")
    assert api.get(f"/customers/{lin['id']}").json()["city"] == "苏州"


@pytest.mark.slow
def test_an_external_id_adds_once_and_changes_then(api, lin):
    added = api.send("PUT", "/customers/external/shop/C-2", {"name": "Ann"})
    changed = api.send("PUT", "/customers/external/shop/C-2", {"city": "Paris"})
    assert (added.status_code, changed.status_code) == (201, 200)
    assert (changed.json()["id"], changed.json()["name"], changed.json()["city"]) == (
        added.json()["id"],
        "Ann",
        "Paris",
    )
    assert Customer.objects.count() == 2


@pytest.mark.slow
def test_a_number_with_a_slash_has_an_address(api, lin):
    added = api.send("PUT", "/customers/external/shop/2026%2F001", {"name": "Ann"})
    changed = api.send("PUT", "/customers/external/shop/2026%2F001", {"city": "Paris"})
    assert (added.status_code, changed.status_code) == (201, 200)
    found = api.post("/customers/find", {"kind": "external", "source": "shop", "value": "2026/001"}).json()
    assert (found["id"], found["city"]) == (added.json()["id"], "Paris")


def test_a_source_with_a_slash_is_refused(api, lin):
    identity = {"kind": "external", "source": "a/b", "value": "1"}
    refused = api.post("/customers", {"name": "Ann", "identities": [identity]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/identities/0/source")
    assert Customer.objects.count() == 1


@pytest.mark.slow
def test_a_customer_is_found_by_what_identifies_her(api, lin):
    found = api.post("/customers/find", {"kind": "phone", "value": "+86 138-0013-8000"})
    assert (found.status_code, found.json()["id"]) == (200, lin["id"])
    nobody = api.post("/customers/find", {"kind": "phone", "value": "+8613800138001"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "customer_not_found")


@pytest.mark.slow
def test_identities_come_and_go(api, lin):
    added = api.post(f"/customers/{lin['id']}/identities", {"kind": "card", "value": "99", "source": "club"})
    assert added.status_code == 201
    removed = api.send("DELETE", f"/customers/{lin['id']}/identities/{added.json()['id']}")
    assert (removed.status_code, removed.content) == (204, b"")
    assert len(api.get(f"/customers/{lin['id']}").json()["identities"]) == 3


def test_tags_come_and_go(api, lin):
    assert api.post(f"/customers/{lin['id']}/tags", {"name": "VIP"}).json() == {"items": ["VIP"]}
    assert api.post(f"/customers/{lin['id']}/tags", {"name": "club"}).json() == {"items": ["VIP", "club"]}
    assert api.send("DELETE", f"/customers/{lin['id']}/tags/VIP").json() == {"items": ["club"]}
    assert api.send("DELETE", f"/customers/{lin['id']}/tags/VIP").json() == {"items": ["club"]}


@pytest.mark.slow
def test_attributes_are_set_all_or_none(api, lin):
    act = {"actor": ACTOR, "now": clock.utc_now()}
    customers.define_attribute(code="shoe_size", label="Shoe size", attribute_type="number", is_personal=False, **act)
    customers.define_attribute(code="hobby", label="Hobby", attribute_type="text", **act)
    path = f"/customers/{lin['id']}/attributes"
    refused = api.send("PATCH", path, {"values": {"hobby": "tea", "shoe_size": "big"}})
    assert (refused.status_code, refused.json()["code"]) == (422, "attribute_refused")
    assert api.get(f"/customers/{lin['id']}").json()["attributes"] == []
    done = api.send("PATCH", path, {"values": {"hobby": "tea", "shoe_size": "38.50"}})
    expected = [{"code": "hobby", "value": "tea"}, {"code": "shoe_size", "value": "38.5"}]
    assert done.json() == {"items": expected}
    assert [one["code"] for one in api.get("/attributes").json()["items"]] == ["hobby", "shoe_size"]


def test_an_attribute_is_defined_and_changed(api, lin):
    size = {"label": "Shoe size", "label_zh": "鞋码", "attribute_type": "number", "unit": "EU", "is_personal": False}
    made = api.send("PUT", "/attributes/shoe_size", size)
    expected = {"code": "shoe_size", **size, "choices": [], "is_active": True}
    assert (made.status_code, made.json()) == (200, expected)
    api.send("PATCH", f"/customers/{lin['id']}/attributes", {"values": {"shoe_size": "38"}})

    refused = api.send("PUT", "/attributes/shoe_size", {"label": "Shoe size", "attribute_type": "text"})
    assert (refused.status_code, refused.json()["fields"]["field"]) == (422, "attribute_type")
    assert api.get("/attributes").json()["items"] == [expected]

    api.send("PUT", "/attributes/shoe_size", {**size, "is_active": False})
    assert api.get("/attributes").json()["items"] == []


def test_consent_needs_proof_and_withdrawing_does_not(api, lin):
    path = f"/customers/{lin['id']}/consents"
    act = {
        "purpose": "marketing",
        "channel": "sms",
        "source": "form",
        "occurred_at": "2026-01-01T10:00:00+08:00",
    }
    refused = api.post(path, {**act, "is_given": True})
    assert (refused.status_code, refused.json()["fields"]["field"]) == (422, "proof")
    assert api.post(path, {**act, "is_given": True, "proof": "form 7"}).json()["occurred_at"] == "2026-01-01T02:00:00Z"
    assert api.post(path, {**act, "is_given": False, "occurred_at": "2026-01-02T00:00:00Z"}).status_code == 201
    history = api.get(path).json()
    assert [(one["purpose"], one["channel"], one["is_given"]) for one in history["now"]] == [
        ("marketing", "sms", False)
    ]
    assert [one["is_given"] for one in history["acts"]] == [False, True]


@pytest.mark.slow
def test_a_merge_links_and_can_be_undone(api, lin):
    ann = api.post("/customers", {"name": "Ann"}).json()
    merge = api.post(f"/customers/{lin['id']}/merges", {"merged_id": ann["id"], "reason": "duplicate"})
    assert merge.status_code == 201
    assert api.get(f"/customers/{ann['id']}").json()["id"] == lin["id"]
    assert api.get(f"/customers/{lin['id']}").json()["record_ids"] == sorted([lin["id"], ann["id"]])
    self_merge = api.post(f"/customers/{lin['id']}/merges", {"merged_id": lin["id"]})
    assert (self_merge.status_code, self_merge.json()["code"]) == (409, "merge_refused")
    undone = api.post(f"/merges/{merge.json()['id']}/undo", None)
    assert (undone.status_code, undone.json()["unmerged_at"] is not None) == (200, True)
    assert api.get(f"/customers/{ann['id']}").json()["id"] == ann["id"]
    assert len(api.get(f"/customers/{lin['id']}/merges").json()["items"]) == 1


def test_without_the_right_personal_data_are_masked(api_with, lin):
    blind = api_with(Permission.CUSTOMERS_VIEW)
    seen = blind.get(f"/customers/{lin['id']}").json()
    assert (seen["name"], seen["phone"], seen["email"]) == ("林•", "+86 ••• 8000", "l•••@example.com")
    assert (seen["birth_date"], seen["city"], seen["is_masked"]) == (None, "", True)
    assert [one["value"] for one in seen["identities"]] == ["l•••@example.com", "C-1", "+86 ••• 8000"]
    listed = blind.get("/customers").json()["items"][0]
    assert {name: listed[name] for name in listed} == {name: seen[name] for name in listed}
    for secret in ("13800138000", "lin@example", "1990", "上海", "林雨"):
        assert secret not in str(seen)


@pytest.mark.slow
def test_pages_go_through_everybody_once(api):
    ids = [api.post("/customers", {"name": f"N{number}"}).json()["id"] for number in range(5)]
    seen, cursor, pages = [], None, 0
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = api.get("/customers", **params).json()
        seen += [one["id"] for one in answer["items"]]
        pages += 1
        if pages == 1:
            api.post("/customers", {"name": "added meanwhile"})
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen[:5] == ids
    assert (len(seen), pages) == (6, 3)


@pytest.mark.slow
def test_filters_narrow(api, lin):
    ann = api.post("/customers", {"name": "Ann", "country": "FR"}).json()
    api.post(f"/customers/{ann['id']}/tags", {"name": "VIP"})

    def ids(**params):
        return [one["id"] for one in api.get("/customers", **params).json()["items"]]

    assert ids(text="lin yu") == ids(text="8000") == ids(city="上海") == ids(has_phone="true") == [lin["id"]]
    assert ids(country="FR") == ids(tag="VIP") == ids(has_email="false") == [ann["id"]]
    assert ids(tag="nobody has it") == ids(customer_kind="company") == ids(updated_from="2999-01-01T00:00:00Z") == []


@pytest.mark.parametrize("cursor", ["x", "eyJ9", "W10", "WyJpZCIsICJub3QgYSB1dWlkIl0", "§", "A" * 500])
def test_a_foreign_cursor_is_refused(api, cursor):
    response = api.get("/customers", cursor=cursor)
    assert (response.status_code, response.json()["code"]) == (422, "cursor_invalid")


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/orders", ["updated_at,id", "0001-01-01T00:00:00+14:00", str(uuid4())]),
        ("/orders", ["updated_at,id", "9999-12-31T23:59:59-14:00", str(uuid4())]),
        ("/segments", ["name,id", "\ud800", str(uuid4())]),
        ("/segments", ["name,id", "a\x00b", str(uuid4())]),
    ],
)
def test_a_cursor_of_values_that_cannot_be_stored_is_refused(api, path, values):
    cursor = urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    response = api.get(path, cursor=cursor)
    assert (response.status_code, response.json()["code"]) == (422, "cursor_invalid")


def test_a_misspelled_filter_is_refused_not_ignored(api):
    response = api.get("/customers", contry="FR")
    assert (response.status_code, response.json()["code"]) == (422, "parameter_unknown")


def test_an_unknown_customer_is_not_found(api):
    for path in ("", "/consents", "/merges"):
        response = api.get(f"/customers/{uuid4()}{path}")
        assert (response.status_code, response.json()["code"]) == (404, "customer_not_found")
