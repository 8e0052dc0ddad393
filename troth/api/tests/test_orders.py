"""Orders, returns and what surrounds them through the API."""

import json

import pytest

from troth.access.permissions import Permission
from troth.activity.models import DocumentKey, Order, OrderLine, Return
from troth.events.models import Event
from troth.kit import clock
from troth.sales import attempts
from troth.sales import services as sales
from troth.staff import services as staff

from .conftest import ACTOR

# Told with the answer to the recording; later /orders/{id}/evaluations tells it.
EARNED = {"programmes", "balances", "points_paid", "pools_paid"}


def counts():
    return (
        Order.objects.count(),
        OrderLine.objects.count(),
        DocumentKey.objects.count(),
        Return.objects.count(),
    )


@pytest.mark.slow
def test_an_order_is_recorded_and_given_back_with_exact_money(api, lin, an_order):
    staff.save_store(actor=ACTOR, now=clock.utc_now(), code="S1", name="First")
    response = api.post("/orders", an_order(lin, store="S1"))
    assert response.status_code == 201
    order = response.json()
    for name in ("id", "recorded_at", "updated_at"):
        assert order.pop(name)
    lines = order.pop("lines")
    assert order == {
        "customer_id": lin["id"],
        "source": "web",
        "external_id": "8812",
        "occurred_at": "2026-03-01T18:00:00Z",
        "order_date": "2026-03-02",
        "currency": "CNY",
        "net_amount": "29.50",
        "full_price_amount": "34.50",
        "costed_amount": "4.50",
        "cost_amount": "1.55",
        "store": "S1",
        "channel": "",
        "tags": {"payment": "wechat"},
        "is_history": False,
        "line_count": 2,
        "revision": 1,
        "programmes": [],
        "balances": [],
        "points_paid": {},
        "pools_paid": [],
    }
    assert lines[0] == {
        "line_no": 1,
        "quantity": "2",
        "unit_price": "15.00",
        "discount_amount": "5.00",
        "net_amount": "25.00",
        "unit_cost": None,
        "sku": "TEA",
        "name": "",
        "category": "",
        "brand": "",
        "attributes": {},
    }
    assert (lines[1]["quantity"], lines[1]["unit_price"], lines[1]["unit_cost"]) == ("0.5", "9.00", "3.10")
    stored = {key: value for key, value in json.loads(response.content).items() if key not in EARNED}
    assert api.get("/orders/external/web/8812").json() == stored
    assert api.get(f"/orders/{stored['id']}").json() == stored


def test_an_order_whose_number_holds_slashes_has_an_address(api, lin, an_order):
    made = api.post("/orders", an_order(lin, external_id="S1/2026-01-05/7"))
    assert made.status_code == 201
    assert api.get("/orders/external/web/S1%2F2026-01-05%2F7").json()["id"] == made.json()["id"]
    refused = api.post("/orders", an_order(lin, source="a/b"))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/source")
    assert Order.objects.count() == 1


@pytest.mark.slow
def test_an_order_sent_again_is_known_also_under_another_idempotency_key(api, lin, an_order):
    first = api.post("/orders", an_order(lin))
    again = api.post("/orders", an_order(lin))
    changed = api.post("/orders", an_order(lin, channel="online"))
    assert [one.status_code for one in (first, again, changed)] == [201, 200, 200]
    assert [one.json()["revision"] for one in (first, again, changed)] == [1, 1, 2]
    assert counts() == (1, 2, 1, 0)


@pytest.mark.slow
def test_money_in_yen_has_no_decimals_and_odd_prices_keep_theirs(api, lin, an_order):
    lines = [{"line_no": 1, "quantity": "3", "net_amount": "1000"}]
    order = api.post("/orders", an_order(lin, currency="JPY", lines=lines)).json()
    assert (order["net_amount"], order["lines"][0]["unit_price"]) == ("1000", "333.3333")


def test_a_batch_gives_each_order_its_own_result(api, lin, an_order):
    by_card = an_order(lin, external_id="4", identity={"kind": "external", "source": "shop", "value": "C-1"})
    del by_card["customer_id"]
    nobody = {
        **by_card,
        "external_id": "5",
        "identity": {"kind": "external", "source": "shop", "value": "C-9"},
    }
    minus = [{"line_no": 3, "quantity": "-2", "net_amount": "1.00"}]
    orders = [
        an_order(lin, external_id="1"),
        an_order(lin, external_id="1"),
        an_order(lin, external_id="2", lines=minus),
        an_order(lin, external_id="3", store="nowhere"),
        by_card,
        nobody,
    ]
    response = api.post("/orders/batch", {"orders": orders})
    assert response.status_code == 200
    answer = response.json()
    assert [one["outcome"] for one in answer["results"]] == [
        "created", "unchanged", "refused", "refused", "created", "refused",
    ]  # fmt: skip
    assert answer["counts"] == {"created": 2, "changed": 0, "unchanged": 1, "refused": 3}
    assert [one["error"] and one["error"]["detail"] for one in answer["results"]] == [
        None,
        None,
        "order 2 of web: line 3: quantity -2: must be at least 0; goods that come back go through returns",
        "web 3: there is no store nowhere.",
        None,
        "web 5: no customer has this External id. Add the customer first.",
    ]
    assert counts() == (2, 4, 2, 0)


