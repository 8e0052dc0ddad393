"""The crash rounds notice what they are there for: an order lost, made twice, or answered in two ways."""

import pytest

from bench.crash_calls import BATCH, LARGE, RETURN, SINGLE, SPEND, Call, Client, told

MEMBER = "m"


def order(number):
    return {"customer_id": MEMBER, "external_id": number}


def answer(number, points=10, **more):
    moved = [{"amount": points}]
    return {"id": f"id-{number}", "programmes": [{"moved": moved}], "balances": {}, "points_paid": {}, **more}


def single(number, status=201, points=10):
    return Call(SINGLE, order(number), answer=answer(number, points), status=status)


def batch(*outcomes):
    results = [answer(one, outcome=outcome, external_id=one, error=None) for one, outcome in outcomes]
    return Call(BATCH, {"orders": [order(one) for one, _outcome in outcomes]}, answer={"results": results}, status=200)


def test_each_order_counts_once_however_often_it_was_sent():
    calls = [single("1"), single("1", 200), batch(("1", "unchanged"), ("2", "created"), ("2", "unchanged"))]
    calls.append(Call(SPEND, {"customer_id": MEMBER, "amount": 3}, answer={}, status=200))
    calls.append(Call(RETURN, {"customer_id": MEMBER}, answer=answer("R", -4), status=201))
    calls.append(Call(SINGLE, order("3")))  # nobody answered
    said = told(calls)
    assert (said.orders, dict(said.points)) == ({"1", "2"}, {MEMBER: 10 + 10 - 3 - 4})


@pytest.mark.parametrize(
    ("calls", "why"),
    [
        ([single("1"), single("1")], "{'1': 2}"),
        ([single("1"), batch(("1", "created"))], "{'1': 2}"),
        ([single("1", 200)], "{'1': 0}"),
        ([batch(("1", "unchanged"))], "{'1': 0}"),
        ([single("1"), single("1", 200, points=11)], "in two ways"),
    ],
)
def test_what_cannot_be_true_ends_the_run(calls, why):
    with pytest.raises(SystemExit, match=why):
        told(calls)


def test_a_part_of_a_batch_that_is_refused_or_missing_ends_the_run():
    refused, short = batch(("1", "created")), batch(("1", "created"), ("2", "created"))
    refused.answer["results"][0]["error"] = {"code": "order_refused"}
    short.answer["results"].pop()
    for call, why in ((refused, "was answered"), (short, "2 orders were sent, 1 answered")):
        with pytest.raises(SystemExit, match=why):
            told([call])


def test_a_client_sends_all_kinds_of_calls_and_repeats_orders_within_and_between_them():
    client, sent, seen, repeats = Client("c", [MEMBER]), [], set(), 0
    for _ in range(200):
        call = client.next()
        sent.append(call)
        if call.orders:
            names = [one["external_id"] for one in call.orders]
            repeats += len(names) - len(set(names) - seen)
            outcomes = [(one, "unchanged" if one in seen else "created") for one in names]
            seen.update(names)
            call.answer = batch(*outcomes).answer if call.path == BATCH else answer(names[0])
            call.status = 200 if call.path == BATCH else 201
            client.note(call)
    assert {call.path for call in sent} == {SINGLE, BATCH, SPEND, RETURN}
    assert repeats > 20
    assert max(len(call.orders) for call in sent) == LARGE
