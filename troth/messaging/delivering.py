"""Handing messages over to their channels: claimed in slices, judged once more, written, handed over, noted.

A slice is claimed and marked "being handed over" in one transaction, which stands before the provider hears of any of
it. So whoever is killed before that leaves the messages waiting as they were, and whoever is killed after it leaves
them marked: those may have gone, become "unknown" when the lease runs out, and are never sent again by themselves.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.events import services as events
from troth.kit import updates
from troth.kit.deadlocks import again_after_deadlock
from troth.kit.ids import new_id
from troth.kit.json_text import json_text
from troth.kit.reading import fetch

from . import channels, pausing, policy_versions, preferences, refusals, suppressions
from .channels import Handover, HandoverState, Outgoing
from .deciding import Judged, judge
from .intents import Intent, Outcome
from .models import Contact, ContactState, SuppressionReason
from .outgoing import Written, write
from .reach import reach_of
from .recipients import candidates_of
from .sending import STATES, contact_facts, verdicts_json
from .waking import wake

LEASE = timedelta(minutes=10)
SLICE = 50
INWARD_SLICE = 500
"""What never leaves the house is handed over in no time."""
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)
"""How long to wait after each hand-over that the provider asked to repeat; after the last one it has failed."""

log = structlog.get_logger("troth.messaging")


@dataclass(frozen=True, slots=True)
class Clock:
    """By which times a slice goes. now: of leases and tries; moment: what is said to people, and when, goes by it."""

    now: datetime
    moment: datetime


def deliver(channel: str, *, actor: Actor, now: datetime, moment: datetime | None = None) -> int:
    """Hand one slice of a channel's waiting messages over; return how many left the queue: none means it is empty.

    Nothing is done while sending is paused. moment: what counts as now for what people are told; left out: `now`.
    """
    token, clock = new_id(), Clock(now, moment or now)
    count, outgoing = again_after_deadlock(partial(_take, channel, token, actor, clock))
    if outgoing:
        _note(outgoing, _hand_over(channel, outgoing), token, actor, clock)
    return count


def _take(channel: str, token: UUID, actor: Actor, clock: Clock) -> tuple[int, list[Written]]:
    """Take a slice off the queue; return how many that were, and what of them is handed over now.

    Their people are held until it stands: caps count over all channels, and two may go at the same moment. They are
    held before their messages are locked, as an erasure does it; so another worker may have been quicker.
    """
    while waiting := _waiting(channel):
        with transaction.atomic():
            if pausing.is_paused():
                break
            customer_services.hold_customers(waiting.values())
            with customers.groups_remembered():
                if claimed := _claim(list(waiting)):
                    return len(claimed), _prepare(claimed, channel, token, actor, clock)
    return 0, []


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that was locked: what was asked for, and when."""

    id: UUID
    intent: Intent
    created_at: datetime


_CLAIMED = (
    "id",
    "created_at",
    "key",
    "owner_id",
    "purpose",
    "template",
    "asked_channels",
    "facts",
    "source",
    "priority",
    "relevant_until",
    "group",
)


def _waiting(channel: str) -> dict[UUID, UUID]:
    """Return the messages that go first, each with whom it is for; those that another worker has in hand are its own.

    They are free again at once, and may be gone when they are claimed.
    """
    queue = Contact.objects.filter(state=ContactState.QUEUED, channel=channel).order_by("-priority", "id")
    free = queue.select_for_update(skip_locked=True)[: slice_of(channel)]
    with transaction.atomic():
        found = dict(fetch(free.values_list("id", "owner_id")))
        transaction.set_rollback(True)  # nothing was written, so nothing has to reach the disk
    return found


def _claim(wanted: Sequence[UUID]) -> list[Claimed]:
    """Lock those messages that still wait; what another worker holds is left to it."""
    # By id alone: asked for the state, too, the database reads the whole queue for every slice.
    named = Contact.objects.filter(id__among=wanted).order_by("-priority", "id").select_for_update(skip_locked=True)
    rows = fetch(named.values_list("state", *_CLAIMED))
    return [_claimed(*rest) for state, *rest in rows if state == ContactState.QUEUED]


def _claimed(contact_id: UUID, created_at: datetime, *rest: Any) -> Claimed:
    key, owner_id, purpose, template, asked, facts, source, priority, until, group = rest
    channels_asked, known = tuple(_plain(asked)), _plain(facts)
    intent = Intent(key, owner_id, purpose, template, channels_asked, known, source, priority, until, group)
    return Claimed(contact_id, intent, created_at)


