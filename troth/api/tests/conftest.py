"""A company, a key with every scope, and a small client that speaks JSON."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.test import Client

from troth.access import services as access
from troth.access.actors import system_actor
from troth.access.permissions import KEY_PERMISSIONS
from troth.api import keys
from troth.kit import clock
from troth.kit.rates import RateLimiter
from troth.staff import services as staff

ACTOR = system_actor("test")


@dataclass
class Api:
    """Sends requests with a key; every write gets an idempotency key of its own unless one is given."""

    key: str
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, raise_request_exception=False))
    numbers: Any = field(default_factory=lambda: count(1))

    def send(self, method: str, path: str, body: Any = None, *, idempotency_key: str = "", **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.key}", **headers}
        if method != "GET":
            sent["Idempotency-Key"] = idempotency_key or f"test-{next(self.numbers)}"
        data = b"" if body is None else json.dumps(body).encode()
        kind = "application/json"
        return self.client.generic(method, f"/api/v1{path}", data, content_type=kind, headers=sent)

    def get(self, path: str, **params: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.client.get(f"/api/v1{path}", params, headers=headers)

    def post(self, path: str, body: Any, **options: Any) -> Any:
        return self.send("POST", path, body, **options)


@pytest.fixture(autouse=True)
def fresh_limiter(monkeypatch):
    """Give each test the whole rate limit."""
    monkeypatch.setattr(keys, "limiter", RateLimiter(per_minute=600))


@pytest.fixture
def company(db):
    return staff.set_up_company(
        actor=ACTOR, now=clock.utc_now(), name="Test", currency="CNY", time_zone="Asia/Shanghai"
    )


@pytest.fixture
def api_with(company):
    """Return a function that makes a client whose key holds just these scopes."""

    def make(*scopes):
        _key, text = access.create_api_key(name="test", scopes=scopes, actor=ACTOR, now=clock.utc_now())
        return Api(text)

    return make


@pytest.fixture
def api(api_with):
    return api_with(*KEY_PERMISSIONS)


@pytest.fixture
def lin(api):
    """A customer, as the API gives her."""
    body = {
        "name": "林雨",
        "birth_date": "1990-05-06",
        "city": "上海",
        "identities": [
            {"kind": "phone", "value": "138 0013 8000"},
            {"kind": "email", "value": "Lin@Example.com"},
            {"kind": "external", "source": "shop", "value": "C-1"},
        ],
    }
    return api.post("/customers", body).json()


@pytest.fixture
def an_order():
    """Return a function that makes the body of an order, varied by keyword."""

    def make(customer, **changes):
        lines = [
            {"line_no": 1, "sku": "TEA", "quantity": "2", "net_amount": "25.00", "discount_amount": "5"},
            {"line_no": 2, "sku": "NUT", "quantity": "0.5", "net_amount": "4.50", "unit_cost": "3.1"},
        ]
        order = {
            "customer_id": customer["id"],
            "source": "web",
            "external_id": "8812",
            "occurred_at": "2026-03-01T18:00:00Z",
            "currency": "CNY",
            "lines": lines,
            "tags": {"payment": "wechat"},
        }
        return order | changes

    return make
