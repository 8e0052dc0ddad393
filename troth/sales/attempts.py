"""A batch in short transactions, each less what turns out to be refused in the end.

What a sale brings is decided by several modules, one after the other, in sets. The last may refuse what the first has
stored: a coupon that somebody else used a moment ago, points that a currency's policy does not let go. Then everything
is rolled back and done again without that one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from django.db import connection, transaction

from troth.activity.orders import NewOrder, NewReturn
from troth.kit.deadlocks import again_after_deadlock
from troth.kit.errors import TrothError

Item = TypeVar("Item")
Document = TypeVar("Document", NewOrder, NewReturn)
Result = TypeVar("Result")


class HasNumber(Protocol):
    """Anything that a source names by a number of its own."""

    @property
    def source(self) -> str: ...

    @property
    def external_id(self) -> str: ...


Named = TypeVar("Named", bound=HasNumber)

PART = 250
"""Documents in a transaction. Each locks its customers until it ends, and others who sell to them wait: with twice as
many up to four times as often, and twice as long. With half as many, what a transaction costs by itself tells."""


class RefusedAtLastError(Exception):
    """Some items cannot be done: place in the sequence → why."""

    def __init__(self, errors: Mapping[int, TrothError]) -> None:
        super().__init__(f"{len(errors)} refused")
        self.errors = errors


def parts_of(documents: Sequence[Named]) -> list[Sequence[Named]]:
    """Return documents in parts, each for a short transaction, in their order.

    All at once where a document stands among them twice: both are looked at together.
    """
    names = {(document.source, document.external_id) for document in documents}
    if len(names) < len(documents):
        return [documents]
    return [documents[first : first + PART] for first in range(0, len(documents), PART)]


def in_parts(documents: Sequence[Document], record: Callable[[Sequence[Document]], list[Result]]) -> list[Result]:
    """Record documents in their parts, one after the other, and return the results in their order.

    All at once inside a transaction of the caller's.
    """
    if connection.in_atomic_block:
        return record(documents)
    return [result for part in parts_of(documents) for result in record(part)]


def without_refused(
    items: Sequence[Item],
    perform: Callable[[Sequence[Item]], list[Result]],
    refusal: Callable[[TrothError], Result],
) -> list[Result]:
    """Perform the items in one transaction and return a result for each; `refusal` makes that of a refused one.

    `perform` raises RefusedAtLastError for what it cannot do; it is called again with the rest.
    """
    refused: dict[int, TrothError] = {}

    def attempt() -> list[Result]:
        with transaction.atomic():
            return perform([items[place] for place in places])

    while True:
        places = [place for place in range(len(items)) if place not in refused]
        try:
            done = again_after_deadlock(attempt)
        except RefusedAtLastError as error:
            refused |= {places[place]: why for place, why in error.errors.items()}
            continue
        results = dict(zip(places, done, strict=True))
        return [results[place] if place in results else refusal(refused[place]) for place in range(len(items))]
