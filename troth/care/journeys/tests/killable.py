"""Processes that `test_killed.py` kills: python -m troth.care.journeys.tests.killable begin|run|look PEOPLE"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
import django

django.setup()

from django.core.management import call_command
from django.db.models import Count, QuerySet

from troth.access.actors import system_actor
from troth.care.journeys import queries, services
from troth.care.journeys.tests.making import text
from troth.care.models import JourneyRun, JourneyVisit
from troth.customers import services as customers
from troth.customers.models import Customer, CustomerAttribute, CustomerTag
from troth.events import services as events
from troth.ledger import services as ledger
from troth.ledger.models import Transaction
from troth.messaging.models import Contact
from troth.messaging.tests.made_up import publish_texts
from troth.rewards import services as rewards
from troth.rewards.models import Benefit, CodeKind, Coupon
from troth.staff import services as staff
from troth.voice.models import Invitation
from troth.voice.surveys import services as surveys
from troth.voice.surveys.tests.conftest import DOCUMENT
from troth.worklist.models import Task

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ACTOR = system_actor("test")
STEPS = """
  - {id: first, type: points, currency: points, amount: 10}
  - {id: told, type: message, template: offer, purpose: service, channels: [inbox]}
  - {id: hook, type: webhook, template: offer}
  - {id: call, type: task, title: {en: Call, zh: 致电}}
  - {id: gift, type: coupon, campaign: thanks}
  - {id: size, type: attribute, attribute: size, value: 42}
  - {id: other, type: start, journey: other}
  - {id: pause, type: wait, hours: 1}
  - {id: second, type: points, currency: points, amount: 5}
  - {id: mark, type: tag, tag: Done}
  - {id: ask, type: survey, survey: ask, template: offer, channels: [inbox], days: 5}
"""
OTHER = """
  - {id: third, type: points, currency: points, amount: 1}
"""


def begin(people: int) -> None:
    call_command("migrate", verbosity=0)
    staff.set_up_company(actor=ACTOR, now=NOW, name="Test", time_zone="Asia/Shanghai")
    publish_texts("offer")
    ledger.create_currency(actor=ACTOR, now=NOW, code="points", rules=ledger.CurrencyRules(name="Points"))
    fields = rewards.CampaignFields(
        code="thanks",
        name="Thanks",
        code_kind=CodeKind.UNIQUE,
        size=10 * people,
        benefit=Benefit.AMOUNT,
        amount=Decimal(5),
        currency="CNY",
    )
    campaign = rewards.create_campaign(actor=ACTOR, now=NOW, fields=fields)
    rewards.start_campaign(actor=ACTOR, now=NOW, campaign_id=campaign.id)
    customers.define_attribute(actor=ACTOR, now=NOW, code="size", label="Size", attribute_type="number")
    survey = surveys.create_survey(actor=ACTOR, now=NOW, kind="nps", name="Ask", code="ask", document=DOCUMENT)
    surveys.publish(actor=ACTOR, now=NOW, survey_id=survey.id)
    entry = "{type: event, event: customers.owner.changed}"
    for body in (text(OTHER, code="other"), text(STEPS, entry=entry, reentry="{rule: never}")):
        journey = services.create_journey(actor=ACTOR, now=NOW, text=body)
        services.publish(actor=ACTOR, now=NOW, journey_id=journey.id)
    for number in range(people):
        person = customers.create_customer(actor=ACTOR, now=NOW, name=f"Made Up {number}")
        events.append("customers.owner.changed", actor=ACTOR, now=NOW, customer_id=person.id)


def run(_people: int) -> None:
    """Do what the jobs do, two hours later, until nothing is left."""
    now = NOW + timedelta(hours=2)
    while services.read_log(actor=ACTOR, now=now, limit=40) is not None:
        pass
    while (done := services.advance(actor=ACTOR, now=now, limit=25)).people or done.failed:
        pass


def _each(rows: QuerySet[Any]) -> list[int]:
    """Return how many people have some, and how many there are."""
    return [rows.values("owner_id").distinct().count(), rows.count()]


def look(people: int) -> None:
    """Do what is left, and tell how everything stands."""
    run(people)
    journey = queries.journey_by_code("test")
    posted = Transaction.objects.values_list("owner_id").annotate(number=Count("id"))
    found: dict[str, Any] = {
        "people": Customer.objects.count(),
        "runs": JourneyRun.objects.filter(journey=journey).count(),
        "other_runs": JourneyRun.objects.filter(journey__code="other", state="finished").count(),
        "visits": JourneyVisit.objects.filter(journey=journey).count(),
        "posted": sorted(set(dict(posted).values())),
        "posted_to": len(dict(posted)),
        "each": {
            "messages": _each(Contact.objects.filter(source__endswith=":told")),
            "webhooks": _each(Contact.objects.filter(source__endswith=":hook")),
            "tasks": _each(Task.objects.all()),
            "coupons": _each(Coupon.objects.all()),
            "attributes": _each(CustomerAttribute.objects.all()),
            "tags": _each(CustomerTag.objects.all()),
            "invitations": _each(Invitation.objects.all()),
        },
        "counts": {step: one.outcomes for step, one in queries.step_counts(journey.id).items()},
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    print("working", flush=True)  # noqa: T201  the test waits for it
    {"begin": begin, "run": run, "look": look}[sys.argv[1]](int(sys.argv[2]))
