"""Finding the record that a write is about, locked and allowed to change."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from troth.kit.reading import fetch

from ..errors import CustomerErasedError, CustomerNotFoundError
from ..models import Customer


def locked_customer(customer_id: UUID) -> Customer:
    """Return the canonical record of the customer, locked: what is written after a merge belongs to it.

    Raises:
        CustomerNotFoundError: no such customer.
        CustomerErasedError: its data were erased.
    """
    record = Customer.objects.filter(id=customer_id).only("canonical_id").first()
    if record is None:
        raise CustomerNotFoundError(customer_id)
    return locked_records([record.canonical_id or customer_id])[0]


def hold_customer(customer_id: UUID) -> Customer:
    """Return the canonical record of the customer, who cannot be erased or merged until the transaction ends.

    For whoever writes down what a person said: of an erasure at the same moment, one waits for the other, and no word
    is kept behind it.

    Raises:
        CustomerNotFoundError: no such customer.
        CustomerErasedError: its data were erased.
    """
    place = canonical_id_of(customer_id)
    while True:
        record = Customer.objects.select_for_update(no_key=True).filter(id=place).first()
        if record is None:
            raise CustomerNotFoundError(customer_id)
        if record.erased_at is not None:
            raise CustomerErasedError(record.id)
        if record.canonical_id is None:
            return record
        place = record.canonical_id  # merged at this very moment


def hold_customers(record_ids: Iterable[UUID]) -> None:
    """Hold customers until the transaction ends.

    Whoever else judges or writes about them, on any of their records, waits: for what counts over all that concerns a
    person, of two transactions that count at the same moment, the second sees what the first wrote. Unknown ids are
    left out. Called before other rows of theirs are locked, as an erasure does it: nobody waits in a ring.
    """
    wanted = set(record_ids)
    while wanted:
        # Asked anew, since whom a transaction remembers may have been merged; and in two queries, since joined into one
        # the database reads the whole table.
        rows = fetch(Customer.objects.filter(id__among=list(wanted)).values_list("id", "canonical_id"))
        standing = {canonical_id or record_id for record_id, canonical_id in rows}
        held = Customer.objects.select_for_update(no_key=True).filter(id__among=list(standing)).order_by("id")
        # Where one was merged at this very moment, the other one stands for both.
        wanted = {canonical_id for _id, canonical_id in fetch(held.values_list("id", "canonical_id")) if canonical_id}


def hold_for_words(record_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Hold customers while words are written down of them; return those whose data were erased: of them, none are."""
    asked = set(record_ids)
    if not asked:
        return frozenset()
    hold_customers(asked)
    gone = Customer.objects.filter(id__among=list(asked)).exclude(erased_at=None)
    return frozenset(gone.values_list("id", flat=True))


def locked_records(customer_ids: Iterable[UUID]) -> list[Customer]:
    """Return the records as they are, locked in the order of their ids so that two writers never wait in a
    ring.

    Raises:
        CustomerNotFoundError: one of them does not exist.
        CustomerErasedError: the data of one were erased.
    """
    wanted = sorted(set(customer_ids))
    found = list(Customer.objects.select_for_update().filter(id__in=wanted).order_by("id"))
    missing = set(wanted) - {record.id for record in found}
    if missing:
        raise CustomerNotFoundError(min(missing))
    for record in found:
        if record.erased_at is not None:
            raise CustomerErasedError(record.id)
    return found


def record_ids(canonical_id: UUID) -> list[UUID]:
    """Return the canonical record and those merged into it."""
    found = Customer.objects.filter(Q(id=canonical_id) | Q(canonical_id=canonical_id))
    return list(found.order_by("id").values_list("id", flat=True))


def canonical_id_of(record_id: UUID) -> UUID:
    """Return the record that stands for this one: itself, unless it was merged."""
    linked = Customer.objects.filter(id=record_id).values_list("canonical_id", flat=True).first()
    return linked or record_id
