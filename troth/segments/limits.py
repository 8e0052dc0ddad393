"""How long a query may take: a mistaken condition is stopped by the database, not by patience."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from .errors import SegmentTooSlowError

PREVIEW_SECONDS = 10.0
REFRESH_SECONDS = 900.0
_POLL_SECONDS = 1.0
_SQLITE_STEPS = 20_000  # virtual machine steps between two looks at the clock: a few milliseconds
_WORK_MEM = "64MB"  # room for the hash tables of one segment query


@contextmanager
def time_limit(seconds: float, *, is_stopped: Callable[[], bool] | None = None) -> Iterator[None]:
    """Stop the queries inside after so many seconds, or as soon as `is_stopped` (asked every second) says so.

    Raises:
        SegmentTooSlowError: they were stopped.
    """
    limit = _postgresql_limit if connection.vendor == "postgresql" else _sqlite_limit
    stop = threading.Event()
    try:
        with _watched(is_stopped, stop), limit(seconds, stop):
            yield
    except OperationalError as error:
        if _was_stopped(error):
            raise SegmentTooSlowError(seconds) from error
        raise


@contextmanager
def _postgresql_limit(seconds: float, _stop: threading.Event) -> Iterator[None]:
    """Set the limit for this transaction only, with room for hash tables and without the compiler's start."""
    wanted = {"statement_timeout": f"{int(seconds * 1000)}ms", "work_mem": _WORK_MEM, "jit": "off"}
    with transaction.atomic():
        before = {name: _current(name) for name in wanted}
        _set_local(wanted)
        yield
        _set_local(before)


def _current(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def _set_local(values: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


@contextmanager
def _sqlite_limit(seconds: float, stop: threading.Event) -> Iterator[None]:
    deadline = time.monotonic() + seconds
    connection.ensure_connection()
    raw = connection.connection
    raw.set_progress_handler(lambda: stop.is_set() or time.monotonic() > deadline, _SQLITE_STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


@contextmanager
def _watched(is_stopped: Callable[[], bool] | None, stop: threading.Event) -> Iterator[None]:
    """Ask every second, in a thread, whether to stop; SQLite looks at the event, PostgreSQL is told."""
    if is_stopped is None:
        yield
        return
    connection.ensure_connection()
    raw, is_postgresql = connection.connection, connection.vendor == "postgresql"
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_POLL_SECONDS):
            if is_stopped():
                stop.set()
                if is_postgresql:
                    raw.cancel()
                break
        connection.close()  # this thread's own

    watcher = threading.Thread(target=watch, name="segment-watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _was_stopped(error: OperationalError) -> bool:
    """Tell a stopped query from a broken one: SQLSTATE 57014 on PostgreSQL, "interrupted" on SQLite."""
    return getattr(error.__cause__, "sqlstate", None) == "57014" or "interrupted" in str(error)
