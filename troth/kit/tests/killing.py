"""Processes that are killed at work, for tests of what must be neither lost nor doubled."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from django.db import connection

PATIENCE = 120


def environment_in(folder: Path) -> dict[str, str]:
    """Return the environment of a process with a database and data of its own: the test's PostgreSQL, else a copy of
    the test's SQLite in a file.
    """
    found = os.environ | {"TROTH_DATA_DIR": str(folder / "data")}
    if connection.vendor == "postgresql":
        at = connection.settings_dict
        where = f"{at['USER']}:{at['PASSWORD']}@{at['HOST'] or 'localhost'}:{at['PORT'] or 5432}/{at['NAME']}"
        return found | {"DATABASE_URL": f"postgres://{where}"}
    connection.ensure_connection()
    with closing(sqlite3.connect(folder / "killed.sqlite3")) as copy:
        connection.connection.backup(copy)
    return found | {"DATABASE_URL": f"sqlite:///{folder / 'killed.sqlite3'}"}


class Started:
    """A process at work."""

    def __init__(self, pid: int, printed: Path, ask: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._pid, self._printed, self._ask = pid, printed, ask

    def is_at_work(self) -> bool:
        """Return whether it has not ended."""
        return self._code(waits=False) is None

    def kill(self) -> bool:
        """End it outright, and return whether it was still at work."""
        was_at_work = self.is_at_work()
        if was_at_work:
            os.kill(self._pid, signal.SIGKILL)
            self._code(waits=True)
        return was_at_work

    def finish(self) -> str:
        """Return what it printed since it began to work; it must end well."""
        self._wait(lambda: not self.is_at_work())
        assert self._code(waits=True) == 0
        return self._printed.read_text(encoding="utf-8").removeprefix("working\n")

    def wait_until_at_work(self) -> None:
        """Wait until it says that all is ready and it begins."""
        self._wait(lambda: self._has_begun() or not self.is_at_work())
        assert self._has_begun()

    def _has_begun(self) -> bool:
        return self._printed.exists() and self._printed.read_text(encoding="utf-8").startswith("working\n")

    def _code(self, *, waits: bool) -> int | None:
        code: int | None = self._ask({"look": self._pid, "waits": waits})["code"]
        return code

    @staticmethod
    def _wait(is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end
            time.sleep(0.01)


Start = Callable[[str], Started]


@contextmanager
def starter(module: str, folder: Path, *arguments: str) -> Iterator[Start]:
    """Yield a function that starts a module with a word and these arguments, and waits until it says "working".

    Django is loaded once for all of them (see `forking`).
    """
    command = [sys.executable, "-m", "troth.kit.tests.forking", module]
    numbers = count()
    with subprocess.Popen(
        command, env=environment_in(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as all_of_them:

        def ask(wish: dict[str, Any]) -> dict[str, Any]:
            assert all_of_them.stdin is not None
            assert all_of_them.stdout is not None
            print(json.dumps(wish), file=all_of_them.stdin, flush=True)
            answer: dict[str, Any] = json.loads(all_of_them.stdout.readline())
            return answer

        def start(word: str) -> Started:
            printed = folder / f"printed-{next(numbers)}"
            process = Started(ask({"start": [word, *arguments], "into": str(printed)})["pid"], printed, ask)
            started.append(process)
            process.wait_until_at_work()
            return process

        started: list[Started] = []
        try:
            yield start
        finally:
            for process in started:
                process.kill()


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
        kills += sum(process.kill() for process in some)
    return kills
