"""Personal links: a signed token that names one invitation. Nothing secret is stored, and nothing can be guessed."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from .errors import LinkRefusedError

SALT = "troth.voice.survey-link"
SIGNATURE_BYTES = 16


def token(invitation_id: UUID, owner_id: UUID) -> str:
    """Return the token of an invitation's personal link: 64 letters, digits, - and _."""
    head = invitation_id.bytes + owner_id.bytes
    return urlsafe_b64encode(head + _signature(head)).decode()


def read_token(given: str) -> tuple[UUID, UUID]:
    """Return invitation and owner that a token names.

    Raises:
        LinkRefusedError: it was cut off, changed or made up.
    """
    if len(given) > 100:
        raise LinkRefusedError
    try:
        raw = urlsafe_b64decode(given.encode("ascii"))
    except (binascii.Error, ValueError, UnicodeEncodeError) as error:
        raise LinkRefusedError from error
    head, signature = raw[:32], raw[32:]
    is_whole = len(raw) == 32 + SIGNATURE_BYTES and urlsafe_b64encode(raw).decode() == given
    if not is_whole or not constant_time_compare(signature, _signature(head)):
        raise LinkRefusedError
    return UUID(bytes=head[:16]), UUID(bytes=head[16:])


def _signature(head: bytes) -> bytes:
    return salted_hmac(SALT, head, algorithm="sha256").digest()[:SIGNATURE_BYTES]
