"""Calling back what whoever left a journey early would still get of it: the reminder of what was bought just now."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor
from troth.messaging import services as messaging


def call_back(
    journey_id: UUID, run_ids: Collection[UUID], records: Collection[UUID], *, actor: Actor, now: datetime
) -> int:
    """Withhold the messages of these runs that still wait, and return how many. records: of the runs' customers."""
    if not run_ids:
        return 0
    beginnings = [f"journey:{run_id}:" for run_id in run_ids]
    source = f"journey:{journey_id}"
    return messaging.call_back(source=source, customer_ids=records, key_beginnings=beginnings, actor=actor, now=now)


def call_back_all(journey_id: UUID, *, actor: Actor, now: datetime) -> int:
    """Withhold every message of a journey that still waits, also of those who are through; return how many."""
    return messaging.call_back(source=f"journey:{journey_id}", actor=actor, now=now)
