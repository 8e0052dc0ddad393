"""A company with customers, and a way to publish a text."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.messaging import templates
from troth.messaging.models import TemplateVersion
from troth.staff import services as staff
from troth.staff.models import Company

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR = system_actor("test")

Publish = Callable[..., TemplateVersion]


@pytest.fixture
def company(db: None) -> Company:
    return staff.set_up_company(actor=ACTOR, now=NOW, name="Test & Co", time_zone="Asia/Shanghai", language="zh-hans")


@pytest.fixture
def wang(company: Company) -> Customer:
    """A customer who reads Chinese."""
    return customers.create_customer(
        actor=ACTOR,
        now=NOW,
        name="王小明",
        family_name="王",
        given_name="小明",
        gender="female",
        language="zh-hans",
        birth_date=date(1990, 3, 8),
        joined_date=date(2021, 3, 3),
        identities=[customers.NewIdentity("email", "wang@example.com")],
    )


@pytest.fixture
def smith(company: Company) -> Customer:
    """A customer who reads English."""
    return customers.create_customer(
        actor=ACTOR, now=NOW, family_name="Smith", given_name="Jo", name="Jo Smith", gender="male", language="en"
    )


@pytest.fixture
def publish(company: Company) -> Publish:
    """Return a function that makes and publishes a text of bodies by language."""

    def published(
        code: str = "hello", *, purpose: str = "marketing", facts: Any = (), **languages: Any
    ) -> TemplateVersion:
        document = {"languages": {name.replace("_", "-"): bodies for name, bodies in languages.items()}, "facts": facts}
        templates.create_template(actor=ACTOR, now=NOW, code=code, name=code, purpose=purpose, document=document)
        return templates.publish(actor=ACTOR, now=NOW, code=code)

    return published


def rendered(code: str, customer: UUID, **asked: Any) -> templates.Rendered:
    """Return one text filled in."""
    return templates.render_many([templates.ToRender(code, customer, **asked)], now=NOW)[0]
