"""Twilio: what became of an SMS, and what people answer. Signed by *X-Twilio-Signature*."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.crypto import constant_time_compare

from troth.access.actors import system_actor

from .. import links
from ..models import ReceiptKind
from ..receipts import Report, receive
from ..text_errors import LinkRefusedError, ReceiptRefusedError
from .replies import Said, take_reply
from .request import Answer, Request

CHANNEL = "sms_twilio"
KINDS = {
    "delivered": ReceiptKind.DELIVERED,
    "read": ReceiptKind.DELIVERED,
    "failed": ReceiptKind.REFUSED,
    "undelivered": ReceiptKind.REFUSED,
}
UNREACHABLE = {"30005", "30006", "21211", "21614"}  # unknown, landline or unreachable for good, no mobile number


def take(request: Request, values: Mapping[str, Any], now: datetime) -> Answer:
    """Keep a status of one message, or an answer that somebody sent."""
    form = request.form
    given, token = request.headers.get("x-twilio-signature", ""), str(values["token"])
    if not token or not constant_time_compare(given, sign(request.url, form, token)):
        raise ReceiptRefusedError
    if request.token:
        _status(request, form, now)
    elif form.get("From") and "Body" in form:
        said = Said(CHANNEL, form["From"], form["Body"], form.get("MessageSid", ""))
        take_reply(said, now=now)
    return Answer(b"<Response/>", "text/xml")


def sign(url: str, form: Mapping[str, str], token: str) -> str:
    """Return the signature of a request: HMAC-SHA1 over its address and its fields in order of their names."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(str(token).encode(), text.encode(), hashlib.sha1).digest()).decode()


def _status(request: Request, form: Mapping[str, str], now: datetime) -> None:
    try:
        opened = links.opened("receipt", request.token, now=now)
    except LinkRefusedError as error:
        raise ReceiptRefusedError from error
    status = form.get("MessageStatus", "")
    kind = KINDS.get(status)
    if kind is None:
        return
    code = form.get("ErrorCode", "")
    if code in UNREACHABLE:
        kind = ReceiptKind.BOUNCED_HARD
    report = Report(
        receipt_kind=kind,
        channel=CHANNEL,
        key=f"{form.get('MessageSid', '')}:{status}",
        occurred_at=now,
        contact_id=links.long_id(str(opened.data["c"])),
        detail=f"twilio_{code}" if code else "",
    )
    receive([report], actor=system_actor("twilio"), now=now)
