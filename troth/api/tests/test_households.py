"""Households through the API: who belongs to one, its pool of points, who may spend how much of it."""

import pytest

from troth.customers.models import Household
from troth.kit import clock
from troth.ledger.models import Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(api):
    """Lin and Bo, with 100 points in the pool; Bo may spend 30 a month."""
    api.post("/point-currencies", {"code": "points", "name": "Points", "transfer_rule": "pools"})
    lin, bo = (api.post("/customers", {"name": name}).json()["id"] for name in ("Lin", "Bo"))
    household = api.post("/households", {"customer_id": lin, "name": "Lin's"}).json()["id"]
    path = f"/households/{household}"
    assert api.send("PUT", f"{path}/members/{bo}", {"role": "child"}).status_code == 200
    api.send("PUT", f"{path}/pool-rules/{lin}", {"currency": "points"})
    api.send("PUT", f"{path}/pool-rules/{bo}", {"currency": "points", "limit": 30})
    api.post("/adjustments", said(lin, key="start", amount=150))
    given = api.post("/transfers", said(lin, key="give", amount=100, to_household_id=household))
    assert given.status_code == 201
    return household, lin, bo


def said(customer_id, **more):
    return {"customer_id": customer_id, "currency": "points", **more}


def in_pool(api, household):
    return api.get(f"/households/{household}/points").json()["items"][0]["available"]


@pytest.mark.slow
def test_a_household_names_its_people(api, api_with, home):
    household, lin, bo = home
    found = api.get(f"/households/{household}").json()
    assert found["name"] == "Lin's"
    assert [(one["customer_id"], one["role"]) for one in found["members"]] == [(lin, "head"), (bo, "child")]
    assert api.get(f"/customers/{bo}/household").json() == found
    assert api_with("customers.view").get(f"/households/{household}").json()["name"] == ""
    again = api.post("/households", {"customer_id": lin})
    assert (again.status_code, again.json()["code"], Household.objects.count()) == (409, "household_refused", 1)
    other = api.post("/customers", {"name": "Other"}).json()["id"]
    assert api.get(f"/customers/{other}/household").json()["code"] == "household_not_found"


@pytest.mark.slow
def test_members_spend_from_the_pool_within_their_limits(api, home):
    household, lin, bo = home
    spent = api.post("/points/spends", said(bo, key="s", amount=20, household_id=household))
    assert (spent.status_code, spent.json()["available"]) == (201, 80)
    held = said(bo, key="h", amount=10, household_id=household, expires_at="2099-01-01T00:00:00Z")
    assert api.post("/holds", held).status_code == 201
    over = api.post("/points/spends", said(bo, key="t", amount=1, household_id=household))
    assert (over.status_code, over.json()["code"]) == (403, "pool_refused")
    stranger = api.post("/customers", {"name": "Other"}).json()["id"]
    assert api.post("/points/spends", said(stranger, key="u", amount=1, household_id=household)).status_code == 403
    assert api.post("/holds/capture", said(bo, key="c", hold="h", household_id=household)).status_code == 201
    assert api.post("/points/reversals", said(bo, key="r", of="s", household_id=household)).status_code == 201
    assert in_pool(api, household) == 90
    back = api.post("/transfers", said(lin, key="b", amount=40, household_id=household))
    assert (back.status_code, in_pool(api, household)) == (201, 50)
    lines = api.get(f"/households/{household}/points/statement").json()["items"]
    assert [line["moved"] for line in lines] == [-40, 20, -10, 0, -20, 100]
    (lot,) = api.get(f"/households/{household}/points/lots").json()["items"]
    assert (lot["amount"], lot["remaining"]) == (100, 50)


