"""What comes by itself: reminders once, and the end of invitations."""

from datetime import datetime, timedelta

from django.db import transaction

from troth.access.actors import Actor
from troth.jobs import services as jobs

from ..models import Invitation, InvitationState
from . import handing
from .over_gate import answered_meanwhile, why_needless

TEND = "voice.surveys.tend"
EVERY = timedelta(hours=1)
BATCH = 500
WAITING = (InvitationState.SENT, InvitationState.OPENED)


def schedule(now: datetime) -> None:
    """Have invitations tended every hour from now on."""
    jobs.schedule(TEND, every=EVERY, first_at=now + EVERY)


@transaction.atomic
def remind_next(*, actor: Actor, now: datetime) -> int:
    """Remind the next ones whose time has come, each once, but nobody who has answered by whatever way; return how
    many were looked at.
    """
    due = Invitation.objects.select_for_update(of=("self",)).filter(remind_at__lte=now)
    rows = list(answered_meanwhile(due.select_related("survey", "version")).order_by("id")[:BATCH])
    needless = why_needless(rows, now)
    still = [row for row in rows if row.state in WAITING and row.id not in needless]
    handing.remind(still, actor=actor, now=now)
    Invitation.objects.filter(id__in=[row.id for row in still]).update(reminded_at=now)
    Invitation.objects.filter(id__in=[row.id for row in rows]).update(remind_at=None)
    return len(rows)


@transaction.atomic
def expire_next(*, now: datetime) -> int:
    """End invitations whose time is over; what was begun stays as it is."""
    due = Invitation.objects.filter(state__in=WAITING, expires_at__lte=now).order_by("id")
    ids = list(due.values_list("id", flat=True)[:BATCH])
    return Invitation.objects.filter(id__in=ids, state__in=WAITING).update(
        state=InvitationState.EXPIRED, remind_at=None
    )
