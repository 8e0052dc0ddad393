"""Reading rows quickly, and lots into states of the book, each once."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from django.db import connections
from django.db.models import BigIntegerField, QuerySet
from django.db.models.functions import Cast

from .book import AccountState, Book, LotState
from .models import Lot

_LOT = (
    "id", "account_id", "transaction_id", "amount", "remaining", "held", "activates_at", "awaits_event", "awaits_until",
    "expires_at", "first_expires_at", "expiry_kind", "expiry_count", "issuer_id", "cost", "cost_currency", "rule",
    "programme_version_id", "source", "from_lot_id", "occurred_at",
)  # fmt: skip


def fetch(rows: "QuerySet[Any, Any]") -> Sequence[tuple[Any, ...]]:
    """Return the tuples of a `values_list`, on PostgreSQL in its binary form.

    Django has moments parsed from text in Python, which for thousands of lots costs more than the query.
    """
    connection = connections[rows.db]
    if connection.vendor != "postgresql":
        return list(rows.all())
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql, params, binary=True).fetchall()


def read_lots(book: Book, rows: QuerySet[Lot], accounts: Mapping[UUID, AccountState]) -> list[LotState]:
    """Return the states of lots, each once however often it is read."""
    found = []
    wanted = rows.annotate(cost=Cast("thousand_cost", BigIntegerField())).values_list(*_LOT)
    for lot_id, account_id, *rest in fetch(wanted):
        if account_id not in accounts:
            continue  # of another currency
        lot = book.lots.get(lot_id)
        if lot is None:
            lot = book.lots[lot_id] = LotState(lot_id, accounts[account_id], *rest)
        found.append(lot)
    return found
