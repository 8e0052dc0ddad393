"""Orders that earn, through the API: one call says what, why, what is left, and what is missing."""

import pytest

from troth.access.actors import system_actor
from troth.api.resources.sale_schemas import OrderEarned, SaleBatchOut
from troth.kit import clock
from troth.ledger import services as ledger
from troth.ledger.models import Account
from troth.programs import services as programs

ACTOR = system_actor("test")
PROGRAMME = """
programme: club
name: Club
currency: CNY
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}}
  - code: big
    name: Big
    when: {field: order.net_amount, operator: at_least, value: 500}
    effect: {type: fixed, points: 50}
challenges:
  - {code: month, name: Month, counts: amount, goal: 500, reward: {type: fixed, points: 5}}
tiers:
  ladder:
    - {code: basic, name: Basic}
    - {code: gold, name: Gold, reach: {points: 100}}
"""


@pytest.fixture
def club(company):
    now = clock.utc_now()
    rules = ledger.CurrencyRules(name="Points", shortfall="arrears")
    ledger.create_currency(actor=ACTOR, now=now, code="points", rules=rules)
    return programs.establish(
        actor=ACTOR,
        now=now,
        text=PROGRAMME,
        effective_at=now.replace(year=2020, month=1, day=1),
        reviewed_by="user:reviewer",
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_an_order_answers_what_it_earned_and_what_is_missing(api, lin, an_order, club):
    response = api.post("/orders", an_order(lin))
    assert response.status_code == 201
    order = response.json()
    (brought,) = order["programmes"]
    assert (brought["programme"], brought["version"], brought["points"]) == ("club", 1, {"points": 29})
    assert [(one["rule"], one["reason"], one["amount"]) for one in brought["reasons"]] == [
        ("base", "fired", 29),
        ("big", "condition", 0),
        ("month", "not_yet", 0),
    ]
    assert brought["reasons"][2]["values"] == {"reached": "29.5", "goal": "500", "counts": "amount"}
    assert brought["reasons"][1]["values"]["value"] == "29.5"
    assert order["balances"] == [{"currency": "points", "balance": 29, "available": 29, "arrears": 0}]
    assert (brought["tier"]["tier"], brought["tier"]["next_tier"]) == ("basic", "gold")
    assert brought["tier"]["missing_to_reach"] == [{"points": 71, "spend": "0", "visits": None}]


@pytest.mark.slow
@pytest.mark.django_db
def test_plain_answers_are_exactly_what_their_schemas_say(api, lin, an_order, club):
    one = api.post("/orders", an_order(lin))
    unknown = {**an_order(lin), "external_id": "B", "store": "nowhere"}
    many = api.post("/orders/batch", {"orders": [an_order(lin), {**an_order(lin), "external_id": "C"}, unknown]})
    assert many.json()["counts"] == {"created": 1, "changed": 0, "unchanged": 1, "refused": 1}
    for schema, response in ((OrderEarned, one), (SaleBatchOut, many)):
        said = schema.model_validate_json(response.content)
        assert said.model_dump(mode="json") == response.json()


@pytest.mark.slow
@pytest.mark.django_db
def test_asking_first_promises_what_recording_gives(api, lin, an_order, club):
    asked = api.post("/orders/evaluate", {"orders": [an_order(lin)]})
    assert asked.status_code == 200
    assert not Account.objects.exists()
    (promised,) = asked.json()["results"]
    recorded = api.post("/orders", an_order(lin)).json()
    (given,) = recorded["programmes"]
    for name in ("awards", "reasons", "points", "tier"):
        assert promised["programmes"][0][name] == given[name]
    assert promised["balances"] == recorded["balances"]


@pytest.mark.slow
@pytest.mark.django_db
def test_the_same_call_twice_earns_once(api, lin, an_order, club):
    # lesson: an offline till's retry doubles the points
    first = api.post("/orders", an_order(lin), idempotency_key="one")
    again = api.post("/orders", an_order(lin), idempotency_key="one")
    assert (again.status_code, again.json()) == (201, first.json())
    assert Account.objects.get().balance == 29


@pytest.mark.slow
@pytest.mark.django_db
def test_the_same_order_or_return_under_another_key_answers_its_first_result(api, lin, an_order, club):
    # lesson: an offline till's retry doubles the points
    first = api.post("/orders", an_order(lin))
    lines = [{"line_no": 1, "order_line_no": 1, "quantity": "1", "net_amount": "12.50"}]
    back = {"customer_id": lin["id"], "source": "till", "external_id": "R1", "order_id": first.json()["id"],
            "occurred_at": first.json()["occurred_at"], "currency": "CNY", "lines": lines}  # fmt: skip
    undone = api.post("/returns", back)
    assert undone.status_code == 201, undone.content
    api.post("/orders", an_order(lin, external_id="since"))
    again, undone_again = api.post("/orders", an_order(lin)), api.post("/returns", back)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (undone_again.status_code, undone_again.json()) == (200, undone.json())
    (in_batch,) = api.post("/orders/batch", {"orders": [an_order(lin)]}).json()["results"]
    told = ("programmes", "balances", "points_paid", "pools_paid")
    assert {name: in_batch[name] for name in told} == {name: first.json()[name] for name in told}
    assert first.json()["balances"][0]["balance"] == 29


@pytest.mark.slow
@pytest.mark.django_db
def test_a_batch_answers_each_and_reasons_can_be_left_out(api, lin, an_order, club):
    body = {"orders": [an_order(lin), an_order(lin, external_id="2", currency="CN")], "with_reasons": False}
    assert api.post("/orders/batch", body).status_code == 422
    body["orders"][1] = an_order(lin, external_id="2", lines=[{"line_no": 1, "quantity": "-1", "net_amount": "1"}])
    results = api.post("/orders/batch", body).json()["results"]
    assert [one["outcome"] for one in results] == ["created", "refused"]
    assert results[0]["programmes"][0]["points"] == {"points": 29}
    assert results[0]["programmes"][0]["reasons"] == []
    assert results[1]["programmes"] == []


@pytest.mark.slow
@pytest.mark.django_db
def test_a_return_says_what_it_took_back_and_the_order_tells_its_history(api, lin, an_order, club):
    order = api.post("/orders", an_order(lin)).json()
    body = {
        "customer_id": lin["id"],
        "source": "web",
        "external_id": "R1",
        "order_id": order["id"],
        "occurred_at": "2026-03-02T18:00:00Z",
        "currency": "CNY",
        "lines": [{"line_no": 1, "order_line_no": 1, "quantity": "2", "net_amount": "25.00"}],
    }
    undone = api.post("/returns", body)
    assert undone.status_code == 201
    (brought,) = undone.json()["programmes"]
    assert brought["points"] == {"points": 4}
    assert [(one["amount"], one["detail"]) for one in brought["moved"]] == [(-25, {"from_own_lot": 25})]
    assert undone.json()["balances"][0]["balance"] == 4
    steps = api.get(f"/orders/{order['id']}/evaluations").json()["items"]
    assert [(one["step"], one["cause"]) for one in steps] == [(1, "order"), (2, "return")]


@pytest.mark.slow
@pytest.mark.django_db
def test_an_order_is_paid_with_points_and_a_return_gives_them_back(api, lin, an_order, club):
    first = api.post("/orders", an_order(lin, external_id="1")).json()
    assert first["balances"][0]["balance"] == 29
    points = {"currency": "points", "points": 20, "amount": "2.00"}
    paid = api.post("/orders", an_order(lin, external_id="2", points_paid=[points]))
    assert paid.status_code == 201, paid.json()
    assert paid.json()["points_paid"] == {"points": 20}
    assert (paid.json()["tags"]["points_paid"], paid.json()["tags"]["points_amount"]) == ("points:20", "2.00")
    assert paid.json()["balances"][0]["balance"] == 29 - 20 + 27
    lines = [
        {"line_no": one["line_no"], "order_line_no": one["line_no"], "quantity": one["quantity"], "net_amount": "0"}
        for one in paid.json()["lines"]
    ]
    back = an_order(lin, external_id="R-2", lines=lines, order={"source": "web", "external_id": "2"})
    del back["tags"]
    asked = api.post("/returns/evaluate", back)
    assert asked.status_code == 200, asked.json()
    assert (asked.json()["points_paid"], asked.json()["balances"][0]["balance"]) == ({"points": -20}, 29)
    assert Account.objects.get().balance == 36
    done = api.post("/returns", back)
    assert (done.status_code, done.json()["points_paid"]) == (201, {"points": -20})
    assert Account.objects.get().balance == 29


@pytest.mark.slow
@pytest.mark.django_db
def test_points_that_are_not_there_refuse_the_order(api, lin, an_order, club):
    points = {"currency": "points", "points": 20, "amount": "2.00"}
    refused = api.post("/orders", an_order(lin, points_paid=[points]))
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_points")
    wrong = api.post("/orders", an_order(lin, points_paid=[points | {"amount": "-2.00"}]))
    assert wrong.status_code == 422
    assert not Account.objects.filter(balance__gt=0).exists()
