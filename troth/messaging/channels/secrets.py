"""Secrets of channels: encrypted in the database with a key made of the installation's own secret, or from the
environment; nobody is shown one again.
"""

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import scrypt

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

_SALT = b"troth.messaging.channel-secrets"


def encrypted(secrets: Mapping[str, str]) -> str:
    """Return secrets as a text that only this installation can read; "" for none."""
    if not secrets:
        return ""
    return _box().encrypt(json.dumps(dict(secrets)).encode()).decode()


def decrypted(text: str) -> dict[str, str]:
    """Return the secrets of a text; none if the installation's secret is another one now: they must be given anew."""
    if not text:
        return {}
    try:
        found: dict[str, str] = json.loads(_box().decrypt(text.encode()))
    except InvalidToken:
        return {}
    return found


def environment_name(channel: str, setting: str) -> str:
    """Return the variable from which a setting is taken before any stored one: TROTH_SMS_TWILIO_TOKEN."""
    return f"TROTH_{channel}_{setting}".upper()


def from_environment(channel: str, setting: str) -> str | None:
    """Return a setting from the environment, None if it is not set there."""
    return os.environ.get(environment_name(channel, setting))


_boxes: dict[str, Fernet] = {}


def _box() -> Fernet:
    """Return the box of the present secret key; deriving its key is slow on purpose and done once."""
    key = settings.SECRET_KEY
    if key not in _boxes:
        _boxes.clear()
        _boxes[key] = Fernet(urlsafe_b64encode(scrypt(key.encode(), salt=_SALT, n=2**12, r=8, p=1, dklen=32)))
    return _boxes[key]
