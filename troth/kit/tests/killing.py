"""Processes that are killed at work, for tests of what must be neither lost nor doubled."""

import subprocess
import time
from collections.abc import Callable
from random import Random

Start = Callable[[str], "subprocess.Popen[str]"]
PATIENCE = 120


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
