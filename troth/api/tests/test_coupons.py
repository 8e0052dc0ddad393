"""Coupons over the API: asked, reserved, redeemed, given back; given to customers; campaigns and their codes."""

from uuid import UUID

import pytest

from troth.kit import clock
from troth.messaging import control_draws
from troth.rewards import services as rewards

SPRING = {
    "code": "spring",
    "name": "Spring",
    "code_kind": "generic",
    "generic_code": "SPRING26",
    "benefit": "percent",
    "percent": "10",
    "uses_per_member": 1,
}
WELCOME = {"code": "welcome", "name": "Welcome", "code_kind": "unique", "size": 100, "benefit": "amount", "amount": "5"}


@pytest.fixture
def campaign(api):
    """Return a function that makes and starts a campaign."""

    def make(body, **changes):
        made = api.post("/campaigns", body | changes)
        assert made.status_code == 201, made.json()
        started = api.post(f"/campaigns/{body['code']}/start", None)
        assert started.status_code == 200, started.json()
        return started.json()

    return make


@pytest.fixture
def a_basket(lin):
    """Return a function that makes the body of an order that is being made."""

    def make(*codes, **changes):
        basket = {
            "customer_id": lin["id"],
            "source": "till",
            "external_id": "9001",
            "occurred_at": "2026-03-05T12:00:00+08:00",
            "currency": "CNY",
            "codes": codes or ["SPRING26"],
            "lines": [
                {"line_no": 1, "sku": "TEA", "quantity": "2", "net_amount": "100.00"},
                {"line_no": 2, "sku": "POT", "quantity": "1", "net_amount": "9.99"},
            ],
        }
        return basket | changes

    return make


@pytest.mark.slow
def test_a_campaign_is_made_started_paused_and_ended(api, campaign):
    draft = api.post("/campaigns", SPRING).json()
    assert (draft["state"], draft["percent"], draft["amount"], draft["currency"], draft["generic_code"]) == (
        "draft",
        "10",
        None,
        "CNY",
        "SPRING26",
    )
    states = [
        api.post(f"/campaigns/spring/{verb}", None).json()["state"] for verb in ("start", "pause", "start", "end")
    ]
    assert states == ["active", "paused", "active", "ended"]
    again = api.post("/campaigns/spring/start", None)
    assert (again.status_code, again.json()["code"]) == (409, "campaign_state")
    assert [one["code"] for one in api.get("/campaigns", state="ended").json()["items"]] == ["spring"]
    assert api.get("/campaigns", state="draft").json()["items"] == []


