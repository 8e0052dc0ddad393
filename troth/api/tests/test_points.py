"""Points through the API: had, spent, held, undone, corrected, given, and every movement told."""

from datetime import timedelta
from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.kit import clock
from troth.ledger import services as ledger
from troth.ledger.models import Transaction
from troth.ledger.operations import Earn, Owner, Reason, Spend

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")


@pytest.fixture
def member(api, lin):
    rules = ledger.CurrencyRules(name="Points", shortfall="arrears", adjust_approval_limit=1000, transfer_rule="anyone")
    ledger.create_currency(actor=ACTOR, now=clock.utc_now(), code="points", rules=rules)
    adjusted = api.post("/adjustments", said(lin, key="start", amount=500, reason="goodwill"))
    assert adjusted.status_code == 201
    return lin


def said(customer, **more):
    return {"customer_id": customer["id"], "currency": "points", **more}


def available(api, customer):
    return api.get(f"/customers/{customer['id']}/points").json()["items"][0]["available"]


@pytest.mark.slow
def test_what_is_spent_is_gone_once(api, member):
    # lesson: two quotes confirmed at once: a 100-point card ends at −100
    spent = api.post("/points/spends", said(member, key="a", amount=400))
    assert (spent.status_code, spent.json()["outcome"], spent.json()["available"]) == (201, "posted", 100)
    again = api.post("/points/spends", said(member, key="a", amount=400))
    assert (again.json()["outcome"], again.json()["available"]) == ("repeated", 100)
    refused = api.post("/points/spends", said(member, key="b", amount=101))
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_points")
    other = api.post("/points/spends", said(member, key="a", amount=1))
    assert (other.status_code, other.json()["code"]) == (409, "operation_conflict")
    undone = api.post("/points/reversals", said(member, key="a/undo", of="a", amount=150))
    assert (undone.status_code, available(api, member)) == (201, 250)


@pytest.mark.slow
def test_a_hold_keeps_points_for_a_moment(api, member):
    held = api.post("/holds", said(member, key="h", amount=300, expires_at="2099-01-01T00:00:00Z"))
    assert (held.status_code, held.json()["available"]) == (201, 200)
    captured = api.post("/holds/capture", said(member, key="h/paid", hold="h", amount=100))
    assert (captured.status_code, captured.json()["balance"], captured.json()["available"]) == (201, 400, 400)
    gone = api.post("/holds/release", said(member, key="h/free", hold="h"))
    assert gone.status_code == 409


def test_a_large_adjustment_waits_for_a_second_person(api, member):
    waiting = api.post("/adjustments", said(member, key="big", amount=5000, reason="goodwill", note="angry"))
    assert (waiting.status_code, waiting.json()["outcome"]) == (202, "waiting")
    assert available(api, member) == 500


@pytest.mark.slow
def test_points_given_to_another_are_the_others(api, member):
    other = api.post("/customers", {"name": "Other"}).json()
    given = api.post("/transfers", said(member, key="t", amount=120, to_customer_id=other["id"]))
    assert given.status_code == 201
    assert (available(api, member), available(api, other)) == (380, 120)


@pytest.mark.slow
def test_the_statement_tells_every_movement_and_each_is_traced(api, member):
    api.post("/points/spends", said(member, key="a", amount=400, reason="gift"))
    path = f"/customers/{member['id']}/points"
    first = api.get(f"{path}/statement", limit=1).json()
    second = api.get(f"{path}/statement", limit=1, cursor=first["next_cursor"]).json()
    lines = [*first["items"], *second["items"]]
    assert [(line["kind"], line["reason"], line["moved"], line["balance"]) for line in lines] == [
        ("spend", "gift", -400, 100),
        ("adjust", "goodwill", 500, 500),
    ]
    assert second["next_cursor"] is None
    traced = api.get(f"{path}/transactions/{lines[0]['transaction_id']}").json()
    assert [(one["kind"], one["amount"]) for one in traced["sources"]] == [("adjust", 400)]
    (lot,) = api.get(f"{path}/lots").json()["items"]
    assert (lot["amount"], lot["remaining"]) == (500, 100)
    assert api.get(f"{path}/statement", cursor="x").status_code == 422


def test_points_of_nobody_are_refused_and_nothing_is_stored(api, member):
    before = Transaction.objects.count()
    body = {"identity": {"kind": "phone", "value": "+8613900000000"}, "currency": "points", "key": "x", "amount": 1}
    assert api.post("/points/spends", body).json()["code"] == "reference_unknown"
    assert api.post("/points/spends", said(member, key="y", amount=1, currency="gold")).status_code == 404
    assert Transaction.objects.count() == before


@pytest.mark.slow
def test_what_there_was_at_a_moment_is_told_as_true_and_as_known(api, lin):
    ledger.create_currency(actor=ACTOR, now=clock.utc_now(), code="points", rules=ledger.CurrencyRules(name="Points"))
    now = clock.utc_now()
    owner = Owner("customer", UUID(lin["id"]))
    said_of_it = {"owner": owner, "currency": "points", "reason": Reason("test")}
    late = Earn(key="late", occurred_at=now - timedelta(days=3), amount=90, **said_of_it)
    spent = Spend(key="spent", occurred_at=now - timedelta(days=1), amount=30, **said_of_it)
    assert [one.error for one in ledger.post([late, spent], actor=ACTOR, now=now)] == [None, None]
    path = f"/customers/{lin['id']}/points"
    then = (now - timedelta(days=2)).isoformat()

    def balance(**choice):
        return api.get(path, **choice).json()["items"][0]["available"]

    assert (balance(), balance(as_of=then), balance(as_of=then, by="recorded")) == (60, 90, 0)
    (lot,) = api.get(f"{path}/lots", as_of=then).json()["items"]
    assert (lot["amount"], lot["remaining"], lot["state"]) == (90, 90, "usable")
    assert api.get(f"{path}/lots").json()["items"] == [lot | {"remaining": 60}]
    assert api.get(f"{path}/lots", as_of=then, by="recorded").json()["items"] == []
    assert api.get(path, as_of="yesterday").status_code == 422
    assert api.get(path, as_of=then, by="guess").status_code == 422
