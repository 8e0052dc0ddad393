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
