"""The calls of the crash rounds: what clients send, and whether all the answers together can be true."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

SOURCE = "crash"
FIRST = ("id", "programmes", "balances", "points_paid")
"""What every answer about one order must say alike, whenever and however often it was sent."""

LARGE = 270
"""Orders of a batch that is recorded in more than one transaction."""

Body = dict[str, Any]


@dataclass
class Call:
    """One call with its key, and its first answer once there is one."""

    path: str
    body: Body
    key: str = field(default_factory=lambda: uuid4().hex)
    answer: Any = None
    status: int = 0

    @property
    def is_done(self) -> bool:
        """Tell whether it was answered, and not refused."""
        return 0 < self.status < 300

    @property
    def orders(self) -> list[Body]:
        """Return the orders that it sends."""
        if self.path == BATCH:
            found: list[Body] = self.body["orders"]
            return found
        return [self.body] if self.path == SINGLE else []


SINGLE, BATCH, SPEND, RETURN = (f"/api/v1/{path}" for path in ("orders", "orders/batch", "points/spends", "returns"))


class Client:
    """What one client sends: new orders one by one and in batches, the same again, spends, returns."""

    def __init__(self, name: str, members: Sequence[str]) -> None:
        self._name, self._members = name, members
        self._chance, self._number = random.Random(name), 0
        self._sent: list[Body] = []  # orders, answered or not
        self._returnable: list[Body] = []

    def next(self) -> Call:
        """Return the next call."""
        kind = self._chance.random()
        if kind < 0.4 or not self._returnable:
            return Call(SINGLE, self._order())
        if kind < 0.6:
            return Call(BATCH, {"orders": self._batch()})
        if kind < 0.65:  # a till that was not sure sends it again, under a key of its own
            return Call(SINGLE, self._chance.choice(self._sent))
        if kind < 0.8:
            body = {"customer_id": self._member(), "key": self._new_name(), "currency": "points", "amount": 3}
            return Call(SPEND, body)
        return Call(RETURN, self._return(self._returnable.pop()))

    def note(self, call: Call) -> None:
        """Take in that a call was answered for good: what it ordered may come back."""
        results = call.answer["results"] if call.path == BATCH else [call.answer]
        for order, result in zip(call.orders, results, strict=False):
            if (call.path == BATCH and result["outcome"] == "created") or (call.path == SINGLE and call.status == 201):
                self._returnable.append(order)

    def _batch(self) -> list[Body]:
        """Return some new orders, usually with some that were sent before, answered or not, and one of them twice."""
        if self._chance.random() < 0.1:
            return [self._order() for _ in range(LARGE)]
        new = [self._order() for _ in range(self._chance.randint(1, 12))]
        before = [self._chance.choice(self._sent) for _ in range(self._chance.randint(0, 4))]
        found = [*new, *before, self._chance.choice(new)]
        self._chance.shuffle(found)
        return found

    def _order(self) -> Body:
        order = {
            "customer_id": self._member(),
            "source": SOURCE,
            "external_id": self._new_name(),
            "occurred_at": "2026-03-02T10:00:00+08:00",
            "currency": "CNY",
            "lines": [
                {"line_no": 1, "sku": "A", "quantity": "2", "net_amount": f"{self._chance.randint(10, 200)}.00"},
                {"line_no": 2, "sku": "B", "quantity": "1", "net_amount": "5.50"},
            ],
        }
        self._sent.append(order)
        return order

    def _return(self, order: Body) -> Body:
        return {
            "customer_id": order["customer_id"],
            "source": SOURCE,
            "external_id": f"R{self._new_name()}",
            "order": {"source": SOURCE, "external_id": order["external_id"]},
            "occurred_at": "2026-03-03T10:00:00+08:00",
            "currency": "CNY",
            "lines": [{"line_no": 1, "order_line_no": 2, "quantity": "1", "net_amount": "5.50"}],
        }

    def _member(self) -> str:
        return self._chance.choice(self._members)

    def _new_name(self) -> str:
        self._number += 1
        return f"{self._name}-{self._number}"


@dataclass
class Told:
    """What the answers say together. orders: the numbers of those made; points: by member, what they add up to."""

    orders: set[str]
    points: dict[str, int]


def told(calls: Sequence[Call]) -> Told:
    """Return what the answers of all calls say.

    Raises:
        SystemExit: an order was made by two calls, or by none; or was answered in two ways; or was refused.
    """
    first: dict[str, Body] = {}
    made: dict[str, int] = defaultdict(int)
    points: dict[str, int] = defaultdict(int)
    for call in calls:
        if not call.is_done:
            continue
        if call.path == SPEND:
            points[call.body["customer_id"]] -= call.body["amount"]
        elif call.path == RETURN:
            points[call.body["customer_id"]] += _moved(call.answer)
        for order, answer, is_new in _answered(call):
            number = order["external_id"]
            known = first.setdefault(number, answer)
            if [known[name] for name in FIRST] != [answer[name] for name in FIRST]:
                raise SystemExit(f"order {number} was answered in two ways: {known} and {answer}")
            made[number] += is_new
            points[order["customer_id"]] += _moved(answer) if is_new else 0
    if wrong := {number: made[number] for number in first if made[number] != 1}:
        raise SystemExit(f"orders were made by so many calls each, not by one: {dict(list(wrong.items())[:20])}")
    return Told(set(first), points)


def _answered(call: Call) -> Iterator[tuple[Body, Body, bool]]:
    """Yield each order of a call with what was answered about it, and whether it was made by this call."""
    if call.path == SINGLE:
        yield call.body, call.answer, call.status == 201
    if call.path != BATCH:
        return
    if len(call.answer["results"]) != len(call.orders):
        raise SystemExit(f"{len(call.orders)} orders were sent, {len(call.answer['results'])} answered")
    for order, result in zip(call.orders, call.answer["results"], strict=True):
        if result["error"] or result["external_id"] != order["external_id"]:
            raise SystemExit(f"order {order['external_id']} of a batch was answered {result}")
        yield order, result, result["outcome"] == "created"


def _moved(answer: Body) -> int:
    return sum(one["amount"] for brought in answer["programmes"] for one in brought["moved"])
