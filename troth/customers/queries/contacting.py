"""What a message to many customers has to know of each: who, where, in which language, and what was agreed to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from troth.kit.reading import fetch

from ..models import Consent, Customer, Identity
from .people import record_groups
from .profile import merged_states

Key = tuple[str, str]
_EMPTY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class StandingConsent:
    """What holds for one purpose and channel: the act that decided it and when it happened."""

    is_given: bool
    act_id: UUID
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Contactable:
    """One customer as a message sees them.

    records: all records, the canonical one first; birth_date: by the solar calendar of its day; addresses: the primary
    one of each kind of identity; consents: by purpose and channel, as `consents_of` reads them.
    """

    records: tuple[UUID, ...]
    language: str
    time_zone: str
    birth_date: date | None
    staff_owner_id: UUID | None
    is_erased: bool
    addresses: Mapping[str, str]
    consents: Mapping[Key, StandingConsent]


def contactables(
    customer_ids: Iterable[UUID], *, purposes: Iterable[str], kinds: Iterable[str]
) -> dict[UUID, Contactable]:
    """Return each customer by any of their records' ids, in five queries at most; ids that nobody has are left out.

    Args:
        purposes: whose consents are wanted.
        kinds: kinds of identity whose addresses are wanted.
    """
    groups = record_groups(customer_ids)
    canonical = {group[0]: group for group in groups.values()}
    everyone = {record for group in canonical.values() for record in group}
    found = dict(_addresses(everyone, list(kinds), canonical))
    agreed = _consents(everyone, list(purposes), canonical)
    rows = Customer.objects.filter(id__among=list(canonical)).values_list(
        "id", "language", "time_zone", "birth_date", "staff_owner_id", "erased_at"
    )
    people = {
        record: Contactable(
            canonical[record],
            language,
            zone,
            born,
            staff_id,
            erased_at is not None,
            found.get(record, _EMPTY),
            agreed.get(record, {}),
        )
        for record, language, zone, born, staff_id, erased_at in fetch(rows)
    }
    return {asked: people[group[0]] for asked, group in groups.items()}


def _owners(canonical: Mapping[UUID, tuple[UUID, ...]]) -> dict[UUID, UUID]:
    return {record: first for first, group in canonical.items() for record in group}


def _addresses(
    everyone: set[UUID], kinds: list[str], canonical: Mapping[UUID, tuple[UUID, ...]]
) -> dict[UUID, dict[str, str]]:
    """Return the primary address of each kind; the canonical record's go before a merged one's."""
    owners = _owners(canonical)
    rows = Identity.objects.filter(owner_id__among=list(everyone), identity_kind__in=kinds).values_list(
        "owner_id", "identity_kind", "value", "is_primary", "id"
    )
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for owner_id, kind, value, _primary, _id in sorted(
        fetch(rows), key=lambda row: (row[0] not in canonical, not row[3], row[4])
    ):
        found[owners[owner_id]].setdefault(kind, value)
    return found


def _consents(
    everyone: set[UUID], purposes: list[str], canonical: Mapping[UUID, tuple[UUID, ...]]
) -> dict[UUID, dict[Key, StandingConsent]]:
    """Return what holds: the newest act of a lone record, the stricter of merged ones."""
    merged = {record for group in canonical.values() if len(group) > 1 for record in group}
    alone = Consent.objects.filter(owner_id__among=list(everyone - merged), purpose__in=purposes)
    rows = fetch(alone.values_list("owner_id", "purpose", "channel", "is_given", "id", "occurred_at"))
    found: dict[UUID, dict[Key, StandingConsent]] = defaultdict(dict)
    for owner_id, purpose, channel, is_given, act_id, occurred_at in sorted(rows, key=lambda row: (row[5], row[4])):
        found[owner_id][purpose, channel] = StandingConsent(is_given, act_id, occurred_at)
    for group in canonical.values():
        if len(group) > 1:
            found[group[0]] = {
                (state.purpose.value, state.channel.value): StandingConsent(
                    state.is_given, state.act.id, state.act.occurred_at
                )
                for state in merged_states(group)
                if state.purpose in purposes
            }
    return found
