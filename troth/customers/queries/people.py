"""Finding customers by id and by what identifies them; a merged record always leads to its canonical one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import date
from uuid import UUID

from django.db.models import Q

from troth.kit.statements import Written
from troth.staff import queries as staff

from ..errors import CustomerNotFoundError, IdentityRefusedError
from ..identifying import NewIdentity, normalized
from ..models import Customer, Identity

_PAGE = 5_000


_RECORDS = Written(
    lambda record_ids: Customer.objects.filter(Q(id__among=record_ids) | Q(canonical_id__among=record_ids)).values_list(
        "id", "canonical_id"
    )
)
_remembered: ContextVar[dict[UUID, tuple[UUID, ...]] | None] = ContextVar("customer_groups", default=None)


def customer(customer_id: UUID) -> Customer:
    """Return the customer; the id of a merged record leads to the canonical one.

    Raises:
        CustomerNotFoundError: no such customer.
    """
    found = customer_or_none(customer_id)
    if found is None:
        raise CustomerNotFoundError(customer_id)
    return found


def customer_or_none(customer_id: UUID) -> Customer | None:
    """Return the customer, or None if there is none of this id."""
    found = Customer.objects.filter(id=customer_id).first()
    if found is not None and found.canonical_id is not None:
        return Customer.objects.get(id=found.canonical_id)
    return found


def customer_by_identity(kind: str, value: str, *, source: str = "") -> Customer | None:
    """Return the customer recognised by a phone, e-mail, card, openid or external id, or None.

    The value may be written in any way that `services.add_identity` accepts; an unreadable one finds nobody.
    """
    company = staff.company_or_none()
    try:
        wanted = normalized(NewIdentity(kind, value, source), country=company.country if company else "CN")
    except IdentityRefusedError:
        return None
    identity = Identity.objects.filter(identity_kind=kind, source=wanted.source, value=wanted.value).first()
    return customer_or_none(identity.owner_id) if identity else None


def records_by_identity(identities: Iterable[NewIdentity]) -> dict[NewIdentity, UUID]:
    """Return the record that each identity was given to, merged or not; unknown ones are left out.

    The values may be written in any way that `services.add_identity` accepts. One query per kind and source.
    """
    company = staff.company_or_none()
    country = company.country if company else "CN"
    stored: dict[NewIdentity, NewIdentity] = {}
    for identity in identities:
        with suppress(IdentityRefusedError):
            stored[identity] = normalized(identity, country=country)
    owners: dict[tuple[str, str, str], UUID] = {}
    for kind, source in {(one.kind, one.source) for one in stored.values()}:
        values = [one.value for one in stored.values() if (one.kind, one.source) == (kind, source)]
        rows = Identity.objects.filter(identity_kind=kind, source=source, value__in=values)
        owners |= {(kind, source, value): owner for value, owner in rows.values_list("value", "owner_id")}
    keys = {given: (one.kind, one.source, one.value) for given, one in stored.items()}
    return {given: owners[key] for given, key in keys.items() if key in owners}


def record_ids(customer_id: UUID) -> list[UUID]:
    """Return the ids of all records of a customer: the canonical one and those merged into it."""
    canonical = customer(customer_id).id
    found = Customer.objects.filter(Q(id=canonical) | Q(canonical_id=canonical))
    return list(found.order_by("id").values_list("id", flat=True))


def canonical_ids(record_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the canonical id of each record; ids that nobody has are left out."""
    wanted = set(record_ids)
    if _remembered.get() is not None:
        return {record_id: group[0] for record_id, group in record_groups(wanted).items()}
    rows = Customer.objects.filter(id__among=wanted).values_list("id", "canonical_id")
    return {record_id: canonical_id or record_id for record_id, canonical_id in rows}


def record_groups(record_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Return all records of the customer of each record, the canonical one first; ids that nobody has are left out."""
    wanted, known = set(record_ids), _remembered.get()
    if known is None:
        return _groups(wanted)
    if missing := wanted.difference(known):
        known.update(_groups(missing))
    if len(known) == len(wanted):  # all of them, and no others: an id's hash is dear to work out
        return dict(known)
    return {record_id: known[record_id] for record_id in wanted if record_id in known}


@contextmanager
def groups_remembered() -> Iterator[None]:
    """Within this, ask the database once who a record is: for all modules that one transaction goes through."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def _groups(record_ids: set[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Return the groups by one query; by a second one where a record is merged into another."""
    if not record_ids:
        return {}
    rows = dict(_who(record_ids))
    if others := {canonical_id for canonical_id in rows.values() if canonical_id} - record_ids:
        rows.update(_who(others))
    merged: dict[UUID, list[UUID]] = defaultdict(list)
    for record_id in sorted(rows):
        if canonical_id := rows[record_id]:
            merged[canonical_id].append(record_id)
    found = {}
    for record_id in record_ids & rows.keys():
        canonical = rows[record_id] or record_id
        found[record_id] = (canonical, *merged.get(canonical, ()))
    return found


def _who(record_ids: set[UUID]) -> Iterable[tuple[UUID, UUID | None]]:
    """Return id and canonical id of these records and of those merged into them."""
    return _RECORDS.fetch(record_ids)


def records(record_ids: Iterable[UUID]) -> dict[UUID, Customer]:
    """Return the records of these ids as they stand, merged or not; ids that nobody has are left out."""
    return Customer.objects.in_bulk(list(record_ids))


def customer_names(customer_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the name of each record, "" where it has none."""
    return dict(Customer.objects.filter(id__in=set(customer_ids)).values_list("id", "name"))


def birthdays(days: Sequence[date]) -> Iterator[tuple[UUID, date, bool]]:
    """Yield id, date of birth and whether it is kept by the lunar calendar of people who may keep their birthday on
    one of the days.

    Of the solar calendar exactly those; of the lunar one, whose days move, everybody: the caller works out the day.
    """
    month_days = {(day.month, day.day) for day in days}
    if any(day == (2, 28) for day in month_days):
        month_days.add((2, 29))
    same = Q(pk__in=())
    for month, day in month_days:
        same |= Q(birth_date__month=month, birth_date__day=day)
    people = Customer.objects.filter(Q(is_lunar_birthday=True) | same, canonical_id=None, erased_at=None)
    known = people.exclude(birth_date=None).order_by("id").values_list("id", "birth_date", "is_lunar_birthday")
    last = UUID(int=0)
    while rows := list(known.filter(id__gt=last)[:_PAGE]):  # page by page: the caller writes in between
        for customer_id, birth_date, is_lunar in rows:
            assert birth_date is not None, "left out above"
            yield customer_id, birth_date, is_lunar
        last = rows[-1][0]
