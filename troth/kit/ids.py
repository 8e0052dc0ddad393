"""Identifiers: UUIDv7, made by the caller, sorted by time, unique over all machines."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): later ids sort after earlier ones."""
    return uuid7()
