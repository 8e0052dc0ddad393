"""Writing checklists and visits. Import as one thing: `from troth.voice.visits import services as visits`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers.visible import visible
from troth.events import services as events
from troth.kit.ids import new_id
from troth.staff import queries as staff

from ..complaints.finding import case_of_number
from ..complaints.photos import Photo, checked_photos
from ..models import (
    Checklist,
    ChecklistVersion,
    StoreVisit,
    VisitKind,
    VisitMark,
    VisitPhoto,
    VisitState,
)
from .errors import (
    ChecklistChangedError,
    ChecklistNotFoundError,
    ChecklistRefusedError,
    VisitNotFoundError,
    VisitRefusedError,
    VisitStateError,
)
from .scoring import ChecklistDocument, read_checklist, score_of
from .starters import CHECKLISTS

__all__ = [
    "NewVisit",
    "VisitResult",
    "cancel_visit",
    "checked_photos",
    "ensure_checklists",
    "plan_visits",
    "publish_checklist",
    "save_checklist",
    "score_visit",
]

MOST_AT_ONCE = 500
MOST_PHOTOS = 20
MOST_NOTE = 2_000
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """A visit to be planned. store: code, "" for a place that is none of ours, named by `place`; visitor_id: a member
    of staff, or visitor: an outsider's name.
    """

    checklist: str
    planned_date: date
    store: str = ""
    place: str = ""
    visitor_id: UUID | None = None
    visitor: str = ""
    is_made_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitResult:
    """What was found. points: by item, None for what did not apply; every item must be there. case_number: of a planted
    complaint.
    """

    visited_date: date
    points: Mapping[str, int | None]
    notes: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    photos: Sequence[tuple[str, Photo]] = ()
    case_number: str = ""


@transaction.atomic
def save_checklist(
    *,
    actor: Actor,
    now: datetime,
    code: str,
    name: str,
    name_zh: str = "",
    visit_kind: str = VisitKind.MYSTERY,
    document: dict[str, Any],
    revision: int | None = None,
) -> Checklist:
    """Make a checklist, or change its draft; visits use what is published. revision: the one that the writer read.

    Raises:
        ChecklistRefusedError: a field breaks its rule.
        ChecklistChangedError: somebody saved meanwhile.
    """
    if not _CODE.fullmatch(code):
        text = _("The code has 1 to 40 small letters, digits and hyphens.")
        raise ChecklistRefusedError(text, field="code", value=code[:40])
    if not 1 <= len(name.strip()) <= 120 or len(name_zh) > 120:
        raise ChecklistRefusedError(_("Write a name of 1 to 120 characters."), field="name")
    if visit_kind not in VisitKind.values:
        raise ChecklistRefusedError(_("Choose a kind of visit."), field="visit_kind", value=visit_kind)
    kept = read_checklist(document).model_dump(mode="json")
    found = Checklist.objects.select_for_update().filter(code=code).first()
    if found is not None and revision is not None and found.revision != revision:
        raise ChecklistChangedError(found.revision)
    row = found or Checklist(id=new_id(), code=code, created_at=now, created_by=actor.code, revision=0)
    row.name, row.name_zh, row.visit_kind = name.strip(), name_zh.strip(), visit_kind
    row.document, row.updated_at, row.revision = kept, now, row.revision + 1
    row.save(force_insert=found is None)
    return row


@transaction.atomic
def publish_checklist(*, actor: Actor, now: datetime, code: str) -> ChecklistVersion:
    """Publish the draft: visits planned from now on use it, those planned before keep theirs. Unchanged, nothing new.

    Raises:
        ChecklistNotFoundError: no such checklist.
    """
    row = Checklist.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise ChecklistNotFoundError(code)
    newest = row.versions.order_by("-number").first()
    if newest is not None and newest.document == row.document:
        return newest
    number = newest.number + 1 if newest else 1
    version = ChecklistVersion.objects.create(
        checklist=row, number=number, document=row.document, created_at=now, created_by=actor.code
    )
    data = {"checklist": code, "number": number}
    events.append("voice.checklist.published", actor=actor, now=now, data=data)
    return version


@transaction.atomic
def ensure_checklists(*, actor: Actor, now: datetime) -> None:
    """Make and publish the ready-made checklists that are not there."""
    there = set(Checklist.objects.values_list("code", flat=True))
    for code, (kind, name, name_zh, document) in CHECKLISTS.items():
        if code not in there:
            save_checklist(
                actor=actor, now=now, code=code, name=name, name_zh=name_zh, visit_kind=kind, document=document
            )
            publish_checklist(actor=actor, now=now, code=code)


@transaction.atomic
def plan_visits(planned: Sequence[NewVisit], *, actor: Actor, now: datetime) -> list[StoreVisit]:
    """Plan visits with the newest published checklists; all of them or none.

    Raises:
        ChecklistNotFoundError: no such published checklist.
        VisitRefusedError: no place, no visitor, or too many at once.
        StaffNotFoundError: no such store.
    """
    if len(planned) > MOST_AT_ONCE:
        raise VisitRefusedError(_("Plan at most %d visits at once.") % MOST_AT_ONCE, field="visits")
    rows = [_planned(one, actor, now) for one in planned]
    StoreVisit.objects.bulk_create(rows)
    for row in rows:
        _tell("planned", row, actor, now)
    return rows


@transaction.atomic
def score_visit(
    *, actor: Actor, now: datetime, visit_id: UUID, result: VisitResult, revision: int | None = None
) -> StoreVisit:
    """Keep what a visit found, with its score from 0 to 100; once.

    Raises:
        VisitNotFoundError: no such visit.
        VisitStateError: it is scored or cancelled, or somebody changed it meanwhile.
        VisitRefusedError: a mark is missing or out of its range, nothing applied, or the day has not come yet.
    """
    visit = _locked(visit_id, revision)
    document = ChecklistDocument.model_validate(visit.version.document)
    _check_result(result, document, now)
    score = score_of(document, result.points)
    if score is None:
        raise VisitRefusedError(_("Nothing applied: cancel the visit instead."), field="points")
    visit.state, visit.visited_date, visit.note = VisitState.DONE, result.visited_date, visible(result.note)
    visit.score_hundredths, visit.failed_key = score.hundredths, score.failed_key
    visit.case_number, visit.updated_at = result.case_number.strip(), now
    visit.revision += 1
    visit.save()
    marks = [
        VisitMark(
            id=new_id(),
            visit=visit,
            item=item.key,
            points=result.points[item.key],
            note=visible(result.notes.get(item.key, "")),
        )
        for item in document.items
    ]
    VisitMark.objects.bulk_create(marks)
    _keep_photos(visit, result.photos, now)
    _tell("scored", visit, actor, now, score=f"{score.hundredths / 100:.2f}")
    return visit


@transaction.atomic
def cancel_visit(*, actor: Actor, now: datetime, visit_id: UUID) -> StoreVisit:
    """Call a planned visit off.

    Raises:
        VisitNotFoundError, VisitStateError: no such visit, or not a planned one.
    """
    visit = _locked(visit_id, None)
    visit.state, visit.updated_at = VisitState.CANCELLED, now
    visit.revision += 1
    visit.save()
    _tell("cancelled", visit, actor, now)
    return visit


def _planned(one: NewVisit, actor: Actor, now: datetime) -> StoreVisit:
    versions = ChecklistVersion.objects.filter(checklist__code=one.checklist, checklist__is_active=True)
    version = versions.select_related("checklist").order_by("-number").first()
    if version is None:
        raise ChecklistNotFoundError(one.checklist)
    place = visible(one.place)
    if not one.store and not place:
        raise VisitRefusedError(_("Say which store or place is visited."), field="store")
    if one.visitor_id is None and not visible(one.visitor):
        raise VisitRefusedError(_("Say who goes there."), field="visitor")
    if one.visitor_id and not staff.people().filter(id=one.visitor_id, left_date=None).exists():
        raise VisitRefusedError(_("Nobody of this id works here."), field="visitor", value=str(one.visitor_id))
    if len(place) > 120 or len(one.visitor) > 120:
        raise VisitRefusedError(_("Write at most %(limit)d characters.") % {"limit": 120}, field="place", limit=120)
    return StoreVisit(
        id=new_id(),
        visit_kind=version.checklist.visit_kind,
        version=version,
        store=staff.store(one.store) if one.store else None,
        place=place,
        visitor_id=one.visitor_id,
        visitor=visible(one.visitor),
        planned_date=one.planned_date,
        created_at=now,
        created_by=actor.code,
        updated_at=now,
        is_made_up=one.is_made_up,
    )


def _check_result(result: VisitResult, document: ChecklistDocument, now: datetime) -> None:
    most = {item.key: item.points for item in document.items}
    if set(result.points) != set(most):
        wrong = sorted(set(result.points) ^ set(most))[0]
        text = _("“%(item)s”: give a mark for every item of the checklist, and no others.")
        raise VisitRefusedError(text % {"item": wrong[:40]}, field=f"points.{wrong[:40]}")
    for key, mark in result.points.items():
        if mark is not None and not 0 <= mark <= most[key]:
            text = _("“%(item)s”: %(mark)d points; give 0 to %(most)d.")
            values = {"item": key, "mark": mark, "most": most[key]}
            raise VisitRefusedError(text % values, field=f"points.{key}", limit=most[key])
    company = staff.company_or_none()
    if company and result.visited_date > (today := company.today(now)):
        text = _("The visit was on a day that has not come yet; choose one up to today, %(today)s.")
        raise VisitRefusedError(text % {"today": date_format(today)}, field="visited_date")
    if any(len(note) > MOST_NOTE for note in (result.note, *result.notes.values())):
        raise VisitRefusedError(_("Write at most %(limit)d characters.") % {"limit": MOST_NOTE}, field="note")
    if len(result.photos) > MOST_PHOTOS or any(key and key not in most for key, _photo in result.photos):
        raise VisitRefusedError(_("At most %d pictures go with a visit.") % MOST_PHOTOS, field="photos")
    if result.case_number.strip() and case_of_number(result.case_number) is None:
        text = _("There is no case %(number)s. Read the number again, digit by digit.")
        raise VisitRefusedError(text % {"number": result.case_number[:20]}, field="case_number")


def _keep_photos(visit: StoreVisit, photos: Sequence[tuple[str, Photo]], now: datetime) -> None:
    VisitPhoto.objects.bulk_create(
        VisitPhoto(
            id=new_id(),
            visit=visit,
            item=item,
            content_type=photo.content_type,
            size=len(photo.content),
            content=photo.content,
            created_at=now,
        )
        for item, photo in photos
    )


def _locked(visit_id: UUID, revision: int | None) -> StoreVisit:
    found = StoreVisit.objects.select_for_update(of=("self",)).select_related("version__checklist", "store")
    visit = found.filter(id=visit_id).first()
    if visit is None:
        raise VisitNotFoundError(visit_id)
    if visit.state != VisitState.PLANNED:
        text = _("This visit is “%(state)s” already.") % {"state": visit.get_state_display()}
        raise VisitStateError(text, state=visit.state)
    if revision is not None and visit.revision != revision:
        raise VisitStateError(_("Somebody changed the visit meanwhile; reload the page."), revision=visit.revision)
    return visit


def _tell(happened: str, visit: StoreVisit, actor: Actor, now: datetime, **more: Any) -> None:
    data = {
        "visit": str(visit.id),
        "kind": visit.visit_kind,
        "checklist": visit.version.checklist.code,
        "store": visit.store.code if visit.store else "",
        **more,
    }
    events.append(f"voice.visit.{happened}", actor=actor, now=now, data=data)
