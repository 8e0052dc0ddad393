"""What callers ask for and what they are told: plain types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from troth.customers.queries import StandingConsent


class Result(StrEnum):
    """What a gate says of a contact."""

    PASS = "pass"  # noqa: S105  no password
    DELAY = "delay"
    STOP = "stop"


class Outcome(StrEnum):
    """What was decided."""

    QUEUED = "queued"
    DELAYED = "delayed"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Intent:
    """A message that somebody means for a customer.

    key: the caller's own name for it, never used for another; purpose: a `ConsentPurpose`; template: code;
    channels: in order of preference, those of the template if empty; facts: what the template is filled with, plain
    values; source: "journey:<id>:<step>", "survey:<id>", "case:<id>", "staff"; priority: 0 to 100, the higher one goes
    first where caps leave room for few; relevant_until: when it would come too late, by the rules of sending if None;
    group: what control groups go by.
    """

    key: str
    customer_id: UUID
    purpose: str
    template: str
    channels: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: str = "staff"
    priority: int = 50
    relevant_until: datetime | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one gate said, with the values it went by: codes and figures, nothing personal.

    not_before: of a delay, when the contact may go out at the earliest as far as this gate is concerned.
    """

    gate: str
    result: Result
    values: Mapping[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about an intent; contact_id is None where nothing was written (`decide`)."""

    key: str
    contact_id: UUID | None
    outcome: Outcome
    channel: str
    not_before: datetime | None
    verdicts: tuple[Verdict, ...]


@dataclass(slots=True)
class Candidate:
    """An intent with what gates need to know of its customer.

    records: all records of the customer, the canonical one first; zone: the person's time zone; channels: those
    that were asked for, else the company's; channel and address: filled in by the choice of the channel, empty where
    none would do.
    """

    contact_id: UUID
    intent: Intent
    owner_id: UUID
    records: tuple[UUID, ...]
    language: str
    zone: str
    birth_date: date | None
    is_erased: bool
    addresses: Mapping[str, str]
    consents: Mapping[tuple[str, str], StandingConsent]
    content_hash: str
    created_at: datetime
    relevant_until: datetime
    channels: tuple[str, ...] = ()
    channel: str = ""
    address: str = ""
