"""What journeys hand out to a person, what they erase, and what a merge does to two runs of one person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from troth.access.actors import Actor
from troth.care.models import JourneyRun, JourneyVisit
from troth.customers import services as customers

from . import ending


def register() -> None:
    """Add the steps to every erasure, export and merge."""
    customers.register_erasure_step(customers.ErasureStep("journeys", erase))
    customers.register_export_step(customers.ExportStep("journeys", export))
    customers.register_merge_step(customers.MergeStep("journeys", merge, unmerge))


def erase(customer_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Empty the facts that runs began with, and end those under way; how many went which way stays."""
    owners = list(customer_ids)
    ending.stop_runs(owners, "erased", now)
    JourneyRun.objects.filter(owner_id__in=owners).update(facts={})


def export(customer_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return the runs and the steps they left, as plain values."""
    owners = list(customer_ids)
    runs = JourneyRun.objects.filter(owner_id__in=owners).order_by("entered_at", "id")
    visits = JourneyVisit.objects.filter(owner_id__in=owners).annotate(code=F("journey__code")).order_by("id")
    return {
        "runs": [
            {
                "journey": code,
                "entered_at": entered_at.isoformat(),
                "state": state,
                "left_at": ended_at.isoformat() if ended_at else None,
                "facts": facts,
            }
            for code, entered_at, state, ended_at, facts in runs.values_list(
                "journey__code", "entered_at", "state", "ended_at", "facts"
            )
        ],
        "steps": [
            {"journey": code, "step": step, "left_at": left_at.isoformat(), "outcome": outcome}
            for code, step, left_at, outcome in visits.values_list("code", "step", "left_at", "outcome")
        ],
    }


def merge(canonical: UUID, merged: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    """End the merged record's runs where the person is in the same journey for the same occasion already."""
    kept = set(JourneyRun.objects.filter(owner_id=canonical, state__in=ending.OPEN).values_list("journey_id", "lane"))
    twice = [
        run.id
        for run in JourneyRun.objects.filter(owner_id=merged, state__in=ending.OPEN).only("id", "journey_id", "lane")
        if (run.journey_id, run.lane) in kept
    ]
    ending.stop_these(twice, "merged", now)
    return {}


def unmerge(canonical: UUID, merged: UUID, undo: dict[str, Any], actor: Actor, now: datetime) -> None:
    """Do nothing: a run that ended stays ended, nobody is sent twice through the same."""
