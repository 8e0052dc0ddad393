"""Processes that `test_killed.py` kills: python -m troth.care.journeys.tests.killable begin|run|look PEOPLE"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402

from troth.access.actors import system_actor  # noqa: E402
from troth.care.journeys import queries, services  # noqa: E402
from troth.care.journeys.tests.making import text  # noqa: E402
from troth.care.models import JourneyRun, JourneyVisit  # noqa: E402
from troth.customers import services as customers  # noqa: E402
from troth.customers.models import Customer  # noqa: E402
from troth.events import services as events  # noqa: E402
from troth.ledger import services as ledger  # noqa: E402
from troth.ledger.models import Transaction  # noqa: E402
from troth.staff.models import Company  # noqa: E402

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ACTOR = system_actor("test")
STEPS = """
  - {id: first, type: points, currency: points, amount: 10}
  - {id: pause, type: wait, hours: 1}
  - {id: second, type: points, currency: points, amount: 5}
  - {id: mark, type: tag, tag: Done}
"""


def begin(people: int) -> None:
    call_command("migrate", verbosity=0)
    Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN")
    ledger.create_currency(actor=ACTOR, now=NOW, code="points", rules=ledger.CurrencyRules(name="Points"))
    body = text(STEPS, entry="{type: event, event: customers.owner.changed}", reentry="{rule: never}")
    journey = services.create_journey(actor=ACTOR, now=NOW, text=body)
    services.publish(actor=ACTOR, now=NOW, journey_id=journey.id)
    for number in range(people):
        person = customers.create_customer(actor=ACTOR, now=NOW, name=f"Made Up {number}")
        events.append("customers.owner.changed", actor=ACTOR, now=NOW, customer_id=person.id)


def run(_people: int) -> None:
    """Do what the jobs do, two hours later, until nothing is left."""
    now = NOW + timedelta(hours=2)
    while services.read_log(actor=ACTOR, now=now, limit=20) is not None:
        pass
    while (done := services.advance(actor=ACTOR, now=now, limit=10)).people or done.failed:
        pass


def look(people: int) -> None:
    """Do what is left, and tell how everything stands."""
    run(people)
    journey = queries.journey_by_code("test")
    posted = Transaction.objects.values_list("owner_id").annotate(number=Count("id"))
    found: dict[str, Any] = {
        "people": Customer.objects.count(),
        "runs": JourneyRun.objects.filter(state="finished").count(),
        "visits": JourneyVisit.objects.count(),
        "posted": sorted(set(dict(posted).values())),
        "posted_to": len(dict(posted)),
        "counts": {step: one.outcomes for step, one in queries.step_counts(journey.id).items()},
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    print("working", flush=True)  # noqa: T201  the test waits for it
    {"begin": begin, "run": run, "look": look}[sys.argv[1]](int(sys.argv[2]))