def test_terms_are_checked_and_said_in_words(api):
    terms = {"field": "order.channel", "operator": "is", "value": "app"}
    found = api.post("/campaigns", SPRING | {"terms": terms}).json()
    assert (found["terms"], found["terms_sentence"]) == (terms, "Channel is “app”")
    wrong = api.post("/campaigns", SPRING | {"code": "other", "terms": {"field": "order.moon"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "condition_invalid")


@pytest.mark.slow
def test_a_code_is_asked_reserved_redeemed_and_given_back(api, campaign, a_basket, lin):
    campaign(SPRING)
    asked = api.post("/coupons/evaluate", a_basket("spring-26", "NOPE")).json()
    assert asked == {
        "items": [
            {
                "code": "SPRING26",
                "campaign": "spring",
                "is_usable": True,
                "discount": "11.00",
                "lines": [{"line_no": 1, "discount": "10.00"}, {"line_no": 2, "discount": "1.00"}],
                "gift_sku": "",
                "error": None,
            },
            {
                "code": "NOPE",
                "campaign": "",
                "is_usable": False,
                "discount": "0.00",
                "lines": [],
                "gift_sku": "",
                "error": {
                    "code": "coupon_unknown",
                    "detail": "There is no coupon with the code “NOPE”. Read it again, sign by sign.",
                },
            },
        ],
        "discount": "11.00",
    }
    reserved = api.post("/coupons/reserve", a_basket()).json()
    assert (reserved["items"][0]["outcome"], reserved["items"][0]["state"]) == ("done", "reserved")
    other = api.post("/coupons/reserve", a_basket(external_id="9002")).json()
    assert other["items"][0]["error"]["code"] == "member_limit_reached"
    redeemed = api.post("/coupons/redeem", a_basket()).json()
    assert redeemed["items"][0]["use_id"] == reserved["items"][0]["use_id"]
    assert (redeemed["items"][0]["state"], redeemed["discount"]) == ("redeemed", "11.00")
    again = api.post("/coupons/redeem", a_basket()).json()
    assert (again["items"][0]["outcome"], again["items"][0]["state"]) == ("repeated", "redeemed")
    uses = {"customer_id": lin["id"], "source": "till", "external_id": "9001", "codes": ["SPRING26"]}
    released = api.post("/coupons/release", uses).json()
    assert released["items"][0]["error"]["code"] == "coupon_use_state"
    reversed_ = api.post("/coupons/reverse", uses).json()
    assert reversed_["items"] == [{"code": "SPRING26", "outcome": "done", "state": "reversed", "error": None}]
    figures = api.get("/campaigns/spring").json()
    assert (figures["reserved"], figures["redeemed"], figures["reversed"]) == (0, 0, 1)


def test_a_stranger_and_a_customer_named_twice(api, campaign, a_basket, lin):
    campaign(SPRING, uses_per_member=None)
    stranger = api.post("/coupons/redeem", a_basket(customer_id=None)).json()
    assert stranger["items"][0]["state"] == "redeemed"
    both = a_basket(identity={"kind": "external", "source": "shop", "value": "C-1"})
    assert api.post("/coupons/redeem", both).status_code == 422


@pytest.mark.slow
def test_coupons_are_given_listed_and_withdrawn(api, campaign, lin):
    campaign(WELCOME)
    body = {"customer_id": lin["id"], "campaign": "welcome", "source": "crm", "external_id": "G-1"}
    first = api.post("/coupons", body)
    again = api.post("/coupons", body)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    coupon = first.json()
    assert coupon["code_text"].replace("-", "") == coupon["code"]
    assert api.get(f"/customers/{lin['id']}/coupons", usable=True).json()["items"] == [coupon]
    found = api.get(f"/coupons/codes/{coupon['code_text'].lower()}").json()
    assert (found["campaign"]["code"], found["uses_left"], found["is_generic"]) == ("welcome", 1, False)
    assert "customer_id" not in found
    withdrawn = api.post(f"/coupons/{coupon['id']}/revoke", None)
    assert withdrawn.json()["state"] == api.get(f"/coupons/{coupon['id']}").json()["state"] == "revoked"
    assert api.get(f"/customers/{lin['id']}/coupons", usable=True).json()["items"] == []
    assert api.get("/coupons/codes/NOPE").status_code == 404


def test_in_a_batch_each_coupon_stands_for_itself(api, campaign, lin):
    campaign(WELCOME)
    body = {"customer_id": lin["id"], "campaign": "welcome", "source": "crm"}
    nobody = {"identity": {"kind": "external", "source": "shop", "value": "C-9"}, "customer_id": None}
    coupons = [
        body | {"external_id": "1"},
        body | {"external_id": "2"} | nobody,
        body | {"external_id": "3", "campaign": "none"},
        body | {"external_id": "1"},
    ]
    results = api.post("/coupons/batch", {"coupons": coupons}).json()["results"]
    assert [one["outcome"] for one in results] == ["done", "refused", "refused", "repeated"]
    assert [one["error"] and one["error"]["code"] for one in results] == [
        None,
        "reference_unknown",
        "campaign_not_found",
        None,
    ]
    assert results[3]["coupon"] == results[0]["coupon"]


@pytest.mark.slow
def test_codes_for_print_are_the_same_when_asked_again(api, campaign, a_basket):
    campaign(WELCOME)
    body = {"batch": "flyer", "count": 40}
    first = api.post("/campaigns/welcome/codes", body).json()["codes"]
    assert len(set(first)) == 40
    assert api.post("/campaigns/welcome/codes", body).json()["codes"] == first
    refused = api.post("/campaigns/welcome/codes", {"batch": "more", "count": 61})
    assert (refused.status_code, refused.json()["code"]) == (409, "campaign_exhausted")
    assert api.post("/campaigns/welcome/enlarge", {"more_codes": 1}).json()["left"] == 61
    more = api.post("/campaigns/welcome/codes", {"batch": "more", "count": 61}).json()["codes"]
    assert len(set(first + more)) == 101
    used = api.post("/coupons/redeem", a_basket(first[3])).json()
    assert (used["items"][0]["state"], used["discount"]) == ("redeemed", "5.00")


def test_scopes_are_asked_for(api_with, lin):
    viewer = api_with("rewards.view")
    assert viewer.get("/campaigns").status_code == 200
    assert viewer.post("/campaigns", SPRING).status_code == 403
    assert viewer.post("/coupons/redeem", {}).status_code in (403, 422)
    assert api_with("customers.view").get("/campaigns").status_code == 403


@pytest.mark.slow
def test_whom_chance_kept_out_of_a_campaign_is_told(api, campaign, lin, monkeypatch):
    monkeypatch.setattr(control_draws, "_is_drawn", lambda _subject, _one, percent: percent == 10)
    assert campaign(WELCOME, control_percent=10)["control_percent"] == 10
    empty = {"percent": 10, "given_people": 0, "kept_out_people": 0, "is_being_measured": False, "measured": None}
    assert api.get("/campaigns/welcome/control-group").json() == empty
    refused = api.post("/campaigns/welcome/control-group/measurements", {"days": 30})
    assert (refused.status_code, refused.json()["code"]) == (422, "control_refused")
    assert rewards.kept_out_of("welcome", [UUID(lin["id"])], now=clock.utc_now()) == {UUID(lin["id"])}
    assert api.get("/campaigns/welcome/control-group").json() == empty | {"kept_out_people": 1}
    (draw,) = api.get(f"/customers/{lin['id']}/control-groups").json()["items"]
    assert (draw["subject"], draw["is_kept_out"], draw["is_of_all"], draw["percent"]) == (
        "coupon:welcome", True, False, 10,
    )  # fmt: skip
