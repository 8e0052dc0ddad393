"""Memberships made and written back in one statement, however many."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from troth.kit import rows, updates
from troth.kit.json_text import json_text

from .models import Membership

_COLUMNS = (
    "id", "tier", "tier_moved_at", "earned_tier", "earned_since_date", "review_date", "granted_tier", "granted_until",
    "counters", "counters_from_date", "order_count", "last_order_at", "updated_at",
)  # fmt: skip


_ALL = tuple(field.attname for field in Membership._meta.concrete_fields)


def insert_missing(members: Sequence[Membership]) -> None:
    """Store new members in this order, less those whom somebody else made meanwhile."""
    rows.insert_missing(Membership, _ALL, _values(members, _ALL))


def update_memberships(members: Sequence[Membership]) -> None:
    """Write what an application may have changed of rows that the transaction holds locked."""
    updates.update(Membership, _COLUMNS, _values(members, _COLUMNS))


def _values(members: Sequence[Membership], names: tuple[str, ...]) -> list[list[Any]]:
    """Return these attributes of each, the counters as text."""
    read: Callable[[Membership], tuple[Any, ...]] = attrgetter(*names)
    counters = names.index("counters")
    found = [list(read(row)) for row in members]
    for values in found:
        values[counters] = json_text(values[counters])
    return found
