"""A customer, and a message on its way to them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.messaging.models import Contact, ContactState
from troth.staff import services as staff

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR = system_actor("test")


@pytest.fixture
def wang(db: None) -> Customer:
    """A customer who agreed to offers by any channel."""
    staff.set_up_company(actor=ACTOR, now=NOW, name="Test & Co", time_zone="Asia/Shanghai")
    given = [("email", "wang@example.com"), ("phone", "+8613800000001"), ("wechat_openid", "o-wang")]
    person = customers.create_customer(
        actor=ACTOR, now=NOW, name="王小明", identities=[customers.NewIdentity(*one) for one in given]
    )
    for purpose in ("marketing", "survey", "profiling"):
        customers.record_consent(
            actor=ACTOR, now=NOW, customer_id=person.id, purpose=purpose, is_given=True, source="form", proof="form 1"
        )
    return person


@pytest.fixture
def contact(wang: Customer) -> Callable[..., Contact]:
    """Makes a message that was sent to the customer, by e-mail unless told otherwise."""
    number = iter(range(1, 1_000))

    def make(channel: str = "email", **fields: Any) -> Contact:
        address = {"email": "wang@example.com", "wechat": "o-wang"}.get(channel, "+8613800000001")
        given = {
            "owner_id": wang.id,
            "key": f"k{next(number)}",
            "purpose": "marketing",
            "template": "offer",
            "channel": channel,
            "address": address,
            "content_hash": "x",
            "source": "staff",
            "relevant_until": NOW,
            "state": ContactState.SENT,
            "due_at": NOW,
            "decided_at": NOW,
            "created_at": NOW,
            "created_by": "system:test",
        }
        return Contact.objects.create(**(given | fields))

    return make


@pytest.fixture
def caller() -> Client:
    return Client()