def test_a_batch_is_recorded_once_per_idempotency_key(api, lin, an_order):
    body = {"orders": [an_order(lin)]}
    first = api.post("/orders/batch", body, idempotency_key="k")
    again = api.post("/orders/batch", body, idempotency_key="k")
    assert first.json() == again.json()
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    other = api.post("/orders/batch", {"orders": [an_order(lin, channel="online")]}, idempotency_key="k")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert counts() == (1, 2, 1, 0)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_batch_that_was_interrupted_is_finished_by_sending_it_again(api, lin, an_order, monkeypatch):
    monkeypatch.setattr(attempts, "PART", 2)
    body = {"orders": [an_order(lin, external_id=str(number)) for number in range(5)]}
    record, parts = sales.record_orders, []

    def interrupted(orders, **who_and_when):
        parts.append([order.external_id for order in orders])
        if len(parts) == 3:
            raise KeyboardInterrupt
        return record(orders, **who_and_when)

    monkeypatch.setattr(sales, "record_orders", interrupted)
    with pytest.raises(KeyboardInterrupt):
        api.post("/orders/batch", body, idempotency_key="k")
    assert (parts, counts()[0]) == ([["0", "1"], ["2", "3"], ["4"]], 4)

    finished = api.post("/orders/batch", body, idempotency_key="k")
    assert (parts[3:], counts()[0]) == ([["4"]], 5)
    assert [one["external_id"] for one in finished.json()["results"]] == ["0", "1", "2", "3", "4"]
    assert finished.json()["counts"] == {"created": 5, "changed": 0, "unchanged": 0, "refused": 0}
    assert "Idempotency-Replayed" not in finished.headers

    again = api.post("/orders/batch", body, idempotency_key="k")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (finished.content, "true")
    assert (len(parts), counts()[0]) == (4, 5)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"currency": "yuan"}, "/currency"),
        ({"occurred_at": "2026-03-01 18:00"}, "/occurred_at"),
        ({"occurred_at": "2026-03-01T18:00:00"}, "/occurred_at"),
        ({"occurred_at": 1772388000}, "/occurred_at"),
        ({"lines": [{"line_no": 1, "quantity": 2, "net_amount": "1"}]}, "/lines/0/quantity"),
        ({"lines": [{"line_no": 1, "quantity": "2", "net_amount": 1.1}]}, "/lines/0/net_amount"),
        ({"lines": [{"line_no": 1, "quantity": "2", "net_amount": "1.00001"}]}, "/lines/0/net_amount"),
        ({"lines": []}, "/lines"),
        ({"customer_id": None}, ""),
        ({"identity": {"kind": "phone", "value": "13800138000"}}, ""),
        ({"unknown": 1}, "/unknown"),
        ({"tags": {"a": {"nested": 1}}}, "/tags/a"),
    ],
)
def test_a_body_outside_of_the_schema_is_refused_with_its_place(api, lin, an_order, changes, pointer):
    response = api.post("/orders", an_order(lin, **changes))
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "validation_failed")
    assert problem["errors"][0]["pointer"].startswith(pointer)
    assert counts() == (0, 0, 0, 0)


@pytest.mark.slow
def test_a_single_refused_order_is_a_problem(api, lin, an_order):
    response = api.post("/orders", an_order(lin, occurred_at="2999-01-01T00:00:00Z"))
    problem = response.json()
    assert (response.status_code, problem["code"], problem["fields"]["field"]) == (
        422,
        "order_refused",
        "occurred_at",
    )
    assert counts() == (0, 0, 0, 0)
    assert Event.objects.filter(name__startswith="activity.").count() == 0


