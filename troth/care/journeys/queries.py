"""Reading journeys, where people are in them, and what became of each step."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from troth.care.models import (
    Journey,
    JourneyRehearsal,
    JourneyRun,
    JourneyState,
    JourneyTally,
    JourneyTrial,
    JourneyVersion,
    JourneyVisit,
    RehearsedAct,
    RunState,
)
from troth.customers import queries as customers

from .document.reading import stored_document
from .document.shapes import JourneyDocument
from .errors import JourneyNotFoundError
from .tallies import ENTRY, GOAL, LEFT

__all__ = ["ENTRY", "GOAL", "LEFT"]


def journey(journey_id: UUID) -> Journey:
    """Return a journey.

    Raises:
        JourneyNotFoundError: no such journey.
    """
    found = Journey.objects.filter(id=journey_id).first()
    if found is None:
        raise JourneyNotFoundError(journey_id)
    return found


def journey_by_code(code: str) -> Journey:
    """Return the journey of a code. Raises JourneyNotFoundError."""
    found = Journey.objects.filter(code=code).first()
    if found is None:
        raise JourneyNotFoundError(code)
    return found


def journeys(
    *, states: Iterable[str] = (JourneyState.DRAFT, JourneyState.RUNNING, JourneyState.PAUSED)
) -> "QuerySet[Journey]":
    """Return journeys in these states, those in use if none are named, by name."""
    return Journey.objects.filter(state__in=list(states)).order_by("name", "id")


def versions(journey_id: UUID) -> "QuerySet[JourneyVersion]":
    """Return a journey's published versions, the newest first."""
    return JourneyVersion.objects.filter(journey_id=journey_id).order_by("-number")


def version_row(journey_id: UUID, number: int) -> JourneyVersion:
    """Return a published version. Raises JourneyNotFoundError."""
    found = JourneyVersion.objects.filter(journey_id=journey_id, number=number).first()
    if found is None:
        raise JourneyNotFoundError(f"{journey_id} v{number}")
    return found


def document_of(row: JourneyVersion) -> JourneyDocument:
    """Return the document of a published version."""
    return stored_document(row.document)


# --- how many


@dataclass(frozen=True, slots=True)
class Totals:
    """How many runs a journey has had, and where they are; reached: the goal."""

    entered: int = 0
    active: int = 0
    stuck: int = 0
    finished: int = 0
    exited: int = 0
    stopped: int = 0
    reached: int = 0


@dataclass(slots=True)
class StepCount:
    """One step: how many are at it now, how many of them are stuck, and how many left it with which outcome."""

    waiting: int = 0
    stuck: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        """Return how many have left the step."""
        return sum(self.outcomes.values())


def totals(journey_ids: Iterable[UUID]) -> dict[UUID, Totals]:
    """Return the figures of these journeys over all their versions."""
    wanted = list(journey_ids)
    states: dict[UUID, dict[str, int]] = {one: defaultdict(int) for one in wanted}
    rows = JourneyRun.objects.filter(journey_id__in=wanted).order_by().values_list("journey_id", "state")
    for journey_id, state, number in rows.annotate(number=Count("id")):
        states[journey_id][state] = number
    goals = JourneyTally.objects.filter(version__journey_id__in=wanted, step=GOAL).order_by()
    reached: dict[UUID, int] = dict(goals.values_list("version__journey_id").annotate(number=Sum("count")))
    return {one: _totals(states[one], reached.get(one, 0)) for one in wanted}


def step_counts(journey_id: UUID, *, version: int | None = None) -> dict[str, StepCount]:
    """Return the figures of every step that anybody came to, of one version or of all; by the step's id.

    Those who entered stand under `ENTRY`, those who left under `LEFT` by reason, those who reached the goal under
    `GOAL`.
    """
    found: dict[str, StepCount] = defaultdict(StepCount)
    narrowing = Q(version__number=version) if version is not None else Q()
    runs = JourneyRun.objects.filter(narrowing, journey_id=journey_id, state__in=[RunState.ACTIVE, RunState.STUCK])
    for step, state, number in runs.order_by().values_list("step", "state").annotate(number=Count("id")):
        found[step].waiting += number
        if state == RunState.STUCK:
            found[step].stuck += number
    tallies = JourneyTally.objects.filter(narrowing, version__journey_id=journey_id).order_by()
    for step, outcome, number in tallies.values_list("step", "outcome").annotate(number=Sum("count")):
        found[step].outcomes[outcome] = number
    return dict(found)


