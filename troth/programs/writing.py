"""Memberships written back in one statement, however many."""

import json
from collections.abc import Sequence
from typing import Any

from troth.kit import updates

from .models import Membership

_COLUMNS = (
    "id", "tier", "tier_moved_at", "earned_tier", "earned_since_date", "review_date", "granted_tier", "granted_until",
    "counters", "counters_from_date", "order_count", "last_order_at", "updated_at",
)  # fmt: skip


def update_memberships(members: Sequence[Membership]) -> None:
    """Write what an application may have changed of rows that the transaction holds locked."""
    updates.update(Membership, _COLUMNS, [[_value(row, name) for name in _COLUMNS] for row in members])


def _value(row: Membership, name: str) -> Any:
    value = getattr(row, name)
    return json.dumps(value, separators=(",", ":")) if name == "counters" else value
