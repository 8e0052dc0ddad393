"""Receipts of e-mail providers: django-anymail checks their signatures and reads their forms; we keep what they say."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from anymail.exceptions import AnymailError
from anymail.signals import AnymailTrackingEvent
from django.core.exceptions import SuspiciousOperation

from troth.access.actors import system_actor

from ..models import ReceiptKind
from ..receipts import Report, receive
from ..text_errors import ReceiptRefusedError
from .request import Answer, Request
from .signed import refuse_forged

CHANNEL = "email_provider"
# Provider: its view, and the argument by which that is told the key that signs; "" where only the address proves it.
VIEWS: dict[str, tuple[str, str, str]] = {
    "mailgun": ("mailgun", "MailgunTrackingWebhookView", "webhook_signing_key"),
    "sendgrid": ("sendgrid", "SendGridTrackingWebhookView", ""),
    "postmark": ("postmark", "PostmarkTrackingWebhookView", ""),
    "brevo": ("brevo", "BrevoTrackingWebhookView", ""),
    "resend": ("resend", "ResendTrackingWebhookView", ""),
    "sparkpost": ("sparkpost", "SparkPostTrackingWebhookView", ""),
}
KINDS = {
    "delivered": ReceiptKind.DELIVERED,
    "complained": ReceiptKind.COMPLAINED,
    "unsubscribed": ReceiptKind.UNSUBSCRIBED,
    "rejected": ReceiptKind.REFUSED,
    "failed": ReceiptKind.REFUSED,
    "deferred": ReceiptKind.BOUNCED_SOFT,
}
PERMANENT = {"bounced", "invalid", "blocked"}
_UNREADABLE = (AnymailError, SuspiciousOperation, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What anymail's readers raise of a body that is not in the provider's form, some before they look for a proof."""


def take(request: Request, values: Mapping[str, Any], now: datetime) -> Answer:
    """Keep the events of one request, as anymail reads them."""
    secret = values.get("receipt_secret", "")
    if not secret or values.get("provider") not in VIEWS:
        raise ReceiptRefusedError
    view = _view(values["provider"], secret)
    try:
        view.setup(request.native)
        if values["provider"] == "resend":  # anymail needs a library for what is Standard Webhooks by another name
            refuse_forged(request, secret, now, prefix="svix")
        else:
            view.run_validators(request.native)
        found = view.parse_events(request.native)
        reports = [report for one in found if (report := _report(one, now)) is not None]
    except _UNREADABLE as error:
        raise ReceiptRefusedError from error
    receive(reports, actor=system_actor(values["provider"]), now=now)
    return Answer()


def _view(provider: str, secret: str) -> Any:
    """Return anymail's view of the provider with its proof: the signature, or user and password in the address."""
    module, name, signing = VIEWS[provider]
    made = getattr(import_module(f"anymail.webhooks.{module}"), name)
    given: dict[str, Any] = {signing: secret, "webhook_secret": None} if signing else {"webhook_secret": secret}
    if not signing and provider != "resend" and (":" not in secret or len(secret) < 16):
        raise ReceiptRefusedError
    return made(**{key: value for key, value in given.items() if value is not None})


def _report(one: AnymailTrackingEvent, now: datetime) -> Report | None:
    kind = _kind(one)
    if kind is None:
        return None
    try:
        contact_id = UUID(str((one.metadata or {}).get("contact", "")))
    except ValueError:
        contact_id = None
    happened = one.timestamp or now
    if happened.tzinfo is None:  # as some providers write it: universal time, unsaid
        happened = happened.replace(tzinfo=UTC)
    return Report(
        receipt_kind=kind,
        channel=CHANNEL,
        key=str(one.event_id or f"{one.message_id}:{one.event_type}"),
        occurred_at=min(happened, now),
        contact_id=contact_id,
        provider_id=str(one.message_id or ""),
        detail=str(one.reject_reason or ""),
    )


def _kind(one: AnymailTrackingEvent) -> ReceiptKind | None:
    if one.event_type == "bounced":
        return ReceiptKind.BOUNCED_HARD if (one.reject_reason or "") in PERMANENT else ReceiptKind.BOUNCED_SOFT
    return KINDS.get(one.event_type)
