"""Processes that `test_killed.py` kills: python -m troth.messaging.tests.killable begin|run|look FILE PEOPLE"""

import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
import django

django.setup()

from django.core.management import call_command
from django.db.models import Count

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.events.models import Event
from troth.messaging import services, tending
from troth.messaging.channels import Handover, HandoverState, Health, Outgoing, registry
from troth.messaging.delivering import deliver
from troth.messaging.intents import Intent
from troth.messaging.models import ChannelSetup, Contact, ContactKey, Template
from troth.messaging.tests.conftest import publish_offer

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
BATCH = 25
ACTOR = system_actor("test")


class FileChannel:
    """Writes a line for each message before it answers: a provider would have it already when we are killed."""

    code = "file_made_up"
    label: Any = "File"
    consent = "any"
    identity = ""
    body = "email"
    is_outward = True
    settings: tuple[Any, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        answers = []
        with self.path.open("a", encoding="utf-8") as file:
            for one in batch:
                file.write(one.key + "\n")
                file.flush()
                time.sleep(0.002)
                answers.append(Handover(one.contact_id, HandoverState.SENT, f"file-{one.key}"))
        return answers

    def check(self) -> Health:
        return Health(True, "")


def begin(people: int) -> None:
    call_command("migrate", verbosity=0)
    if not Template.objects.filter(code="offer").exists():  # the test's own database has it, a fresh one has not
        publish_offer()
    ChannelSetup.objects.create(code=FileChannel.code, is_enabled=True, updated_at=NOW, updated_by="test")
    for number in range(people):
        customers.create_customer(actor=ACTOR, now=NOW, name=f"Made Up {number}")


def run(_people: int) -> None:
    """Send every message from the first one on, as whoever was killed does, and hand over what waits."""
    everybody = list(Customer.objects.order_by("id").values_list("id", flat=True))
    for start in range(0, len(everybody), BATCH):
        intents = [
            Intent(f"message {place}", everybody[place], "service", "offer", ("file_made_up",), source="list:l1")
            for place in range(start, min(start + BATCH, len(everybody)))
        ]
        services.send(intents, actor=ACTOR, now=NOW)
    while deliver("file_made_up", actor=ACTOR, now=NOW):
        pass


def look(people: int) -> None:
    """Give up what was lost, do what is left, and tell how everything stands."""
    tending.give_up_lost(actor=ACTOR, now=NOW + timedelta(hours=1))
    run(people)
    events = Event.objects.filter(name__startswith="messaging.contact").values_list("name").annotate(Count("id"))
    found = {
        "keys": ContactKey.objects.count(),
        "states": {str(one.id): one.state for one in Contact.objects.only("state")},
        "events": dict(events),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    registry.register(FileChannel(Path(sys.argv[2])))
    print("working", flush=True)  # noqa: T201  the test waits for it
    {"begin": begin, "run": run, "look": look}[sys.argv[1]](int(sys.argv[3]))
