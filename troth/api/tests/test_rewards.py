"""The catalogue and redemptions over the API."""

from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.kit import clock
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.ledger.operations import Earn, Owner, Reason

ACTOR = system_actor("test")
MUG = {
    "code": "mug",
    "name": "Mug",
    "name_zh": "马克杯",
    "reward_kind": "goods",
    "prices": [
        {"points": 500, "point_currency": "points"},
        {
            "option": "mixed",
            "points": 100,
            "point_currency": "points",
            "money_amount": "19.90",
            "money_currency": "CNY",
        },
    ],
    "stock": 3,
    "fulfilment": "collect",
    "member_limit": 2,
}


@pytest.fixture
def points(lin):
    """Give Lin 1,200 points."""
    now = clock.utc_now()
    ledger.create_currency(actor=ACTOR, now=now, code="points", rules=CurrencyRules(name="Points"))
    earn = Earn(
        key="e",
        owner=Owner("customer", UUID(lin["id"])),
        currency="points",
        occurred_at=now,
        reason=Reason("t"),
        amount=1200,
    )
    ledger.post([earn], actor=ACTOR, now=now)


@pytest.fixture
def mug(api, points):
    """A reward on offer."""
    made = api.post("/rewards", MUG)
    assert made.status_code == 201, made.json()
    return api.post("/rewards/mug/offer", None).json()


@pytest.fixture
def redeem(api, lin):
    """Return a function that redeems for Lin."""

    def send(external_id="X-1", **changes):
        body = {"customer_id": lin["id"], "source": "app", "external_id": external_id, "reward": "mug"}
        return api.post("/redemptions", body | {"option": "points"} | changes)

    return send


@pytest.mark.slow
def test_a_reward_is_made_and_offered(api, mug, lin):
    assert (mug["state"], mug["left"], [one["money_amount"] for one in mug["prices"]]) == (
        "active",
        3,
        ["19.90", "0.00"],
    )
    assert api.get("/rewards/mug").json() == mug
    (shown,) = api.get(f"/customers/{lin['id']}/rewards").json()["items"]
    assert (shown["code"], shown["left"], shown["member_left"], shown["is_open"]) == ("mug", 3, 2, True)
    assert api.post("/rewards", MUG).json()["code"] == "reward_refused"
    changed = api.send("PUT", "/rewards/mug", MUG | {"name": "Big mug", "prices": MUG["prices"][:1]}).json()
    assert (changed["name"], changed["left"], len(changed["prices"])) == ("Big mug", 3, 1)
    assert api.post("/rewards/mug/stock", {"change": 4, "reason": "delivery"}).json() == {"left": 7}
    assert api.post("/rewards/mug/archive", None).json()["state"] == "archived"
    assert api.get(f"/customers/{lin['id']}/rewards").json()["items"] == []


@pytest.mark.slow
def test_a_reward_is_redeemed_handed_over_and_undone(api, mug, redeem, lin):
    first = redeem(delivery="Nanjing Road 1")
    found = first.json()
    assert (first.status_code, found["state"], found["points"], found["delivery"]) == (
        201,
        "requested",
        500,
        "Nanjing Road 1",
    )
    again = redeem()
    assert (again.status_code, again.json()["id"]) == (200, found["id"])
    assert redeem(quantity=2).json()["code"] == "reward_operation_conflict"
    assert redeem("X-2", quantity=2).json()["code"] == "member_limit_reached"
    assert redeem("X-3", option="").json()["fields"]["known"] == ["mixed", "points"]
    mixed = redeem("X-4", option="mixed").json()
    assert (mixed["points"], mixed["money_amount"], mixed["money_currency"]) == (100, "19.90", "CNY")
    assert api.get("/rewards/mug").json()["left"] == 1
    path = f"/redemptions/{found['id']}"
    assert api.post(f"{path}/advance", {"state": "fulfilled"}).json()["state"] == "fulfilled"
    assert api.post(f"{path}/advance", {"state": "sent"}).json()["code"] == "redemption_state"
    undone = api.post(f"{path}/cancel", {"reason": "damaged", "is_restocked": False}).json()
    assert (undone["state"], undone["cancel_reason"]) == ("cancelled", "damaged")
    assert api.get("/rewards/mug").json()["left"] == 1
    assert [one["state"] for one in api.get("/redemptions", customer_id=lin["id"]).json()["items"]] == [
        "requested",
        "cancelled",
    ]
    assert api.get(path).json()["state"] == "cancelled"


@pytest.mark.slow
def test_what_cannot_be_paid_changes_nothing(api, mug, redeem):
    api.send("PUT", "/rewards/mug", MUG | {"prices": [{"points": 1201, "point_currency": "points"}]})
    refused = redeem()
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_points")
    assert api.get("/rewards/mug").json()["left"] == 3
    assert api.get("/redemptions").json()["items"] == []


@pytest.mark.slow
def test_addresses_are_for_those_who_may_see_them(api_with, mug, redeem):
    redemption = redeem(delivery="Nanjing Road 1").json()
    assert api_with("rewards.view").get(f"/redemptions/{redemption['id']}").json()["delivery"] == ""


@pytest.mark.slow
def test_scopes_are_asked_for(api_with, mug, lin):
    viewer = api_with("rewards.view")
    body = {"customer_id": lin["id"], "source": "app", "external_id": "1", "reward": "mug"}
    assert viewer.post("/redemptions", body).status_code == 403
    assert viewer.post("/rewards/mug/stock", {"change": 1, "reason": "delivery"}).status_code == 403
