"""Whoever objects to a profile (GDPR 21, PIPL 24) leaves the segments that asked for one at once, not with the next
renewal.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from troth.access.actors import Actor
from troth.customers import services as customers
from troth.customers.models import ConsentPurpose
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit.errors import TrothError

from . import queries
from .models import Segment, SegmentMembership


def register() -> None:
    """Have customers tell of every consent to profiling; what the profile says is gone by then."""
    purposes = frozenset({ConsentPurpose.PROFILING.value})
    customers.register_consent_step(customers.ConsentStep("segments", purposes, leave))


def leave(records: Sequence[UUID], purpose: str, channel: str, is_given: bool, actor: Actor, now: datetime) -> None:
    """Take whoever refuses out of the segments they are in no longer; where they come in, the renewal tells."""
    if is_given:
        return
    news = []
    for row in list(SegmentMembership.objects.filter(owner_id__in=records).select_related("segment").order_by("id")):
        version = queries.version_in_force(row.segment)
        if version is None or _still_holds(version.definition, row.owner_id, now):
            continue
        row.delete()
        Segment.objects.filter(id=row.segment_id, member_count__gt=0).update(member_count=F("member_count") - 1)
        data = {"segment": str(row.segment_id), "version": version.number}
        news.append(NewEvent("segments.member.left", row.owner_id, data))
    events.append_many(news, actor=actor, now=now)


def _still_holds(definition: object, customer_id: UUID, now: datetime) -> bool:
    """Tell whether a customer belongs to a segment; one that cannot be read any more is left to its renewal."""
    fields = queries.catalogue()
    try:
        condition = queries.condition_of(definition, fields)
        verdict = queries.explain(condition, fields, queries.as_of(now), customer_id)
    except TrothError:
        return True
    return verdict is not None and verdict.holds
