"""Templates, receipts and the inbox over the API."""

import pytest

from troth.access.actors import system_actor
from troth.kit import clock
from troth.kit.ids import new_id
from troth.messaging import starters
from troth.messaging.models import InboxMessage

ACTOR = system_actor("test")


@pytest.fixture
def installed(db):
    starters.install(actor=ACTOR, now=clock.utc_now(), codes=["birthday", "welcome"])


def test_templates_are_listed_with_what_they_need(api, installed):
    found = api.get("/templates").json()
    assert [one["code"] for one in found["items"]] == ["birthday", "welcome"]
    one = api.get("/templates/birthday").json()
    assert (one["version"], one["facts"], one["languages"]) == (1, ["gift", "gift_until"], ["en", "zh-hans"])
    assert one["document"]["languages"]["en"]["email"]["subject"] == "Happy birthday, {{ salutation }}!"
    assert api.get("/templates/nothing").status_code == 404


def test_an_inbox_is_read_once(api, lin):
    message = InboxMessage.objects.create(
        owner_id=lin["id"], contact_id=new_id(), language="en", text="Hello", created_at=clock.utc_now()
    )
    (found,) = api.get(f"/customers/{lin['id']}/inbox").json()["items"]
    assert (found["text"], found["read_at"]) == ("Hello", None)
    first = api.post(f"/inbox/{message.id}/read", {}).json()["read_at"]
    assert api.post(f"/inbox/{message.id}/read", {}).json()["read_at"] == first is not None
    assert api.post(f"/inbox/{new_id()}/read", {}).status_code == 404
    assert api.get(f"/messages/{new_id()}/receipts").json() == {"items": []}


READY = {"languages": {"en": {"email": {"subject": "Hello {{ salutation }}", "body": "Your ring is ready."}}}}
NEW = {"code": "ready", "name": "Ready", "name_zh": "已做好", "purpose": "service", "document": READY}


def test_a_template_is_written_looked_at_and_published(api, company):
    made = api.post("/templates", NEW)
    assert (made.status_code, made.json()["version"], made.json()["revision"]) == (201, None, 1)
    assert [one["text"] for one in made.json()["problems"] if one["blocks"]] == []
    assert api.get("/templates/ready").json()["document"] is None
    seen = api.post("/templates/ready/evaluate", {"kind": "email", "language": "en"}).json()
    assert (seen["subject"].startswith("Hello "), seen["missing"]) == (True, [])
    assert "Your ring is ready." in seen["text"]
    published = api.post("/templates/ready/publish", {"revision": 1})
    assert (published.status_code, published.json()["version"]) == (201, 1)
    assert api.post("/templates/ready/publish", {"revision": 1}).json()["version"] == 1
    assert api.get("/templates/ready").json()["document"]["languages"] == READY["languages"]


def test_a_draft_of_another_revision_is_neither_saved_nor_published(api, company):
    api.post("/templates", NEW)
    draft = {name: value for name, value in NEW.items() if name != "code"} | {"name": "Ready now", "revision": 1}
    assert api.send("PUT", "/templates/ready/draft", draft).json()["revision"] == 2
    again = api.send("PUT", "/templates/ready/draft", draft | {"name": "Too late"})
    assert (again.status_code, api.get("/templates/ready/draft").json()["name"]) == (409, "Ready now")
    assert api.post("/templates/ready/publish", {"revision": 1}).status_code == 409
    assert api.get("/templates/ready").json()["version"] is None


def test_what_is_wrong_is_named_and_not_published(api, company):
    wrong = {"languages": {"en": {"email": {"subject": "Hi", "body": "{{ salutaton }}"}}}}
    made = api.post("/templates", NEW | {"document": wrong}).json()
    assert [one["kind"] for one in made["problems"] if one["blocks"]] == ["email"]
    refused = api.post("/templates/ready/publish", {"revision": 1})
    assert refused.status_code == 422
    assert "salutaton" in refused.json()["detail"]
    unknown = api.post("/templates", NEW | {"code": "other", "document": {"languages": {"xx": {}}}})
    assert (unknown.status_code, api.get("/templates/other").status_code) == (422, 404)
    assert api.post("/templates", NEW).status_code == 422


def test_a_template_that_is_put_away_is_not_listed_until_it_is_taken_back(api, company):
    api.post("/templates", NEW)
    for is_archived in (True, False):
        api.post("/templates/ready/archive", {"archived": is_archived})
        listed = [one["code"] for one in api.get("/templates").json()["items"]]
        assert ("ready" in listed) is not is_archived


def test_a_customers_facts_are_for_who_may_see_people(api, api_with, company, lin):
    api.post("/templates", NEW)
    wanted = {"kind": "email", "language": "en", "customer_id": lin["id"]}
    assert api.post("/templates/ready/evaluate", wanted).status_code == 200
    assert api_with("messages.view").post("/templates/ready/evaluate", wanted).status_code == 403
    assert api.post("/templates/ready/evaluate", wanted | {"customer_id": str(new_id())}).status_code == 404
    assert api.post("/templates/ready/evaluate", wanted | {"kind": "sms"}).status_code == 422
