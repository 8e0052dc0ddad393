"""The databases of the crash rounds: a PostgreSQL that can be killed and started again, and SQLite's file."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tools import postgres

PATIENCE = 150.0


class Database:
    """Where the rounds are run. victims: what is killed, one a round; name: what it is, for the page."""

    victims: tuple[str, ...] = ("web", "worker")
    name = ""
    url = ""

    def start(self) -> None:
        """Start what was killed."""

    def kill(self) -> None:
        """Kill it outright."""

    def stop(self) -> None:
        """Stop it in order."""


class PostgresServer(Database):
    """A PostgreSQL of its own whose commits wait for the disk."""

    victims = ("web", "worker", "postgres")

    def __init__(self, folder: Path) -> None:
        found = postgres.binaries()
        if found is None:
            sys.exit("no PostgreSQL on this machine; on Debian: apt-get install postgresql")
        self.found, self.folder, self.port = found, folder, postgres._free_port()
        self.identity = postgres._identity(folder)
        secret = folder / "password"
        secret.write_text("crash", encoding="ascii")
        if self.identity:
            os.chown(secret, self.identity["user"], self.identity["group"])
        command = [str(found / "initdb"), "-D", str(folder / "data"), "-U", "troth", "--pwfile", str(secret)]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, **self.identity)
        self.url = f"postgres://troth:crash@127.0.0.1:{self.port}/postgres"
        self.name = f"{postgres_version()}, commits waiting for the disk"
        self.start()

    def start(self) -> None:
        """Start it; after a kill its orphans take a moment to leave."""
        until = time.monotonic() + PATIENCE
        while True:
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
            self.process = postgres._start(self.found, self.folder, self.port, True, self.identity)
            try:
                postgres._wait_until_ready(self.process, self.port, self.folder)
                return
            except postgres.NoPostgresError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)

    def kill(self) -> None:
        """Kill it outright."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop it in order."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=PATIENCE)


def postgres_version() -> str:
    """Return "PostgreSQL 15.9" of the binaries on this machine."""
    found = postgres.binaries()
    if found is None:
        sys.exit("no PostgreSQL on this machine; on Debian: apt-get install postgresql")
    said = subprocess.run([str(found / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    return f"PostgreSQL {said.split()[2]}"


class SqliteFile(Database):
    """SQLite: a file that web and worker write, so nothing of its own to kill."""

    name = f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'crash.sqlite3'}"


MAKERS: dict[str, Callable[[Path], Database]] = {"postgresql": PostgresServer, "sqlite": SqliteFile}
