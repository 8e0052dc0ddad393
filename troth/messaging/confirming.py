"""Asking a customer to confirm a consent: the first half of a double opt-in."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from troth.access.actors import Actor
from troth.customers.models import ConsentChannel, ConsentPurpose

from . import starters
from .channels.registry import all_channels
from .intents import Decision, Intent
from .preferences import CONFIRM_DAYS, confirmation_url
from .sending import send

TEMPLATE = "confirm_consent"
"""The ready-made text, the company's to change."""


def ask_to_confirm(
    *, customer_id: UUID, purpose: str, channel: str, source: str, actor: Actor, now: datetime
) -> Decision:
    """Write to a customer with a link that confirms a consent; it counts once the button behind it is pressed.

    Goes by the way that the consent is for, by any for "any". Asked again within a minute it is the same message.
    """
    with suppress(IntegrityError), transaction.atomic():  # of two who make the text at once, one does
        starters.install(actor=actor, now=now, codes=[TEMPLATE])
    asked_at = now.replace(second=0, microsecond=0)
    url = confirmation_url(customer_id=customer_id, purpose=purpose, channel=channel, source=source, now=asked_at)
    ways = () if channel == ConsentChannel.ANY else tuple(one.code for one in all_channels() if one.consent == channel)
    intent = Intent(
        key=f"confirm:{customer_id}:{purpose}:{channel}:{asked_at.isoformat()}",
        customer_id=customer_id,
        purpose=ConsentPurpose.SERVICE,
        template=TEMPLATE,
        channels=ways,
        facts={"confirm_url": url},
        source="consent",
        relevant_until=asked_at + timedelta(days=CONFIRM_DAYS),
    )
    (decision,) = send([intent], actor=actor, now=now)
    return decision
