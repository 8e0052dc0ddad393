"""Courses and their sessions."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.messaging import starters
from troth.staff import queries as staff

from ..models import Course, CourseKind, SeatState, SessionState, TrainingSession
from . import telling
from .errors import TrainingNotFoundError, TrainingRefusedError, TrainingStateError
from .queries import INVITATION, invitations
from .seats import locked, promote

MOST_SEATS = 100_000
LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFields:
    """What a session says. course: code; template: code of the invitation, "" for none; trainer_id: member of staff."""

    course: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    place: str = ""
    template: str = ""
    trainer_id: UUID | None = None


@transaction.atomic
def save_course(
    *,
    code: str,
    name: str,
    name_zh: str = "",
    description: str = "",
    description_zh: str = "",
    course_kind: str = CourseKind.COURSE,
    is_active: bool = True,
    actor: Actor,
    now: datetime,
) -> Course:
    """Add a course, or change the one of this code.

    Raises:
        TrainingRefusedError: a field breaks its rule.
    """
    if slugify(code) != code.lower() or not 1 <= len(code) <= 40:
        raise _refusal("code", code, _("write 1 to 40 letters, digits, hyphens or underscores"))
    if not 1 <= len(name.strip()) <= 120 or len(name_zh) > 120:
        raise _refusal("name", name[:80], _("write 1 to 120 characters"))
    if len(description) > 1000 or len(description_zh) > 1000:
        raise _refusal("description", "…", _("write at most %d characters") % 1000)
    if course_kind not in CourseKind.values:
        raise _refusal("course_kind", course_kind, ", ".join(CourseKind.values))
    course = Course.objects.filter(code=code).first() or Course(code=code, created_at=now, created_by=actor.code)
    course.name, course.name_zh, course.course_kind = name.strip(), name_zh.strip(), course_kind
    course.description, course.description_zh = description.strip(), description_zh.strip()
    course.is_active, course.updated_at = is_active, now
    course.save()
    events.append("care.course.saved", actor=actor, now=now, data={"course": code})
    return course


@transaction.atomic
def plan_session(fields: SessionFields, *, actor: Actor, now: datetime) -> TrainingSession:
    """Plan a session of a course.

    Raises:
        TrainingNotFoundError: no such course.
        TrainingRefusedError: a field breaks its rule.
    """
    course = Course.objects.filter(code=fields.course).first()
    if course is None:
        raise TrainingNotFoundError(fields.course)
    session = TrainingSession(course=course, created_at=now, created_by=actor.code)
    return _kept(session, fields, actor, now)


@transaction.atomic
def change_session(session_id: UUID, fields: SessionFields, *, actor: Actor, now: datetime) -> TrainingSession:
    """Change a session that is open; seats that are new go to the first on the waiting list.

    Whoever has a seat or waits for one is told of another time or place. Fewer seats than are taken is refused: nobody
    loses a seat.

    Raises:
        TrainingNotFoundError: no such session.
        TrainingStateError: it was held or cancelled.
        TrainingRefusedError: a field breaks its rule.
    """
    session = locked(session_id)
    _refuse_over(session)
    taken = session.seats.filter(state="taken").count()
    if fields.capacity < taken:
        raise _refusal("capacity", fields.capacity, _("%d seats are taken") % taken)
    meant, before = _meant(session), _when_and_where(session)
    session = _kept(session, fields, actor, now)
    if _when_and_where(session) != before:
        telling.tell_changed(session, meant, actor=actor, now=now)
    promote(session, actor=actor, now=now)
    return session


@transaction.atomic
def cancel_session(session_id: UUID, *, actor: Actor, now: datetime) -> TrainingSession:
    """Cancel a session, and tell whoever has a seat or waits for one; they keep it on record.

    Raises:
        TrainingNotFoundError: no such session.
        TrainingStateError: it was held or cancelled.
    """
    session = locked(session_id)
    _refuse_over(session)
    session.state, session.updated_at = SessionState.CANCELLED, now
    session.save(update_fields=["state", "updated_at"])
    data = {"session": str(session.id), "course": session.course.code}
    events.append("care.session.cancelled", actor=actor, now=now, data=data)
    telling.tell_cancelled(session, _meant(session), actor=actor, now=now)
    return session


def _meant(session: TrainingSession) -> list[UUID]:
    """Return who has a seat or waits for one."""
    meant = session.seats.filter(state__in=(SeatState.TAKEN, SeatState.WAITING)).order_by("owner_id")
    return list(meant.values_list("owner_id", flat=True))


def _when_and_where(session: TrainingSession) -> tuple[datetime, datetime, str]:
    return session.starts_at, session.ends_at, session.place


def _kept(session: TrainingSession, fields: SessionFields, actor: Actor, now: datetime) -> TrainingSession:
    if not timedelta() < fields.ends_at - fields.starts_at <= LONGEST:
        raise _refusal("ends_at", fields.ends_at.isoformat(), _("it ends after it begins, within thirty days"))
    if not 1 <= fields.capacity <= MOST_SEATS:
        raise _refusal("capacity", fields.capacity, _("write 1 to 100,000 seats"))
    if fields.template != session.template:
        _check_template(fields.template, actor, now)
    if len(fields.place) > 200:
        raise _refusal("place", "…", _("write at most %d characters") % 200)
    if fields.trainer_id and not staff.people().filter(id=fields.trainer_id, left_date=None).exists():
        raise _refusal("trainer_id", fields.trainer_id, _("there is no such member of staff, or they have left"))
    session.starts_at, session.ends_at, session.capacity = fields.starts_at, fields.ends_at, fields.capacity
    session.place, session.template, session.trainer_id = fields.place.strip(), fields.template, fields.trainer_id
    session.updated_at = now
    session.save()
    data = {"session": str(session.id), "course": session.course.code}
    events.append("care.session.saved", actor=actor, now=now, data=data)
    return session


def _check_template(code: str, actor: Actor, now: datetime) -> None:
    """Refuse an invitation that cannot be written; the ready-made one is made when it is first asked for."""
    if code == INVITATION:
        with suppress(IntegrityError), transaction.atomic():  # of two who make the text at once, one does
            starters.install(actor=actor, now=now, codes=[INVITATION])
    if code and code not in invitations():
        raise _refusal("template", code[:80], _("there is no such template in use; publish it, or leave it empty"))


def _refuse_over(session: TrainingSession) -> None:
    if session.state != SessionState.OPEN:
        raise TrainingStateError(_("This session is over: %(state)s.") % {"state": session.get_state_display()})


def _refusal(name: str, value: object, limit: str) -> TrainingRefusedError:
    text = _("%(field)s: “%(value)s” does not fit: %(limit)s.")
    return TrainingRefusedError(text % {"field": name, "value": value, "limit": limit}, field=name, value=str(value))
