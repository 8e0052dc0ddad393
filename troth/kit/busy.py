"""A database that is locked by others for longer than we wait: tried again, and then said in words.

SQLite has one writer at a time; a long import or the end of an analysis may keep others waiting beyond their time.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from .errors import TrothError

Result = TypeVar("Result")

ATTEMPTS = 4  # each waits as long as the connection's own timeout says
PAUSE_SECONDS = 0.5
SIGNS = ("locked", "lock timeout")


class BusyError(TrothError):
    """Others hold what is asked for; a moment later it may be free."""

    code = "busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(_("The database is busy. Try again in a few seconds."))


def is_busy(error: BaseException) -> bool:
    """Tell whether the database refused because others hold it."""
    return isinstance(error, OperationalError) and any(sign in str(error) for sign in SIGNS)


def again_when_busy(work: Callable[[], Result]) -> Result:
    """Call what is one statement or transaction, again where others hold the database: four times at most.

    Inside a transaction it is called once: only the whole can be done again, by whoever began it.

    Raises:
        BusyError: the database was busy all the while; nothing was written.
    """
    attempts = 1 if connection.in_atomic_block else ATTEMPTS
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except OperationalError as error:
            if not is_busy(error):
                raise
            if attempt == attempts:
                raise BusyError from error
        time.sleep(PAUSE_SECONDS * attempt)
    raise AssertionError("the last attempt returns or raises")
