"""How plans of return visits reach those whom nobody calls: a message, or self-service in the member's inbox."""

from collections.abc import Sequence
from datetime import datetime

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.messaging import services as messaging
from troth.messaging.intents import Intent, Outcome
from troth.worklist import services as worklist
from troth.worklist.models import Touch
from troth.worklist.services import Reach

BATCH = 1_000
SELF_SERVICE = ("inbox",)
"""Channels of tech touch: nothing that rings."""


def register() -> None:
    """Be what writes to customers for plans."""
    worklist.register_messenger(write)


def write(reached: Sequence[Reach], actor: Actor, now: datetime) -> int:
    """Write to these by the send decision, and return how many messages were not withheld."""
    count = 0
    for start in range(0, len(reached), BATCH):
        intents = [_intent(one) for one in reached[start : start + BATCH]]
        decisions = messaging.send(intents, actor=actor, now=now)
        count += sum(one.outcome != Outcome.WITHHELD for one in decisions)
    return count


def _intent(one: Reach) -> Intent:
    return Intent(
        key=one.key,
        customer_id=one.customer_id,
        purpose=ConsentPurpose.SERVICE,
        template=one.template,
        channels=SELF_SERVICE if one.touch == Touch.TECH else (),
        source=one.source,
    )
