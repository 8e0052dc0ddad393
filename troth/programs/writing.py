"""Memberships written back in one statement, however many."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connections, router

from .models import Membership

_COLUMNS: tuple[tuple[str, str], ...] = (
    ("id", "uuid"),
    ("tier", "text"),
    ("tier_moved_at", "timestamptz"),
    ("earned_tier", "text"),
    ("earned_since_date", "date"),
    ("review_date", "date"),
    ("granted_tier", "text"),
    ("granted_until", "timestamptz"),
    ("counters", "text"),
    ("counters_from_date", "date"),
    ("order_count", "integer"),
    ("last_order_at", "timestamptz"),
    ("updated_at", "timestamptz"),
)
_WRITTEN = [name for name, _type in _COLUMNS if name != "id"]


def update_memberships(members: Sequence[Membership]) -> None:
    """Write what an application may have changed of rows that the transaction holds locked."""
    if not members:
        return
    connection = connections[router.db_for_write(Membership)]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_statement(), [[_value(row, name) for row in members] for name, _type in _COLUMNS])
    else:
        Membership.objects.bulk_update(members, _WRITTEN, batch_size=200)


def _value(row: Membership, name: str) -> Any:
    value = getattr(row, name)
    return json.dumps(value, separators=(",", ":")) if name == "counters" else value


def _statement() -> str:
    sets = ", ".join(f'"{name}" = v."{name}"{"::jsonb" if name == "counters" else ""}' for name in _WRITTEN)
    arrays = ", ".join(f"%s::{kind}[]" for _name, kind in _COLUMNS)
    names = ", ".join(f'"{name}"' for name, _kind in _COLUMNS)
    table = Membership._meta.db_table
    return f'UPDATE "{table}" AS m SET {sets} FROM unnest({arrays}) AS v({names}) WHERE m.id = v.id'  # noqa: S608  own names
