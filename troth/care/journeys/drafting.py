"""Making journeys and their versions, pausing and stopping them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.care.models import Journey, JourneyRun, JourneyState, JourneyVersion, RunState
from troth.events import services as events
from troth.jobs import services as jobs

from . import ending, recalling
from .document.reading import read_document, to_json
from .document.shapes import JourneyDocument
from .errors import DraftChangedError, JourneyNotFoundError, JourneyRefusedError, JourneyStateError
from .log_reading import place_cursor

ADVANCE_EVERY = timedelta(minutes=1)
SWEEP_EVERY = timedelta(minutes=15)

_DRAFT_FIELDS = ["draft_text", "draft_saved_at", "draft_saved_by", "revision", "updated_at"]


@transaction.atomic
def create_journey(*, actor: Actor, now: datetime, text: str) -> Journey:
    """Make a journey from the first draft of its document, whose code and name it takes.

    Raises:
        JourneyInvalidError: the document cannot be a journey.
        JourneyRefusedError: another journey has the code.
    """
    document = read_document(text)
    journey = Journey(
        code=document.journey,
        name=document.name.en,
        name_zh=document.name.zh,
        draft_text=text,
        draft_saved_at=now,
        draft_saved_by=actor.code,
        created_at=now,
        created_by=actor.code,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            journey.save(force_insert=True)
    except IntegrityError as error:
        message = _("There is a journey “%(code)s” already; choose another code.") % {"code": journey.code}
        raise JourneyRefusedError(message, field="journey", value=journey.code) from error
    _append("care.journey.created", journey, actor=actor, now=now)
    return journey


@transaction.atomic
def save_draft(
    *, actor: Actor, now: datetime, journey_id: UUID, text: str, expected_revision: int | None = None
) -> Journey:
    """Keep a text as the draft of the next version, also one that is not right yet.

    expected_revision: that of the journey when it was opened; what another saved since is not overwritten.

    Raises:
        JourneyNotFoundError: no such journey.
        JourneyStateError: it is stopped.
        DraftChangedError: somebody else saved it meanwhile.
    """
    journey = _locked_open(journey_id, expected_revision)
    journey.draft_text, journey.draft_saved_at, journey.draft_saved_by = text, now, actor.code
    return _saved(journey, now)


@transaction.atomic
def discard_draft(*, actor: Actor, now: datetime, journey_id: UUID) -> Journey:
    """Throw the draft away; the published version stays.

    Raises:
        JourneyNotFoundError: no such journey.
        JourneyStateError: it has no draft, or was never published: then stop it instead.
    """
    journey = _locked_open(journey_id, None)
    if not journey.has_draft:
        raise JourneyStateError(_("There is no draft to throw away."))
    if journey.version_number == 0:
        raise JourneyStateError(_("The journey has only this draft; stop the journey instead."))
    _forget_draft(journey)
    return _saved(journey, now)


@transaction.atomic
def publish(
    *, actor: Actor, now: datetime, journey_id: UUID, note: str = "", expected_revision: int | None = None
) -> JourneyVersion:
    """Make the draft the version that people enter from now on; whoever is under way finishes the version begun.

    The first publishing sets the journey running: events recorded and days that come from now on let people in.

    Raises:
        JourneyNotFoundError, JourneyStateError, DraftChangedError: see `save_draft`; or there is no draft.
        JourneyInvalidError: the draft cannot be a journey.
        JourneyRefusedError: the draft has another code than the journey.
    """
    journey = _locked_open(journey_id, expected_revision)
    if not journey.has_draft:
        raise JourneyStateError(_("There is no draft to publish; change the document first."))
    document = _checked(journey)
    version = JourneyVersion.objects.create(
        journey=journey,
        number=journey.version_number + 1,
        text=journey.draft_text,
        document=to_json(document),
        note=note.strip()[:200],
        published_at=now,
        published_by=actor.code,
    )
    journey.name, journey.name_zh = document.name.en, document.name.zh
    journey.version_number, journey.published_at = version.number, now
    if journey.state == JourneyState.DRAFT:
        journey.state, journey.open_since_at = JourneyState.RUNNING, now
    _forget_draft(journey)
    _saved(journey, now, "name", "name_zh", "version_number", "published_at", "open_since_at", "state")
    _append("care.version.published", journey, actor=actor, now=now, version=version.number)
    schedule(now)
    return version


def schedule(now: datetime) -> None:
    """Read the log from here on, move people on every minute, and look for days that came every quarter of an hour."""
    place_cursor(now)
    jobs.schedule("care.advance_journeys", every=ADVANCE_EVERY, first_at=now + ADVANCE_EVERY)
    jobs.schedule("care.sweep_journeys", every=SWEEP_EVERY, first_at=now + ADVANCE_EVERY)


@transaction.atomic
def pause(*, actor: Actor, now: datetime, journey_id: UUID) -> Journey:
    """Hold everybody where they are and let nobody in; what happens meanwhile lets nobody in later either.

    Raises:
        JourneyNotFoundError: no such journey.
        JourneyStateError: it does not run.
    """
    journey = _locked(journey_id)
    if journey.state != JourneyState.RUNNING:
        raise JourneyStateError(_("Only a running journey can be paused."))
    journey.state, journey.paused_at = JourneyState.PAUSED, now
    _append("care.journey.paused", journey, actor=actor, now=now)
    return _saved(journey, now, "state", "paused_at")


@transaction.atomic
def resume(*, actor: Actor, now: datetime, journey_id: UUID) -> Journey:
    """Let a paused journey go on: whoever would have moved meanwhile moves now, as long after as the pause lasted.

    Raises:
        JourneyNotFoundError: no such journey.
        JourneyStateError: it is not paused.
    """
    journey = _locked(journey_id)
    if journey.state != JourneyState.PAUSED or journey.paused_at is None:
        raise JourneyStateError(_("Only a paused journey can go on."))
    # What fell due during the pause is due now, not late: nobody is skipped because somebody pressed pause.
    waiting = JourneyRun.objects.filter(journey=journey, state=RunState.ACTIVE)
    waiting.filter(due_at__gt=journey.paused_at, due_at__lt=now).update(due_at=now)
    journey.state, journey.paused_at, journey.open_since_at = JourneyState.RUNNING, None, now
    journey.last_swept_date = None
    _append("care.journey.resumed", journey, actor=actor, now=now)
    return _saved(journey, now, "state", "paused_at", "open_since_at", "last_swept_date")


@transaction.atomic
def stop(*, actor: Actor, now: datetime, journey_id: UUID) -> Journey:
    """End a journey for good: everybody leaves it, nobody comes in, and messages that wait are called back.

    Raises:
        JourneyNotFoundError: no such journey.
        JourneyStateError: it is stopped already.
    """
    journey = _locked_open(journey_id, None)
    journey.state, journey.stopped_at = JourneyState.STOPPED, now
    _saved(journey, now, "state", "stopped_at")
    ending.stop_everybody(journey, now)
    recalling.call_back_all(journey.id, actor=actor, now=now)
    _append("care.journey.stopped", journey, actor=actor, now=now)
    return journey


def _checked(journey: Journey) -> JourneyDocument:
    document = read_document(journey.draft_text)
    if document.journey != journey.code:
        message = _("The document is of the journey “%(given)s”, not of “%(code)s”; a code never changes.")
        given = {"given": document.journey, "code": journey.code}
        raise JourneyRefusedError(message % given, field="journey", value=document.journey)
    return document


def _forget_draft(journey: Journey) -> None:
    journey.draft_text, journey.draft_saved_at, journey.draft_saved_by = "", None, ""


def _saved(journey: Journey, now: datetime, *further: str) -> Journey:
    journey.revision += 1
    journey.updated_at = now
    journey.save(update_fields=[*_DRAFT_FIELDS, *further])
    return journey


def _append(name: str, journey: Journey, *, actor: Actor, now: datetime, **data: Any) -> None:
    events.append(name, actor=actor, now=now, data={"journey": journey.code, **data})


def _locked(journey_id: UUID) -> Journey:
    journey = Journey.objects.select_for_update().filter(id=journey_id).first()
    if journey is None:
        raise JourneyNotFoundError(journey_id)
    return journey


def _locked_open(journey_id: UUID, expected_revision: int | None) -> Journey:
    journey = _locked(journey_id)
    if journey.state == JourneyState.STOPPED:
        raise JourneyStateError(_("The journey is stopped; make a new one, for example from its document."))
    if expected_revision is not None and journey.revision != expected_revision:
        message = _("Somebody saved this journey while you were changing it. Reload it; copy yours first.")
        raise DraftChangedError(message, revision=journey.revision)
    return journey
