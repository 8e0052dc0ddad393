"""Taking turns within a process, where work side by side would only take longer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turn:
    """Lets one thread at a time do what keeps the processor busy and holds locks that the others would wait for.

    Threads of Python share one core: four transactions at once take four times as long each, and as long hold their
    locks. One after the other, the first is done in a quarter of that, and the last no later.
    """

    def __init__(self, longest_seconds: float = 1.0) -> None:
        """Make a turn. longest_seconds: how long one may have it; then the next goes on beside whoever hangs."""
        self._lock = threading.Lock()
        self._longest_seconds = longest_seconds
        self._times_taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn and hold it."""
        has_turn = self._wait()
        try:
            yield
        finally:
            if has_turn:
                self._lock.release()

    def _wait(self) -> bool:
        """Wait while the turn goes round, however many are before; return whether it was got."""
        while True:
            times_taken = self._times_taken
            if self._lock.acquire(timeout=self._longest_seconds):
                self._times_taken += 1
                return True
            if self._times_taken == times_taken:
                return False
