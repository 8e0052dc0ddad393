"""Ending runs that nobody moves on: a journey that is stopped, a person taken out."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from troth.access.actors import Actor
from troth.care.models import Journey, JourneyRun, RunState

from . import recalling
from .tallies import LEFT, Tallies

OPEN = (RunState.ACTIVE, RunState.STUCK)


def stop_everybody(journey: Journey, now: datetime) -> int:
    """End every run that is under way; return how many."""
    return _stop(Q(journey=journey), "journey_stopped", now)


def stop_people(journey_id: UUID, customer_ids: Iterable[UUID], reason: str, actor: Actor, now: datetime) -> int:
    """End the runs of these records in a journey and call back what waits of them; return how many."""
    records = list(customer_ids)
    which = Q(journey_id=journey_id, owner_id__among=records)
    runs = list(JourneyRun.objects.filter(which, state__in=OPEN).values_list("id", flat=True))
    recalling.call_back(journey_id, runs, records, actor=actor, now=now)
    return _stop(which, reason, now)


def stop_runs(owner_ids: Iterable[UUID], reason: str, now: datetime) -> int:
    """End the runs of these records in all journeys; return how many."""
    return _stop(Q(owner_id__among=list(owner_ids)), reason, now)


def stop_these(run_ids: Iterable[UUID], reason: str, now: datetime) -> int:
    """End these runs; return how many."""
    return _stop(Q(id__among=list(run_ids)), reason, now)


def _stop(which: Q, reason: str, now: datetime) -> int:
    open_ = JourneyRun.objects.filter(which, state__in=OPEN)
    tallies = Tallies()
    counted = open_.order_by().values_list("version_id").annotate(number=Count("id"))
    for version_id, number in counted:
        tallies.add(version_id, LEFT, reason, number)
    tallies.write()
    return open_.update(
        state=RunState.STOPPED,
        end_reason=reason,
        ended_at=now,
        due_at=None,
        awaits_event="",
        awaits_value="",
        updated_at=now,
    )
