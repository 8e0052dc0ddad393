"""Reading lots into states of the book, each once."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import BigIntegerField, QuerySet
from django.db.models.functions import Cast

from troth.kit.reading import fetch

from .book import AccountState, Book, LotState
from .models import Lot

_LOT = (
    "id", "account_id", "transaction_id", "amount", "remaining", "held", "activates_at", "awaits_event", "awaits_until",
    "expires_at", "first_expires_at", "expiry_kind", "expiry_count", "issuer_id", "cost", "cost_currency", "rule",
    "programme_version_id", "source", "from_lot_id", "occurred_at",
)  # fmt: skip


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
