"""How PostgreSQL compresses long values: by LZ4 where the server was built with it.

By its own method, keeping the answers was the dearest statement of gathered single calls. LZ4 takes far less time for a
little more space. Values written otherwise stay readable.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

_CHOOSE = (
    "SELECT set_config(name, 'lz4', false) FROM pg_settings"
    " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
)


def install() -> None:
    """Have every new connection choose it."""
    connection_created.connect(_choose, dispatch_uid="troth.kit.compression")


def _choose(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_CHOOSE)
