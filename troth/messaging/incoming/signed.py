"""Requests signed by Standard Webhooks: mail that our own server hands over, and what Resend tells."""

from datetime import datetime

from django.utils.crypto import constant_time_compare

from ..channels.webhook import signature
from ..text_errors import ReceiptRefusedError
from .request import SECOND, Request

FRESH_SECONDS = 300


def refuse_forged(request: Request, secret: str, now: datetime, *, prefix: str = "webhook") -> None:
    """Refuse what is not signed with the secret, or was signed long ago. prefix: how its headers' names begin.

    Raises:
        ReceiptRefusedError: it is.
    """
    moment = request.headers.get(f"{prefix}-timestamp", "")
    given = request.headers.get(f"{prefix}-signature", "").split(" ")
    if not secret or not SECOND.fullmatch(moment) or abs(now.timestamp() - int(moment)) > FRESH_SECONDS:
        raise ReceiptRefusedError
    try:
        expected = signature(request.headers.get(f"{prefix}-id", ""), moment, request.body, secret)
    except ValueError as error:
        raise ReceiptRefusedError from error
    if not any(constant_time_compare(one, expected) for one in given):
        raise ReceiptRefusedError
