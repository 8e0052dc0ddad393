"""How a plan reaches those whom nobody calls: modules above that can send register their way here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from troth.access.actors import Actor


@dataclass(frozen=True, slots=True)
class Reach:
    """Somebody who is to be written to. touch: `Touch.LOW` or `Touch.TECH`; template: code; source: the plan."""

    key: str
    customer_id: UUID
    touch: str
    template: str
    source: str


Messenger = Callable[[Sequence[Reach], Actor, datetime], int]
_messengers: list[Messenger] = []


def register_messenger(messenger: Messenger) -> None:
    """Name what writes to customers; it returns how many messages were queued. The last one named does it."""
    _messengers[:] = [messenger]


def write_to(reached: Sequence[Reach], *, actor: Actor, now: datetime) -> int:
    """Have these written to and return to how many a message goes; to none where nothing can send."""
    if not reached or not _messengers:
        return 0
    return _messengers[0](reached, actor, now)
