"""What the customer is told of a request, by the send decision: we have it, somebody comes then, it is done."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.messaging import services as messaging
from troth.messaging import starters
from troth.messaging.services import Intent
from troth.staff import queries as staff

from ..models import ServiceRequest
from .links import address_of
from .record import CODE_TOLD, note_entry

RECEIVED, SCHEDULED, DONE = "request_received", "request_scheduled", "request_done"
"""Ready-made texts, the company's to change."""

PRIORITY = 90
"""Somebody waits for this: it goes before what nobody asked for."""


def tell_received(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Tell that we have it, with its number and the page where it can be followed."""
    _send(request, RECEIVED, "", actor=actor, now=now)


def tell_appointment(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Tell when somebody comes, in the company's time; once for each appointment, until it begins."""
    if request.appointment_at is None or request.appointment_until is None:
        return
    zone = ZoneInfo(staff.company().time_zone)
    start, end = request.appointment_at.astimezone(zone), request.appointment_until.astimezone(zone)
    facts = {"appointment_date": start.date().isoformat(), "appointment_hours": f"{start:%H:%M}–{end:%H:%M}"}
    _send(request, SCHEDULED, str(request.appointment_count), actor=actor, now=now, facts=facts, until=start)


def ask_for_word(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Tell that it is done and ask whether all is well; once each time it was begun."""
    # The round makes it another message than the one before, so that it is no repetition.
    facts = {"round": request.reopened_count + 1}
    _send(request, DONE, str(request.reopened_count), actor=actor, now=now, facts=facts)


def _send(
    request: ServiceRequest,
    template: str,
    occasion: str,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    until: datetime | None = None,
) -> None:
    _ensure_texts(actor, now)
    intent = Intent(
        key=f"request:{request.id}:{template}:{occasion}",
        customer_id=request.owner_id,
        purpose=ConsentPurpose.SERVICE,
        template=template,
        facts={
            "request_number": request.number,
            "request_title": request.title,
            "request_url": address_of(request),
            **(facts or {}),
        },
        source=f"request:{request.id}",
        priority=PRIORITY,
        relevant_until=until,
    )
    (decision,) = messaging.send([intent], actor=actor, now=now)
    stopped = [verdict.gate for verdict in decision.verdicts if verdict.result == "stop"]
    said: dict[str, Any] = {
        "template": template,
        "contact": str(decision.contact_id),
        "outcome": decision.outcome.value,
        "channel": decision.channel,
        "stopped_by": stopped,
    }
    note_entry(request, CODE_TOLD, actor=actor, now=now, **said)


def _ensure_texts(actor: Actor, now: datetime) -> None:
    """Make the texts where a company has none of them yet; of two who make them at once, one does."""
    with suppress(IntegrityError), transaction.atomic():
        starters.install(actor=actor, now=now, codes=[RECEIVED, SCHEDULED, DONE])
