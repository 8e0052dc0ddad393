"""Deciding about messages, and keeping what was decided."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.events import services as events
from troth.kit import rows
from troth.kit.deadlocks import again_after_deadlock
from troth.kit.ids import new_id
from troth.kit.json_text import json_text

from . import pausing, policy_versions
from .checking import checked, facts_text, payload_hash
from .deciding import Judged, judge
from .errors import IntentConflictError
from .intents import Candidate, Decision, Intent, Outcome, Result, Verdict
from .models import Contact, ContactKey, ContactState
from .recipients import candidates_of
from .waking import wake

STATES = {
    Outcome.QUEUED: ContactState.QUEUED,
    Outcome.DELAYED: ContactState.DELAYED,
    Outcome.WITHHELD: ContactState.WITHHELD,
}
_COLUMNS = (
    "id",
    "owner_id",
    "key",
    "purpose",
    "template",
    "asked_channels",
    "channel",
    "address",
    "language",
    "facts",
    "content_hash",
    "source",
    "group",
    "priority",
    "relevant_until",
    "state",
    "due_at",
    "decided_at",
    "verdicts",
    "held_by",
    "policy_version",
    "attempts",
    "provider_id",
    "reason",
    "created_at",
    "created_by",
    "ended_at",
)


def send(intents: Sequence[Intent], *, actor: Actor, now: datetime) -> list[Decision]:
    """Decide about messages and have those sent that may be: one transaction, a decision for each, in their order.

    A key that was used before gives the decision taken then, and nothing happens again.

    Raises:
        IntentRefusedError: a value breaks its rule.
        IntentConflictError: a key names another message already.
        RecipientUnknownError: a customer does not exist.
    """
    wanted = checked(intents, now)
    if not wanted:
        return []
    decided = again_after_deadlock(partial(_send, wanted, actor, now))
    return [decided[intent.key] for intent in intents]


def decide(intents: Sequence[Intent], *, now: datetime) -> list[Decision]:
    """Return what `send` would decide now, and write nothing; keys need not be new.

    Raises:
        IntentRefusedError, IntentConflictError, RecipientUnknownError: see `send`.
    """
    wanted = checked(intents, now)
    _version, terms = policy_versions.in_force()
    candidates, ways = candidates_of([(new_id(), intent, now) for intent in wanted.values()], terms)
    decided = {
        one.candidate.intent.key: decision_of(one, now, is_written=False) for one in judge(candidates, ways, terms, now)
    }
    return [decided[intent.key] for intent in intents]


@transaction.atomic
def _send(wanted: Mapping[str, Intent], actor: Actor, now: datetime) -> dict[str, Decision]:
    pausing.begin(now)
    # Nobody is erased meanwhile, whose words would stay behind.
    customer_services.hold_customers({intent.customer_id for intent in wanted.values()})
    version, terms = policy_versions.in_force()
    with customers.groups_remembered():
        candidates, ways = candidates_of([(new_id(), intent, now) for intent in wanted.values()], terms)
        fresh, known = _claim_keys(candidates)
        judged = judge(fresh, ways, terms, now)
    rows.insert(Contact, _COLUMNS, [_row(one, version, actor, now) for one in judged])
    withheld = [one for one in judged if one.outcome is Outcome.WITHHELD]
    events.append_many([_withheld(one) for one in withheld], actor=actor, now=now)
    wake({one.candidate.channel for one in judged if one.outcome is Outcome.QUEUED}, now)
    found = {one.candidate.intent.key: decision_of(one, now) for one in judged}
    return found | _decisions(known)


def _claim_keys(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[UUID]]:
    """Take the keys for these contacts; return those that are new, and the contacts of keys that were taken before.

    Keys are taken in their order: of two transactions that want the same, the second waits for the first.

    Raises:
        IntentConflictError: a key names another message.
    """
    by_key = {one.intent.key: one for one in candidates}
    hashes = {key: payload_hash(one.intent, one.content_hash) for key, one in by_key.items()}
    claims = [(key, by_key[key].contact_id, by_key[key].owner_id, hashes[key]) for key in sorted(by_key)]
    rows.insert_missing(ContactKey, ("key", "contact_id", "owner_id", "payload_hash"), claims)
    taken = ContactKey.objects.filter(key__among=list(by_key))
    fresh, known = [], []
    for key, contact_id, owner_id, hashed in taken.values_list("key", "contact_id", "owner_id", "payload_hash"):
        one = by_key[key]
        if contact_id == one.contact_id:
            fresh.append(one)
            continue
        if hashed != hashes[key] or owner_id not in one.records:
            raise IntentConflictError(key)
        known.append(contact_id)
    return sorted(fresh, key=lambda one: one.contact_id), known


def decision_of(one: Judged, now: datetime, *, is_written: bool = True) -> Decision:
    """Return what was decided about a judged candidate."""
    outcome = one.outcome
    return Decision(
        key=one.candidate.intent.key,
        contact_id=one.candidate.contact_id if is_written else None,
        outcome=outcome,
        channel="" if outcome is Outcome.WITHHELD else one.candidate.channel,
        not_before=None if outcome is Outcome.WITHHELD else one.starts_at(now),
        verdicts=tuple(one.verdicts),
    )


def verdicts_json(verdicts: Iterable[Verdict]) -> list[list[Any]]:
    """Return verdicts as a contact keeps them."""
    kept: list[list[Any]] = []
    for one in verdicts:
        values = dict(one.values)
        if one.not_before:
            values["not_before"] = one.not_before.isoformat()
        kept.append([one.gate, one.result, values])
    return kept


def verdicts_of(contact: Contact) -> tuple[Verdict, ...]:
    """Return the verdicts that a contact keeps."""
    found = []
    for gate, result, values in contact.verdicts:
        until = values.get("not_before")
        plain = {name: value for name, value in values.items() if name != "not_before"}
        found.append(Verdict(gate, Result(result), plain, datetime.fromisoformat(until) if until else None))
    return tuple(found)


def contact_facts(contact: Contact | Judged) -> dict[str, str]:
    """Return what every event of a message tells."""
    if isinstance(contact, Judged):
        one, intent = contact.candidate, contact.candidate.intent
        parts = (one.contact_id, intent.template, one.channel, intent.purpose, intent.source)
    else:
        parts = (contact.id, contact.template, contact.channel, contact.purpose, contact.source)
    return dict(zip(("contact", "template", "channel", "purpose", "source"), map(str, parts), strict=True))


def _withheld(one: Judged) -> events.NewEvent:
    data = {**contact_facts(one), "gate": one.held_by}
    return events.NewEvent("messaging.contact.withheld", one.candidate.owner_id, data)


def _row(one: Judged, version: int, actor: Actor, now: datetime) -> tuple[Any, ...]:
    candidate, intent, outcome = one.candidate, one.candidate.intent, one.outcome
    return (
        candidate.contact_id,
        candidate.owner_id,
        intent.key,
        intent.purpose,
        intent.template,
        json_text(list(intent.channels)),
        candidate.channel,
        candidate.address,
        candidate.language,
        "{}" if candidate.is_erased else facts_text(intent),
        candidate.content_hash,
        intent.source,
        intent.group,
        intent.priority,
        candidate.relevant_until,
        STATES[outcome].value,
        one.starts_at(now),
        now,
        json_text(verdicts_json(one.verdicts)),
        one.held_by,
        version,
        0,
        "",
        "",
        now,
        actor.code,
        now if outcome is Outcome.WITHHELD else None,
    )


def _decisions(contact_ids: Sequence[UUID]) -> dict[str, Decision]:
    """Return what was decided about contacts before, as they stand now."""
    found = {}
    for contact in Contact.objects.filter(id__in=contact_ids):
        is_withheld = contact.state == ContactState.WITHHELD
        is_delayed = contact.state == ContactState.DELAYED
        outcome = Outcome.WITHHELD if is_withheld else Outcome.DELAYED if is_delayed else Outcome.QUEUED
        found[contact.key] = Decision(
            key=contact.key,
            contact_id=contact.id,
            outcome=outcome,
            channel=contact.channel,
            not_before=None if is_withheld else contact.due_at,
            verdicts=verdicts_of(contact),
        )
    return found
