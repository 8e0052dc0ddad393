"""The address at which an invited customer takes a seat, or gives it up: signed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from troth.customers import queries as customers
from troth.messaging import links
from troth.messaging.text_errors import LinkRefusedError

PURPOSE = "training"
PAGE = "portal_training:session"


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link invites, and to which session."""

    customer_id: UUID
    session_id: UUID


def address_of(session_id: UUID, customer_id: UUID) -> str:
    """Return the whole address."""
    return links.address(PAGE, links.signed(PURPOSE, customer_id, data={"s": links.short_id(session_id)}))


def opened_by(token: str, *, now: datetime) -> Invited:
    """Return what a token says.

    Raises:
        LinkRefusedError: it was changed, is none of ours, or the data of whose it was are erased.
    """
    opened = links.opened(PURPOSE, token, now=now)
    person = customers.customer_or_none(opened.owner_id)
    if person is None or person.erased_at is not None:
        raise LinkRefusedError
    return Invited(opened.owner_id, links.long_id(str(opened.data["s"])))
