"""Consent that files bring: a yes or a no for a purpose and channel, as another system knew it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor
from troth.events import services as events

from .hooks import consent_steps
from .models import Consent, ConsentChannel, ConsentPurpose, Customer
from .queries.people import record_groups

_MARKETING = ConsentPurpose.MARKETING
CONSENTS: dict[str, tuple[ConsentPurpose, ConsentChannel]] = {
    **{f"consent_marketing_{channel.value}": (_MARKETING, channel) for channel in ConsentChannel},
    "consent_service": (ConsentPurpose.SERVICE, ConsentChannel.ANY),
    "consent_survey": (ConsentPurpose.SURVEY, ConsentChannel.ANY),
    "consent_profiling": (ConsentPurpose.PROFILING, ConsentChannel.ANY),
}
"""Column of a file -> what it speaks of. Cells are "yes" or "no"."""

_LOOKUP_ROWS = 5_000
Key = tuple[UUID, str, str]


@dataclass(frozen=True, slots=True)
class SaidConsent:
    """What a row says of one customer, purpose and channel."""

    customer_id: UUID
    column: str
    is_given: bool


def settle(said: Sequence[SaidConsent]) -> tuple[list[SaidConsent], int]:
    """Return what is to be recorded, and how many a yes were left out.

    A file tells what another system knew once, so it never gives anew what a customer refused or withdrew here; a no
    always counts. What holds already is not recorded twice.
    """
    standing = _standing({one.customer_id for one in said})
    wanted: dict[Key, SaidConsent] = {}
    for one in said:
        purpose, channel = CONSENTS[one.column]
        wanted[one.customer_id, purpose.value, channel.value] = one
    new = [one for key, one in wanted.items() if standing.get(key) is not one.is_given]
    refused = [one for one in new if one.is_given and (_key(one) in standing)]
    return [one for one in new if one not in refused], len(refused)


def write(said: Sequence[SaidConsent], *, source: str, import_id: UUID, actor: Actor, now: datetime) -> None:
    """Record the acts with the import as their proof, and their events, in the caller's transaction."""
    acts = [
        Consent(
            owner_id=one.customer_id,
            purpose=CONSENTS[one.column][0],
            channel=CONSENTS[one.column][1],
            is_given=one.is_given,
            source=source,
            proof=f"import {import_id}",
            occurred_at=now,
            recorded_at=now,
            actor=actor.code,
        )
        for one in said
    ]
    Consent.objects.bulk_create(acts, batch_size=1_000)
    happened = [
        events.NewEvent(
            "customers.consent.given" if act.is_given else "customers.consent.withdrawn",
            act.owner_id,
            {"purpose": str(act.purpose), "channel": str(act.channel), "source": source},
        )
        for act in acts
    ]
    events.append_many(happened, actor=actor, now=now)
    for act in acts:
        for step in consent_steps(str(act.purpose)):
            records = record_groups([act.owner_id]).get(act.owner_id, (act.owner_id,))
            step.act(records, str(act.purpose), str(act.channel), act.is_given, actor, now)


def _key(one: SaidConsent) -> Key:
    purpose, channel = CONSENTS[one.column]
    return (one.customer_id, purpose.value, channel.value)


def _standing(customer_ids: set[UUID]) -> dict[Key, bool]:
    """Return what the newest act says; a no of any merged record stands over a yes of another."""
    found: dict[Key, bool] = {}
    ids = sorted(customer_ids)
    for start in range(0, len(ids), _LOOKUP_ROWS):
        some = ids[start : start + _LOOKUP_ROWS]
        merged = dict(Customer.objects.filter(canonical_id__in=some).values_list("id", "canonical_id"))
        newest: dict[tuple[UUID, str, str], bool] = {}
        acts = Consent.objects.filter(owner_id__in=[*some, *merged]).order_by("occurred_at", "id")
        for owner_id, purpose, channel, is_given in acts.values_list("owner_id", "purpose", "channel", "is_given"):
            newest[owner_id, purpose, channel] = is_given
        for (owner_id, purpose, channel), is_given in newest.items():
            key = (merged.get(owner_id) or owner_id, purpose, channel)
            found[key] = found.get(key, True) and is_given
    return found
