from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils.functional import Promise

from troth.access.actors import Actor, system_actor
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.messaging import channels, services
from troth.messaging.channels import Handover, HandoverState, Health, Outgoing, registry
from troth.messaging.channels.local import Sink
from troth.messaging.intents import Decision, Intent
from troth.messaging.models import ChannelSetup
from troth.messaging.tests.made_up import publish_texts
from troth.staff import services as staff

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""A Monday, noon in Shanghai."""


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def sink() -> Iterator[Sink]:
    found = channels.get("sink")
    assert isinstance(found, Sink)
    found.clear()
    yield found
    found.clear()


@pytest.fixture(autouse=True)
def sending_file(settings, tmp_path: Path) -> Path:
    path = tmp_path / "data" / "sending.json"
    settings.SENDING_FILE = path
    return path


@pytest.fixture(autouse=True)
def offer(request: pytest.FixtureRequest) -> None:
    """A company and a published template of the code "offer" wherever a test uses the database."""
    if request.node.get_closest_marker("django_db"):
        publish_offer()


def publish_offer() -> None:
    """Set up a company, and a template with a text for every kind of channel."""
    staff.set_up_company(actor=system_actor("test"), now=NOW, name="Made Up Company")
    publish_texts("offer")


@pytest.fixture
def add_person(db: None, actor: Actor) -> Callable[..., Customer]:
    """Adds a person who agreed to offers and surveys by any channel, unless told otherwise."""

    def add(
        *, agreed: tuple[str, ...] = ("marketing", "survey"), email: str = "", phone: str = "", **fields
    ) -> Customer:
        given = [customers.NewIdentity(kind, value) for kind, value in (("email", email), ("phone", phone)) if value]
        person = customers.create_customer(actor=actor, now=NOW, name="Made Up", identities=given, **fields)
        for purpose in agreed:
            customers.record_consent(
                actor=actor,
                now=NOW,
                customer_id=person.id,
                purpose=purpose,
                is_given=True,
                source="form",
                proof="form 1",
            )
        return person

    return add


@pytest.fixture
def intend() -> Callable[..., Intent]:
    """Makes an intent: an offer to the sink unless told otherwise."""

    def make(person: Customer, key: str = "k1", **fields) -> Intent:
        wanted = {"purpose": "marketing", "template": "offer", "channels": ("sink",), "source": "journey:j1:s1"}
        return Intent(key=key, customer_id=person.id, **(wanted | fields))

    return make


@pytest.fixture
def send(actor: Actor) -> Callable[..., Decision]:
    """Sends one intent."""

    def one(intent: Intent, now: datetime = NOW) -> Decision:
        return services.send([intent], actor=actor, now=now)[0]

    return one


def said(decision: Decision) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return what each gate said, with its values."""
    return {verdict.gate: (verdict.result.value, dict(verdict.values)) for verdict in decision.verdicts}


class MadeUpChannel:
    """A channel whose answers a test decides; it takes everything unless told otherwise."""

    label: str | Promise = "Made up"
    body = "email"
    is_outward = True
    settings: tuple[Any, ...] = ()

    def __init__(self, code: str, consent: str, identity: str) -> None:
        self.code, self.consent, self.identity = code, consent, identity
        self.taken: list[Outgoing] = []
        self.answers: Callable[[Outgoing], Handover] = lambda one: Handover(one.contact_id, HandoverState.SENT, "p1")

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        self.taken.extend(batch)
        return [self.answers(one) for one in batch]

    def check(self) -> Health:
        return Health(True, "")


@pytest.fixture
def register_channel(db: None) -> Iterator[Callable[..., MadeUpChannel]]:
    made = []

    def make(code: str, *, consent: str = "any", identity: str = "") -> MadeUpChannel:
        channel = MadeUpChannel(code, consent, identity)
        registry.register(channel)
        ChannelSetup.objects.create(code=code, is_enabled=True, updated_at=NOW, updated_by="test")
        made.append(code)
        return channel

    yield make
    for code in made:
        registry._channels.pop(code)
