"""Aliyun and Tencent Cloud push receipts and answers without a signature: the secret in the address is the proof."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from troth.access.actors import system_actor

from ..models import ReceiptKind
from ..receipts import Report, receive
from ..text_errors import ReceiptRefusedError
from .replies import Said, take_reply
from .request import Answer, Request, refuse_other_secret

BEIJING = ZoneInfo("Asia/Shanghai")
MOST = 1_000
# Numbers that nobody has: an SMS to one will never arrive.
GONE = {"MK:0001", "MK:0012", "MOBILE_NOT_ON_SERVICE", "EMPTY_NUMBER", "UNKNOWN_SUBSCRIBER"}


def take_aliyun(request: Request, values: Mapping[str, Any], now: datetime) -> Answer:
    """Keep what *SmsReport* and *SmsUp* push."""
    refuse_other_secret(request.token, values["receipt_secret"])
    reports = []
    for one in _listed(request.json()):
        if "content" in one:
            phone, key = str(one.get("phone_number", "")), str(one.get("sequence_id") or one.get("dest_code", ""))
            text = str(one["content"])
            take_reply(Said("sms_aliyun", phone, text, f"{key}:{phone}:{one.get('send_time', '')}"), now=now)
        elif (found := _aliyun_report(one, now)) is not None:
            reports.append(found)
    receive(reports, actor=system_actor("aliyun"), now=now)
    return Answer(b'{"code":0,"msg":"ok"}', "application/json")


def take_tencent(request: Request, values: Mapping[str, Any], now: datetime) -> Answer:
    """Keep what the callbacks for status and for replies push."""
    refuse_other_secret(request.token, values["receipt_secret"])
    reports = []
    for one in _listed(request.json()):
        if "text" in one:
            phone = f"+{one.get('nationcode', '86')}{one.get('mobile', '')}"
            take_reply(Said("sms_tencent", phone, str(one["text"]), f"{phone}:{one.get('time', '')}"), now=now)
        elif one.get("sid"):
            is_there = one.get("report_status") == "SUCCESS"
            reports.append(
                Report(
                    receipt_kind=_kind(is_there, str(one.get("errmsg", ""))),
                    channel="sms_tencent",
                    key=f"{one['sid']}:{one.get('report_status')}",
                    occurred_at=_moment(one.get("user_receive_time"), now),
                    provider_id=str(one["sid"]),
                    detail="" if is_there else str(one.get("errmsg", "")),
                )
            )
    receive(reports, actor=system_actor("tencent"), now=now)
    return Answer(b'{"result":0,"errmsg":"OK"}', "application/json")


def _aliyun_report(one: Mapping[str, Any], now: datetime) -> Report | None:
    try:
        contact_id = UUID(str(one.get("out_id", "")))
    except ValueError:
        return None
    is_there = one.get("success") in (True, "true")
    code = str(one.get("err_code", ""))
    return Report(
        receipt_kind=_kind(is_there, code),
        channel="sms_aliyun",
        key=f"{one.get('biz_id', '')}:{'ok' if is_there else code}",
        occurred_at=_moment(one.get("report_time"), now),
        contact_id=contact_id,
        detail="" if is_there else code,
    )


def _kind(is_there: bool, code: str) -> ReceiptKind:
    if is_there:
        return ReceiptKind.DELIVERED
    return ReceiptKind.BOUNCED_HARD if code.upper() in GONE else ReceiptKind.REFUSED


def _listed(data: Any) -> list[Mapping[str, Any]]:
    listed = data if isinstance(data, list) else [data]
    if len(listed) > MOST:
        raise ReceiptRefusedError
    return [one for one in listed if isinstance(one, dict)]


def _moment(text: Any, now: datetime) -> datetime:
    """Return a moment as both providers write it, in Beijing's time; never one that is still to come."""
    try:
        found = datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return now
    return min(found, now)
