"""What providers and mail servers tell us: each in its own form, each proved before it is believed.

    answer = incoming.take(channel, Request(...), now=now)

To add a provider: a module with `take(request, values, now) -> Answer` that raises `ReceiptRefusedError` unless the
request proves where it comes from, and its line in `TAKERS`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from .. import addresses, channels
from ..channels.setups import values_of
from ..text_errors import ReceiptRefusedError
from . import chinese_sms, mail, providers, twilio, wechat
from .mail import take_message
from .replies import means_stop
from .request import Answer, Request

Taker = Callable[[Request, Mapping[str, Any], datetime], Answer]
TAKERS: dict[str, Taker] = {
    "sms_twilio": twilio.take,
    "sms_aliyun": chinese_sms.take_aliyun,
    "sms_tencent": chinese_sms.take_tencent,
    "wechat": wechat.take,
    "email": mail.take,
    "email_provider": providers.take,
}


def take(channel: str, request: Request, *, now: datetime) -> Answer:
    """Keep what a provider tells and return what it is answered.

    Raises:
        ReceiptRefusedError: it does not prove where it comes from, or no such channel takes receipts.
    """
    if channel not in TAKERS or not channels.is_known(channel):
        raise ReceiptRefusedError
    return TAKERS[channel](request, values_of(channel), now)


def is_return_address(address: str) -> bool:
    """Tell whether an address is the return address of one message of ours."""
    return addresses.contact_of(address) is not None


__all__ = ["Answer", "Request", "is_return_address", "means_stop", "take", "take_message"]
