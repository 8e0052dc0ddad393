"""Saved rehearsals: asked for, run in the background, stopped, looked at and compared."""

import time
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.jobs import services as jobs
from troth.jobs.errors import JobNotFoundError, JobStateError
from troth.kit import clock
from troth.kit.busy import BusyError, again_when_busy, is_busy
from troth.programs import queries as programs
from troth.programs.document.reading import read_document

from .errors import RehearsalNotFoundError, RehearsalRefusedError
from .models import Rehearsal, RehearsalOccasion, RehearsalState
from .rehearsing import Report, rehearse

JOB = "sales.rehearse"
OVER = (RehearsalState.DONE, RehearsalState.CANCELLED, RehearsalState.FAILED)


@transaction.atomic
def start_rehearsal(
    *,
    actor: Actor,
    now: datetime,
    programme_id: UUID,
    draft_text: str,
    from_date: date,
    to_date: date,
    name: str = "",
    occasion: RehearsalOccasion | None = None,
) -> Rehearsal:
    """Ask for a draft to be replayed over these days, both included; a worker does it.

    occasion: what lists call it, in the language of whoever reads them, where it has no name.

    Raises:
        DocumentInvalidError: the draft cannot be a programme.
        ProgrammeNotFoundError: no such programme.
        RehearsalRefusedError: the days are the wrong way round, or the name is too long.
    """
    document = read_document(draft_text)
    programme = programs.programme(programme_id)
    if document.programme != programme.code:
        text = _("The draft is of the programme “%(draft)s”, not of “%(code)s”.")
        given = {"draft": document.programme, "code": programme.code}
        raise RehearsalRefusedError(text % given, field="programme", value=document.programme)
    if from_date > to_date:
        text = _("The first day, %(first)s, lies after the last, %(last)s.")
        raise RehearsalRefusedError(text % {"first": from_date, "last": to_date}, field="from_date")
    if len(name) > 120:
        raise RehearsalRefusedError(_("The name must have at most 120 characters."), field="name")
    rehearsal = Rehearsal.objects.create(
        name=name.strip(),
        occasion=occasion or "",
        programme=programme.code,
        draft_text=draft_text,
        from_date=from_date,
        to_date=to_date,
        created_at=now,
        created_by=actor.code,
    )
    job = jobs.enqueue(JOB, actor=actor, now=now, payload={"rehearsal": str(rehearsal.id)})
    rehearsal.job_id = job.id
    rehearsal.save(update_fields=["job_id"])
    return rehearsal


def cancel_rehearsal(*, actor: Actor, now: datetime, rehearsal_id: UUID) -> Rehearsal:
    """Stop a rehearsal: at once if it waits, at the next thousand orders if it runs.

    Raises:
        RehearsalNotFoundError: no such rehearsal.
        RehearsalRefusedError: it is over.
    """
    found = Rehearsal.objects.filter(id=rehearsal_id).first()
    if found is None:
        raise RehearsalNotFoundError
    if found.state in OVER:
        raise RehearsalRefusedError(_("The rehearsal is already over."), field="state", value=found.state)
    if found.job_id is not None:
        try:
            jobs.cancel(found.job_id, actor=actor, now=now)
        except (JobNotFoundError, JobStateError) as error:
            raise RehearsalRefusedError(
                _("The rehearsal is already over."), field="state", value=found.state
            ) from error
    if found.state == RehearsalState.QUEUED:
        _end(found, RehearsalState.CANCELLED, now)
    return found


def run_rehearsal(rehearsal: Rehearsal, *, actor: Actor, report: Report) -> Rehearsal:
    """Replay and keep the result; whatever stops it is passed on, and noted."""
    started = time.monotonic()
    rehearsal.state = RehearsalState.RUNNING
    again_when_busy(lambda: rehearsal.save(update_fields=["state"]))
    programme = programs.programme_by_code(rehearsal.programme)
    try:
        result = rehearse(
            rehearsal.draft_text,
            programme_id=programme.id,
            first_day=rehearsal.from_date,
            last_day=rehearsal.to_date,
            report=report,
        )
    except BaseException as error:
        rehearsal.error = str(BusyError() if is_busy(error) else error)[:500]
        _end(rehearsal, RehearsalState.FAILED, clock.utc_now())
        raise
    rehearsal.result = result.to_json()
    rehearsal.orders, rehearsal.lines = result.orders, result.lines
    rehearsal.seconds = round(time.monotonic() - started)
    again_when_busy(lambda: _keep(rehearsal, actor, clock.utc_now()))
    return rehearsal


@transaction.atomic
def _keep(rehearsal: Rehearsal, actor: Actor, now: datetime) -> None:
    _end(rehearsal, RehearsalState.DONE, now)
    data = {"rehearsal": str(rehearsal.id), "programme": rehearsal.programme, "orders": rehearsal.orders}
    events.append("sales.rehearsal.finished", actor=actor, now=now, data=data)


def _end(rehearsal: Rehearsal, state: RehearsalState, now: datetime) -> None:
    rehearsal.state, rehearsal.finished_at = state, now
    names = ["state", "finished_at", "result", "orders", "lines", "seconds", "error"]
    again_when_busy(lambda: rehearsal.save(update_fields=names))
