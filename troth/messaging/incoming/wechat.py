"""WeChat's callback: whether a template message arrived, and who no longer follows the account. Signed with a token."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare

from troth.access.actors import system_actor
from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, IdentityKind

from .. import preferences
from ..models import ReceiptKind
from ..receipts import Report, receive
from ..text_errors import ReceiptRefusedError
from .replies import Said, take_reply
from .request import SECOND, Answer, Request

CHANNEL = "wechat"
FRESH = timedelta(minutes=10)
# WeChat's XML is flat. It is read by a pattern, not by a parser: nothing in it can refer to anything else.
_FIELD = re.compile(r"<(\w{1,40})>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", re.DOTALL)
BODY_LIMIT = 64 * 1024


def take(request: Request, values: Mapping[str, Any], now: datetime) -> Answer:
    """Answer WeChat's trial of the address, or keep an event or a message."""
    refuse_forged(request.query, values["callback_token"], now)
    if request.method == "GET":
        return Answer(request.query.get("echostr", "").encode())
    if len(request.body) > BODY_LIMIT:
        raise ReceiptRefusedError
    fields: dict[str, str] = {}
    for name, data, plain in _FIELD.findall(request.body.decode("utf-8", "replace")):
        fields.setdefault(name, data or plain)  # who wrote stands before what was written, which may play at fields
    if fields.get("MsgType") == "event":
        _event(fields, now)
    elif fields.get("MsgType") == "text":
        said = Said(CHANNEL, fields.get("FromUserName", ""), fields.get("Content", ""), fields.get("MsgId", ""))
        take_reply(said, now=now)
    return Answer(b"success")


def refuse_forged(query: Mapping[str, str], token: str, now: datetime) -> None:
    """Refuse what is not signed with the token, or was signed long ago.

    Raises:
        ReceiptRefusedError: it is.
    """
    parts = sorted([token, query.get("timestamp", ""), query.get("nonce", "")])
    expected = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324  WeChat's own choice
    if not token or not constant_time_compare(query.get("signature", ""), expected):
        raise ReceiptRefusedError
    moment = query.get("timestamp", "")
    if not SECOND.fullmatch(moment) or abs(now.timestamp() - int(moment)) > FRESH.total_seconds():
        raise ReceiptRefusedError


def _event(fields: Mapping[str, str], now: datetime) -> None:
    if fields.get("Event") == "unsubscribe":
        _left(fields.get("FromUserName", ""), now)
    if fields.get("Event") != "TEMPLATESENDJOBFINISH" or not fields.get("MsgID"):
        return
    status = fields.get("Status", "")
    kind = ReceiptKind.DELIVERED if status == "success" else ReceiptKind.REFUSED
    number = fields["MsgID"]
    report = Report(kind, CHANNEL, f"{number}:{status}", now, provider_id=number, detail=_code(status))
    receive([report], actor=system_actor("wechat"), now=now)


@transaction.atomic
def _left(openid: str, now: datetime) -> None:
    """Whoever follows the account no longer wants nothing of it; following again brings no consent back."""
    person = customers.customer_by_identity(IdentityKind.WECHAT_OPENID.value, openid) if openid else None
    if person is not None:
        preferences.hear_no(
            customer_id=person.id,
            purposes=preferences.ALL_BUT_SERVICE,
            channel=ConsentChannel.WECHAT.value,
            source="wechat",
            proof="no longer follows the account",
            now=now,
        )


def _code(status: str) -> str:
    return "" if status == "success" else status.replace(" ", "_").replace(":", "_")[:60]