@pytest.mark.slow
def test_goods_come_back_once(api, lin, an_order):
    api.post("/orders", an_order(lin))
    body = {
        "customer_id": lin["id"],
        "source": "web",
        "external_id": "R1",
        "order": {"source": "web", "external_id": "8812"},
        "occurred_at": "2026-03-02T09:00:00+08:00",
        "currency": "CNY",
        "lines": [{"line_no": 1, "order_line_no": 1, "quantity": "1", "net_amount": "12.50"}],
    }
    first = api.post("/returns", body)
    again = api.post("/returns", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["net_amount"], first.json()["lines"][0]["sku"]) == ("12.50", "TEA")
    more = api.post("/returns/batch", {"returns": [{**body, "external_id": "R2"}, {**body, "external_id": "R3"}]})
    assert [one["outcome"] for one in more.json()["results"]] == ["created", "refused"]
    assert more.json()["results"][1]["error"]["code"] == "already_returned"
    unknown = api.post("/returns", {**body, "external_id": "R4", "order": {"source": "web", "external_id": "1"}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "reference_unknown")
    listed = api.get("/returns", customer_id=lin["id"]).json()["items"]
    assert sorted(one["external_id"] for one in listed) == ["R1", "R2"]
    unwound = {"programmes": [], "balances": [], "points_paid": {}, "pools_paid": []}
    assert api.get(f"/returns/{first.json()['id']}").json() | unwound == first.json()


@pytest.mark.slow
def test_moments_visits_enquiries_and_costs(api, lin, an_order):
    order = api.post("/orders", an_order(lin)).json()
    at = "2026-03-02T08:00:00Z"
    for _ in range(2):
        assert api.post(f"/orders/{order['id']}/moments", {"moment": "dispatch", "occurred_at": at}).status_code == 201
    moments = api.get(f"/orders/{order['id']}/moments").json()["items"]
    assert moments == [{"customer_id": lin["id"], "order_id": order["id"], "moment": "dispatch", "occurred_at": at}]
    enquiry = api.post("/enquiries", {"customer_id": lin["id"], "occurred_at": at})
    assert (enquiry.status_code, enquiry.json()["moment"], enquiry.json()["order_id"]) == (
        201,
        "enquiry",
        None,
    )
    visit = api.post("/visits", {"customer_id": lin["id"], "visit_kind": "store", "occurred_at": at, "note": "rings"})
    assert (visit.status_code, visit.json()["visit_kind"], visit.json()["store"]) == (201, "store", None)
    cost = {
        "customer_id": lin["id"],
        "cost_kind": "delivery",
        "amount": "8.5",
        "currency": "CNY",
        "cost_date": "2026-03-02",
    }
    answer = api.post("/service-costs", cost)
    assert (answer.status_code, answer.json()["amount"]) == (201, "8.50")
    zero = api.post("/service-costs", {**cost, "amount": "0"})
    assert (zero.status_code, zero.json()["code"]) == (422, "activity_refused")


@pytest.mark.slow
def test_orders_are_listed_newest_first_and_by_last_change(api, lin, an_order):
    ann = api.post("/customers", {"name": "Ann"}).json()
    for number, (customer, day) in enumerate([(lin, 3), (lin, 1), (ann, 2), (lin, 2)]):
        at = f"2026-03-0{day}T10:00:00Z"
        api.post("/orders", an_order(customer, external_id=str(number), occurred_at=at))

    def numbers(**params):
        return [one["external_id"] for one in api.get("/orders", **params).json()["items"]]

    assert numbers(customer_id=lin["id"]) == ["0", "3", "1"]
    assert numbers() == ["0", "1", "2", "3"]
    span = {"occurred_from": "2026-03-02T00:00:00Z", "occurred_to": "2026-03-03T00:00:00Z"}
    assert numbers(**span) == ["2", "3"]
    first = api.get("/orders", customer_id=lin["id"], limit=2).json()
    rest = api.get("/orders", customer_id=lin["id"], limit=2, cursor=first["next_cursor"]).json()
    assert [one["external_id"] for one in first["items"] + rest["items"]] == ["0", "3", "1"]
    foreign = api.get("/orders", cursor=first["next_cursor"])
    assert (foreign.status_code, foreign.json()["code"]) == (422, "cursor_invalid")


def test_who_may_only_see_cannot_record(api_with, lin, an_order):
    response = api_with(Permission.ORDERS_VIEW).post("/orders", an_order(lin))
    assert (response.status_code, response.json()["code"]) == (403, "permission_missing")
    assert response.json()["fields"] == {"permission": "orders.record"}
    assert counts() == (0, 0, 0, 0)


@pytest.mark.slow
def test_orders_of_a_merged_record_are_the_customers(api, lin, an_order):
    ann = api.post("/customers", {"name": "Ann"}).json()
    api.post("/orders", an_order(ann))
    api.post(f"/customers/{lin['id']}/merges", {"merged_id": ann["id"]})
    assert [one["external_id"] for one in api.get("/orders", customer_id=lin["id"]).json()["items"]] == ["8812"]


def test_a_cost_to_serve_is_listed_and_cancelled(api, lin):
    body = {"customer_id": lin["id"], "cost_kind": "delivery", "amount": "8.50", "currency": "CNY"}
    cost = api.post("/service-costs", body | {"cost_date": "2026-03-01"}).json()
    made = api.post(f"/service-costs/{cost['id']}/cancel", {"reason": "entered_twice"})
    assert made.status_code == 201
    counter = made.json()
    assert (counter["amount"], counter["cancels_id"], counter["cancel_reason"]) == (
        "-8.50",
        cost["id"],
        "entered_twice",
    )
    assert api.get(f"/customers/{lin['id']}/service-costs").json()["items"] == [counter, cost]
    again = api.post(f"/service-costs/{cost['id']}/cancel", {"reason": "other"})
    assert (again.status_code, again.json()["code"]) == (409, "cost_cancelled")
