"""Single orders that are gathered: each caller gets exactly what it would have got alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client

from troth.access.models import IdempotencyRecord
from troth.activity import services as activity
from troth.activity.models import DocumentKey, Order, OrderLine
from troth.api.resources.order_schemas import OrderIn
from troth.api.resources.selling import record_order
from troth.events.models import Event
from troth.kit import clock
from troth.staff import services as staff

from .conftest import ACTOR, Api


def test_two_forms_of_one_order_in_a_batch_are_an_order_and_its_change(api, lin, an_order):
    bodies = [an_order(lin), an_order(lin, external_id="8813"), an_order(lin, channel="web"), an_order(lin)]
    items = [OrderIn.model_validate(body) for body in bodies]
    replies = record_order(items, actor=ACTOR, now=datetime(2026, 3, 2, tzinfo=UTC))
    assert [reply.status for reply in replies] == [201, 201, 200, 200]
    forms = [(reply.body["revision"], reply.body["channel"]) for reply in replies]
    assert forms == [(1, ""), (1, ""), (2, "web"), (3, "")]


def test_a_refused_order_keeps_nothing_and_frees_its_key(api, lin, an_order):
    refused = api.post("/orders", an_order(lin, store="nowhere"), idempotency_key="k")
    assert (refused.status_code, refused.json()["code"]) == (422, "reference_unknown")
    assert not IdempotencyRecord.objects.filter(key="k").exists()
    assert api.post("/orders", an_order(lin), idempotency_key="k").status_code == 201


@pytest.fixture
def crowd(racing_database, api, lin, monkeypatch):
    """Return a function that sends requests (body, idempotency key) at once, and the sizes of the batches."""
    sizes = []
    record = activity.record_orders

    def counted(orders, **who):
        sizes.append(len(orders))
        return record(orders, **who)

    monkeypatch.setattr(activity, "record_orders", counted)

    def send(requests, **headers):
        start = threading.Barrier(len(requests))

        def post(request):
            body, key = request
            own = Api(api.key, client=Client(raise_request_exception=False))
            start.wait()
            try:
                return own.post("/orders", body, idempotency_key=key, **headers)
            finally:
                connection.close()

        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(post, requests))

    return send, sizes


@pytest.mark.slow
def test_of_many_at_once_each_gets_its_own_answer(crowd, lin, an_order):
    send, sizes = crowd
    requests = [(an_order(lin, external_id=f"{number}", channel=f"c{number}"), f"k{number}") for number in range(20)]
    requests.append((an_order(lin, external_id="bad", store="nowhere"), "bad"))
    requests.append((an_order(lin, external_id="0", channel="c0"), "k0"))  # the same request again
    requests.append((an_order(lin, external_id="other"), "k1"))  # a key that names another
    answers = send(requests)
    assert [answer.status_code for answer in answers[2:21]] == [201] * 18 + [422]
    for number, answer in enumerate(answers[2:20], start=2):
        assert (answer.json()["external_id"], answer.json()["channel"]) == (f"{number}", f"c{number}")
    assert answers[20].json()["fields"]["value"] == "nowhere"
    assert answers[0].json() == answers[21].json()
    replays = ["Idempotency-Replayed" in answers[place].headers for place in (0, 21)]
    assert sorted(replays) == [False, True]
    assert sorted(answers[place].status_code for place in (1, 22)) == [201, 409]
    assert (Order.objects.count(), DocumentKey.objects.count(), OrderLine.objects.count()) == (20, 20, 40)
    assert Event.objects.filter(name="activity.order.recorded").count() == 20
    assert IdempotencyRecord.objects.exclude(status=201).count() == 0
    assert max(sizes) > 1, "they came at once and none were gathered"


@pytest.mark.slow
def test_when_a_batch_fails_each_order_is_recorded_alone(crowd, lin, an_order, monkeypatch):
    send, _sizes = crowd
    record = activity.record_orders

    def failing(orders, **who):
        results = record(orders, **who)
        if any(order.channel == "poison" for order in orders):
            raise RuntimeError("broken in the middle")
        return results

    monkeypatch.setattr(activity, "record_orders", failing)
    requests = [(an_order(lin, external_id=f"{number}"), f"k{number}") for number in range(11)]
    requests.append((an_order(lin, external_id="x", channel="poison"), "x"))
    answers = send(requests)
    assert [answer.status_code for answer in answers] == [201] * 11 + [500]
    assert sorted(Order.objects.values_list("external_id", flat=True)) == sorted(f"{number}" for number in range(11))
    assert not IdempotencyRecord.objects.filter(key="x").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "store": "S1",
            "channel": "online",
            "currency": "JPY",
            "occurred_at": "2026-03-31T23:59:59.123456789+08:00",
            "tags": {"payment": "微信", "paid": True, "till": 7, "none": None},
            "lines": [
                {"line_no": 2, "quantity": "0.3333", "net_amount": "12", "unit_cost": "1.2345", "brand": "Shan"},
                {"line_no": 1, "quantity": "0", "net_amount": "0.0001", "attributes": {"size": "L", "n": 2}},
            ],
        },
        {"is_history": True},
    ],
)
def test_the_answer_about_a_new_order_is_what_is_read_of_it_later(api, lin, an_order, changes):
    staff.save_store(actor=ACTOR, now=clock.utc_now(), code="S1", name="First")
    told = api.post("/orders", an_order(lin, **changes)).json()
    read = api.get(f"/orders/{told['id']}").json()
    assert {name: told[name] for name in read} == read
    assert list(read) == list(told)[: len(read)]
