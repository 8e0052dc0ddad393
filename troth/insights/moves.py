"""Customers who moved since the last analysis: one event each, found by comparing the new scores with the present
ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from troth.access.actors import Actor
from troth.events import services as events
from troth.value.later import pl

from .models import AnalysisRun
from .storing import SCORES, STANDING, staged

KINDS = ("band", "status", "rung")
BATCH = 5_000


def append_events(run: AnalysisRun, scores: pl.DataFrame, *, actor: Actor, now: datetime) -> None:
    """Append an event for each customer whose band, status or rung differs in the new scores."""
    with staged(STANDING, scores) as staging:
        for kind in KINDS:
            for rows in _moved(kind, staging):
                events.append_many(
                    (
                        events.NewEvent(
                            name=f"insights.{kind}.changed",
                            customer_id=_uuid(owner),
                            data={"before": before, "after": after, "as_of_date": run.as_of_date.isoformat()},
                        )
                        for owner, before, after in rows
                    ),
                    actor=actor,
                    now=now,
                )


def _moved(kind: str, staging: str) -> Iterator[list[tuple[Any, str, str]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT n.owner_id, o.{kind}, n.{kind} FROM {staging} n"
            f" JOIN {SCORES.table} o ON o.owner_id = n.owner_id WHERE o.{kind} <> n.{kind}"
        )
        moved = cursor.fetchall()
    for start in range(0, len(moved), BATCH):
        yield moved[start : start + BATCH]


def _uuid(owner: Any) -> UUID:
    return owner if isinstance(owner, UUID) else UUID(owner)
