"""Point currencies through the API: made, changed, and a new end for points that members hold."""

import pytest

from troth.access import services as access
from troth.access.actors import Actor
from troth.access.permissions import ALL_PERMISSIONS, KEY_PERMISSIONS
from troth.events.models import Event
from troth.kit import clock
from troth.ledger.models import Lot, PointCurrency

from .conftest import Api

pytestmark = pytest.mark.django_db
POINTS = {"code": "points", "name": "Points", "name_zh": "积分", "expiry_kind": "days", "expiry_count": 365}


@pytest.fixture
def api_of(company):
    """Return a function that makes a client with a key that this person made."""

    def make(name):
        person = Actor("user", name, name, ALL_PERMISSIONS)
        _key, text = access.create_api_key(name=name, scopes=KEY_PERMISSIONS, actor=person, now=clock.utc_now())
        return Api(text)

    return make


def test_a_currency_is_made_and_changed_for_what_comes(api):
    made = api.post("/point-currencies", POINTS)
    assert (made.status_code, made.json()["time_zone"], made.json()["revision"]) == (201, "Asia/Shanghai", 1)
    changed = api.send("PATCH", "/point-currencies/points", {"adjust_approval_limit": 500, "transfer_rule": "pools"})
    assert changed.json() == made.json() | {"adjust_approval_limit": 500, "transfer_rule": "pools", "revision": 2}
    assert api.get("/point-currencies").json()["items"] == [changed.json()]
    assert api.get("/point-currencies/points").json() == changed.json()
    lifted = api.send("PATCH", "/point-currencies/points", {"adjust_approval_limit": None})
    assert lifted.json()["adjust_approval_limit"] is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (POINTS | {"code": "points"}, 422, "point_currency_refused"),
        (POINTS | {"code": "a b"}, 422, "validation_failed"),
        (POINTS | {"code": "cash", "unit_kind": "cashback"}, 422, "point_currency_refused"),
        (POINTS | {"code": "days", "expiry_count": 0}, 422, "operation_refused"),
        (POINTS | {"code": "zone", "time_zone": "Mars"}, 422, "point_currency_refused"),
    ],
)
def test_what_breaks_its_rules_makes_no_currency(api, body, status, code):
    api.post("/point-currencies", POINTS)
    refused = api.post("/point-currencies", body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert PointCurrency.objects.count() == 1


def test_what_the_amounts_mean_cannot_change(api):
    api.post("/point-currencies", POINTS)
    refused = api.send("PATCH", "/point-currencies/points", {"decimals": 2})
    assert (refused.status_code, PointCurrency.objects.get().decimals) == (422, 0)
    assert api.send("PATCH", "/point-currencies/gold", {"name": "Gold"}).status_code == 404
    assert api.get("/point-currencies/gold").status_code == 404


@pytest.mark.slow
def test_old_points_get_a_new_end_only_when_somebody_else_approves(api_of, django_capture_on_commit_callbacks):
    """lesson: changing the expiry rule rewrites old points."""
    ann, bo = api_of("ann"), api_of("bo")
    ann.post("/point-currencies", POINTS)
    lin = ann.post("/customers", {"name": "Lin"}).json()
    given = {"customer_id": lin["id"], "currency": "points", "key": "a", "amount": 30}
    assert ann.post("/adjustments", given).status_code == 201
    ends_at = Lot.objects.get().expires_at
    path, rule = "/point-currencies/points/expiry-changes", {"expiry_kind": "days", "expiry_count": 10}
    effect = ann.post(f"{path}/evaluate", rule).json()
    assert {name: number for name, number in effect.items() if number} == {"sooner_lots": 1, "sooner_points": 30}
    assert ann.get(path).json()["items"] == []
    asked = ann.post(path, rule)
    assert (asked.status_code, asked.json()["state"], asked.json()["effect"]) == (201, "waiting", effect)
    change = f"/expiry-changes/{asked.json()['id']}"
    assert ann.post(f"{change}/approve", None).json()["code"] == "same_person"
    assert api_of("ann").post(f"{change}/approve", None).json()["code"] == "same_person"
    assert Lot.objects.get().expires_at == ends_at
    approved = bo.post(f"{change}/approve", None)
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert bo.post(f"{change}/reject", None).json()["code"] == "request_closed"
    assert bo.get(path).json()["items"] == [approved.json()]
    assert Event.objects.filter(name="ledger.expiry.decided").count() == 1


def test_who_asked_takes_a_new_end_back_without_the_right_to_approve(api, api_with):
    api.post("/point-currencies", POINTS)
    own = api_with("points.view", "points.configure")
    rule = {"expiry_kind": "never"}
    mine = own.post("/point-currencies/points/expiry-changes", rule).json()
    theirs = api.post("/point-currencies/points/expiry-changes", rule).json()
    assert own.post(f"/expiry-changes/{theirs['id']}/reject", None).status_code == 403
    assert own.post(f"/expiry-changes/{mine['id']}/reject", None).json()["state"] == "rejected"
    assert api.post("/expiry-changes/019a2f30-0000-7000-8000-000000000001/reject", None).status_code == 404
