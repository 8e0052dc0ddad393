"""Login links: a signed address that lets one user in once, for a short while. Nothing is stored."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from .errors import LinkRefusedError
from .models import User

LIFETIME = timedelta(minutes=30)
SALT = "troth.access.login-link"
HEAD_BYTES = 16 + 8  # the user's id and the second at which the link ends


def make_login_link(user: User, *, now: datetime, lifetime: timedelta = LIFETIME) -> str:
    """Return a token for the address of a login link; any sign-in of the user makes it worthless."""
    ends_at = int((now + lifetime).timestamp())
    head = user.id.bytes + ends_at.to_bytes(8, "big")
    return urlsafe_b64encode(head + _signature(user, head)).decode().rstrip("=")


def check_login_link(token: str, *, now: datetime) -> None:
    """Tell, without using it up, whether a token would let its user in now.

    Raises:
        LinkRefusedError: the token is forged, used or out of date, or its user is shut out.
    """
    head, signature = _parts(token)
    _refuse_wrong(User.objects.filter(id=UUID(bytes=head[:16])).first(), head, signature, now)


@transaction.atomic
def redeem_login_link(token: str, *, now: datetime) -> User:
    """Return the token's user and note the sign-in, which uses the token up: of two at once, one is refused.

    Raises:
        LinkRefusedError: the token is forged, used or out of date, or its user is shut out.
    """
    head, signature = _parts(token)
    found = User.objects.select_for_update().filter(id=UUID(bytes=head[:16])).first()
    user = _refuse_wrong(found, head, signature, now)
    user.last_login = now
    user.save(update_fields=["last_login"])
    return user


def _refuse_wrong(user: User | None, head: bytes, signature: bytes, now: datetime) -> User:
    if user is None or not constant_time_compare(signature, _signature(user, head)):
        raise LinkRefusedError
    if not user.is_active or now.timestamp() >= int.from_bytes(head[16:], "big"):
        raise LinkRefusedError
    return user


def _signature(user: User, head: bytes) -> bytes:
    """Sign what a sign-in and a new password change, so that either ends every link."""
    last_login = "" if user.last_login is None else str(round(user.last_login.timestamp() * 1_000_000))
    signed = b"\0".join([head, last_login.encode(), user.password.encode()])
    return salted_hmac(SALT, signed, algorithm="sha256").digest()


def _parts(token: str) -> tuple[bytes, bytes]:
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise LinkRefusedError from error
    if len(raw) != HEAD_BYTES + 32:
        raise LinkRefusedError
    return raw[:HEAD_BYTES], raw[HEAD_BYTES:]
