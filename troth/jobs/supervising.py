"""Both lanes as one service: a process for each, started again when one ends by itself, stopped together.

Free of Django: the parent only waits, and costs next to nothing.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

LOOK_SECONDS = 0.2
STOP_SECONDS = 20.0
"""A worker gives back what it is at after `worker.GRACE_SECONDS`; one that does not is stuck and is killed."""
SOUND_SECONDS = 30.0
"""Who ended sooner than this after the start cannot have been at work for long."""
LONGEST_PAUSE = 30.0
TRIES = 5

Ended = Callable[[str, int], None]


class Child:
    """One process that is to run all the time; it holds our end of a pipe and ends by itself when that closes."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.failures = 0
        self._command = command
        self._again_at = 0.0
        self._start()

    def look(self) -> int | None:
        """Return how the process ended, once; start another when its pause is over."""
        if self._process is None:
            if time.monotonic() >= self._again_at:
                self._start()
            return None
        code = self._process.poll()
        if code is None:
            return None
        self.failures = 1 if time.monotonic() - self._started_at > SOUND_SECONDS else self.failures + 1
        self._again_at = time.monotonic() + min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
        self._forget()
        return code

    def ask_to_stop(self) -> None:
        """Tell the process to end; it gives back what it is at."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, until: float) -> None:
        """Wait for the end, and kill what has not ended by then."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._forget()

    def _start(self) -> None:
        self._started_at = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603  our own program

    def _forget(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None


def supervise(commands: Mapping[str, Sequence[str]], *, ended: Ended) -> bool:
    """Keep the commands running until SIGINT or SIGTERM; return False if one of them would not stay up.

    Args:
        commands: what to run, by name.
        ended: told the name and the exit code of each that ended by itself.
    """
    is_stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_stopping
        is_stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    children = [Child(name, command) for name, command in commands.items()]
    try:
        while not is_stopping:
            for child in children:
                if (code := child.look()) is not None and not is_stopping:
                    ended(child.name, code)
            if any(child.failures >= TRIES for child in children):
                return False
            time.sleep(LOOK_SECONDS)
        return True
    finally:
        for child in children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        for child in children:
            child.wait(until)


def program(*arguments: str) -> list[str]:
    """Return the command that runs `troth ARGUMENTS` with this Python."""
    return [sys.executable, "-m", "troth.cli", *arguments]
