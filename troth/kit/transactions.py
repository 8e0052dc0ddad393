"""One transaction over several modules."""

from django.db import transaction
from django.db.transaction import Atomic


def joining() -> Atomic:
    """Return a transaction that is the caller's where there is one; an error then ends the whole of it.

    `transaction.atomic` sets a savepoint there, two statements, which only a caller needs that goes on after an error.
    """
    return transaction.atomic(savepoint=False)
