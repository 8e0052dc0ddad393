"""What comes by itself: reminders once, the end of invitations, and invitations that never arrived set right."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.jobs import services as jobs

from ..models import Invitation, InvitationState
from . import handing, standings
from .over_gate import answered_meanwhile, why_needless

TEND = "voice.surveys.tend"
EVERY = timedelta(hours=1)
BATCH = 500
WAITING = (InvitationState.SENT, InvitationState.OPENED)


def schedule(now: datetime) -> None:
    """Have invitations tended every hour from now on."""
    jobs.schedule(TEND, every=EVERY, first_at=now + EVERY)


@transaction.atomic
def set_right_next(*, after: UUID | None, now: datetime) -> tuple[UUID | None, int]:
    """Have the next invitations whose message never arrived count as not sent: nobody was asked, so nobody is silent,
    and the guard lets somebody else ask. Return the last one looked at, None at the end, and how many were set right.
    """
    waiting = Invitation.objects.filter(state=InvitationState.SENT, expires_at__gt=now, id__gt=after or UUID(int=0))
    rows = list(waiting.select_for_update().order_by("id")[:BATCH])
    reasons = handing.never_arrived(rows)
    wrong = [row for row in rows if row.id in reasons]
    for row in wrong:
        row.state, row.reasons, row.remind_at = InvitationState.WITHHELD, [reasons[row.id]], None
    Invitation.objects.bulk_update(wrong, ["state", "reasons", "remind_at"])
    standings.renew({row.owner_id for row in wrong}, now=now)
    return (rows[-1].id if rows else None), len(wrong)


@transaction.atomic
def remind_next(*, actor: Actor, now: datetime) -> int:
    """Remind the next ones whose time has come, each once, but nobody who has answered by whatever way; return how
    many were looked at.
    """
    due = Invitation.objects.select_for_update(of=("self",)).filter(remind_at__lte=now)
    rows = list(answered_meanwhile(due.select_related("survey", "version")).order_by("id")[:BATCH])
    needless = why_needless(rows, now)
    still = [row for row in rows if row.state in WAITING and row.id not in needless]
    reminded = handing.remind(still, actor=actor, now=now)
    Invitation.objects.filter(id__in=reminded).update(reminded_at=now)
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