def _plain(stored: Any) -> Any:
    """Return JSON as values: PostgreSQL's quick way hands it over as text."""
    return json.loads(stored) if isinstance(stored, str) else stored


def slice_of(channel: str) -> int:
    """Return how many messages are handed over at once: so many are unknown at most after a crash."""
    if not channels.is_known(channel):
        return SLICE
    found = channels.get(channel)
    return int(getattr(found, "slice", SLICE if found.is_outward else INWARD_SLICE))


def _prepare(claimed: Sequence[Claimed], channel: str, token: UUID, actor: Actor, clock: Clock) -> list[Written]:
    """Judge once more what was claimed, since it may have waited long, and write what goes out."""
    version, terms = policy_versions.in_force()
    candidates, ways = candidates_of([(one.id, one.intent, one.created_at) for one in claimed], terms)
    moment = clock.moment
    judged = judge(candidates, ways, terms, moment)
    going = [one for one in judged if one.outcome is Outcome.QUEUED and one.candidate.channel == channel]
    staying = [one for one in judged if one.outcome is not Outcome.QUEUED or one.candidate.channel != channel]
    _keep_back(staying, version, actor, moment)
    written, broken = write([one.candidate for one in going], channel, moment)
    _refuse(broken, {one.candidate.contact_id: one for one in going}, actor, moment)
    _mark([one for one in going if one.candidate.contact_id not in broken], written, version, token, clock)
    return written


def intent_of(contact: Contact) -> Intent:
    """Return what was asked for when the contact was made."""
    return Intent(
        key=contact.key,
        customer_id=contact.owner_id,
        purpose=contact.purpose,
        template=contact.template,
        channels=tuple(contact.asked_channels),
        facts=contact.facts,
        source=contact.source,
        priority=contact.priority,
        relevant_until=contact.relevant_until,
        group=contact.group,
    )


_KEPT_BACK = (
    "id",
    "state",
    "channel",
    "address",
    "due_at",
    "verdicts",
    "held_by",
    "policy_version",
    "decided_at",
    "ended_at",
)


def _keep_back(judged: Sequence[Judged], version: int, actor: Actor, now: datetime) -> None:
    """Keep what was decided anew about messages that do not go out this way now."""
    rows = [
        (
            one.candidate.contact_id,
            STATES[one.outcome].value,
            one.candidate.channel,
            one.candidate.address,
            one.starts_at(now),
            json_text(verdicts_json(one.verdicts)),
            one.held_by,
            version,
            now,
            now if one.outcome is Outcome.WITHHELD else None,
        )
        for one in judged
    ]
    updates.update(Contact, _KEPT_BACK, rows)
    withheld = [one for one in judged if one.outcome is Outcome.WITHHELD]
    happened = [
        events.NewEvent(
            "messaging.contact.withheld", one.candidate.owner_id, {**contact_facts(one), "gate": one.held_by}
        )
        for one in withheld
    ]
    events.append_many(happened, actor=actor, now=now)
    wake({one.candidate.channel for one in judged if one.outcome is Outcome.QUEUED}, now)


def _refuse(broken: dict[UUID, str], judged: dict[UUID, Judged], actor: Actor, now: datetime) -> None:
    """Note messages that could not be written: they fail, the others go out."""
    rows = [(contact_id, ContactState.FAILED.value, reason[:200], now) for contact_id, reason in broken.items()]
    updates.update(Contact, ("id", "state", "reason", "ended_at"), rows)
    happened = [
        events.NewEvent(
            "messaging.contact.failed",
            judged[contact_id].candidate.owner_id,
            {**contact_facts(judged[contact_id]), "reason": reason[:200]},
        )
        for contact_id, reason in broken.items()
    ]
    events.append_many(happened, actor=actor, now=now)


def _mark(going: Sequence[Judged], written: Sequence[Written], version: int, token: UUID, clock: Clock) -> None:
    """Mark what is handed over next, under a lease."""
    versions = {one.message.contact_id: one.template_version for one in written}
    columns = (
        "id",
        "state",
        "address",
        "language",
        "template_version",
        "verdicts",
        "held_by",
        "policy_version",
        "decided_at",
        "lease_token",
        "lease_until",
    )
    rows = [
        (
            one.candidate.contact_id,
            ContactState.SENDING.value,
            one.candidate.address,
            one.candidate.language,
            versions[one.candidate.contact_id],
            json_text(verdicts_json(one.verdicts)),
            "",
            version,
            clock.moment,
            token,
            clock.now + LEASE,
        )
        for one in going
    ]
    updates.update(Contact, columns, rows)


