"""A signed webhook: the message goes to a program of the company, signed by Standard Webhooks 1.0.

The header `webhook-id` is the contact's key and stays the same whenever the message is handed over: who receives it
can tell a repeated one.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.customers.models import ConsentChannel
from troth.kit.clock import utc_now

from .http import ask
from .one_by_one import OneByOne, health
from .protocol import Handover, HandoverState, Health, Outgoing, Setting

PREFIX = "whsec_"


class Webhook(OneByOne):
    """Hands messages to an address of the company's own."""

    code = "webhook"
    label = gettext_lazy("Webhook")
    consent = ConsentChannel.ANY.value
    identity = ""
    body = "text"
    settings = (
        Setting("url", gettext_lazy("Address"), "url", is_required=True),
        Setting(
            "secret",
            gettext_lazy("Secret that signs"),
            "secret",
            is_required=True,
            hint=gettext_lazy("whsec_ and 24 to 64 bytes in base64."),
        ),
    )

    def hand_over(self, one: Outgoing, values: Mapping[str, Any]) -> Handover:
        """Post one message. A receiver that answers 2xx has taken it; whoever answers 410 wants no more of them."""
        now = utc_now()
        body = json.dumps(_event(one, now), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **signed(one.key, body, values["secret"], now)}
        answer = ask("POST", values["url"], headers=headers, body=body)
        state = HandoverState.FAILED if 300 <= answer.status < 400 else answer.state
        reason = "" if state is HandoverState.SENT else f"http_{answer.status}"
        return Handover(one.contact_id, state, one.key if state is HandoverState.SENT else "", reason)

    def ask_health(self, values: Mapping[str, Any]) -> Health:
        """Ask the address whether it answers at all; its secret is tried with the first message."""

        def asked() -> tuple[bool, str]:
            key(values["secret"])
            answer = ask("OPTIONS", values["url"])
            return answer.status < 500, "" if answer.status < 500 else f"HTTP {answer.status}"

        try:
            return health(asked)
        except ValueError:
            return Health(False, _("The secret is not whsec_ and base64."))


def signed(message_id: str, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Return the three headers of Standard Webhooks."""
    moment = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": signature(message_id, moment, body, secret),
    }


def signature(message_id: str, moment: str, body: bytes, secret: str) -> str:
    """Return "v1,…": HMAC-SHA256 over id, second and body."""
    mac = hmac.new(key(secret), f"{message_id}.{moment}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(mac.digest()).decode()}"


def key(secret: str) -> bytes:
    """Return the key of a secret as Standard Webhooks writes it. Raises ValueError for anything else."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def _event(one: Outgoing, now: datetime) -> dict[str, Any]:
    data = {
        "contact": str(one.contact_id),
        "customer": str(one.customer_id) if one.customer_id else None,
        "language": one.language,
        "subject": one.subject,
        "text": one.text,
        "extras": dict(one.extras),
    }
    return {"type": "message.send", "timestamp": now.isoformat(), "data": data}
