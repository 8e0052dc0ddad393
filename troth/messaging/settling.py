"""What people do about single messages: settle what is unknown, call back what still waits."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from .errors import ContactNotFoundError, ContactStateError
from .models import WAITING, Contact, ContactState
from .sending import contact_facts
from .waking import wake

CALLED_BACK = "called_back"

Settled = Literal["sent", "failed", "queued"]


@transaction.atomic
def settle(*, contact_id: UUID, as_state: Settled, actor: Actor, now: datetime) -> Contact:
    """Say what became of a message whose hand-over had an unknown outcome; "queued" sends it again.

    Raises:
        ContactNotFoundError: no such message.
        ContactStateError: its outcome is not unknown.
    """
    contact = Contact.objects.select_for_update().filter(id=contact_id).first()
    if contact is None:
        raise ContactNotFoundError(contact_id)
    if contact.state != ContactState.UNKNOWN:
        message = _("Only a message whose outcome is unknown can be settled; this one is: %(state)s.")
        raise ContactStateError(message % {"state": contact.get_state_display()}, field="state", value=contact.state)
    contact.state = ContactState(as_state)
    contact.lease_token = contact.lease_until = None  # what the lost worker may still tell counts no more
    if contact.state == ContactState.SENT:
        contact.sent_at, contact.ended_at = contact.ended_at or now, None
    if contact.state == ContactState.QUEUED:
        contact.due_at, contact.ended_at = now, None
    contact.save()
    if contact.state == ContactState.QUEUED:
        wake([contact.channel], now)
    data = {"contact": str(contact.id), "state": contact.state}
    events.append("messaging.contact.settled", actor=actor, now=now, customer_id=contact.owner_id, data=data)
    return contact


@transaction.atomic
def call_back(
    *,
    source: str,
    actor: Actor,
    now: datetime,
    customer_ids: Collection[UUID] | None = None,
    key_beginnings: Sequence[str] = ("",),
) -> int:
    """Withhold what a source meant and what still waits; return how many. "journey:<id>" takes in all its steps.

    customer_ids: of these records alone; key_beginnings: of messages whose keys begin so.
    """
    meant = Q(source=source) | Q(source__startswith=f"{source}:")
    if customer_ids is not None:
        meant &= Q(owner_id__among=list(customer_ids))
    found = Contact.objects.select_for_update().filter(meant, state__in=WAITING).order_by("id")
    waiting = [one for one in found if one.key.startswith(tuple(key_beginnings))]
    Contact.objects.filter(id__among=[one.id for one in waiting]).update(
        state=ContactState.WITHHELD,
        verdicts=[[CALLED_BACK, "stop", {}]],
        held_by=CALLED_BACK,
        decided_at=now,
        ended_at=now,
    )
    happened = [
        events.NewEvent("messaging.contact.withheld", one.owner_id, {**contact_facts(one), "gate": CALLED_BACK})
        for one in waiting
    ]
    events.append_many(happened, actor=actor, now=now)
    return len(waiting)
