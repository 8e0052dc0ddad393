"""Making programmes and their versions: written by one person, reviewed by another, in force from a stated moment."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access import queries as access
from troth.access.actors import Actor
from troth.events import services as events
from troth.jobs import services as jobs

from . import hooks
from .document.reading import read_document, to_json
from .document.shapes import ProgrammeDocument
from .errors import (
    DraftChangedError,
    EffectiveTooEarlyError,
    OwnReviewError,
    ProgrammeNotFoundError,
    ProgrammeRefusedError,
    ProgrammeStateError,
)
from .models import DraftState, Programme, ProgrammeVersion
from .references import missing

REVIEW_EVERY = timedelta(days=1)

_DRAFT_FIELDS = [
    "draft_text", "draft_state", "draft_saved_at", "draft_saved_by", "submitted_at", "submitted_by", "reviewed_at",
    "reviewed_by", "review_note", "revision", "updated_at", "name", "name_zh",
]  # fmt: skip


@transaction.atomic
def create_programme(*, actor: Actor, now: datetime, text: str) -> Programme:
    """Make a programme from the first draft of its document, whose code and name it takes.

    Raises:
        DocumentInvalidError: the document cannot be a programme.
        ProgrammeRefusedError: another programme has the code.
    """
    document = read_document(text)
    programme = Programme(
        code=document.programme,
        name=document.name.en,
        name_zh=document.name.zh,
        draft_text=text,
        draft_state=DraftState.EDITING,
        draft_saved_at=now,
        draft_saved_by=actor.code,
        created_at=now,
        created_by=actor.code,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            programme.save(force_insert=True)
    except IntegrityError as error:
        message = _("There is a programme “%(code)s” already; choose another code.") % {"code": programme.code}
        raise ProgrammeRefusedError(message, field="programme", value=programme.code) from error
    _append("programs.programme.created", programme, actor=actor, now=now)
    return programme


@transaction.atomic
def save_draft(
    *, actor: Actor, now: datetime, programme_id: UUID, text: str, expected_revision: int | None = None
) -> Programme:
    """Keep a text as the draft of the next version, also one that is not right yet; a review of it begins anew.

    expected_revision: that of the programme when it was opened; what another saved since is not overwritten.

    Raises:
        ProgrammeNotFoundError: no such programme.
        ProgrammeStateError: it is archived.
        DraftChangedError: somebody else saved it meanwhile.
    """
    programme = _locked_open(programme_id, expected_revision)
    programme.draft_text = text
    programme.draft_state = DraftState.EDITING
    programme.draft_saved_at, programme.draft_saved_by = now, actor.code
    _forget_review(programme)
    return _saved(programme, now)


@transaction.atomic
def discard_draft(*, actor: Actor, now: datetime, programme_id: UUID) -> Programme:
    """Throw the draft away; the version in force stays.

    Raises:
        ProgrammeNotFoundError: no such programme.
        ProgrammeStateError: it is archived, has no draft, or was never published: then archive it instead.
    """
    programme = _locked_open(programme_id, None)
    if programme.draft_state == DraftState.NONE:
        raise ProgrammeStateError(_("There is no draft to throw away."))
    if programme.version_number == 0:
        raise ProgrammeStateError(_("The programme has only this draft; archive the programme instead."))
    programme.draft_text, programme.draft_state = "", DraftState.NONE
    programme.draft_saved_at, programme.draft_saved_by = None, ""
    _forget_review(programme)
    return _saved(programme, now)


@transaction.atomic
def submit_draft(*, actor: Actor, now: datetime, programme_id: UUID, expected_revision: int | None = None) -> Programme:
    """Hand the draft to another person for review.

    Raises:
        ProgrammeNotFoundError, ProgrammeStateError, DraftChangedError: see `save_draft`; or there is no draft.
        DocumentInvalidError: the draft cannot be a programme.
        ProgrammeRefusedError: the draft has another code than the programme.
    """
    programme = _locked_open(programme_id, expected_revision)
    if programme.draft_state not in (DraftState.EDITING, DraftState.REJECTED):
        raise ProgrammeStateError(_("There is no draft to submit; change the document first."))
    document = _checked(programme)
    programme.draft_state = DraftState.SUBMITTED
    _forget_review(programme)
    programme.submitted_at, programme.submitted_by = now, actor.code
    programme.name, programme.name_zh = document.name.en, document.name.zh
    _append("programs.draft.submitted", programme, actor=actor, now=now)
    return _saved(programme, now)


@transaction.atomic
def review_draft(
    *,
    actor: Actor,
    now: datetime,
    programme_id: UUID,
    is_approved: bool,
    note: str = "",
    expected_revision: int | None = None,
) -> Programme:
    """Approve the submitted draft, or send it back with a note; neither by who wrote or submitted it nor by their key.

    Raises:
        ProgrammeNotFoundError, DraftChangedError: see `save_draft`.
        ProgrammeStateError: no draft waits for review.
        OwnReviewError: the actor wrote or submitted it.
    """
    programme = _locked_open(programme_id, expected_revision)
    if programme.draft_state != DraftState.SUBMITTED:
        raise ProgrammeStateError(_("No draft waits for review; it has to be submitted first."))
    if any(access.is_same_person(actor.code, one) for one in (programme.draft_saved_by, programme.submitted_by)):
        raise OwnReviewError
    programme.draft_state = DraftState.APPROVED if is_approved else DraftState.REJECTED
    programme.reviewed_at, programme.reviewed_by = now, actor.code
    programme.review_note = note.strip()[:500]
    name = "programs.draft.approved" if is_approved else "programs.draft.rejected"
    _append(name, programme, actor=actor, now=now)
    return _saved(programme, now)


@transaction.atomic
def publish(
    *, actor: Actor, now: datetime, programme_id: UUID, effective_at: datetime | None = None, note: str = ""
) -> ProgrammeVersion:
    """Make the approved draft a version, in force from `effective_at` (None: now). Versions never change again.

    Raises:
        ProgrammeNotFoundError, ProgrammeStateError: see `save_draft`; or the draft is not approved.
        DocumentInvalidError: the draft uses what has gone since its review.
        ProgrammeRefusedError: it names a point currency or a campaign that is not there: no order could earn.
        EffectiveTooEarlyError: in the past, or not after the latest version.
    """
    programme = _locked_open(programme_id, None)
    if programme.draft_state != DraftState.APPROVED:
        raise ProgrammeStateError(_("Only a draft that another person has approved can be published."))
    start = effective_at or now
    if start < now:
        raise EffectiveTooEarlyError(start, now)
    for one in missing(_checked(programme)):
        raise ProgrammeRefusedError(one.message, field=one.field, value=one.code)
    return _publish(programme, start, actor=actor, now=now, note=note)


@transaction.atomic
def establish(*, actor: Actor, now: datetime, text: str, effective_at: datetime, reviewed_by: str) -> ProgrammeVersion:
    """Make and publish a programme in one step, also with an effect in the past: for setting up a system whose past
    is then replayed, such as the demo. reviewed_by: the code of the actor who reviewed it elsewhere.

    Raises:
        DocumentInvalidError, ProgrammeRefusedError: see `create_programme`.
        OwnReviewError: the reviewer is the actor.
    """
    if access.is_same_person(reviewed_by, actor.code):
        raise OwnReviewError
    programme = create_programme(actor=actor, now=now, text=text)
    programme.submitted_at, programme.submitted_by = now, actor.code
    programme.reviewed_at, programme.reviewed_by = now, reviewed_by
    return _publish(programme, effective_at, actor=actor, now=now, note="")


def _publish(
    programme: Programme, effective_at: datetime, *, actor: Actor, now: datetime, note: str
) -> ProgrammeVersion:
    document = _checked(programme)
    latest = programme.versions.order_by("-number").first()
    if latest is not None and effective_at <= latest.effective_at:
        raise EffectiveTooEarlyError(effective_at, latest.effective_at)
    version = ProgrammeVersion.objects.create(
        programme=programme,
        number=programme.version_number + 1,
        text=programme.draft_text,
        document=to_json(document),
        effective_at=effective_at,
        note=note.strip()[:200],
        written_by=programme.draft_saved_by,
        reviewed_by=programme.reviewed_by,
        published_at=now,
        published_by=actor.code,
    )
    programme.version_number = version.number
    programme.draft_text, programme.draft_state = "", DraftState.NONE
    programme.draft_saved_at, programme.draft_saved_by = None, ""
    _forget_review(programme)
    _saved(programme, now, "version_number")
    data = {"programme": programme.code, "version": version.number, "effective_at": effective_at.isoformat()}
    events.append("programs.version.published", actor=actor, now=now, data=data)
    jobs.schedule("programs.review_tiers", every=REVIEW_EVERY, first_at=now + REVIEW_EVERY)
    jobs.schedule("programs.find_near", every=REVIEW_EVERY, first_at=now + REVIEW_EVERY)
    hooks.after_publishing(now)
    return version


@transaction.atomic
def archive_programme(*, actor: Actor, now: datetime, programme_id: UUID) -> Programme:
    """End a programme: it earns nothing from now on; what members have stays theirs.

    Raises:
        ProgrammeNotFoundError: no such programme.
        ProgrammeStateError: it is archived already.
    """
    programme = _locked_open(programme_id, None)
    programme.archived_at = now
    _append("programs.programme.archived", programme, actor=actor, now=now)
    return _saved(programme, now, "archived_at")


def _checked(programme: Programme) -> ProgrammeDocument:
    document = read_document(programme.draft_text)
    if document.programme != programme.code:
        message = _("The document is of the programme “%(given)s”, not of “%(code)s”; a code never changes.")
        given = {"given": document.programme, "code": programme.code}
        raise ProgrammeRefusedError(message % given, field="programme", value=document.programme)
    return document


def _forget_review(programme: Programme) -> None:
    programme.submitted_at, programme.submitted_by = None, ""
    programme.reviewed_at, programme.reviewed_by, programme.review_note = None, "", ""


def _saved(programme: Programme, now: datetime, *further: str) -> Programme:
    programme.revision += 1
    programme.updated_at = now
    programme.save(update_fields=[*_DRAFT_FIELDS, *further])
    return programme


def _append(name: str, programme: Programme, *, actor: Actor, now: datetime) -> None:
    data: dict[str, Any] = {"programme": programme.code}
    events.append(name, actor=actor, now=now, data=data)


def _locked_open(programme_id: UUID, expected_revision: int | None) -> Programme:
    programme = Programme.objects.select_for_update().filter(id=programme_id).first()
    if programme is None:
        raise ProgrammeNotFoundError(programme_id)
    if programme.archived_at is not None:
        raise ProgrammeStateError(_("The programme is archived; it cannot be changed any more."))
    if expected_revision is not None and programme.revision != expected_revision:
        message = _("Somebody saved this programme while you were changing it. Reload it; copy yours first.")
        raise DraftChangedError(message, revision=programme.revision)
    return programme
