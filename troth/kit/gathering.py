"""Calls of many threads gathered for a moment and done as one batch; each caller gets its own result or error.

The first to come leads: it waits for its turn, does the batch in its own thread and hands out the results. Those
who come until then follow: they only wait. So there is no thread of its own that would have to be stopped, and
nothing that a batch leaves behind.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Perform = Callable[[Sequence[Item]], Sequence[Result | Exception]]


class _Group(Generic[Item, Result]):
    """The items of one batch, and what became of them: None if the batch as a whole failed."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.outcomes: list[Result | Exception] | None = None
        self.is_full = threading.Event()
        self.is_done = threading.Event()


class Gatherer(Generic[Item, Result]):
    """Does single items in batches, within one process.

    One batch is done at a time while the next gathers, so batches grow with the load by themselves, and a caller
    without company waits for nobody. Only if the last batch had several items does the next one's leader wait for
    more, as long as they keep coming: what a batch costs by itself is shared by all who are in it.
    """

    def __init__(
        self,
        perform: Perform[Item, Result],
        *,
        wait_seconds: float = 0.003,
        longest_seconds: float = 0.025,
        batch_limit: int = 200,
        turn_seconds: float = 1.0,
    ) -> None:
        """Make a gatherer.

        Args:
            perform: does a batch and returns a result for each item; an exception in a result's place is raised
                in that item's caller. If it raises, it must have changed nothing: each item is then done alone.
            wait_seconds: how long a leader waits for the next one when company is to be expected.
            longest_seconds: how long it waits at most where one comes after the other.
            batch_limit: items in a batch at most.
            turn_seconds: how long a batch waits for the one before; then it goes on beside it, so that one that
                hangs on a lock does not hold up all others.
        """
        self._perform = perform
        self._wait_seconds = wait_seconds
        self._longest_seconds = longest_seconds
        self._batch_limit = batch_limit
        self._turn_seconds = turn_seconds
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._open: _Group[Item, Result] | None = None
        self._has_company = False

    def submit(self, item: Item) -> Result:
        """Do the item, in whatever batch, and return its result; raises its error, or what doing it alone raises."""
        group, place = self._join(item)
        if place == 0:
            self._lead(group)
        else:
            group.is_done.wait()
        # A batch that failed as a whole changed nothing. Alone, each finds out whether it was the cause.
        outcome = self._perform([item])[0] if group.outcomes is None else group.outcomes[place]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _join(self, item: Item) -> tuple[_Group[Item, Result], int]:
        with self._lock:
            group = self._open
            if group is None:
                group = self._open = _Group()
            group.items.append(item)
            if len(group.items) >= self._batch_limit:
                self._open = None
                group.is_full.set()
            return group, len(group.items) - 1

    def _lead(self, group: _Group[Item, Result]) -> None:
        try:
            has_turn = self._turn.acquire(timeout=self._turn_seconds)
            try:
                if self._has_company:
                    self._await_company(group)
                self._close(group)
                self._has_company = len(group.items) > 1
                self._do(group)
            finally:
                if has_turn:
                    self._turn.release()
        finally:
            # Also when the leader was stopped in the middle, nobody may be left waiting or join what is over.
            self._close(group)
            group.is_done.set()

    def _await_company(self, group: _Group[Item, Result]) -> None:
        """Wait until nobody has come for a moment, the batch is full, or it has taken long enough."""
        until, size = time.monotonic() + self._longest_seconds, 0
        while size < len(group.items) and time.monotonic() < until:
            size = len(group.items)
            group.is_full.wait(self._wait_seconds)

    def _close(self, group: _Group[Item, Result]) -> None:
        with self._lock:
            if self._open is group:
                self._open = None

    def _do(self, group: _Group[Item, Result]) -> None:
        try:
            outcomes = list(self._perform(group.items))
        except Exception:
            if len(group.items) == 1:
                raise  # it was alone already
            return
        assert len(outcomes) == len(group.items), "a batch has a result for each item"
        group.outcomes = outcomes
