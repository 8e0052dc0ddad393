"""A provider's request as plain data, and what it is answered."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.crypto import constant_time_compare

from ..text_errors import ReceiptRefusedError

SECOND = re.compile(r"[0-9]{1,12}")
"""A moment as providers write it: anything else, read as a number, would fail before the signature is looked at."""


@dataclass(frozen=True, slots=True)
class Request:
    """url: the full address as the provider called it; token: the last part of the path, "" if there is none;
    headers: with small letters; native: the web framework's own request, for libraries that want it.
    """

    method: str
    url: str
    token: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    native: Any = None

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ReceiptRefusedError: it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise ReceiptRefusedError from error


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider is answered; most want no more than a success."""

    body: bytes = b""
    content_type: str = "text/plain"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def refuse_other_secret(given: str, secret: str) -> None:
    """Refuse a request whose secret part of the address is not the one that only the provider was told.

    Raises:
        ReceiptRefusedError: it is another, or none was set up.
    """
    if len(secret) < 16 or not constant_time_compare(given, secret):
        raise ReceiptRefusedError
