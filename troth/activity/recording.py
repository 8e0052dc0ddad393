"""Storing batches of orders and returns: what is known is found by its key, what is new is written in bulk.

Keys are claimed before documents are written, in a fixed order, so that two batches with the same order wait
for each other instead of failing, and the second finds what the first stored.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.kit.statements import server_cursor
from troth.kit.transactions import joining
from troth.staff import queries as staff

from .errors import CustomerUnknownError
from .models import DocumentKey
from .orders import NewOrder, NewReturn, Outcome, Recorded

Document = TypeVar("Document", NewOrder, NewReturn)
Key = tuple[str, str]


class Batch(Generic[Document]):
    """One transaction's worth of one kind of document."""

    def __init__(self, *, actor: Actor, now: datetime) -> None:
        self.actor = actor
        self.now = now
        self.zone = staff.company().time_zone
        self.events: list[NewEvent] = []

    def check(self, document: Document) -> None:
        """Refuse a document that breaks a rule by itself."""
        raise NotImplementedError

    def name(self, document: Document) -> str:
        """Return how refusals call it."""
        raise NotImplementedError

    def fingerprint(self, document: Document) -> str:
        """Return the hash of its content."""
        raise NotImplementedError

    def repeated(self, document: Document) -> TrothError:
        """Return the refusal of a document that stands twice in the batch, with different content."""
        raise NotImplementedError

    def for_owner(self, document: Document, owner_id: UUID, standing: dict[UUID, UUID]) -> Document:
        """Return the document as the owner's, if its customer is the same by another record."""
        if document.customer_id != owner_id and standing[document.customer_id] == standing[owner_id]:
            return replace(document, customer_id=owner_id)
        return document

    def store(self, documents: Sequence[Document]) -> list[Recorded]:
        """Write the documents, which are checked and each there once, and return their results."""
        raise NotImplementedError


def record(batch: Batch[Document], documents: Sequence[Document]) -> list[Recorded]:
    """Check and store a batch in one transaction; see `services.record_orders`."""
    results: list[Recorded | None] = [_refusal(batch, document) for document in documents]
    known = known_customers(document.customer_id for document in documents)
    firsts: dict[Key, int] = {}
    repeats: dict[int, int] = {}
    for index, document in enumerate(documents):
        if results[index] is not None:
            continue
        if document.customer_id not in known:
            results[index] = refused(CustomerUnknownError(batch.name(document), document.customer_id))
            continue
        first = firsts.setdefault((document.source, document.external_id), index)
        if first != index and batch.fingerprint(documents[first]) == batch.fingerprint(document):
            repeats[index] = first
        elif first != index:
            results[index] = refused(batch.repeated(document))
    chosen = list(firsts.values())
    with joining():
        for index, result in zip(chosen, batch.store([documents[index] for index in chosen]), strict=True):
            results[index] = result
        events.append_many(batch.events, actor=batch.actor, now=batch.now)
    for index, first in repeats.items():
        results[index] = _as_repeat(results[first])
    return [result for result in results if result is not None]


def refused(error: TrothError) -> Recorded:
    """Return the result of a document of which nothing was stored."""
    return Recorded(Outcome.REFUSED, error=error)


def known_customers(customer_ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these customer records exist."""
    return set(customers.canonical_ids(customer_ids))


def _refusal(batch: Batch[Document], document: Document) -> Recorded | None:
    try:
        batch.check(document)
    except TrothError as error:
        return refused(error)
    return None


def _as_repeat(first: Recorded | None) -> Recorded | None:
    if first is None or first.error is not None:
        return first
    return Recorded(Outcome.UNCHANGED, document_id=first.document_id, revision=first.revision)


def claim_keys(document_kind: str, wanted: dict[Key, UUID]) -> tuple[dict[Key, UUID], set[Key]]:
    """Return the document id of each key, and which keys are new: ours from now."""
    claimed = {key: (new_id(), wanted[key]) for key in sorted(wanted)}
    new = _insert_keys(document_kind, claimed)
    ids = {key: claimed[key][0] for key in new}
    known = wanted.keys() - new
    return (ids | stored_keys(document_kind, known) if known else ids), new


def _insert_keys(document_kind: str, claimed: dict[Key, tuple[UUID, UUID]]) -> set[Key]:
    """Insert the keys that are not there, in their order, waiting for whoever inserts one of them right now."""
    if not claimed:
        return set()
    columns: list[list[Any]] = [[], [], [], []]
    for key, ids in claimed.items():
        for column, value in zip(columns, (*key, *ids), strict=True):
            column.append(value)
    if connection.vendor == "postgresql":
        rows = "unnest(%s::text[], %s::text[], %s::uuid[], %s::uuid[]) AS row (source, number, document, owner)"
        values = "source, number, document, owner"
        listed: list[Any] = [columns[0], columns[1], [str(one) for one in columns[2]], [str(one) for one in columns[3]]]
    else:
        rows = "json_each(%s) AS row WHERE true"
        values = ", ".join(f"row.value ->> {place}" for place in range(4))
        listed = [json.dumps([(*key, *(one.hex for one in ids)) for key, ids in claimed.items()])]
    table = DocumentKey._meta.db_table
    cursors = server_cursor(connection) if connection.vendor == "postgresql" else connection.cursor()
    with cursors as cursor:
        cursor.execute(
            f"INSERT INTO {table} (document_kind, source, external_id, document_id, owner_id)"  # noqa: S608  own names
            f" SELECT %s, {values} FROM {rows} ON CONFLICT DO NOTHING RETURNING source, external_id",
            [document_kind, *listed],
        )
        return {(source, external_id) for source, external_id in cursor.fetchall()}


def stored_keys(document_kind: str, keys: Iterable[Key]) -> dict[Key, UUID]:
    """Return the document ids of those keys that exist."""
    wanted = set(keys)
    rows = DocumentKey.objects.filter(
        document_kind=document_kind, external_id__in={external_id for _source, external_id in wanted}
    ).values_list("source", "external_id", "document_id")
    return {(source, external_id): found for source, external_id, found in rows if (source, external_id) in wanted}
