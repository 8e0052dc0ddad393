"""Keeping the queue moving: what is due again, what a killed worker left, which channels have work."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from troth.access.actors import Actor
from troth.events import services as events

from . import channels
from .models import Contact, ContactState
from .sending import contact_facts
from .waking import wake

BATCH = 5_000


@transaction.atomic
def queue_due(*, now: datetime, moment: datetime | None = None) -> int:
    """Queue some of the delayed messages whose time has come; they are judged again when they are handed over.

    What a gate put off waits for `moment`, which in a demonstration stands still; what a provider asked to repeat waits
    for the clock.
    """
    waiting = Q(due_at__lte=moment or now) | Q(held_by="", due_at__lte=now)
    due = Contact.objects.filter(waiting, state=ContactState.DELAYED).order_by("due_at")
    some = list(due.select_for_update(skip_locked=True).values_list("id", flat=True)[:BATCH])
    return Contact.objects.filter(id__among=some, state=ContactState.DELAYED).update(state=ContactState.QUEUED)


@transaction.atomic
def give_up_lost(*, actor: Actor, now: datetime) -> int:
    """Mark as unknown what a worker was handing over when it was killed: it may have gone, so it is not sent again."""
    lost = Contact.objects.filter(state=ContactState.SENDING, lease_until__lt=now).order_by("id")
    found = list(lost.select_for_update(skip_locked=True)[:BATCH])
    Contact.objects.filter(id__among=[one.id for one in found], state=ContactState.SENDING).update(
        state=ContactState.UNKNOWN, reason="worker_lost", ended_at=now, lease_until=None
    )
    happened = [
        events.NewEvent("messaging.contact.unknown", one.owner_id, {**contact_facts(one), "reason": "worker_lost"})
        for one in found
    ]
    events.append_many(happened, actor=actor, now=now)
    return len(found)


@transaction.atomic
def wake_channels(*, now: datetime) -> list[str]:
    """Have every channel delivered that has messages waiting; return which."""
    queued = Contact.objects.filter(state=ContactState.QUEUED)
    found = [one.code for one in channels.all_channels() if queued.filter(channel=one.code).exists()]
    wake(found, now)
    return found
