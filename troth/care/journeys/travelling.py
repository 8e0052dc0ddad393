"""Somebody on the way, as the engine holds them in memory while a batch is moved on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from troth.care.models import RunState
from troth.customers import queries as customers
from troth.customers.models import ConsentPurpose

from .compiled import CompiledJourney
from .document import shapes

AUTOMATED = ConsentPurpose.AUTOMATED.value


class Happening(Protocol):
    """An event of the log, or of the past."""

    @property
    def id(self) -> UUID:
        """Return what names it."""

    @property
    def owner_id(self) -> UUID:
        """Return whose it is."""

    @property
    def occurred_at(self) -> datetime:
        """Return when it was true."""

    @property
    def data(self) -> dict[str, Any]:
        """Return its ids and codes."""


@dataclass(frozen=True, slots=True)
class Person:
    """What the engine asks of a customer. records: the canonical one first; zone: of time.

    refuses_automation: wants no decisions made by machine alone (GDPR Art. 22, PIPL Art. 24).
    """

    records: tuple[UUID, ...]
    zone: str
    language: str
    staff_owner_id: UUID | None
    is_erased: bool
    refuses_automation: bool

    @property
    def id(self) -> UUID:
        """Return the canonical record."""
        return self.records[0]


@dataclass(frozen=True, slots=True)
class Visit:
    """A step left behind."""

    step: str
    arrived_at: datetime
    left_at: datetime
    outcome: str
    detail: Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Traveller:
    """A run being moved on. moment: the planned time it has reached; step_at: since when at its step.

    visited: steps left under an earlier version, by whoever was moved to another: they are not done again.
    """

    run_id: UUID
    owner_id: UUID
    journey: CompiledJourney
    entry_key: str
    facts: Mapping[str, Any]
    step: str
    step_at: datetime
    moment: datetime
    entered_at: datetime
    person: Person
    entry_event_id: UUID | None = None
    woken_event_id: UUID | None = None
    visited: frozenset[str] = frozenset()
    state: str = RunState.ACTIVE
    due_at: datetime | None = None
    awaits_event: str = ""
    awaits_value: str = ""
    end_reason: str = ""
    ended_at: datetime | None = None
    visits: list[Visit] = field(default_factory=list)

    @property
    def is_barred(self) -> bool:
        """Tell whether the person wants no decisions by machine, and the journey makes some."""
        return self.person.refuses_automation and not self.journey.document.service_only

    @property
    def entry_value(self) -> str:
        """Return what tells this run's occasion: the value of the entry's key field, "" where there is none."""
        entry = self.journey.document.entry
        key = entry.key if isinstance(entry, shapes.EventEntry) else ""
        return str(self.facts.get(key, "")) if key else ""

    @property
    def is_over(self) -> bool:
        """Tell whether the run has ended in this batch."""
        return self.state != RunState.ACTIVE

    def leave(self, outcome: str, towards: str, detail: Mapping[str, Any] | None = None) -> None:
        """Leave the step it is at for another; "" is the end of the way."""
        if self.step not in self.visited:
            self.visits.append(Visit(self.step, self.step_at, self.moment, outcome, detail or {}))
        self.step, self.step_at = towards, self.moment
        if not towards:
            self.end(RunState.FINISHED, "finished")

    def rest(self, until: datetime, event: str = "", value: str = "") -> None:
        """Stay at the step until a moment, or until an event whose key field has the value, "" for any."""
        self.due_at, self.awaits_event, self.awaits_value = until, event, value

    def end(self, state: str, reason: str) -> None:
        """End the run."""
        self.state, self.end_reason, self.ended_at, self.due_at = state, reason, self.moment, None
        self.awaits_event = self.awaits_value = ""


def person_of(found: customers.Contactable, zone: str, language: str) -> Person:
    """Return what the engine asks of a customer."""
    refuses = any(purpose == AUTOMATED and not said.is_given for (purpose, _way), said in found.consents.items())
    return Person(found.records, zone, found.language or language, found.staff_owner_id, found.is_erased, refuses)
