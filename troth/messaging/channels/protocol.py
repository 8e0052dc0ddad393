"""What a channel is: takes finished messages, tells what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One finished message to one address.

    key: the idempotency key of the intended contact, passed to providers that honour one. address: e-mail, phone in
    E.164, openid, user id or web address, as the channel needs it. headers: for e-mail (`List-Unsubscribe`). facts:
    what the caller knew. extras: what the provider needs besides the text (`Rendered.extras`: its template's id and
    values). customer_id: whose; receipts lead back by it and contact_id.
    """

    contact_id: UUID
    key: str
    address: str
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    facts: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    customer_id: UUID | None = None


class HandoverState(StrEnum):
    """What became of a hand-over."""

    SENT = "sent"  # the provider took it
    FAILED = "failed"  # it will never go this way: the address or the message is refused
    UNKNOWN = "unknown"  # it may have gone: no answer after it was handed over. Never tried again by itself
    RETRY = "retry"  # it has certainly not gone, and may later: no connection, too many at once


@dataclass(frozen=True, slots=True)
class Handover:
    """What became of one message. reason: a short code, `smtp_550`, `timeout`; provider_id: the provider's own."""

    contact_id: UUID
    state: HandoverState
    provider_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a channel could send now, in words for whoever set it up."""

    is_healthy: bool
    text: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a channel. kind: text, number, boolean, url, choice or secret (kept encrypted, never shown)."""

    code: str
    label: Text
    kind: str = "text"
    is_required: bool = False
    default: Any = ""
    choices: tuple[tuple[str, Text], ...] = ()
    hint: Text = ""


@runtime_checkable
class Channel(Protocol):
    """A way to a customer.

    code: "email", "sms_twilio". consent: the ConsentChannel that its messages fall under ("email", "sms", "wechat",
    "phone", "any"). identity: the kind of identity its address is ("email", "phone", "wechat_openid", or "" where the
    address is something else). body: which body of a template it sends ("email", "sms", "wechat", "text", "script").
    is_outward: whether anything leaves this installation.
    """

    code: str
    label: Text
    consent: str
    identity: str
    body: str
    is_outward: bool
    settings: tuple[Setting, ...]

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        """Hand the messages over, one result each, in their order. Raises nothing: a broken channel returns RETRY."""

    def check(self) -> Health:
        """Tell whether it could send now, without sending anything."""
