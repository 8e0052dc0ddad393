"""Processes that are killed at work, for tests of what must be neither lost nor doubled."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from django.db import connection

Start = Callable[[str], "subprocess.Popen[str]"]
PATIENCE = 120


def environment_in(folder: Path) -> dict[str, str]:
    """Return the environment of a process with a database and data of its own: the test's PostgreSQL, else a file."""
    found = os.environ | {"TROTH_DATA_DIR": str(folder / "data")}
    if connection.vendor == "postgresql":
        at = connection.settings_dict
        where = f"{at['USER']}:{at['PASSWORD']}@{at['HOST'] or 'localhost'}:{at['PORT'] or 5432}/{at['NAME']}"
        return found | {"DATABASE_URL": f"postgres://{where}"}
    return found | {"DATABASE_URL": f"sqlite:///{folder / 'killed.sqlite3'}"}


def starter(module: str, folder: Path, *arguments: str) -> Start:
    """Return a function that starts a module with a word and these arguments; it says "working" before it begins."""
    environment = environment_in(folder)

    def start(word: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", module, word, *arguments]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        return process

    return start


def finish(process: "subprocess.Popen[str]") -> str:
    """Return what a process printed; it must end well."""
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return output


def kill_some(start: Start, chance: Random, *, after: tuple[float, float]) -> int:
    """Start two at once, one, and one more, and kill each some seconds later; return how many were killed at work."""
    kills = 0
    for at_once in (2, 1, 1):
        some = [start("run") for _one in range(at_once)]
        time.sleep(chance.uniform(*after))
        for process in some:
            kills += process.poll() is None
            process.kill()
            process.communicate()
    return kills
