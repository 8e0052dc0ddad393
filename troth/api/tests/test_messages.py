"""Messages over the API."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Permission
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.insights import services as insights
from troth.insights.tests.making import make_order
from troth.jobs import running
from troth.jobs.models import Job
from troth.kit import clock
from troth.messaging import services
from troth.messaging.control_results import JOB
from troth.messaging.models import ChannelSetup, Contact, ContactState, Suppression
from troth.messaging.policy_versions import in_force
from troth.messaging.tests.made_up import publish_texts


@pytest.fixture
def offer(lin):
    """A message to Lin, who agreed to offers."""
    publish_texts("offer")
    act = {"purpose": "marketing", "is_given": True, "source": "form", "proof": "form 1"}
    customers.record_consent(actor=system_actor("test"), now=clock.utc_now(), customer_id=UUID(lin["id"]), **act)
    return {
        "key": "a",
        "customer_id": lin["id"],
        "purpose": "marketing",
        "template": "offer",
        "channels": ["sink"],
        "facts": {"n": 5},
    }


def test_a_message_is_sent_once_per_key_and_says_why(api, offer):
    sent = api.post("/messages", {"messages": [offer]})
    assert sent.status_code == 200, sent.json()
    (decision,) = sent.json()["items"]
    assert (decision["key"], decision["stopped_by"]) == ("a", [])
    again = api.post("/messages", {"messages": [offer]})
    assert again.json() == sent.json()
    assert Contact.objects.count() == 1
    found = api.get(f"/messages/{decision['message_id']}").json()
    assert (found["key"], found["source"], found["customer_id"]) == ("api:a", "api", offer["customer_id"])
    consent = next(one for one in found["why"] if one["gate"] == "consent")
    assert (consent["result"], consent["text"]) == ("pass", "Consent by channel: Sink (sends nothing) – given.")


def test_who_wants_no_decision_by_machine_alone_gets_no_offer_that_a_program_sends(api, offer):
    """GDPR 22, PIPL 24: whoever calls this address is a program."""
    act = {"purpose": "automated", "is_given": False, "source": "page"}
    customers.record_consent(
        actor=system_actor("test"), now=clock.utc_now(), customer_id=UUID(offer["customer_id"]), **act
    )
    about_an_order = offer | {"key": "b", "purpose": "service"}
    decided = api.post("/messages", {"messages": [offer, about_an_order]}).json()["items"]
    assert [(one["outcome"] == "withheld", one["stopped_by"]) for one in decided] == [
        (True, ["automation"]),
        (False, []),
    ]


def test_trying_out_writes_nothing(api, offer):
    refused = offer | {"template": "nothing_of_this_name"}
    tried = api.post("/messages/decide", {"messages": [offer | {"key": "b"}, refused]}).json()["items"]
    assert [(one["outcome"] == "withheld", one["stopped_by"], one["message_id"]) for one in tried] == [
        (False, [], None),
        (True, ["text"], None),
    ]
    assert not Contact.objects.exists()


def test_one_wrong_message_refuses_the_batch(api, offer):
    wrong = offer | {"key": "b", "channels": ["pigeon"]}
    answer = api.post("/messages", {"messages": [offer, wrong]})
    assert (answer.status_code, answer.json()["code"]) == (422, "message_refused")
    assert not Contact.objects.exists()


@pytest.mark.slow
def test_a_key_with_other_content_is_a_conflict(api, offer):
    api.post("/messages", {"messages": [offer]})
    answer = api.post("/messages", {"messages": [offer | {"facts": {"n": 6}}]})
    assert (answer.status_code, answer.json()["code"]) == (409, "message_conflict")


@pytest.mark.parametrize("value", ["\ud800", "a\x00b", {"deep": [[[[1]]]]}, 10**30, 1.5, None, True])
def test_facts_of_any_kind_are_kept_or_refused(api, offer, value):
    answer = api.post("/messages", {"messages": [offer | {"facts": {"n": value}}]})
    assert answer.status_code in (200, 400, 422)


def test_lists_are_narrowed_and_paged(api, offer, lin):
    api.post("/messages", {"messages": [offer | {"key": str(n), "facts": {"n": n}} for n in range(3)]})
    Contact.objects.filter(key="api:1").update(state=ContactState.SENT)
    first = api.get("/messages", limit=2).json()
    second = api.get("/messages", limit=2, cursor=first["next_cursor"]).json()
    assert len(first["items"]) + len(second["items"]) == 3
    assert [one["key"] for one in api.get("/messages", state="sent").json()["items"]] == ["api:1"]
    assert len(api.get(f"/customers/{lin['id']}/messages").json()["items"]) == 3
    assert api.get("/messages", state="nonsense").status_code == 422


def test_whether_sending_is_paused_is_told(api, offer):
    assert api.get("/sending").json() == {"is_paused": False, "reason": "", "waiting": 0}
    api.post("/messages", {"messages": [offer]})
    services.pause_all(actor=system_actor("test"), now=clock.utc_now())
    assert api.get("/sending").json() == {"is_paused": True, "reason": "person", "waiting": 1}


def test_each_needs_its_scope(api_with, offer):
    viewer = api_with(Permission.MESSAGES_VIEW)
    assert viewer.get("/messages").status_code == 200
    assert viewer.post("/messages", {"messages": [offer]}).status_code == 403


def test_without_a_control_group_there_is_nothing_to_measure(api):
    group = api.get("/control-group").json()
    assert group == {"percent": 0, "since": None, "most_days": 0, "is_being_measured": False, "measured": None}
    refused = api.post("/control-group/measurements", {"days": 30})
    assert (refused.status_code, refused.json()["code"]) == (422, "control_refused")


@pytest.mark.slow
def test_what_offers_brought_is_measured_and_read_back(api, tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    now, actor = clock.utc_now(), system_actor("test")
    long_ago = now - timedelta(days=400)
    terms = replace(in_force()[1], control_percent=50)
    services.save_policy(terms=terms, note="", expected_version=0, actor=actor, now=now - timedelta(days=60))
    made = [Customer(name="P", created_at=long_ago, updated_at=now) for _ in range(40)]
    for one in Customer.objects.bulk_create(made):
        make_order(one.id, (now - timedelta(days=5)).date(), "50", cost="10")
    insights.analyse(actor=actor, now=now)
    asked = api.post("/control-group/measurements", {"days": 30, "message_price": "0.05"})
    assert (asked.status_code, asked.json()["is_being_measured"]) == (202, True)
    running.run(Job.objects.get(name=JOB).id)
    group = api.get("/control-group").json()
    measured = group["measured"]
    assert (group["percent"], group["is_being_measured"], measured["days"]) == (50, False, 30)
    revenue = next(one for one in measured["outcomes"] if one["outcome"] == "revenue")
    assert (revenue["may"], revenue["control"], revenue["difference"]) == ("50.0000", "50.0000", "0.0000")
    assert measured["message_price"] == "0.05"
    zero = {"may": "0.0000", "control": "0.0000"}
    assert measured["costs"] == [{"kind": kind} | zero for kind in ("points", "gifts", "messages")]
    assert measured["may_people"] + measured["control_people"] == 40


@pytest.mark.slow
def test_a_blocked_address_is_listed_and_freed_with_a_reason(api, api_with, lin):
    now, by = clock.utc_now(), {"actor": system_actor("test"), "now": clock.utc_now()}
    base = f"/customers/{lin['id']}/blocked-addresses"
    services.suppress(kind="email", address="lin@example.com", reason=services.SuppressionReason.HARD_BOUNCE, **by)
    services.suppress(kind="phone", address="+8613800138000", reason=services.SuppressionReason.COMPLAINT, **by)
    reader = api_with(Permission.MESSAGES_VIEW)
    found = {one["kind"]: one for one in api.get(base).json()["items"]}
    assert (found["email"]["address"], found["email"]["reason"]) == ("lin@example.com", "hard_bounce")
    assert (found["email"]["is_objection"], found["phone"]["is_objection"]) == (False, True)
    assert "lin@example.com" not in reader.get(base).content.decode()
    lift = f"{base}/{found['email']['id']}/lift"
    assert reader.post(lift, {"note": "x"}).status_code == 403
    assert api.post(lift, {"note": " "}).json()["code"] == "block_refused"
    kept = api.post(f"{base}/{found['phone']['id']}/lift", {"note": "She asked"})
    assert (kept.status_code, kept.json()["code"]) == (409, "block_kept")
    assert api.post(f"{base}/999999999/lift", {"note": "x"}).status_code == 404
    assert len(api.get(base).json()["items"]) == 2
    for _twice in range(2):
        assert [one["kind"] for one in api.post(lift, {"note": "Typed anew"}).json()["items"]] == ["phone"]
    assert Suppression.objects.get(address_kind="email").lifted_at >= now


@pytest.mark.slow
def test_a_yes_that_is_to_be_confirmed_is_refused_with_a_way_out(api, lin):
    version, terms = in_force()
    services.save_policy(
        terms=replace(terms, confirmed=("marketing:email",)),
        note="",
        expected_version=version,
        actor=system_actor("test"),
        now=clock.utc_now(),
    )
    path = f"/customers/{lin['id']}/consents"
    yes = {"purpose": "marketing", "channel": "email", "is_given": True, "source": "form", "proof": "form 7"}
    for channel in ("email", "any"):
        refused = api.post(path, yes | {"channel": channel})
        assert (refused.status_code, refused.json()["code"]) == (409, "consent_unconfirmed")
        assert "consent-requests" in refused.json()["detail"]
    assert api.get(path).json() == {"now": [], "acts": []}
    assert api.post(path, yes | {"channel": "sms"}).status_code == 201
    assert api.post(path, yes | {"is_given": False}).status_code == 201
    assert api.post(path, yes | {"confirmed": True, "proof": "link followed, form 7"}).status_code == 201
    assert api.post(path, yes).status_code == 201  # it holds already


@pytest.mark.slow
def test_a_consent_asked_for_awaits_confirmation(api, api_with, lin):
    path = f"/customers/{lin['id']}/consent-requests"
    wanted = {"purpose": "survey", "channel": "email", "source": "shop form", "wording_version": "3"}
    assert api_with(Permission.CUSTOMERS_VIEW).post(path, wanted).status_code == 403
    assert api.post(path, wanted | {"channel": "fax"}).status_code == 422
    unsent = api.post(path, wanted)
    assert (unsent.status_code, unsent.json()["state"]) == (202, "not_sent")
    assert api.get(f"/messages/{unsent.json()['message_id']}").json()["state"] == "withheld"
    assert api.get(path).json() == {"items": []}
    ChannelSetup.objects.create(code="email", is_enabled=True, updated_by="test", updated_at=clock.utc_now())
    assert [api.post(path, wanted).json()["state"] for _twice in range(2)] == ["asked", "asked_before"]
    (waiting,) = api.get(path).json()["items"]
    assert (waiting["purpose"], waiting["channel"], waiting["wording_version"]) == ("survey", "email", "3")
    assert api.get(f"/customers/{lin['id']}/consents").json()["now"] == []


@pytest.mark.slow
def test_what_nobody_knows_is_settled_once(api, api_with, offer):
    (decision,) = api.post("/messages", {"messages": [offer]}).json()["items"]
    path = f"/messages/{decision['message_id']}/settle"
    early = api.post(path, {"state": "sent"})
    assert (early.status_code, early.json()["code"]) == (409, "message_state")
    Contact.objects.update(state=ContactState.UNKNOWN)
    assert api_with(Permission.MESSAGES_VIEW).post(path, {"state": "sent"}).status_code == 403
    assert api.post(path, {"state": "delivered"}).status_code == 422
    assert Contact.objects.get().state == ContactState.UNKNOWN
    assert api.post(path, {"state": "failed"}).json() == {"id": decision["message_id"], "state": "failed"}
    assert api.post(path, {"state": "queued"}).status_code == 409
    assert Contact.objects.get().state == ContactState.FAILED
