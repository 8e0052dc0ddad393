"""How plans of return visits reach those whom nobody calls: a message, or self-service in the member's inbox."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.kit.languages import in_language
from troth.messaging import queries as messages
from troth.messaging import services as messaging
from troth.messaging import starters, templates
from troth.messaging.intents import Intent, Outcome
from troth.worklist import services as worklist
from troth.worklist.models import Touch
from troth.worklist.services import Messenger, Reach

BATCH = 1_000
SELF_SERVICE = ("inbox",)
"""Channels of tech touch: nothing that rings."""


def register() -> None:
    """Be what writes to customers for plans."""
    worklist.register_messenger(Messenger(write, reached, texts, prepare))


def write(reached: Sequence[Reach], actor: Actor, now: datetime) -> int:
    """Write to these by the send decision, and return how many messages were not withheld."""
    count = 0
    for start in range(0, len(reached), BATCH):
        intents = [_intent(one) for one in reached[start : start + BATCH]]
        decisions = messaging.send(intents, actor=actor, now=now)
        count += sum(one.outcome != Outcome.WITHHELD for one in decisions)
    return count


def reached(records: Collection[UUID], since: datetime) -> set[UUID]:
    """Return which of these records were written to for a plan since a moment, or are about to be."""
    return messages.written_to(records, source="plan", since=since)


def texts() -> dict[str, str]:
    """Return what a return visit can be written with, by code: texts about service that ask for nothing but the person.

    A text that promotes is none of them: as a message about service it would pass those who want no promotion.
    """
    usable = templates.all_templates().filter(purpose=ConsentPurpose.SERVICE).exclude(published_number=None)
    return {one.code: in_language(one.name, one.name_zh) for one in usable if not one.document.get("facts")}


def prepare(code: str, actor: Actor, now: datetime) -> None:
    """Make and publish the ready-made text of a code where the company does not have it yet."""
    if code == worklist.RETURN_VISIT_TEXT:
        with suppress(IntegrityError), transaction.atomic():  # of two who make the text at once, one does
            starters.install(actor=actor, now=now, codes=[code])


def _intent(one: Reach) -> Intent:
    return Intent(
        key=f"{one.key}:{one.customer_id}",
        customer_id=one.customer_id,
        purpose=ConsentPurpose.SERVICE,
        template=one.template,
        channels=SELF_SERVICE if one.touch == Touch.TECH else (),
        source=one.source,
    )