def _totals(states: dict[str, int], reached: int) -> Totals:
    return Totals(entered=sum(states.values()), reached=reached, **{state: states.get(state, 0) for state in (
        "active", "stuck", "finished", "exited", "stopped"
    )})  # fmt: skip


# --- who


def people_at(journey_id: UUID, step: str = "", *, version: int | None = None) -> "QuerySet[JourneyRun]":
    """Return who is at a step now, or under way at all; who came first comes first."""
    found = JourneyRun.objects.filter(journey_id=journey_id, state__in=[RunState.ACTIVE, RunState.STUCK])
    if step:
        found = found.filter(step=step)
    if version is not None:
        found = found.filter(version__number=version)
    return found.select_related("version").order_by("step_at", "id")


def runs_in(journey_id: UUID, *, states: Iterable[str] = (), has_reached: bool = False) -> "QuerySet[JourneyRun]":
    """Return a journey's runs, those in these states, or those that reached the goal; who entered last comes first."""
    found = JourneyRun.objects.filter(journey_id=journey_id)
    if states:
        found = found.filter(state__in=list(states))
    if has_reached:
        found = found.exclude(goal_at=None)
    return found.select_related("version").order_by("-entered_at", "-id")


def passed(journey_id: UUID, step: str, *, outcome: str = "") -> "QuerySet[JourneyVisit]":
    """Return who left a step, with what outcome; the newest first."""
    found = JourneyVisit.objects.filter(journey_id=journey_id, step=step)
    return (found.filter(outcome=outcome) if outcome else found).order_by("-left_at", "-id")


def runs_of(customer_id: UUID) -> "QuerySet[JourneyRun]":
    """Return a customer's runs through all journeys, of all records, the newest first.

    Raises:
        CustomerNotFoundError: no such customer.
    """
    found = JourneyRun.objects.filter(owner_id__in=customers.record_ids(customer_id))
    return found.select_related("journey", "version").order_by("-entered_at", "-id")


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step of somebody's path. left_at, outcome: None and "" where the person is still there."""

    step: str
    arrived_at: datetime
    left_at: datetime | None
    outcome: str
    detail: dict[str, Any]


def run(run_id: UUID) -> JourneyRun:
    """Return a run. Raises JourneyNotFoundError."""
    found = JourneyRun.objects.select_related("journey", "version").filter(id=run_id).first()
    if found is None:
        raise JourneyNotFoundError(run_id)
    return found


def path_of(run_row: JourneyRun) -> list[PathStep]:
    """Return the way of a run through its steps, from the entry to where it is now."""
    visits = JourneyVisit.objects.filter(owner_id=run_row.owner_id, run_id=run_row.id).order_by("id")
    found = [PathStep(one.step, one.arrived_at, one.left_at, one.outcome, one.detail) for one in visits]
    if run_row.state in (RunState.ACTIVE, RunState.STUCK):
        found.append(PathStep(run_row.step, run_row.step_at, None, "", {}))
    return found


# --- rehearsals


def rehearsals(journey_id: UUID) -> "QuerySet[JourneyRehearsal]":
    """Return a journey's rehearsals, the newest first."""
    return JourneyRehearsal.objects.filter(journey_id=journey_id).order_by("-created_at", "-id")


def rehearsal(rehearsal_id: UUID) -> JourneyRehearsal:
    """Return a rehearsal. Raises JourneyNotFoundError."""
    found = JourneyRehearsal.objects.select_related("journey").filter(id=rehearsal_id).first()
    if found is None:
        raise JourneyNotFoundError(rehearsal_id)
    return found


def rehearsed_acts(rehearsal_id: UUID, *, step: str = "", gate: str = "") -> "QuerySet[RehearsedAct]":
    """Return what people would have got in a rehearsal, in the order in which it would have happened."""
    found = RehearsedAct.objects.filter(rehearsal_id=rehearsal_id)
    found = found.filter(step=step) if step else found
    return (found.filter(gate=gate) if gate else found).order_by("happened_at", "id")


# --- what random splits brought


def trial(journey_id: UUID) -> JourneyTrial | None:
    """Return what a journey's splits brought, as it was measured last; None where nobody asked."""
    return JourneyTrial.objects.filter(journey_id=journey_id).first()
