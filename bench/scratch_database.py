"""A database of its own for a benchmark: made beside the one of DATABASE_URL, dropped at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import conninfo


@contextmanager
def scratch_database(name: str) -> Iterator[str]:
    """Set DATABASE_URL to an empty, migrated database and start Django; yield "postgresql" or "sqlite".

    PostgreSQL where DATABASE_URL names one, else a SQLite file in a temporary folder.
    """
    given = os.environ.get("DATABASE_URL", "")
    with TemporaryDirectory() as folder:
        if not given.startswith("postgres"):
            os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
            os.environ["TROTH_DATA_DIR"] = folder
            _start_django()
            yield "sqlite"
            return
        os.environ["TROTH_DATA_DIR"] = folder
        os.environ["DATABASE_URL"] = _beside(given, name)
        with psycopg.connect(given, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{name}"')
            try:
                _start_django()
                yield "postgresql"
            finally:
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _beside(url: str, name: str) -> str:
    parts = conninfo.conninfo_to_dict(url)
    who = parts.get("user", "") + (f":{parts['password']}" if parts.get("password") else "")
    return f"postgres://{who}@{parts.get('host', '')}:{parts.get('port', 5432)}/{name}"


def _start_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
