"""Signed links: an address that proves whose it is and what it is for, with nothing stored.

    token = links.signed("survey", customer_id, data={"invitation": str(invitation.id)}, expires_at=...)
    opened = links.opened("survey", token, now=now)  # LinkRefusedError: changed, over, or for something else

Whoever has the link may do what it is for, and only that. A GET of such an address changes nothing.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from .text_errors import LinkRefusedError

_SALT = "troth.messaging.link."
TOKEN_LIMIT = 4_000  # characters; a longer one is nobody's


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link says: whose it is, and what was put into it."""

    owner_id: UUID
    data: Mapping[str, Any] = field(default_factory=dict)


def signed(
    purpose: str, owner_id: UUID, *, data: Mapping[str, Any] | None = None, expires_at: datetime | None = None
) -> str:
    """Return a token for an address. A token for one purpose is refused for every other.

    data: plain values that JSON can hold, readable by whoever has the link: ids and codes, nothing personal.
    """
    ends = int(expires_at.timestamp()) if expires_at else 0
    return Signer(salt=_SALT + purpose).sign_object([_short(owner_id), ends, dict(data or {})])


def opened(purpose: str, token: str, *, now: datetime) -> Opened:
    """Return what a token says.

    Raises:
        LinkRefusedError: it was changed, is over, or was signed for another purpose.
    """
    if len(token) > TOKEN_LIMIT:
        raise LinkRefusedError
    try:
        owner, ends, data = Signer(salt=_SALT + purpose).unsign_object(token)
        owner_id = long_id(owner)
    except (BadSignature, ValueError, TypeError) as error:
        raise LinkRefusedError from error
    if ends and now.timestamp() >= ends:
        raise LinkRefusedError
    return Opened(owner_id, data)


def address(name: str, *arguments: str) -> str:
    """Return the full address of a page by its name, as it is put into messages; arguments need no quoting."""
    return settings.PUBLIC_URL + _path(name, len(arguments)).format(*arguments)


@cache
def _path(name: str, count: int) -> str:
    """Return the address of a page with places for its arguments: to look each up anew takes longer than its text."""
    places = [f"PLACE{number}PLACE" for number in range(count)]
    path = reverse(name, args=places).replace("{", "{{").replace("}", "}}")
    for number, place in enumerate(places):
        path = path.replace(place, f"{{{number}}}")
    return path


def short_id(number: UUID) -> str:
    """Return an id in 22 signs."""
    return _short(number)


def long_id(text: str) -> UUID:
    """Return the id of `short_id`. Raises ValueError for anything else."""
    return UUID(bytes=urlsafe_b64decode(text + "=="))


def _short(number: UUID) -> str:
    return urlsafe_b64encode(number.bytes).decode().rstrip("=")


def unsubscribe_token(owner_id: UUID, *, purpose: str, channel: str, contact_id: UUID | None) -> str:
    """Return the token that ends messages of a purpose by a channel (a ConsentChannel); it never runs out."""
    data = {"p": purpose, "h": channel} | ({"c": _short(contact_id)} if contact_id else {})
    return signed("unsubscribe", owner_id, data=data)


def unsubscribe_url(token: str) -> str:
    """Return the address of the page that ends messages; a POST to it ends them at once (RFC 8058)."""
    return address("portal_preferences:unsubscribe", token)


def preferences_url(owner_id: UUID, *, contact_id: UUID | None = None) -> str:
    """Return the address at which a customer says what may be sent, and how."""
    data = {"c": _short(contact_id)} if contact_id else {}
    return address("portal_preferences:preferences", signed("preferences", owner_id, data=data))


def confirm_url(owner_id: UUID, *, data: Mapping[str, Any], expires_at: datetime) -> str:
    """Return the address at which a customer confirms a consent (double opt-in)."""
    return address("portal_preferences:confirm", signed("confirm", owner_id, data=data, expires_at=expires_at))


def receipt_url(channel: str, owner_id: UUID, contact_id: UUID) -> str:
    """Return the address to which a provider reports what became of one message."""
    token = signed("receipt", owner_id, data={"c": _short(contact_id)})
    return address("portal_receipts:one", channel, token)
