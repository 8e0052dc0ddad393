"""What of the ledger is handed out to a person, and what is erased: only words beside adjustments are personal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor

from .models import Account, AdjustmentRequest, Entry, PointCurrency, Transaction


def export_points(owner_ids: Sequence[UUID]) -> dict[str, Any]:
    """Return accounts and everything that moved on them, as plain values that JSON can hold."""
    codes = dict(PointCurrency.objects.values_list("id", "code"))
    accounts = Account.objects.filter(owner_id__in=list(owner_ids)).order_by("id")
    made = Transaction.objects.filter(owner_id__in=list(owner_ids)).order_by("occurred_at", "id")
    entries = Entry.objects.filter(transaction_id__in=made.values("id"), account_id__isnull=False)
    moved = dict(entries.values_list("transaction_id", "amount"))
    notes = AdjustmentRequest.objects.filter(owner_id__in=list(owner_ids)).order_by("requested_at")
    return {
        "accounts": [
            {"currency": codes[row.currency_id], "balance": row.balance, "earned": row.earned} for row in accounts
        ],
        "movements": [
            {
                "at": row.occurred_at.isoformat(),
                "currency": codes[row.currency_id],
                "kind": row.transaction_kind,
                "points": moved.get(row.id, 0),
                "reason": row.reason,
            }
            for row in made
        ],
        "adjustments": [
            {"at": row.requested_at.isoformat(), "points": row.amount, "state": row.state, "note": row.note}
            for row in notes
        ],
    }


def erase_notes(owner_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    """Empty the words beside adjustments; points, entries and totals stay, they name nobody."""
    AdjustmentRequest.objects.filter(owner_id__in=list(owner_ids)).exclude(note="").update(note="")
