"""Asking for a rehearsal: kept with the document it is of, played in the background."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.care.models import Journey, JourneyRehearsal, RehearsalState
from troth.events import services as events
from troth.jobs import services as jobs
from troth.kit.errors import TrothError

from . import rehearsal as playing
from .document.reading import read_document
from .errors import JourneyNotFoundError, JourneyRefusedError
from .sweeping import Report

LONGEST = timedelta(days=366)
JOB = "care.rehearse_journey"


@transaction.atomic
def rehearse(
    *,
    actor: Actor,
    now: datetime,
    journey_id: UUID,
    since: datetime,
    until: datetime | None = None,
    prices: Mapping[str, Decimal] | None = None,
    in_background: bool = True,
) -> JourneyRehearsal:
    """Replay a journey's draft, or its newest version where it has no draft, over the past; nothing else is written.

    prices: of one message, by channel; in_background: False leaves it to the caller to play it, see `play_rehearsal`.

    Raises:
        JourneyNotFoundError: no such journey.
        JourneyInvalidError: the draft cannot be a journey.
        JourneyRefusedError: the time begins after it ends, or is longer than a year.
    """
    journey = Journey.objects.filter(id=journey_id).first()
    if journey is None:
        raise JourneyNotFoundError(journey_id)
    end = min(until or now, now)
    if not since < end or end - since > LONGEST:
        message = _("Give a time in the past of at most %(days)d days.") % {"days": LONGEST.days}
        raise JourneyRefusedError(message, field="since", value=since.isoformat())
    text = journey.draft_text or journey.versions.get(number=journey.version_number).text
    read_document(text)
    row = JourneyRehearsal.objects.create(
        journey=journey,
        text=text,
        since_at=since,
        until_at=end,
        prices={code: format(price, "f") for code, price in (prices or {}).items()},
        created_at=now,
        created_by=actor.code,
    )
    if in_background:
        row.job_id = jobs.enqueue(JOB, actor=actor, now=now, payload={"rehearsal": str(row.id)}).id
        row.save(update_fields=["job_id"])
    return row


def play_rehearsal(
    *, actor: Actor, now: datetime, rehearsal_id: UUID, report: Report = lambda _done: None
) -> JourneyRehearsal:
    """Play a rehearsal and keep what came out; played again, it begins anew.

    Raises:
        JourneyNotFoundError: no such rehearsal.
        JourneyInvalidError: what the document names has gone; kept with the rehearsal, too.
    """
    row = JourneyRehearsal.objects.select_related("journey").filter(id=rehearsal_id).first()
    if row is None:
        raise JourneyNotFoundError(rehearsal_id)
    row.state = RehearsalState.RUNNING
    row.save(update_fields=["state"])
    try:
        row.result = playing.play(row, now=now, report=report)
    except TrothError as error:
        row.state, row.error = RehearsalState.FAILED, str(error)[:500]
        row.save(update_fields=["state", "error"])
        raise
    row.state, row.finished_at, row.error = RehearsalState.FINISHED, now, ""
    with transaction.atomic():
        row.save(update_fields=["state", "result", "finished_at", "error"])
        data = {"journey": row.journey.code, "rehearsal": str(row.id), "entered": row.result["entered"]}
        events.append("care.rehearsal.finished", actor=actor, now=now, data=data)
    return row
