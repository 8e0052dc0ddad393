"""Memberships made and written back in one statement, however many."""

import json
from collections.abc import Sequence
from typing import Any

from troth.kit import rows, updates

from .models import Membership

_COLUMNS = (
    "id", "tier", "tier_moved_at", "earned_tier", "earned_since_date", "review_date", "granted_tier", "granted_until",
    "counters", "counters_from_date", "order_count", "last_order_at", "updated_at",
)  # fmt: skip


_ALL = tuple(field.attname for field in Membership._meta.concrete_fields)


def insert_missing(members: Sequence[Membership]) -> None:
    """Store new members in this order, less those whom somebody else made meanwhile."""
    rows.insert_missing(Membership, _ALL, [[_value(row, name) for name in _ALL] for row in members])


def update_memberships(members: Sequence[Membership]) -> None:
    """Write what an application may have changed of rows that the transaction holds locked."""
    updates.update(Membership, _COLUMNS, [[_value(row, name) for name in _COLUMNS] for row in members])


def _value(row: Membership, name: str) -> Any:
    value = getattr(row, name)
    return json.dumps(value, separators=(",", ":")) if name == "counters" else value
