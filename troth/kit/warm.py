"""Database connections that go from thread to thread, so that the next piece of work finds one that is warm.

Each thread of a server has a connection of its own. A piece of work that any of eighty threads may do would nearly
always go to a connection that was just made, and whose PostgreSQL process reads the catalogues anew for every table it
meets: half as much work again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_idle: list[BaseDatabaseWrapper] = []
_is_kept = threading.Event()


def keep_connections() -> None:
    """Let `warm_connection` keep connections from now on: for processes that serve."""
    _is_kept.set()


@contextmanager
def warm_connection() -> Iterator[None]:
    """Do what is inside over the connection that was used last, where PostgreSQL serves and nothing is open.

    Only what begins and ends its transactions inside may be done so.
    """
    own = connections[DEFAULT_DB_ALIAS]
    if not _is_kept.is_set() or own.vendor != "postgresql" or own.in_atomic_block:
        yield
        return
    try:
        warm = _idle.pop()
    except IndexError:
        warm = own.copy()
        warm.inc_thread_sharing()
    warm.close_if_unusable_or_obsolete()  # as Django does before each request
    connections[DEFAULT_DB_ALIAS] = warm
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = own
        _idle.append(warm)