@pytest.mark.slow
def test_the_rules_of_a_pool_are_of_its_members_only(api, home):
    household, lin, bo = home
    rules = api.get(f"/households/{household}/pool-rules").json()["items"]
    assert [(one["customer_id"], one["limit"], one["left"]) for one in rules] == [(lin, None, 100), (bo, 30, 30)]
    other = api.post("/customers", {"name": "Other"}).json()["id"]
    refused = api.send("PUT", f"/households/{household}/pool-rules/{other}", {"currency": "points"})
    assert refused.json()["code"] == "household_refused"
    barred = api.send("PUT", f"/households/{household}/pool-rules/{bo}", {"currency": "points", "may_spend": False})
    assert barred.json()["may_spend"] is False
    assert api.post("/points/spends", said(bo, key="s", amount=1, household_id=household)).status_code == 403
    assert api.send("DELETE", f"/households/{household}/members/{other}").status_code == 409
    assert api.send("DELETE", f"/households/{household}/members/{lin}").status_code == 204
    assert api.post("/points/spends", said(lin, key="s", amount=1, household_id=household)).status_code == 403
    assert in_pool(api, household) == 100


@pytest.mark.slow
def test_a_transfer_names_one_receiver(api, home):
    household, lin, bo = home
    before = Transaction.objects.count()
    for more in ({}, {"to_customer_id": bo, "to_household_id": household}):
        assert api.post("/transfers", said(lin, key="t", amount=1, **more)).status_code == 422
    assert api.post("/transfers", said(lin, key="t", amount=1, to_customer_id=bo)).json()["code"] == "transfer_refused"
    assert Transaction.objects.count() == before


@pytest.mark.slow
def test_a_reward_is_paid_from_the_pool_and_cancelled_back_into_it(api, home):
    household, _lin, bo = home
    mug = {"code": "mug", "name": "Mug", "reward_kind": "goods", "stock": 5}
    api.post("/rewards", mug | {"prices": [{"points": 25, "point_currency": "points"}]})
    api.post("/rewards/mug/offer", None)
    wish = {"customer_id": bo, "source": "app", "reward": "mug", "household_id": household}
    done = api.post("/redemptions", wish | {"external_id": "1"})
    assert (done.status_code, done.json()["household_id"], in_pool(api, household)) == (201, household, 75)
    refused = api.post("/redemptions", wish | {"external_id": "2"})
    assert (refused.status_code, refused.json()["code"], in_pool(api, household)) == (403, "pool_refused", 75)
    api.post(f"/redemptions/{done.json()['id']}/cancel", {"reason": "member"})
    assert in_pool(api, household) == 100


@pytest.mark.slow
def test_an_order_is_paid_from_the_pool_and_a_return_gives_it_back(api, home, an_order):
    household, _lin, bo = home

    def order(**more):
        return an_order({"id": bo}, occurred_at=clock.utc_now().isoformat(), **more)

    payment = {"points": 30, "amount": "3.00", "household_id": household}
    over = api.post("/orders", order(points_paid=[payment | {"points": 31}]))
    assert (over.status_code, over.json()["code"], in_pool(api, household)) == (403, "pool_refused", 100)
    paid = api.post("/orders", order(external_id="P-1", points_paid=[payment]))
    said_of_pool = {"household_id": household, "currency": "points"}
    assert paid.status_code == 201, paid.json()
    assert paid.json()["pools_paid"] == [said_of_pool | {"points": 30, "available": 70}]
    assert (paid.json()["points_paid"], paid.json()["balances"]) == ({"points": 30}, [])
    lines = [
        {"line_no": one["line_no"], "order_line_no": one["line_no"], "quantity": one["quantity"], "net_amount": "0"}
        for one in paid.json()["lines"]
    ]
    back = order(external_id="R-1", lines=lines, order={"source": "web", "external_id": "P-1"})
    del back["tags"]
    asked = api.post("/returns/evaluate", back)
    assert asked.json()["pools_paid"] == [said_of_pool | {"points": -30, "available": 100}]
    assert in_pool(api, household) == 70
    assert api.post("/returns", back).status_code == 201
    assert in_pool(api, household) == 100
