"""The secret address under which a person's tasks can be read as a calendar."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.events import services as events
from troth.staff import queries as staff
from troth.staff.models import StaffMember

from .models import CalendarFeed, Task, TaskState

MOST_TASKS = 500
PAST = timedelta(days=30)
NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def open_feed(member_id: UUID, *, actor: Actor, now: datetime) -> str:
    """Make a member's calendar address and return its secret, once; an older address stops working."""
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.filter(owner_id=member_id).delete()
    CalendarFeed.objects.create(owner_id=member_id, token_hash=_hash(secret), created_at=now, created_by=actor.code)
    events.append("worklist.feed.opened", actor=actor, now=now, data={"member": str(member_id)})
    return secret


@transaction.atomic
def close_feed(member_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Withdraw a member's calendar address; tell whether there was one."""
    gone, _by_model = CalendarFeed.objects.filter(owner_id=member_id).delete()
    if gone:
        events.append("worklist.feed.closed", actor=actor, now=now, data={"member": str(member_id)})
    return bool(gone)


def read_feed(secret: str, *, now: datetime) -> StaffMember | None:
    """Return whose calendar the secret opens, None for a wrong or withdrawn one, or who may not see tasks any more."""
    feed = CalendarFeed.objects.filter(token_hash=_hash(secret)).first()
    if feed is None:
        return None
    if feed.last_read_at is None or feed.last_read_at < now - NOTED_EVERY:
        CalendarFeed.objects.filter(id=feed.id).update(last_read_at=now)
    member = staff.people().select_related("user").filter(id=feed.owner_id, left_date=None).first()
    if member is None or (member.user is not None and not member.user.actor.may(Permission.TASKS_VIEW)):
        return None
    return member


def feed_of(member_id: UUID) -> CalendarFeed | None:
    """Return a member's calendar address, without its secret, which nobody knows any more."""
    return CalendarFeed.objects.filter(owner_id=member_id).first()


def feed_tasks(member: StaffMember, now: datetime) -> "QuerySet[Task]":
    """Return the tasks that a member's calendar shows: open ones, from a month back on."""
    rows = Task.objects.filter(assignee=member, state=TaskState.OPEN, due_at__gte=now - PAST)
    return rows.order_by("due_at", "id")[:MOST_TASKS]


def _hash(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
