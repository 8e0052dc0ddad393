"""Invitations to a session: a message to everybody in a segment, by the send decision, once each."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers.models import ConsentPurpose
from troth.jobs import services as jobs
from troth.jobs.models import Job
from troth.messaging import services as messaging
from troth.messaging.intents import Intent, Outcome
from troth.segments import queries as segments

from ..models import TrainingSession
from . import links
from .errors import TrainingStateError
from .seats import locked, note_invited, refuse_closed
from .telling import facts_of

INVITE = "care.invite_to_training"
BATCH = 500


def invite_segment(session_id: UUID, segment_id: UUID, *, actor: Actor, now: datetime) -> Job:
    """Have everybody in a segment invited, in the background; who was invited before is not invited again.

    Raises:
        TrainingNotFoundError: no such session.
        TrainingStateError: it was held or cancelled, or has no template to write with.
        SegmentNotFoundError: no such segment.
        JobAlreadyActiveError: the same is being done.
    """
    with transaction.atomic():
        session = locked(session_id)
        refuse_closed(session)
    if not session.template:
        raise TrainingStateError(_("Name the template of the invitation first."), field="template")
    segment = segments.segment(segment_id)
    payload = {"session": str(session.id), "segment": str(segment.id)}
    return jobs.enqueue(INVITE, actor=actor, now=now, payload=payload, unique_key=f"{session.id}:{segment.id}")


@transaction.atomic
def invite_next(
    session_id: UUID, segment_id: UUID, *, after: UUID | None, actor: Actor, now: datetime
) -> tuple[UUID | None, dict[str, int]]:
    """Invite the next members by id; return the last one, None at the end, and how many were written to or not."""
    session = locked(session_id)
    members = segments.member_ids(segment_id).order_by("owner_id")
    owners = list((members if after is None else members.filter(owner_id__gt=after))[:BATCH])
    if not owners:
        return None, {}
    decisions = messaging.send([_intent(session, one) for one in owners], actor=actor, now=now)
    meant = [one for one, made in zip(owners, decisions, strict=True) if made.outcome != Outcome.WITHHELD]
    note_invited(session, meant, actor=actor, now=now)
    return owners[-1], {"invited": len(meant), "withheld": len(owners) - len(meant)}


def _intent(session: TrainingSession, customer_id: UUID) -> Intent:
    return Intent(
        key=f"training:{session.id}:{customer_id}",
        customer_id=customer_id,
        purpose=ConsentPurpose.MARKETING,
        template=session.template,
        facts={
            **facts_of(session),
            "starts_at": session.starts_at.isoformat(),
            "training_url": links.address_of(session.id, customer_id),
        },
        source=f"training:{session.id}",
        relevant_until=session.starts_at,
    )
