from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from troth.access.actors import Actor, system_actor
from troth.customers import services
from troth.customers.models import Customer

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def add_person(db: None, actor: Actor) -> Callable[..., Customer]:
    """Adds a person: name first, then phone, e-mail and card by keyword, other fields as they are called."""

    def add(
        name: str = "", *, phone: str = "", email: str = "", card: str = "", now: datetime = NOW, **fields
    ) -> Customer:
        given = {"phone": phone, "email": email, "card": card}
        identities = [services.NewIdentity(kind, value) for kind, value in given.items() if value]
        return services.create_customer(actor=actor, now=now, name=name, identities=identities, **fields)

    return add