def _hand_over(channel: str, written: Sequence[Written]) -> list[Handover]:
    """Hand the messages to the channel; where it breaks its promise to answer, each may have gone or not."""
    messages: list[Outgoing] = [one.message for one in written]
    try:
        answers = {one.contact_id: one for one in channels.get(channel).deliver(messages)}
    except Exception:  # whatever a provider's library raises, the messages may have gone
        log.exception("messaging.channel_broke", channel=channel, messages=len(messages))
        answers = {}
    lost = HandoverState.UNKNOWN
    return [answers.get(one.contact_id) or Handover(one.contact_id, lost, reason="no_answer") for one in messages]


@transaction.atomic
def _note(written: Sequence[Written], handovers: Sequence[Handover], token: UUID, actor: Actor, clock: Clock) -> None:
    """Keep what became of each; those whose lease was taken away meanwhile, too, unless somebody settled them."""
    answers, moment = {one.contact_id: one for one in handovers}, clock.moment
    held = Contact.objects.select_for_update().filter(id__among=list(answers), lease_token=token).order_by("id")
    rows, happened = [], []
    for contact in held.only(*_NOTED):
        answer = answers[contact.id]
        state, due_at = _state_after(answer, contact, clock.now)
        is_over = state in (ContactState.FAILED, ContactState.UNKNOWN)
        attempts = contact.attempts + (answer.state is HandoverState.RETRY)
        sent_at = moment if state is ContactState.SENT else None
        rows.append(
            (
                contact.id,
                state.value,
                answer.provider_id[:200],
                answer.reason[:200],
                due_at,
                attempts,
                sent_at,
                moment if is_over else None,
                None,
                None,
            )
        )
        if state is ContactState.FAILED:
            _heed(answer.reason, contact, actor, moment)
        if (name := _EVENTS.get(state)) is not None:
            data = contact_facts(contact) | ({"reason": answer.reason[:200]} if is_over else {})
            happened.append(events.NewEvent(name, contact.owner_id, data))
    updates.update(Contact, _NOTE_COLUMNS, rows)
    events.append_many(happened, actor=actor, now=moment)


def _heed(reason: str, contact: Contact, actor: Actor, now: datetime) -> None:
    """Keep what a refusal at once says of the address: it is a hard bounce, or its holder's no, too."""
    if refusals.is_gone(reason):
        suppressions.suppress_of(contact, reason=SuppressionReason.HARD_BOUNCE, actor=actor, now=now)
    if refusals.has_opted_out(reason):
        preferences.hear_no(
            customer_id=contact.owner_id,
            purposes=preferences.ALL_BUT_SERVICE,
            channel=reach_of(contact.channel).consent,
            source="provider",
            proof=f"{reason}, contact {contact.id}",
            now=now,
        )


_NOTED = ("id", "address", "owner_id", "template", "channel", "purpose", "source", "attempts", "due_at")
_NOTE_COLUMNS = (
    "id",
    "state",
    "provider_id",
    "reason",
    "due_at",
    "attempts",
    "sent_at",
    "ended_at",
    "lease_token",
    "lease_until",
)
_EVENTS = {
    ContactState.SENT: "messaging.contact.sent",
    ContactState.FAILED: "messaging.contact.failed",
    ContactState.UNKNOWN: "messaging.contact.unknown",
}


def _state_after(answer: Handover, contact: Contact, now: datetime) -> tuple[ContactState, datetime]:
    """Return the contact's next state, and when it may be tried again if the provider asked for that."""
    if answer.state is HandoverState.SENT:
        return ContactState.SENT, contact.due_at
    if answer.state is HandoverState.FAILED:
        return ContactState.FAILED, contact.due_at
    if answer.state is HandoverState.UNKNOWN:
        return ContactState.UNKNOWN, contact.due_at
    if contact.attempts >= len(RETRY_AFTER):
        return ContactState.FAILED, contact.due_at
    return ContactState.DELAYED, now + RETRY_AFTER[contact.attempts]
