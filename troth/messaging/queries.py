"""Reading messages. Import as one thing: `from troth.messaging import queries as messaging`."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from troth.customers import queries as customers

from . import words
from .confirming import waiting_consents
from .control_draws import counts_of as control_counts
from .control_draws import draws_of as control_draws
from .control_results import ControlGroup, control_group
from .control_results import costs_of as control_costs
from .control_results import measurement as control_measurement
from .control_results import outcomes_of as control_outcomes
from .control_results import under_way as control_job
from .control_trials import measurement_of as draws_measurement
from .control_trials import under_way_of as draws_job
from .errors import ContactNotFoundError
from .intents import Result
from .models import WAITING, ConsentRequest, Contact, ContactKey, ContactState, ControlDraw
from .pausing import state as sending_state
from .policy_preview import PolicyEffect, preview_policy
from .policy_versions import in_force, versions
from .refusals import is_gone
from .sending import verdicts_of
from .suppressions import BlockedAddress, blocked_of, blocks
from .words import channel_label, gate_label, gate_labels, purpose_label

__all__ = [
    "BlockedAddress",
    "ConsentRequest",
    "Contact",
    "ContactFilter",
    "ControlDraw",
    "ControlGroup",
    "PolicyEffect",
    "Reason",
    "blocked_of",
    "blocks",
    "channel_label",
    "channels_used",
    "contact",
    "contacts",
    "contacts_by_key",
    "contacts_of",
    "control_costs",
    "control_counts",
    "control_draws",
    "control_group",
    "control_job",
    "control_measurement",
    "control_outcomes",
    "counts_by_gate",
    "counts_by_state",
    "draws_job",
    "draws_measurement",
    "gate_label",
    "gate_labels",
    "in_force",
    "is_gone",
    "preview_policy",
    "purpose_label",
    "put_off_count",
    "sending_state",
    "versions",
    "waiting_consents",
    "waiting_count",
    "why",
    "written_to",
]


_NOT_REACHED = (ContactState.WITHHELD, ContactState.FAILED, ContactState.BOUNCED)


@dataclass(frozen=True, slots=True)
class Reason:
    """What one gate said of a message, in words of the active language and as values."""

    gate: str
    label: str
    result: Result
    text: str
    values: Mapping[str, Any]
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which messages are wanted; empty means any. source takes in what begins with it; since and until are moments."""

    states: tuple[str, ...] = ()
    channel: str = ""
    purpose: str = ""
    template: str = ""
    gate: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None


def contact(contact_id: UUID) -> Contact:
    """Return one message.

    Raises:
        ContactNotFoundError: there is none of this id.
    """
    found = Contact.objects.filter(id=contact_id).first()
    if found is None:
        raise ContactNotFoundError(contact_id)
    return found


def contacts(wanted: ContactFilter | None = None) -> QuerySet[Contact]:
    """Return the messages that are wanted, the newest first."""
    found = Contact.objects.order_by("-created_at", "-id")
    if wanted is None:
        return found
    if wanted.states:
        found = found.filter(state__in=wanted.states)
    exact = {"channel": wanted.channel, "purpose": wanted.purpose, "template": wanted.template, "held_by": wanted.gate}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.source:
        found = found.filter(Q(source=wanted.source) | Q(source__startswith=f"{wanted.source}:"))
    if wanted.since:
        found = found.filter(created_at__gte=wanted.since)
    if wanted.until:
        found = found.filter(created_at__lt=wanted.until)
    return found


def contacts_by_key(keys: Iterable[str]) -> dict[str, Contact]:
    """Return messages by the key that their caller gave them; keys that none has are left out."""
    found = dict(ContactKey.objects.filter(key__in=set(keys)).values_list("key", "contact_id"))
    rows = Contact.objects.in_bulk(found.values())
    return {key: rows[contact_id] for key, contact_id in found.items() if contact_id in rows}


def contacts_of(customer_id: UUID) -> QuerySet[Contact]:
    """Return the messages meant for a customer, on any of their records, the newest first.

    Raises:
        CustomerNotFoundError: no such customer.
    """
    return Contact.objects.filter(owner_id__in=customers.record_ids(customer_id)).order_by("-created_at", "-id")


def why(contact: Contact, *, moment: Callable[[datetime], str]) -> list[Reason]:
    """Return why a customer got a message, or did not: every gate's verdict, in their order.

    Args:
        moment: writes a moment for the reader.
    """
    return [
        Reason(
            verdict.gate,
            words.gate_label(verdict.gate),
            verdict.result,
            words.sentence(verdict, moment),
            verdict.values,
            verdict.not_before,
        )
        for verdict in verdicts_of(contact)
    ]


def written_to(records: Collection[UUID], *, source: str, since: datetime) -> set[UUID]:
    """Return which of these records of customers messages of a source went to since a moment, or are on the way to.

    source takes in what begins with it, as in `ContactFilter`.
    """
    found = contacts(ContactFilter(source=source, since=since)).filter(owner_id__among=set(records)).order_by()
    return set(found.exclude(state__in=_NOT_REACHED).values_list("owner_id", flat=True).distinct())


def counts_by_state(*, since: datetime, until: datetime, source: str = "") -> dict[ContactState, int]:
    """Return how many messages made in a time stand where, all states named."""
    rows = contacts(ContactFilter(since=since, until=until, source=source)).order_by()
    counted = dict(rows.values_list("state").annotate(Count("id")))
    return {state: counted.get(state.value, 0) for state in ContactState}


def counts_by_gate(*, since: datetime, until: datetime) -> list[tuple[str, int]]:
    """Return which gates kept messages of a time back or put them off, the most frequent first."""
    held = contacts(ContactFilter(since=since, until=until)).order_by().exclude(held_by="")
    counted = held.values_list("held_by").annotate(count=Count("id")).order_by("-count", "held_by")
    return [(gate, count) for gate, count in counted]


def channels_used() -> list[str]:
    """Return the channels that messages took or were meant to take, by code."""
    return sorted(Contact.objects.exclude(channel="").order_by().values_list("channel", flat=True).distinct())


def put_off_count(*, beyond: datetime) -> int:
    """Return how many messages a gate put off until later than a moment."""
    return Contact.objects.filter(state=ContactState.DELAYED, due_at__gt=beyond).exclude(held_by="").count()


def waiting_count() -> int:
    """Return how many messages wait to go out."""
    return Contact.objects.filter(state__in=WAITING).count()
