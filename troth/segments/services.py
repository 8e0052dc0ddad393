"""Making, changing and publishing segments. Who is in them is worked out in `refreshing`."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.jobs import services as jobs
from troth.jobs.errors import JobAlreadyActiveError
from troth.jobs.models import Job
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import to_json

from . import queries
from .errors import DraftChangedError, SegmentNotFoundError, SegmentRefusedError, SegmentStateError
from .models import Segment, SegmentMembership, SegmentVersion

REFRESH_EVERY = timedelta(hours=1)


@transaction.atomic
def create_segment(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    name_zh: str = "",
    description: str = "",
    owner_id: UUID | None = None,
    definition: Any = None,
) -> Segment:
    """Make a segment with a first draft; nobody is in it before it is published.

    Raises:
        SegmentRefusedError: no name, too long, or another segment in use has it.
        ConditionInvalidError: the definition cannot be understood, or asks by what the actor may not see.
    """
    segment = Segment(
        name=_name(name),
        name_zh=name_zh.strip()[:120],
        description=description.strip()[:500],
        owner_id=owner_id,
        draft=_checked({"all": []} if definition is None else definition, actor),
        draft_saved_at=now,
        draft_saved_by=actor.code,
        created_at=now,
        created_by=actor.code,
        updated_at=now,
    )
    _save(segment)
    events.append("segments.segment.created", actor=actor, now=now, data={"segment": str(segment.id)})
    return segment


@transaction.atomic
def describe_segment(
    *,
    actor: Actor,
    now: datetime,
    segment_id: UUID,
    name: str,
    name_zh: str = "",
    description: str = "",
    owner_id: UUID | None = None,
) -> Segment:
    """Change name, description and owner; the definition stays.

    Raises:
        SegmentNotFoundError: no such segment.
        SegmentRefusedError: see `create_segment`.
    """
    segment = _locked(segment_id)
    new = {
        "name": _name(name),
        "name_zh": name_zh.strip()[:120],
        "description": description.strip()[:500],
        "owner_id": owner_id,
    }
    changed = [field for field, value in new.items() if getattr(segment, field) != value]
    if not changed:
        return segment
    for field, value in new.items():
        setattr(segment, field, value)
    segment.updated_at = now
    _save(segment)
    events.append(
        "segments.segment.changed",
        actor=actor,
        now=now,
        data={"segment": str(segment.id), "fields": sorted(changed)},
    )
    return segment


@transaction.atomic
def save_draft(
    *, actor: Actor, now: datetime, segment_id: UUID, definition: Any, expected_revision: int | None = None
) -> Segment:
    """Keep a definition as the draft of the next version; whoever is in the segment stays in it.

    expected_revision: that of the segment when it was opened; what another saved since is not overwritten.

    Raises:
        SegmentNotFoundError: no such segment.
        SegmentStateError: it is archived.
        DraftChangedError: somebody else saved it meanwhile.
        ConditionInvalidError: the definition cannot be understood, or asks by what the actor may not see.
    """
    segment = _locked_open(segment_id, expected_revision)
    segment.draft = _checked(definition, actor)
    segment.draft_saved_at, segment.draft_saved_by = now, actor.code
    segment.revision += 1
    segment.updated_at = now
    segment.save(update_fields=["draft", "draft_saved_at", "draft_saved_by", "revision", "updated_at"])
    return segment


@transaction.atomic
def discard_draft(*, actor: Actor, now: datetime, segment_id: UUID) -> Segment:
    """Throw the draft away; the version in force stays.

    Raises:
        SegmentNotFoundError: no such segment.
        SegmentStateError: it is archived, or was never published: then archive it instead.
    """
    segment = _locked_open(segment_id, None)
    if not segment.is_published:
        raise SegmentStateError(_("The segment has only this draft; archive the segment instead."))
    segment.draft, segment.draft_saved_at, segment.draft_saved_by = None, None, ""
    segment.revision += 1
    segment.updated_at = now
    segment.save(update_fields=["draft", "draft_saved_at", "draft_saved_by", "revision", "updated_at"])
    return segment


@transaction.atomic
def publish(
    *, actor: Actor, now: datetime, segment_id: UUID, note: str = "", expected_revision: int | None = None
) -> SegmentVersion:
    """Make the draft the version in force and have the members worked out in the background.

    Raises:
        SegmentNotFoundError: no such segment.
        SegmentStateError: it is archived or has no draft.
        DraftChangedError: somebody else saved it meanwhile.
        ConditionInvalidError: the draft uses what no longer exists.
    """
    segment = _locked_open(segment_id, expected_revision)
    if segment.draft is None:
        raise SegmentStateError(_("There is no draft to publish; change the definition first."))
    version = SegmentVersion.objects.create(
        segment=segment,
        number=segment.version_number + 1,
        definition=_checked(segment.draft, actor),
        note=note.strip()[:200],
        published_at=now,
        published_by=actor.code,
    )
    segment.draft, segment.draft_saved_at, segment.draft_saved_by = None, None, ""
    segment.version_number = version.number
    segment.revision += 1
    segment.updated_at = now
    segment.save()
    data = {"segment": str(segment.id), "version": version.number}
    events.append("segments.segment.published", actor=actor, now=now, data=data)
    request_refresh(actor=actor, now=now, segment_id=segment.id)
    jobs.schedule("segments.refresh_all", every=REFRESH_EVERY, first_at=now + REFRESH_EVERY)
    return version


def request_refresh(*, actor: Actor, now: datetime, segment_id: UUID) -> Job | None:
    """Have the members worked out in the background; None if that waits or runs already.

    Raises:
        SegmentNotFoundError: no such segment.
        SegmentStateError: it was never published, or is archived.
    """
    segment = queries.segment(segment_id)
    if not segment.is_published or segment.archived_at is not None:
        raise SegmentStateError(_("Only a published segment in use has members; publish or restore it first."))
    try:
        return jobs.enqueue(
            "segments.refresh",
            actor=actor,
            now=now,
            payload={"segment": str(segment_id)},
            unique_key=str(segment_id),
        )
    except JobAlreadyActiveError:
        return None


@transaction.atomic
def archive_segment(*, actor: Actor, now: datetime, segment_id: UUID) -> Segment:
    """Take a segment out of use: it has no members any more, its versions stay.

    Raises:
        SegmentNotFoundError: no such segment.
        SegmentStateError: it is archived already.
    """
    segment = _locked_open(segment_id, None)
    segment.archived_at, segment.updated_at, segment.member_count, segment.refreshed_at = now, now, None, None
    segment.save(update_fields=["archived_at", "updated_at", "member_count", "refreshed_at"])
    SegmentMembership.objects.filter(segment=segment).delete()
    events.append("segments.segment.archived", actor=actor, now=now, data={"segment": str(segment.id)})
    return segment


@transaction.atomic
def restore_segment(*, actor: Actor, now: datetime, segment_id: UUID) -> Segment:
    """Take an archived segment into use again; its members are worked out anew.

    Raises:
        SegmentNotFoundError: no such segment.
        SegmentStateError: it is in use.
        SegmentRefusedError: another segment has its name by now.
    """
    segment = _locked(segment_id)
    if segment.archived_at is None:
        raise SegmentStateError(_("The segment is in use already."))
    segment.archived_at, segment.updated_at = None, now
    _save(segment)
    events.append("segments.segment.restored", actor=actor, now=now, data={"segment": str(segment.id)})
    if segment.is_published:
        request_refresh(actor=actor, now=now, segment_id=segment.id)
    return segment


def _name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= 120:
        raise SegmentRefusedError(_("Give the segment a name of 1 to 120 characters."), field="name", limit=120)
    return stripped


def _checked(definition: Any, actor: Actor) -> dict[str, Any]:
    """Return the definition in its one written form, if the actor may ask by its fields."""
    return to_json(read(definition, queries.catalogue(actor)))


def _save(segment: Segment) -> None:
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError as error:
        message = _("There is a segment named “%(name)s” already; choose another name.")
        raise SegmentRefusedError(message % {"name": segment.name}, field="name", value=segment.name) from error


def _locked(segment_id: UUID) -> Segment:
    segment = Segment.objects.select_for_update().filter(id=segment_id).first()
    if segment is None:
        raise SegmentNotFoundError(segment_id)
    return segment


def _locked_open(segment_id: UUID, expected_revision: int | None) -> Segment:
    segment = _locked(segment_id)
    if segment.archived_at is not None:
        raise SegmentStateError(_("The segment is archived; restore it first."))
    if expected_revision is not None and segment.revision != expected_revision:
        raise DraftChangedError(
            _(
                "Somebody saved this segment while you were changing it."
                " Reload the page to see that version; copy yours first."
            ),
            revision=segment.revision,
        )
    return segment
