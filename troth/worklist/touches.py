"""How a plan reaches those whom nobody calls: modules above that can send register their way here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor

TEXT = "return_visit"
"""The ready-made text of a return visit by message."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Somebody who is to be written to.

    key: the occasion, once for each customer; touch: `Touch.LOW` or `Touch.TECH`; template: code; source: the plan.
    """

    key: str
    customer_id: UUID
    touch: str
    template: str
    source: str


@dataclass(frozen=True, slots=True)
class Messenger:
    """What can write to customers.

    write: queues messages and returns how many go out or will; reached: which customers of these it wrote to for plans
    since a moment; texts: what can be written with, as names by code; prepare: makes the ready-made text of a code, if
    there is one and the company does not have it yet.
    """

    write: Callable[[Sequence[Reach], Actor, datetime], int]
    reached: Callable[[Collection[UUID], datetime], set[UUID]]
    texts: Callable[[], Mapping[str, str]]
    prepare: Callable[[str, Actor, datetime], None]


_messengers: list[Messenger] = []


def register_messenger(messenger: Messenger) -> None:
    """Name what writes to customers. The last one named does it."""
    _messengers[:] = [messenger]


def write_to(reached: Sequence[Reach], *, actor: Actor, now: datetime) -> int:
    """Have these written to and return to how many a message goes; to none where nothing can send."""
    if not reached or not _messengers:
        return 0
    return _messengers[0].write(reached, actor, now)


def reached_since(records: Collection[UUID], since: datetime) -> set[UUID]:
    """Return which of these records of customers were written to for a plan since a moment."""
    return _messengers[0].reached(records, since) if records and _messengers else set()


def texts() -> dict[str, str]:
    """Return what those whom nobody calls can be written to with: names by code; nothing where nothing can send."""
    return dict(_messengers[0].texts()) if _messengers else {}


def prepare(code: str, *, actor: Actor, now: datetime) -> None:
    """Have the ready-made text of a code made when it is first named."""
    if _messengers:
        _messengers[0].prepare(code, actor, now)
