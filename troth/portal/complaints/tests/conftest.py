"""Fixtures: a company, a form that may be sent at once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from troth.kit.rates import RateLimiter
from troth.portal import guarding
from troth.portal.complaints import form_views
from troth.portal.guarding import FormGuard
from troth.staff.models import Company

NOW = datetime(2026, 11, 16, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test fill a form in faster than anybody can, as often as it likes."""
    monkeypatch.setattr(guarding, "SHORTEST_SECONDS", -1)
    monkeypatch.setattr(form_views, "_guard", FormGuard("test", RateLimiter(1000)))


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test & Co", currency="CNY", time_zone="Asia/Shanghai", language="zh-hans")


def fill(client: Client, **changes: Any) -> dict[str, Any]:
    """Return what a person would send from the form as it is shown."""
    shown = client.get("/p/complaint/?lang=en")
    assert shown.status_code == 200
    return {"token": shown.context["token"], "text": "The ring came broken.", "email": "ann@example.com"} | changes
