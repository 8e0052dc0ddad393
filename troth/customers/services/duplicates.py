"""Suspected duplicates: found or offered by machines, decided by people, remembered for ever."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from ..errors import DuplicateRefusedError
from ..matching import CompanyRecord, LikelyPair, PersonRecord, find_likely_companies, find_likely_pairs
from ..matching.names import compare_names, name_forms
from ..models import (
    Customer,
    CustomerAttribute,
    CustomerKind,
    DuplicateBasis,
    DuplicateStatus,
    DuplicateSuggestion,
    Identity,
    IdentityKind,
)
from .records import canonical_id_of

BATCH = 2_000
TAX_CODES = ("tax_id", "vat_id", "uscc")  # uscc: 统一社会信用代码

# How likely two holders of one phone or e-mail are one person, by their names: our assumption, to put the pairs in
# order before the matcher has compared all fields. Families share phones; namesakes seldom do.
_SAME_PERSON = {
    "same": 0.98,
    "other_form": 0.97,
    "sounds_same": 0.95,
    "part_missing": 0.9,
    "given_same": 0.8,
    "unknown": 0.6,
    "family_same": 0.15,
    "different": 0.1,
}
_NAME_WEIGHTS = {"unknown": 0.0, "family_same": -3.0, "different": -3.0} | dict.fromkeys(
    ("same", "other_form", "sounds_same", "part_missing", "given_same"), 5.0
)
ProgressReport = Callable[[int, int], None]


def suggest_duplicate(one_id: UUID, other_id: UUID, *, identity_kind: str, now: datetime) -> DuplicateSuggestion | None:
    """List two customers for a decision because the same phone, e-mail or card was given for both.

    Importers and the API call it when a row's identities belong to different customers. Nothing happens
    if both are one customer already or a person judged them to be two. Call it in the transaction of the
    write it belongs to.
    """
    left, right = sorted((canonical_id_of(one_id), canonical_id_of(other_id)))
    if left == right:
        return None
    name = _name_outcome(left, right)
    shared: dict[str, object] = {"field": identity_kind, "code": "given_for_both", "weight": None}
    reasons = [shared, {"field": "name", "code": name, "weight": _NAME_WEIGHTS.get(name, 0.0)}]
    suggestion, is_new = DuplicateSuggestion.objects.get_or_create(
        left_id=left,
        right_id=right,
        defaults={
            "basis": DuplicateBasis.IDENTITY,
            "probability": _SAME_PERSON[name],
            "reasons": reasons,
            "found_at": now,
        },
    )
    if not is_new and _is_open_likeness(suggestion):
        suggestion.basis = DuplicateBasis.IDENTITY
        suggestion.probability = max(suggestion.probability, _SAME_PERSON[name])
        suggestion.reasons = [shared, *suggestion.reasons]
        suggestion.save(update_fields=["basis", "probability", "reasons"])
    return suggestion


def _is_open_likeness(suggestion: DuplicateSuggestion) -> bool:
    return suggestion.status == DuplicateStatus.OPEN and suggestion.basis == DuplicateBasis.LIKENESS


def _name_outcome(left: UUID, right: UUID) -> str:
    people = Customer.objects.in_bulk([left, right])
    one, other = (name_forms(p.name, p.family_name, p.given_name) for p in (people[left], people[right]))
    return compare_names(one, other)


@transaction.atomic
def dismiss_duplicate(*, actor: Actor, now: datetime, suggestion_id: int) -> DuplicateSuggestion:
    """Judge a suspected pair to be two customers; it is never suggested again.

    Raises:
        DuplicateRefusedError: no such suspicion, or it was decided already.
    """
    suggestion = DuplicateSuggestion.objects.select_for_update().filter(id=suggestion_id).first()
    if suggestion is None or suggestion.status != DuplicateStatus.OPEN:
        raise DuplicateRefusedError(_("This pair was decided already."), suggestion=suggestion_id)
    suggestion.status, suggestion.decided_at, suggestion.decided_by = (
        DuplicateStatus.DISTINCT,
        now,
        actor.code,
    )
    suggestion.save(update_fields=["status", "decided_at", "decided_by"])
    data = {"other": str(suggestion.right_id)}
    events.append("customers.duplicate.dismissed", actor=actor, now=now, customer_id=suggestion.left_id, data=data)
    return suggestion


def search_duplicates(*, actor: Actor, now: datetime, report: ProgressReport | None = None) -> dict[str, int | bool]:
    """Compare all people, and all companies, with each other; list the likely pairs, and drop open suspicions of
    likeness that no longer hold.

    Returns records, found (new suspicions), open, is_trained. Decided pairs keep their decision.
    """
    records = list(_person_records(report))
    result = find_likely_pairs(records)
    companies = list(_company_records())
    with transaction.atomic():
        found = _store([*result.pairs, *find_likely_companies(companies)], now)
        data = {"records": len(records) + len(companies), "found": found, "is_trained": result.is_trained}
        events.append("customers.duplicates.searched", actor=actor, now=now, data=data)
    waiting = DuplicateSuggestion.objects.filter(status=DuplicateStatus.OPEN).count()
    return {**data, "open": waiting}


def _store(likely: Iterable[LikelyPair], now: datetime) -> int:
    """Write the pairs: new ones are added, open ones refreshed, decided ones left alone."""
    pairs = {(UUID(pair.left_id), UUID(pair.right_id)): pair for pair in likely}
    likenesses = DuplicateSuggestion.objects.filter(basis=DuplicateBasis.LIKENESS, status=DuplicateStatus.OPEN)
    stale = [row.pk for row in likenesses.iterator() if (row.left_id, row.right_id) not in pairs]
    for start in range(0, len(stale), BATCH):
        DuplicateSuggestion.objects.filter(pk__in=stale[start : start + BATCH]).delete()
    known = set(DuplicateSuggestion.objects.values_list("left_id", "right_id"))
    _refresh([pairs[key] for key in known & pairs.keys()])
    fresh = [_suggestion(key, pair, now) for key, pair in pairs.items() if key not in known]
    DuplicateSuggestion.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh)


def _refresh(pairs: list[LikelyPair]) -> None:
    """Bring open suspicions up to what the matcher found; what was given for both stays the first reason."""
    waiting = DuplicateSuggestion.objects.filter(status=DuplicateStatus.OPEN)
    for pair in pairs:
        row = waiting.filter(left_id=pair.left_id, right_id=pair.right_id).first()
        if row is None:
            continue
        shared = [reason for reason in row.reasons if reason["code"] == "given_for_both"]
        row.probability = max(pair.probability, row.probability) if shared else pair.probability
        row.reasons = shared + _reasons(pair)
        row.save(update_fields=["probability", "reasons"])


def _suggestion(key: tuple[UUID, UUID], pair: LikelyPair, now: datetime) -> DuplicateSuggestion:
    return DuplicateSuggestion(
        left_id=key[0], right_id=key[1], probability=pair.probability, reasons=_reasons(pair), found_at=now
    )


def _reasons(pair: LikelyPair) -> list[dict[str, object]]:
    return [{"field": reason.field, "code": reason.code, "weight": reason.weight_bits} for reason in pair.reasons]


def _person_records(report: ProgressReport | None) -> Iterator[PersonRecord]:
    """Yield what the matcher may know of every person; what was merged counts for its canonical record."""
    people = Customer.objects.filter(
        customer_kind=CustomerKind.PERSON, canonical_id__isnull=True, erased_at__isnull=True
    ).order_by("id")
    total = people.count()
    for done, batch in _batches(people.iterator(chunk_size=BATCH)):
        contacts = _contacts([person.id for person in batch])
        for person in batch:
            yield _record(person, contacts[person.id])
        if report:
            report(done, total)


def _company_records() -> Iterator[CompanyRecord]:
    """Yield what the matcher may know of every company; what was merged counts for its canonical record."""
    companies = Customer.objects.filter(
        customer_kind=CustomerKind.COMPANY, canonical_id__isnull=True, erased_at__isnull=True
    ).order_by("id")
    for _done, batch in _batches(companies.iterator(chunk_size=BATCH)):
        ids = [company.id for company in batch]
        contacts, tax_ids = _contacts(ids), _tax_ids(ids)
        for company in batch:
            yield CompanyRecord(
                id=str(company.id),
                name=company.name,
                tax_ids=tuple(tax_ids[company.id]),
                phones=tuple(contacts[company.id][IdentityKind.PHONE]),
                emails=tuple(contacts[company.id][IdentityKind.EMAIL]),
            )


def _tax_ids(canonical_ids: list[UUID]) -> dict[UUID, list[str]]:
    """Return tax numbers: external ids whose source, and attributes whose code, is one of TAX_CODES."""
    merged = dict(Customer.objects.filter(canonical_id__in=canonical_ids).values_list("id", "canonical_id"))
    records = [*canonical_ids, *merged]
    ids = Identity.objects.filter(owner_id__in=records, identity_kind=IdentityKind.EXTERNAL, source__in=TAX_CODES)
    kept = CustomerAttribute.objects.filter(owner_id__in=records, definition__code__in=TAX_CODES)
    found: dict[UUID, list[str]] = defaultdict(list)
    for owner_id, value in [*ids.values_list("owner_id", "value"), *kept.values_list("owner_id", "text_value")]:
        if value:
            found[merged.get(owner_id) or owner_id].append(value)
    return found


def _batches(people: Iterable[Customer]) -> Iterator[tuple[int, list[Customer]]]:
    batch: list[Customer] = []
    done = 0
    for person in people:
        batch.append(person)
        if len(batch) == BATCH:
            done += BATCH
            yield done, batch
            batch = []
    if batch:
        yield done + len(batch), batch


def _contacts(canonical_ids: list[UUID]) -> dict[UUID, dict[str, list[str]]]:
    merged = dict(Customer.objects.filter(canonical_id__in=canonical_ids).values_list("id", "canonical_id"))
    found: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = Identity.objects.filter(
        owner_id__in=[*canonical_ids, *merged], identity_kind__in=[IdentityKind.PHONE, IdentityKind.EMAIL]
    ).order_by("-is_primary", "id")
    for owner_id, kind, value in rows.values_list("owner_id", "identity_kind", "value"):
        found[merged.get(owner_id) or owner_id][kind].append(value)
    return found


def _record(person: Customer, contacts: dict[str, list[str]]) -> PersonRecord:
    address = (person.region, person.city, person.district, person.street) if person.street else ()
    return PersonRecord(
        id=str(person.id),
        full_name=person.name,
        family_name=person.family_name,
        given_name=person.given_name,
        phones=tuple(contacts.get(IdentityKind.PHONE, ())),
        emails=tuple(contacts.get(IdentityKind.EMAIL, ())),
        birth_date=person.birth_date,
        address=" ".join(part for part in address if part),
    )
