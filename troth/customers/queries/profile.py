"""Everything about one customer, over all records that were merged into one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from ..models import (
    AttributeDefinition,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Customer,
    CustomerAttribute,
    CustomerTag,
    Household,
    HouseholdMember,
    Identity,
    Merge,
    Tag,
)
from ..services.attributes import AttributeValue, value_of
from .people import record_ids


@dataclass(frozen=True, slots=True)
class ConsentState:
    """What holds now for one purpose and channel, and the act that decided it."""

    purpose: ConsentPurpose
    channel: ConsentChannel
    is_given: bool
    act: Consent


@dataclass(frozen=True, slots=True)
class AttributeState:
    """An attribute with the customer's value."""

    definition: AttributeDefinition
    value: AttributeValue


@dataclass(frozen=True, slots=True)
class HouseholdPlace:
    """The household of a customer: who else belongs to it, by canonical record, head first."""

    household: Household
    role: str
    members: list[tuple[Customer, HouseholdMember]]


def identities_of(customer_id: UUID) -> QuerySet[Identity]:
    """Return by what the customer is recognised, primary ones first."""
    found = Identity.objects.filter(owner_id__in=record_ids(customer_id))
    return found.order_by("identity_kind", "-is_primary", "created_at", "id")


def primary_identities(customer_ids: Iterable[UUID], kinds: Iterable[str]) -> dict[UUID, dict[str, str]]:
    """Return the primary identity of each kind for many customers, in two queries."""
    wanted = list(customer_ids)
    merged = dict(Customer.objects.filter(canonical_id__in=wanted).values_list("id", "canonical_id"))
    rows = Identity.objects.filter(owner_id__in=[*wanted, *merged], identity_kind__in=list(kinds))
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    ordered = sorted(rows, key=lambda row: (row.owner_id in merged, not row.is_primary, row.pk))
    for row in ordered:
        found[merged.get(row.owner_id) or row.owner_id].setdefault(row.identity_kind, row.value)
    return found


def all_attribute_definitions() -> list[AttributeDefinition]:
    """Return every attribute by its label, those in use first; `value_count` says how many records have a value."""
    held = CustomerAttribute.objects.filter(definition=OuterRef("pk")).order_by().values("definition")
    counted = held.annotate(count=Count("pk")).values("count")
    rows = AttributeDefinition.objects.annotate(value_count=Coalesce(Subquery(counted), 0))
    return list(rows.order_by("-is_active", "label", "id"))


def attribute_definitions() -> QuerySet[AttributeDefinition]:
    """Return the attributes in use, by label."""
    return AttributeDefinition.objects.filter(is_active=True).order_by("label", "id")


def attributes_of(customer_id: UUID) -> list[AttributeState]:
    """Return the customer's attributes by label; the canonical record's value goes before a merged one's."""
    records = record_ids(customer_id)
    canonical = Customer.objects.get(id=records[0])
    first = canonical.canonical_id or canonical.id
    rows = CustomerAttribute.objects.filter(owner_id__in=records).select_related("definition")
    chosen: dict[int, CustomerAttribute] = {}
    for row in sorted(rows, key=lambda row: (row.owner_id != first, -row.updated_at.timestamp())):
        chosen.setdefault(row.definition.pk, row)
    states = [AttributeState(row.definition, value_of(row.definition, row)) for row in chosen.values()]
    return sorted(states, key=lambda state: state.definition.label)


def tags_of(customer_id: UUID) -> QuerySet[Tag]:
    """Return the customer's tags by name."""
    on_records = CustomerTag.objects.filter(owner_id__in=record_ids(customer_id)).values("tag_id")
    return Tag.objects.filter(id__in=on_records).order_by("name")


def tags_of_many(customer_ids: Iterable[UUID]) -> dict[UUID, list[Tag]]:
    """Return the tags of many canonical customers, in two queries."""
    wanted = list(customer_ids)
    merged = dict(Customer.objects.filter(canonical_id__in=wanted).values_list("id", "canonical_id"))
    rows = CustomerTag.objects.filter(owner_id__in=[*wanted, *merged]).select_related("tag").order_by("tag__name")
    found: dict[UUID, list[Tag]] = defaultdict(list)
    for row in rows:
        tags = found[merged.get(row.owner_id) or row.owner_id]
        if row.tag not in tags:
            tags.append(row.tag)
    return found


def all_tags() -> QuerySet[Tag]:
    """Return every tag by name."""
    return Tag.objects.order_by("name")


def consent_acts_of(customer_id: UUID) -> QuerySet[Consent]:
    """Return every act of giving and withdrawing consent, newest first."""
    return Consent.objects.filter(owner_id__in=record_ids(customer_id)).order_by("-occurred_at", "-id")


def consents_of(customer_id: UUID) -> list[ConsentState]:
    """Return what the customer agrees to now, per purpose and channel on which there is an act.

    The newest act of a record counts. Where records were merged the stricter one holds, until the
    customer gives consent anew after the merge.
    """
    return merged_states(record_ids(customer_id))


