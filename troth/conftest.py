"""Fixtures for every module's tests."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection


@pytest.fixture(scope="session", autouse=True)
def sending_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep apart how far sending was in the databases of tests that run beside each other."""
    settings.SENDING_FILE = tmp_path_factory.mktemp("sending") / "sending.json"


@pytest.fixture
def racing_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that several threads may write at once, as in production.

    PostgreSQL is one already. SQLite's test database lives in memory, where a second writer is refused,
    not made to wait; so a copy in a file, with the settings of the real one, takes its place during the test.
    """
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    settings: dict[str, Any] = connection.settings_dict
    in_memory, name = connection.connection, settings["NAME"]
    copy = sqlite3.connect(tmp_path / "race.sqlite3")
    in_memory.backup(copy)
    copy.close()
    settings["NAME"] = str(tmp_path / "race.sqlite3")
    connection.connection = None
    try:
        yield
    finally:
        connection.connection.close()
        settings["NAME"], connection.connection = name, in_memory
