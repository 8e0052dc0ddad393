"""A database of its own for a benchmark: made beside the one of DATABASE_URL, dropped at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import conninfo

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "TROTH_BENCH_TEMPLATE"
"""Names the migrated database that scratch databases are copies of; without it each migrates its own."""


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
        template = os.environ.get(TEMPLATE)
        with psycopg.connect(given, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template1"}"')
            try:
                _start_django(is_migrated=bool(template))
                yield "postgresql"
            finally:
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def migrated_once(name: str = "troth_bench_template") -> Iterator[None]:
    """Migrate one database, of which every scratch database made by processes started meanwhile is a copy."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield
        return
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
            subprocess.run(migrate, cwd=ROOT, env={**os.environ, "DATABASE_URL": _beside(given, name)}, check=True)
            os.environ[TEMPLATE] = name
            yield
        finally:
            os.environ.pop(TEMPLATE, None)
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _beside(url: str, name: str) -> str:
    parts = conninfo.conninfo_to_dict(url)
    who = f"{parts.get('user', '')}" + (f":{parts['password']}" if parts.get("password") else "")
    return f"postgres://{who}@{parts.get('host', '')}:{parts.get('port', 5432)}/{name}"


def _start_django(*, is_migrated: bool = False) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    if not is_migrated:
        call_command("migrate", verbosity=0)