def merged_states(records: Sequence[UUID]) -> list[ConsentState]:
    """Return what `consents_of` does, for a customer whose records are known."""
    acts: dict[tuple[str, str], list[Consent]] = defaultdict(list)
    for act in Consent.objects.filter(owner_id__in=records).order_by("-occurred_at", "-id"):
        acts[act.purpose, act.channel].append(act)
    edges = _edges(records)
    states = [_state(purpose, channel, found, edges) for (purpose, channel), found in acts.items()]
    order = list(ConsentPurpose), list(ConsentChannel)
    return sorted(states, key=lambda state: (order[0].index(state.purpose), order[1].index(state.channel)))


def household_of(customer_id: UUID) -> HouseholdPlace | None:
    """Return the customer's household, that of the canonical record before a merged one's, or None."""
    records = record_ids(customer_id)
    places = {place.owner_id: place for place in HouseholdMember.objects.filter(owner_id__in=records)}
    if not places:
        return None
    canonical = Customer.objects.filter(id__in=records, canonical_id__isnull=True).values_list("id", flat=True)[0]
    place = places.get(canonical) or next(iter(places.values()))
    household = Household.objects.get(id=place.household_id)
    return HouseholdPlace(household, place.role, household_members([household.id])[household.id])


def household_or_none(household_id: UUID) -> Household | None:
    """Return the household of an id."""
    return Household.objects.filter(id=household_id).first()


def households() -> QuerySet[Household]:
    """Return all households, those with a name by name, then the newest."""
    return Household.objects.order_by(Case(When(name="", then=1), default=0), "name", "-created_at", "id")


def household_members(household_ids: Iterable[UUID]) -> dict[UUID, list[tuple[Customer, HouseholdMember]]]:
    """Return who belongs to each household, by canonical record: head first, children last; in two or three queries."""
    wanted = list(household_ids)
    rows = list(HouseholdMember.objects.filter(household_id__in=wanted))
    people = Customer.objects.in_bulk([row.owner_id for row in rows])
    people |= Customer.objects.in_bulk([person.canonical_id for person in people.values() if person.canonical_id])
    found: dict[UUID, list[tuple[Customer, HouseholdMember]]] = {household_id: [] for household_id in wanted}
    for row in sorted(rows, key=lambda row: (row.role != "head", row.role == "child", row.joined_at, row.pk)):
        if (person := people.get(row.owner_id)) is not None:
            shown = people[person.canonical_id] if person.canonical_id else person
            if shown.id not in {other.id for other, _place in found[row.household_id]}:
                found[row.household_id].append((shown, row))
    return found


def merges_of(customer_id: UUID) -> QuerySet[Merge]:
    """Return the merges that the customer's records took part in, newest first, undone ones too."""
    records = record_ids(customer_id)
    return Merge.objects.filter(Q(owner_id__in=records) | Q(merged_id__in=records)).order_by("-merged_at", "-id")


def _edges(records: Sequence[UUID]) -> dict[UUID, Merge]:
    """Return the standing merge of each merged record."""
    return {row.merged_id: row for row in Merge.objects.filter(merged_id__in=records, unmerged_at__isnull=True)}


def _way_up(record: UUID, edges: dict[UUID, Merge]) -> dict[UUID, datetime | None]:
    """Return the records on the way to the canonical one, each with the latest merge on the way there."""
    latest: datetime | None = None
    way: dict[UUID, datetime | None] = {record: None}
    while record in edges:
        merged_at = edges[record].merged_at
        latest = merged_at if latest is None else max(latest, merged_at)
        record = edges[record].owner_id
        way[record] = latest
    return way


def _one_since(one: UUID, other: UUID, edges: dict[UUID, Merge]) -> datetime:
    """Return since when two records of one customer are one: the latest merge on the way between them."""
    up, across = _way_up(one, edges), _way_up(other, edges)
    meeting = next(record for record in up if record in across)
    return max(moment for moment in (up[meeting], across[meeting]) if moment is not None)


def _state(purpose: str, channel: str, newest_first: list[Consent], edges: dict[UUID, Merge]) -> ConsentState:
    newest: dict[UUID, Consent] = {}
    for act in newest_first:
        newest.setdefault(act.owner_id, act)
    given = [act for act in newest_first if act.is_given]
    for refusal in (act for act in newest.values() if not act.is_given):
        if not any(_overrules(act, refusal, edges) for act in given):
            return ConsentState(ConsentPurpose(purpose), ConsentChannel(channel), False, refusal)
    return ConsentState(ConsentPurpose(purpose), ConsentChannel(channel), True, given[0])


def _overrules(given: Consent, refusal: Consent, edges: dict[UUID, Merge]) -> bool:
    """Tell whether consent was given after the refusal, when the two records were one customer already."""
    if given.owner_id == refusal.owner_id or given.occurred_at <= refusal.occurred_at:
        return False
    return given.recorded_at >= _one_since(given.owner_id, refusal.owner_id, edges)
