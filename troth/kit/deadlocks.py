"""Transactions that the database ended to free another one, done again.

Locks are taken in one order, so this should not happen; where a database ends a transaction all the same, nothing of it
is left, and doing it again is what the caller wanted.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

Result = TypeVar("Result")

ATTEMPTS = 5
ENDED_FOR_ANOTHER = frozenset({"40P01", "40001"})
"""SQLSTATE of a deadlock and of a serialization failure: https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def again_after_deadlock(work: Callable[[], Result]) -> Result:
    """Call what is one transaction, again where the database ended it for the sake of another: five times at most.

    Inside a transaction it is called once: only the whole can be done again, by whoever began it.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except OperationalError as error:
            if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", None) not in ENDED_FOR_ANOTHER:
                raise
        # Whoever was let go first is done in a moment; apart, so that the same two do not meet again.
        time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  # no secret
    return work()
